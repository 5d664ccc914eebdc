"""Tests of who is given which article to label."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from pipeline.rows.to_label import Queue, ToLabel, with_own_ids, write_queue
from pipeline.serving.desk import Desk, Given, Labels

GIVEN: Labels = {"topics": ("storm",), "regions": ()}


def desk(folder: Path, count: int = 6, overlap: float = 0.0) -> Desk:
    articles = tuple(ToLabel(str(number), f"title {number}", f"text {number}") for number in range(count))
    write_queue(folder / "queue.json", Queue(articles, folder / "labels.jsonl", overlap))
    return Desk(folder / "queue.json")


def key(given: Given) -> str:
    assert given.article
    return given.article.key


def label_all(one: Desk, by: str) -> list[str]:
    found = []
    while (given := one.give(by)).article:
        one.keep(given.article.key, by, GIVEN, "m")
        found.append(given.article.id)
    return found


def test_nobody_gets_what_another_has(tmp_path: Path) -> None:
    one = desk(tmp_path)
    anna = one.give("anna")
    other = Desk(tmp_path / "queue.json")  # of another process
    ben = other.give("ben")
    assert (anna.article and anna.article.id, ben.article and ben.article.id) == ("0", "1")
    assert key(other.give("anna")) == key(anna), "a page that is loaded again shows the same article"
    one.keep(key(anna), "anna", GIVEN, "m")
    assert one.give("anna").progress == {"articles": 6, "labelled": 1, "own": 1}
    assert label_all(other, "ben") == ["1", "3", "4", "5"], "the third is open on anna's page"
    rows = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["by"] for row in rows] == ["anna", "ben", "ben", "ben", "ben"]


def test_a_share_is_labelled_by_two_people_and_by_no_third(tmp_path: Path) -> None:
    one = desk(tmp_path, 200, 0.3)
    first, second, third = (label_all(one, by) for by in ("anna", "ben", "cem"))
    assert len(first) == 200
    assert 30 <= len(second) <= 90
    assert third == []


def test_who_goes_back_sees_what_they_said_and_can_take_it_back(tmp_path: Path) -> None:
    one = desk(tmp_path)
    first = key(one.give("anna"))
    one.keep(first, "anna", GIVEN, "m")
    second = key(one.give("anna"))
    one.skip(second, "anna")
    now = one.give("anna")
    back = one.give("anna", key(now), back=True)
    assert (key(back), back.did) == (second, "skipped")
    back = one.give("anna", second, back=True)
    assert (key(back), back.did, back.said) == (first, "labelled", {"topics": ["storm"], "regions": []})
    assert key(one.give("anna", first, back=True)) == first, "there is nothing before the first"
    assert key(one.give("anna")) == key(now)
    assert one.skip(first, "anna") == {"articles": 6, "labelled": 0, "own": 0}
    later = Desk(tmp_path / "queue.json")
    assert key(later.give("ben")) == first, "what nobody labelled is free"
    assert key(later.give("anna")) == key(now)


def test_an_article_left_lying_is_given_to_another_when_no_other_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = desk(tmp_path, 2)
    lying = key(one.give("anna"))
    assert label_all(one, "ben") == ["1"]
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3600)
    assert key(one.give("ben")) == lying
    assert one.give("anna").article is None


def test_labels_of_an_article_that_is_not_in_the_queue_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        desk(tmp_path).keep("0" * 64, "anna", GIVEN, "m")


def test_each_text_comes_once_and_each_id_too() -> None:
    given = [("1", "a"), ("1", "b"), ("2", "a"), ("", "c"), ("3", "d"), ("4", "e")]
    taken = {"3": ToLabel("3", "", "d").key, "4": ToLabel("4", "", "another").key}
    found = with_own_ids([ToLabel(name, "", text) for name, text in given], taken)
    assert [one.text for one in found] == ["a", "b", "c", "d", "e"]
    assert [one.id for one in found] == ["1", found[1].key[:16], found[2].key[:16], "3", found[4].key[:16]]


def test_articles_of_another_file_are_none_to_go_back_to(tmp_path: Path) -> None:
    label_all(desk(tmp_path, 2), "anna")
    write_queue(tmp_path / "queue.json", Queue((ToLabel("9", "", "new"),), tmp_path / "labels.jsonl"))
    other = Desk(tmp_path / "queue.json")
    assert key(other.give("anna", back=True)) == ToLabel("9", "", "new").key
    assert other.give("anna").progress == {"articles": 1, "labelled": 0, "own": 0}
