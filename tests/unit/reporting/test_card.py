"""Tests of the model card."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pipeline.reporting.card import escaped, table


@pytest.fixture(scope="module")
def card(reported: Path) -> str:
    return (reported / "models/tiny/MODEL_CARD.md").read_text(encoding="utf-8")


def test_every_part_is_there(card: str) -> None:
    headings = re.findall(r"^## (.+)$", card, re.MULTILINE)
    assert headings == ["Intended use", "Data", "Topics", "Regions", "Known failures and limits", "Loading"]
    for part in ("### Calibration of topics", "### Topics by region", "load_predictor("):
        assert part in card


def test_scores_are_those_of_the_predictor(card: str, reported: Path) -> None:
    description = json.loads((reported / "models/tiny/predictor.json").read_text(encoding="utf-8"))
    score = description["tasks"]["topics"]["scores"]["test"]["micro_f1"]
    line = next(line for line in card.splitlines() if line.startswith("| micro-F1"))
    shown, interval = [cell.strip() for cell in line.split("|")][3:5]
    low, high = map(float, interval.split(" to "))
    assert float(shown) == pytest.approx(score, abs=0.0006)
    assert low <= float(shown) <= high
    assert description["sha256"] in card


def test_every_table_has_as_many_cells_a_row_as_its_header(card: str) -> None:
    for block in re.findall(r"(?:^\|.*\n)+", card, re.MULTILINE):
        lines = [re.sub(r"\\\|", "", line) for line in block.splitlines()]
        assert len({line.count("|") for line in lines}) == 1


def test_nothing_of_a_user_is_markup() -> None:
    assert escaped("a|b <i>*x*</i>\n\x1b[0m") == "a\\|b \\<i\\>\\*x\\*\\</i\\> �\\[0m"
    assert table(("a",), [("x|y",)]).splitlines()[-1] == "| x\\|y |"
    assert table(("a", "b", "c"), [(1234, 0.12345, None)]).splitlines()[-1] == "| 1,234 | 0.123 | – |"
