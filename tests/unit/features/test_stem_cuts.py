"""Stems of many words at once are those of one word after another."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.features.compiled.lexicon import Lexicon
from pipeline.features.compiled.stem_cuts import words_and_stems
from pipeline.features.stems import stem_anew
from pipeline.features.tokens import tokenize

ENDINGS = ["", "s", "ss", "sses", "ies", "ied", "ings", "ing", "edly", "ed", "ly", "ers", "es", "e", "y", "yyies", "tt"]


@given(st.lists(st.builds(str.__add__, st.text("abelsy1é漢", min_size=1, max_size=5), st.sampled_from(ENDINGS))))
def test_stems_are_alike(words: list[str]) -> None:
    letters = [word.encode() for word in words]
    ends = np.cumsum([len(word) for word in letters], dtype=np.int64)
    if words:
        found = words_and_stems(np.frombuffer(b"".join(letters), np.uint8), ends)
        assert found == (words, [stem_anew(word) for word in words])


def test_a_phrase_has_as_many_words_as_it_is_given() -> None:
    lexicon = Lexicon()
    phrases = ["new york", "paris", "...", "saint kitts and nevis", "sao tome"]
    numbers, counts = lexicon.numbers_in(phrases)
    assert counts.tolist() == [2, 1, 0, 4, 2]
    assert [lexicon.words[number] for number in numbers] == [word for one in phrases for word in tokenize(one).words]
    assert [len(part) for part in lexicon.numbers_in([])] == [0, 0]
