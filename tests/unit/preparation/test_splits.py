"""Splits: groups whole, labels spread evenly, time in order, the same every time."""

from __future__ import annotations

import random

import pytest

from pipeline.common.article import Article
from pipeline.common.config import PrepareSettings
from pipeline.common.errors import DataError
from pipeline.preparation.splitting import assign


@pytest.fixture
def articles() -> list[Article]:
    """A thousand articles of ten topics, two of them rare, over a hundred days."""
    dice = random.Random(3)
    made = []
    for number in range(1000):
        topics = dice.sample(["a", "b", "c", "d", "e", "f", "g", "h"], 2) + (["rare"] if number % 50 == 0 else [])
        date = f"2017-{1 + number % 12:02}-{1 + number % 28:02}"
        made.append(Article(str(number), "text", date=date, topics=topics, regions=["GB"][: number % 2], source="s"))
    return made


def test_a_rare_label_is_in_every_split_at_its_rate(articles: list[Article]) -> None:
    names = assign(articles, list(range(1000)), PrepareSettings(), seed=1)
    assert {name: names.count(name) for name in ("train", "validation", "test")} == pytest.approx(
        {"train": 800, "validation": 100, "test": 100}, abs=15
    )
    rare = [name for name, article in zip(names, articles, strict=True) if "rare" in (article.topics or ())]
    assert rare.count("test") == pytest.approx(2, abs=1)
    assert rare.count("validation") == pytest.approx(2, abs=1)


@pytest.mark.parametrize("split", ["stratified", "time"])
def test_groups_never_straddle_a_split(articles: list[Article], split: str) -> None:
    groups = [number // 4 for number in range(1000)]
    names = assign(articles, groups, PrepareSettings(split=split), seed=1)
    for start in range(0, 1000, 4):
        assert len(set(names[start : start + 4])) == 1


def test_the_same_seed_gives_the_same_split_and_another_seed_another(articles: list[Article]) -> None:
    one, again, other = (assign(articles, list(range(1000)), PrepareSettings(), seed) for seed in (1, 1, 2))
    assert one == again != other


def test_a_time_split_tests_on_the_latest(articles: list[Article]) -> None:
    articles[5].date = ""
    names = assign(articles, list(range(1000)), PrepareSettings(split="time"), seed=1)
    dates = {
        name: [article.date for article, given in zip(articles, names, strict=True) if given == name]
        for name in ("train", "validation", "test")
    }
    assert max(dates["train"]) <= min(dates["validation"]) <= max(dates["validation"]) <= min(dates["test"])
    assert len(dates["test"]) == pytest.approx(150, abs=15)
    assert names[5] == "train"


def test_a_corpus_keeps_its_own_test_split(articles: list[Article]) -> None:
    for number, article in enumerate(articles):
        article.split = "test" if number >= 700 else "train"
    names = assign(articles, list(range(1000)), PrepareSettings(split="own"), seed=1)
    assert names[700:] == ["test"] * 300
    assert names[:700].count("validation") == pytest.approx(70, abs=10)


def test_what_a_split_needs_is_said(articles: list[Article]) -> None:
    with pytest.raises(DataError, match="without a split"):
        assign(articles, list(range(1000)), PrepareSettings(split="own"), seed=1)
    with pytest.raises(DataError, match="too few"):
        assign(articles[:2], [0, 1], PrepareSettings(), seed=1)
    for article in articles:
        article.date = ""
    with pytest.raises(DataError, match="no article has a date"):
        assign(articles, list(range(1000)), PrepareSettings(split="time"), seed=1)


@pytest.mark.parametrize("split", ["stratified", "time", "own"])
def test_articles_for_training_only_and_their_near_duplicates_are_never_judged_on(
    articles: list[Article], split: str
) -> None:
    for number, article in enumerate(articles):
        article.corpus, article.split = "written" if number < 300 else "real", "test" if number >= 800 else "train"
    groups = list(range(1000))
    groups[900] = 0
    names = assign(articles, groups, PrepareSettings(split=split), seed=1, train_only={"written"})
    assert {*names[:300], names[900]} == {"train"}
    if split == "stratified":
        assert names.count("test") == pytest.approx(70, abs=10)
