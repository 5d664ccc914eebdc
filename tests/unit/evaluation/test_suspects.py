"""Tests of the search for label errors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.common.errors import DataError
from pipeline.evaluation import suspects
from pipeline.evaluation.suspects import OutOfFoldLabels, find_suspects
from support.commands import invoke
from support.models import hostile_rows, wrong_rows


def noisy(seed: int = 2) -> tuple[OutOfFoldLabels, set[str]]:
    """Good probabilities for 400 articles, and labels of which those of 20 articles have been swapped."""
    draw = np.random.default_rng(seed)
    true = draw.random((400, 5)) < 0.3
    stated = np.clip(np.where(true, 0.85, 0.08) + draw.normal(0, 0.1, true.shape), 0.001, 0.999)
    gold = true.copy()
    swapped = draw.choice(400, 20, replace=False)
    gold[swapped, swapped % 5] ^= True
    found = OutOfFoldLabels(tuple(map(str, range(400))), tuple("abcde"), gold, stated)
    return found, set(map(str, swapped))


def test_only_swapped_labels_are_found_worst_first() -> None:
    given, swapped = noisy()
    found = find_suspects(given, 20)
    assert {suspect.id for suspect in found} <= swapped
    assert len(found) >= 10
    assert [suspect.score for suspect in found] == sorted((suspect.score for suspect in found), reverse=True)
    for suspect in found:
        assert not set(suspect.missing) & set(suspect.given)
        assert set(suspect.doubtful) <= set(suspect.given)


def test_right_labels_are_not_suspected() -> None:
    draw = np.random.default_rng(3)
    gold = draw.random((200, 4)) < 0.4
    given = OutOfFoldLabels(tuple(map(str, range(200))), tuple("abcd"), gold, np.where(gold, 0.9, 0.1))
    assert not find_suspects(given)


def test_a_label_that_the_models_do_not_know_is_not_doubted_first() -> None:
    gold, stated = np.zeros((100, 2), bool), np.full((100, 2), 0.01)
    gold[:10, 0] = gold[50:, 1] = True
    stated[50:, 1] = 0.95
    stated[99, 1] = 0.01
    found = find_suspects(OutOfFoldLabels(tuple(map(str, range(100))), ("unknown", "known"), gold, stated))
    assert (found[0].id, found[0].doubtful) == ("99", ("known",))


def test_written_and_read_again(tmp_path: Path) -> None:
    given, _ = noisy()
    for name in ("one.npz", suspects.FILE):
        suspects.save_oof(tmp_path / name, {"topics": given})
    read = suspects.read_oof(tmp_path)["topics"]
    assert (read.ids, read.labels) == (given.ids, given.labels)
    assert (read.gold == given.gold).all()
    assert read.probabilities == pytest.approx(given.probabilities, abs=1e-3)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / suspects.FILE).read_bytes()


def test_a_model_without_them_or_with_a_broken_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="train the model again"):
        suspects.read_oof(tmp_path)
    (tmp_path / suspects.FILE).write_bytes(b"no archive")
    with pytest.raises(DataError, match="can't be read"):
        suspects.read_oof(tmp_path)


def test_the_command_finds_the_labels_that_were_swapped_and_prints_no_escape_codes(
    tmp_path: Path, reported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(reported)
    done = invoke("suspects", "-m", "models/tiny", "-o", tmp_path / "s.jsonl")
    assert done.exit_code == 0, done.output
    assert "\x1b" not in done.stdout
    rows = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text(encoding="utf-8").splitlines()]
    topics = {row["id"]: row for row in rows if row["task"] == "topics"}
    assert len(set(wrong_rows(hostile_rows())) & set(topics)) >= 2
