"""Pictures of curves: precision and recall, reliability, threshold against F1, learning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.evaluation.metrics import Judged, f1, f1_at, pr_curve
from pipeline.evaluation.reliability import reliability_bins
from pipeline.reporting.figures import BLUE, GRID, INK, MUTED, SERIES, SKY, VERMILION, headline, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MAIN_LABELS = 5
_POINTS = 200


def precision_recall(figure: Figure, judged: Judged, names: Mapping[str, str], title: str) -> None:
    """Precision against recall as the threshold falls: all labels together and the most frequent ones."""
    axes = figure.subplots()
    _f1_lines(axes)
    precision, recall = pr_curve(judged.gold.ravel(), judged.probabilities.ravel())
    average = _average_precision(precision, recall)
    axes.plot(*_thinned(recall, precision), color=INK, lw=2.6, label=f"all labels (average precision {average:.2f})")
    for (colour, dash), column in zip(SERIES, main_columns(judged), strict=False):
        precision, recall = pr_curve(judged.gold[:, column], judged.probabilities[:, column])
        named = short(names.get(judged.labels[column], judged.labels[column]))
        text = f"{named} ({_average_precision(precision, recall):.2f})"
        axes.plot(*_thinned(recall, precision), color=colour, ls=dash, lw=1.6, label=text)
    hits = (judged.gold & judged.predicted).sum()
    point = (hits / max(1, judged.gold.sum()), hits / max(1, judged.predicted.sum()))
    axes.plot(*point, "o", ms=9, mfc="none", mec=VERMILION, mew=2.2, label="at the chosen thresholds", ls="none")
    axes.set(xlim=(0, 1.01), ylim=(0, 1.02), xlabel="recall", ylabel="precision")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside right upper", fontsize=9)
    headline(figure, title)


def reliability(figure: Figure, judged: Judged, title: str) -> None:
    """How often labels stated with a probability really hold, with 95 % Wilson intervals, above how many there are."""
    from matplotlib.ticker import LogLocator, NullFormatter

    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    stated, held, low, high, size = reliability_bins(judged.gold, judged.probabilities)
    upper.plot([0, 1], [0, 1], color=MUTED, lw=1.2, ls="--", label="perfectly calibrated")
    spread = np.maximum(0, [held - low, high - held])
    upper.errorbar(stated, held, yerr=spread, fmt="o-", color=BLUE, capsize=3, lw=1.8, label="this model")
    upper.set(ylim=(0, 1.02), xlim=(0, 1), ylabel="share that holds")
    upper.legend(loc="upper left")
    lower.bar(stated, size, width=0.07, color=SKY)
    lower.set_yscale("log")
    lower.yaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))  # a range of less than ten times has marks, too
    lower.yaxis.set_major_formatter("{x:,.0f}")
    lower.yaxis.set_minor_formatter(NullFormatter())  # which would write powers as formulas
    lower.set(xlabel="stated probability (of labels above 0.01)", ylabel="labels")
    headline(figure, title)


def threshold_f1(
    figure: Figure, judged: Judged, thresholds: Mapping[str, float], names: Mapping[str, str], title: str
) -> None:
    """F1 at each threshold: one threshold for all labels, and the most frequent labels with the threshold chosen."""
    axes = figure.subplots()
    steps = np.linspace(0.01, 0.99, 99)
    curve = f1_at(judged.gold, judged.probabilities, steps)
    axes.plot(steps, curve, color=INK, lw=2.6, label="one threshold for all (micro-F1)")
    chosen = f1(judged.gold, judged.predicted)
    axes.axhline(chosen, color=MUTED, lw=1.2, ls="--", label=f"at the chosen thresholds ({chosen:.3f})")
    for (colour, dash), column in zip(SERIES, main_columns(judged), strict=False):
        gold, scores, label = judged.gold[:, column], judged.probabilities[:, column], judged.labels[column]
        curve = f1_at(gold, scores, steps)
        axes.plot(steps, curve, color=colour, ls=dash, lw=1.5, label=short(names.get(label, label)))
        if label in thresholds:
            place = thresholds[label]
            axes.plot(place, f1(gold, scores >= place), "o", ms=8, color=colour, mec=INK, mew=0.8)
    axes.plot([], [], "o", ms=8, color=GRID, mec=INK, mew=0.8, label="threshold chosen")
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="threshold on the probability", ylabel="F1")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside right upper", fontsize=9)
    headline(figure, title)


def learning_curve(figure: Figure, points: Sequence[Mapping[str, Any]], title: str) -> None:
    """F1 on validation against training articles; `points` have `documents`, `micro_f1`, `macro_f1`."""
    axes = figure.subplots()
    sizes = [point["documents"] for point in points]
    for (colour, dash), name, above in zip(SERIES, ("micro_f1", "macro_f1"), (7, -14), strict=False):
        values = [point[name] for point in points]
        axes.plot(sizes, values, color=colour, ls=dash, marker="o", lw=2, label=name.replace("_f1", "-F1"))
        for size, value in zip(sizes, values, strict=True):
            axes.annotate(
                f"{value:.2f}", (size, value), (0, above), textcoords="offset points", ha="center", fontsize=8
            )
    axes.set(xlabel="training articles", ylabel="F1 on validation", ylim=(0, 1.06), xlim=(0, None))
    axes.margins(x=0.06)
    axes.legend(loc="lower right")
    headline(figure, title)


def main_columns(judged: Judged) -> list[int]:
    """The columns of the most frequent labels, most frequent first."""
    counts = judged.gold.sum(axis=0)
    order = np.argsort(-counts, kind="stable")[:_MAIN_LABELS]
    return [int(column) for column in order if counts[column]]


def _average_precision(precision: np.ndarray, recall: np.ndarray) -> float:
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def _thinned(recall: np.ndarray, precision: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At most 200 points, evenly spread over recall: a page need not hold thousands."""
    if len(recall) <= _POINTS:
        return recall, precision
    kept = np.unique(np.searchsorted(recall, np.linspace(recall[0], recall[-1], _POINTS)))
    return recall[kept], precision[kept]


def _f1_lines(axes: Axes) -> None:
    """Lines of equal F1."""
    for value in (0.4, 0.6, 0.8):
        recall = np.linspace(value / (2 - value) + 1e-6, 1, 60)
        precision = value * recall / (2 * recall - value)
        axes.plot(recall, precision, color=GRID, lw=1, zorder=0)
        axes.text(value, value, f"F1 {value}", fontsize=8, color=MUTED, ha="right", va="top")
