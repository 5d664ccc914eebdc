"""`TagMaker`: which tags come of decisions, in which order, with which scores and names."""

from __future__ import annotations

import numpy as np

from pipeline.common.article import REGIONS, TOPICS
from pipeline.prediction.labels import Label
from pipeline.prediction.tags import PUBLISH, REVIEW, RegionTag, TagMaker, TopicTag

LABELS = ("football", "sport", "storm", "unheard")
KNOWN = {
    "football": Label("Football", "medtop:3", "sport"),
    "sport": Label("Sport"),
    "storm": Label("Storms", parent="weather"),
}


def maker() -> TagMaker:
    return TagMaker(TOPICS, LABELS, KNOWN)


def row(*values: float) -> np.ndarray:
    return np.array([values])


def made(scores: np.ndarray, given: np.ndarray, publish: np.ndarray | None = None) -> list[TopicTag]:
    (tags,) = maker().tags(scores, given.astype(bool), (given if publish is None else publish).astype(bool))
    return list(tags)


def test_a_topic_brings_its_parent_and_one_outside_the_model_is_left_out() -> None:
    assert maker().close(row(1, 0, 0, 0).astype(bool)).tolist() == [[True, True, False, False]]
    assert maker().close(row(0, 0, 1, 0).astype(bool)).tolist() == [[False, False, True, False]]
    assert maker().close(row(0, 1, 0, 0).astype(bool)).tolist() == [[False, True, False, False]]


def test_parents_of_parents_come_too_and_a_circle_ends() -> None:
    chain = {name: Label(name, parent=parent) for name, parent in (("a", "b"), ("b", "c"), ("c", "a"))}
    assert TagMaker(TOPICS, ("a", "b", "c"), chain).close(row(1, 0, 0).astype(bool)).all()


def test_closing_leaves_the_decisions_alone() -> None:
    given = row(1, 0, 0, 0).astype(bool)
    maker().close(given)
    assert given.tolist() == [[True, False, False, False]]


def test_a_parent_is_at_least_as_probable_as_its_child_that_is_given() -> None:
    tags = made(row(0.9, 0.4, 0.1, 0.1), row(1, 1, 0, 0))
    assert {tag.key: tag.score for tag in tags} == {"football": 0.9, "sport": 0.9}
    assert [tag.score for tag in made(row(0.9, 0.4, 0.1, 0.1), row(0, 1, 0, 0))] == [0.4]


def test_the_most_probable_comes_first_and_then_the_finer_topic() -> None:
    assert [tag.key for tag in made(row(0.5, 0.5, 0.8, 0.1), row(1, 1, 1, 0))] == ["storm", "football", "sport"]
    assert [tag.key for tag in made(row(0.5, 0.5, 0.5, 0.5), row(1, 1, 1, 1))] == [
        "football", "storm", "sport", "unheard",
    ]  # fmt: skip


def test_names_are_those_of_the_vocabulary() -> None:
    tags = {tag.key: tag for tag in made(row(0.9, 0.4, 0.1, 0.1), row(1, 0, 0, 1))}
    assert (tags["football"].iptc, tags["football"].name, tags["football"].parent) == ("medtop:3", "Football", "sport")
    assert tags["unheard"].parent == ""


def test_what_is_sure_enough_may_be_published() -> None:
    tags = made(row(0.9, 0.4, 0.8, 0.1), row(1, 0, 1, 0), row(1, 0, 0, 0))
    assert {tag.key: tag.decision for tag in tags} == {"football": PUBLISH, "storm": REVIEW}


def test_each_text_has_its_own_tags_and_countries_have_their_groups() -> None:
    known = {"LY": Label("Libya", within=("Northern Africa", "Africa"))}
    given = np.array([[True, False], [False, False], [True, True]])
    scores = np.array([[0.9, 0.1], [0.2, 0.2], [0.3, 0.7]])
    found = TagMaker(REGIONS, ("LY", "FR"), known).tags(scores, given, np.zeros_like(given))
    assert [[tag.code for tag in tags] for tags in found] == [["LY"], [], ["FR", "LY"]]
    assert found[0][0] == RegionTag("LY", "Libya", ("Northern Africa", "Africa"), 0.9, REVIEW)


def test_a_task_without_labels_gives_no_tags() -> None:
    nothing = np.zeros((2, 0))
    assert TagMaker(TOPICS, (), {}).tags(nothing, nothing.astype(bool), nothing.astype(bool)) == [(), ()]
