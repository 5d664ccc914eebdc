"""Repairs to texts."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.common.text import clean, clean_line, plain


def test_white_space_and_stray_characters_go_and_paragraphs_stay() -> None:
    assert clean(" A\u00a0 b\tc \r\n\r\n  d\u200be\x00 \ufffd f\x85g ") == "A b c\nde f\ng"


def test_a_title_is_one_line() -> None:
    assert clean_line("Two\nlines \n of it") == "Two lines of it"


def test_composed_and_decomposed_accents_are_the_same_text() -> None:
    assert clean("cafe\u0301") == clean("caf\u00e9") == "caf\u00e9"


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@given(st.text(st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF), min_size=1))
def test_lone_surrogates_can_be_written_afterwards(text: str) -> None:
    clean(text).encode("utf-8")


def test_plain_takes_the_harm_out_of_a_title() -> None:
    assert plain("a\x1b[31mb\u202ec\td") == "a�[31mb�c d"
    assert plain("می\u200cخواهد क्\u200dष") == "می\u200cخواهد क्\u200dष"  # joiners are part of words


@pytest.mark.parametrize("mark", ["\u0301", "\u0f73", "\u0f75", "\u0f81", "\u0344"])
def test_no_letter_keeps_more_marks_than_can_be_sorted_in_time(mark: str) -> None:
    found = unicodedata.normalize("NFD", clean(f"e{mark * 5000} and e{mark}"))
    assert sum(unicodedata.combining(sign) > 0 for sign in found.partition(" ")[0]) <= 31
    assert found.endswith(unicodedata.normalize("NFD", f" and e{mark}"))
