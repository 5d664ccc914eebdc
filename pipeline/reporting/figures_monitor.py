"""Pictures of how articles differ from those that a model was measured on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from pipeline.evaluation.drift import Shift
from pipeline.evaluation.expected import Expected
from pipeline.reporting.figures import BLUE, MUTED, ORANGE, PALE, SKY, headline, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 25


def shifts(figure: Figure, found: Sequence[Shift], names: Mapping[str, str], title: str) -> None:
    """The share of articles with each label before and now, the largest differences first."""
    shown = list(found)[:MOST]
    axes = figure.subplots()
    place = np.arange(len(shown))
    before, now = (np.array([100 * getattr(shift, name) for shift in shown]) for name in ("before", "now"))
    axes.hlines(place, before, now, color=MUTED, lw=1.2)
    axes.scatter(before, place, s=34, color=SKY, label="articles it was measured on", zorder=3)
    axes.scatter(now, place, s=34, color=ORANGE, marker="D", label="these articles", zorder=3)
    axes.set_yticks(place, [_said(shift, names) for shift in shown])
    axes.set(xlabel="% of the articles with the tag (* moved)", ylim=(len(shown) - 0.4, -0.6))
    axes.set_xlim(left=0)
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="lower right")
    headline(figure, title)


def expected_f1(figure: Figure, found: Mapping[str, Expected], names: Mapping[str, str], title: str) -> None:
    """The F1 to be expected of each label, with its 95 % interval, the most frequent first."""
    shown = list(found.items())[:MOST]
    axes = figure.subplots()
    place = np.arange(len(shown))
    scores = np.array([each.f1 for _, each in shown])
    ends = np.array([(each.low, each.high) for _, each in shown]).reshape(-1, 2).T
    axes.barh(place, scores, color=PALE, height=0.68)
    spread = np.maximum(0, [scores - ends[0], ends[1] - scores])
    axes.errorbar(scores, place, xerr=spread, fmt="none", ecolor=BLUE, elinewidth=1.6, capsize=2.5)
    axes.set_yticks(place, [f"{short(names.get(label, label))} ({each.tags:,})" for label, each in shown])
    axes.set(xlim=(0, 1.02), xlabel="expected F1 (tags in brackets)", ylim=(len(shown) - 0.4, -0.6))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    headline(figure, title)


def lengths(figure: Figure, before: Sequence[int], now: Sequence[int], edges: Sequence[int], title: str) -> None:
    """Shares of articles by length, before and now; `edges` are words."""
    names = [f"under {edges[0]}", *(f"{a} to {b - 1}" for a, b in pairwise(edges)), f"{edges[-1]}+"]
    axes = figure.subplots()
    place = np.arange(len(names))
    for shift, counts, colour, name in ((-0.2, before, SKY, "measured on"), (0.2, now, ORANGE, "these articles")):
        axes.bar(place + shift, 100 * np.array(counts) / max(1, sum(counts)), 0.38, color=colour, label=name)
    axes.set_xticks(place, names)
    axes.set(xlabel="words", ylabel="% of the articles")
    axes.grid(axis="x", visible=False)
    axes.legend()
    headline(figure, title)


def _said(shift: Shift, names: Mapping[str, str]) -> str:
    return short(names.get(shift.label, shift.label)) + (" *" if shift.moved else "")
