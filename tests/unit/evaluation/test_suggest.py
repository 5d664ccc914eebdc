"""Tests of what to label next."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from pipeline.common.errors import DataError
from pipeline.evaluation.suggest import choose, suggest, uncertainty
from pipeline.features.texts import Text
from pipeline.prediction.predictor import load_predictor
from support.articles import labelled
from support.commands import invoke
from support.models import HOSTILE

SURE = "the match ended as the striker scored a goal and the coach of the league praised the referee and the fans " * 3
UNSURE = "the market and the match the shares and the goal the bank and the coach the budget and the stadium in France "


def test_uncertainty_is_one_at_the_threshold_and_falls_away() -> None:
    stated = np.array([[0.3, 0.3, 0.31, 0.9, 0.0001]])
    doubts = uncertainty(stated, np.array([0.3, 0.6, 0.3, 0.3, 0.3]))[0]
    assert doubts[0] == pytest.approx(1)
    assert doubts[0] > doubts[2] > doubts[1] > doubts[3] > doubts[4] >= 0


def test_rare_labels_come_first() -> None:
    doubts = np.array([[0.9, 0.0], [0.0, 0.9]])
    assert [row for row, _ in choose(doubts, np.array([100, 3]), None, 2)] == [1, 0]


def test_the_same_article_twice_is_not_chosen_twice_in_a_row() -> None:
    doubts = np.array([[0.9, 0.0], [0.9, 0.0], [0.5, 0.0]])
    vectors = csr_matrix(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    assert [row for row, _ in choose(doubts, np.array([1, 1]), vectors, 3)] == [0, 2, 1]


def test_a_doubt_is_asked_about_once_before_another() -> None:
    doubts = np.array([[0.9, 0.0], [0.8, 0.0], [0.0, 0.7]])
    assert [row for row, _ in choose(doubts, np.array([1, 1]), None, 3)] == [0, 2, 1]


def test_the_chosen_are_less_sure_than_the_rest(reported: Path) -> None:
    predictor = load_predictor(reported / "models/tiny")
    texts = [Text(row["text"], row["title"]) for row in labelled(80, seed=11)]
    found = suggest(predictor, texts, 8)
    stated = predictor.probabilities(texts)["topics"]
    doubts = uncertainty(stated, predictor.taggers["topics"].thresholds).sum(axis=1)
    chosen = [suggestion.position for suggestion in found]
    assert len(set(chosen)) == 8
    assert doubts[chosen].mean() > np.delete(doubts, chosen).mean()
    assert "football" in suggest(predictor, [Text(SURE, "A goal in France")], 1)[0].predicted["topics"]
    with pytest.raises(DataError, match="no article"):
        suggest(predictor, [], 3)


def test_the_command_writes_a_file_that_training_reads(tmp_path: Path, reported: Path) -> None:
    rows = [{"id": str(n), "title": f"{HOSTILE} {n}", "text": f"{UNSURE if n % 2 else SURE} {n}"} for n in range(12)]
    lines = [json.dumps(row) for row in rows] + ["{broken", '{"id": "x"}']
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    arguments = "-i", tmp_path / "in.jsonl", "-o", tmp_path / "out.csv", "-n", "5", "-m", reported / "models/tiny"
    done = invoke("suggest", *arguments)
    again = invoke("suggest", *arguments)
    assert done.exit_code == 1, done.output
    assert "in.jsonl:13" in done.stderr
    assert "in.jsonl:14" in done.stderr
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    assert len(written) == 5
    assert list(written[0]) == ["id", "title", "date", "topics", "regions", "unsure", "text"]
    assert {"football", "economy"} & set(written[0]["topics"].split("; "))
    assert again.exit_code == 2
    assert "exists" in again.stderr
