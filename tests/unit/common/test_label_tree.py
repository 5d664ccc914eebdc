"""Labels that imply those above them."""

from __future__ import annotations

import numpy as np

from pipeline.common.label_tree import closed, indicator, links, raised

PARENTS = {
    "goal": "football",
    "football": "sport",
    "tennis": "sport",
    "one": "other",
    "other": "one",
    "poll": "election",
}
NONE: dict[str, str] = {}
LABELS = ["tennis", "sport", "goal", "one", "football", "weather", "other", "poll"]


def test_decisions_are_closed_as_keys_are() -> None:
    given = [["goal"], ["tennis", "weather"], [], ["one"], ["poll"]]
    assert np.array_equal(
        raised(indicator(given, LABELS), links(LABELS, PARENTS.get)), indicator(given, LABELS, PARENTS)
    )


def test_a_label_is_as_probable_as_the_most_probable_below_it() -> None:
    scores = np.random.default_rng(1).random((50, len(LABELS)))
    found = raised(scores, links(LABELS, PARENTS.get))
    for number, label in enumerate(LABELS):
        below = [LABELS.index(other) for other in LABELS if label in closed([other], PARENTS.get)]
        assert np.array_equal(found[:, number], scores[:, below].max(axis=1))


def test_labels_without_parents_stay() -> None:
    scores = np.random.default_rng(1).random((3, 2))
    assert np.array_equal(raised(scores, links(["a", "b"], NONE.get)), scores)
    assert raised(np.zeros((3, 0), bool), links([], NONE.get)).shape == (3, 0)
    assert not links(["a", "b"], NONE.get)
