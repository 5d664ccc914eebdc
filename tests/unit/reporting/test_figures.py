"""Tests of the pictures: their numbers, and that they can be drawn from whatever a training gives."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve

from pipeline.evaluation.metrics import Judged, pr_curve
from pipeline.evaluation.reliability import reliability_bins, wilson
from pipeline.reporting import figures, figures_curves
from pipeline.reporting.figures import picture

NASTY = "cost $5 & <b>bold</b> \x07 新聞 é"


def judged(rows: int = 60, labels: int = 8, seed: int = 1) -> Judged:
    draw = np.random.default_rng(seed)
    gold = draw.random((rows, labels)) < 0.3
    scores = np.clip(gold * 0.4 + draw.random((rows, labels)) * 0.6, 0, 1)
    return Judged(tuple(f"l{n}" for n in range(labels)), gold, scores > 0.5, scores)


def rows_of(found: Judged) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "name": NASTY,
            "support": 3 + n,
            "predicted": 2,
            "f1": 0.1 * n,
            "precision": 0.5,
            "recall": 0.5,
        }
        for n, label in enumerate(found.labels)
    ]


@pytest.mark.parametrize("count", [1, 60])
def test_every_picture_is_drawn_whatever_the_number_of_labels(count: int) -> None:
    found = judged(labels=count)
    names = dict.fromkeys(found.labels, NASTY)
    drawn = [
        picture(figures.f1_by_label, rows_of(found), {"l0": (0.0, 0.2)}, NASTY),
        picture(figures.confusion, found, names, NASTY),
        picture(figures.cooccurrence, found.gold, found.labels, names, NASTY),
        picture(figures_curves.precision_recall, found, names, NASTY),
        picture(figures_curves.reliability, found, NASTY),
        picture(figures_curves.threshold_f1, found, {"l0": 0.4}, names, NASTY),
    ]
    for shown in drawn:
        assert shown.png.startswith(b"\x89PNG")
        assert int.from_bytes(shown.png[16:20], "big") == 900
        assert "<b>" not in shown.svg


def test_pictures_of_nothing_are_drawn() -> None:
    none = np.zeros((5, 3), bool)
    empty = Judged(("a", "b", "c"), none, none, none.astype(float))
    for draw in (figures.confusion, figures_curves.precision_recall):
        assert picture(draw, empty, {}, "nothing").png
    assert picture(figures_curves.reliability, empty, "nothing").png
    assert picture(figures.cooccurrence, none, ("a", "b", "c"), {}, "nothing").png


def test_a_picture_is_inline_svg_in_the_colours_of_the_page_and_always_the_same() -> None:
    one, other = (picture(figures_curves.reliability, judged(), "Title & more") for _ in range(2))
    assert one == other
    root = ElementTree.fromstring(one.svg.replace("xlink:href", "href"))
    assert "width" not in root.attrib
    assert "viewBox" in root.attrib
    assert figures.INK not in one.svg
    assert "var(--ink)" in one.svg
    assert "Title &amp; more" in one.svg


def test_precision_and_recall_are_scikit_learns() -> None:
    found = judged()
    gold, scores = found.gold.ravel(), found.probabilities.ravel()
    precision, recall = pr_curve(gold, scores)
    theirs = precision_recall_curve(gold, scores)
    known = {(round(p, 9), round(r, 9)) for p, r in zip(theirs[0], theirs[1], strict=True)}
    assert {(round(float(p), 9), round(float(r), 9)) for p, r in zip(precision, recall, strict=True)} <= known
    average = float((np.diff(recall, prepend=0.0) * precision).sum())
    assert average == pytest.approx(average_precision_score(gold, scores))


def test_bins_of_the_reliability_diagram() -> None:
    gold = np.array([[True, False, False], [True, True, False]])
    scores = np.array([[0.95, 0.55, 0.005], [0.91, 0.57, 0.04]])
    stated, held, low, high, size = reliability_bins(gold, scores)
    assert stated == pytest.approx([0.04, 0.56, 0.93])
    assert held == pytest.approx([0, 0.5, 1])
    assert size.tolist() == [1, 2, 2]
    assert (low <= held).all()
    assert (held <= high + 1e-12).all()


def test_wilson_interval_of_a_known_case() -> None:
    low, high = wilson(np.array([0.5]), np.array([10]))
    assert (round(low[0], 3), round(high[0], 3)) == (0.237, 0.763)


def test_the_counts_of_labels_are_plain_numbers_however_narrow_their_range() -> None:
    draw = np.random.default_rng(1)
    scores = draw.beta(0.6, 0.6, (500, 3))
    gold = draw.random(scores.shape) < scores
    shown = picture(figures_curves.reliability, Judged(("a", "b", "c"), gold, scores > 0.5, scores), "Title")
    assert "mathdefault" not in shown.svg
