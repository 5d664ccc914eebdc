"""Patterns that are compiled at their first use."""

from __future__ import annotations

import re

import pytest

from pipeline.common.patterns import lazily


def test_a_lazy_pattern_does_what_the_pattern_does() -> None:
    lazy, pattern = lazily(r"(?P<word>[a-z]+)\d", re.IGNORECASE), re.compile(r"(?P<word>[a-z]+)\d", re.IGNORECASE)
    for _ in range(2):
        assert lazy.findall("Ab1 c2 d") == pattern.findall("Ab1 c2 d") == ["Ab", "c"]
        assert lazy.sub("-", "Ab1 c2 d") == "- - d"
    assert (lazy.pattern, lazy.flags) == (pattern.pattern, pattern.flags)
    assert lazily(rb"\d").search(b"a1") is not None


def test_a_wrong_pattern_is_told_at_its_first_use() -> None:
    wrong = lazily("(")
    with pytest.raises(re.error):
        wrong.search("a")
