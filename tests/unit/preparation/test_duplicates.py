"""Near-duplicate search, against the exact similarity of every pair."""

from __future__ import annotations

import random

import pytest

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


def test_two_processes_find_the_same_pairs(texts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "pipeline.preparation.near_duplicates._ALONE", 0
    )  # the number of texts from which processes start
    many = texts * 8
    assert similar_pairs(many, 0.9, jobs=2) == similar_pairs(many, 0.9, jobs=1)


def test_short_texts_are_duplicates_only_of_themselves() -> None:
    assert [pair[:2] for pair in similar_pairs(["Fire.", "Flood.", "fire"], 0.7)] == [(0, 2)]


def test_groups_follow_chains() -> None:
    assert groups(5, [(0, 1, 0.9), (1, 3, 0.8)]) == [0, 0, 2, 0, 4]
