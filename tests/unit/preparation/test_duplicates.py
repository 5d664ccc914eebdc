"""Near-duplicate search, against the exact similarity of every pair."""

from __future__ import annotations

import random
import re
import zlib

import pytest
from datasketch import MinHash

from pipeline.features.compiled.shingles import shingles, signatures
from pipeline.preparation.near_duplicates import groups, jaccard, similar_pairs

WORDS = [f"word{number}" for number in range(3000)]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Sixty random texts and, of each of the first twenty, a copy with one in forty words replaced."""
    dice = random.Random(7)
    originals = [" ".join(dice.choices(WORDS, k=200)) for _ in range(60)]
    copies = []
    for text in originals[:20]:
        words = text.split()
        for position in dice.sample(range(200), 5):
            words[position] = "changed"
        copies.append(" ".join(words))
    return originals + copies


def test_every_near_copy_is_found_and_nothing_else(texts: list[str]) -> None:
    found = {(one, other) for one, other, _ in similar_pairs(texts, 0.6)}
    exact = {(i, j) for j in range(len(texts)) for i in range(j) if jaccard(texts[i], texts[j]) >= 0.6}
    assert found == exact
    assert len(exact) >= 18


def test_sketches_are_those_of_datasketch(texts: list[str]) -> None:
    odd = [
        "",
        "One",
        "It's a Test_1 of\x00 words",
        "Ünïcode wörds of İstanbul, Straße und ǅ",
        "日本 語 の テキ スト です ね",
    ]
    made = MinHash(125, 1, hashfunc=int)
    for text, signature in zip(texts + odd, signatures(texts + odd, 125), strict=True):
        sketch = made.copy()
        sketch.update_batch(five_grams(text))
        assert (sketch.hashvalues == signature).all()
        assert shingles(text).tolist() == sorted(set(five_grams(text)))


def five_grams(text: str) -> list[int]:
    """Hashes of the word 5-grams, one by one."""
    words = [zlib.crc32(word.encode()) for word in re.findall(r"\w+", text.lower())]
    if len(words) < 5:
        return [sum(words) % (1 << 32)]
    found = []
    for start in range(len(words) - 4):
        mixed = 0
        for word in words[start : start + 5]:
            mixed = (mixed * 0x9E3779B97F4A7C15 + word) % (1 << 64)
        found.append((mixed ^ mixed >> 31) % (1 << 32))
    return found


def test_short_texts_are_duplicates_only_of_themselves() -> None:
    assert [pair[:2] for pair in similar_pairs(["Fire.", "Flood.", "fire"], 0.7)] == [(0, 2)]


def test_groups_follow_chains() -> None:
    assert groups(5, [(0, 1, 0.9), (1, 3, 0.8)]) == [0, 0, 2, 0, 4]
