"""Pictures of a corpus: labels by split, lengths, dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.reporting.figures import BLUE, INK, ORANGE, SKY, headline, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SPLIT_COLOURS = {"train": BLUE, "validation": ORANGE, "test": SKY}
_MOST_BARS = 40


def labels_by_split(figure: Figure, counts: Mapping[str, Mapping[str, int]], title: str) -> None:
    """Articles of each label, stacked by split; `counts` is split to label to articles."""
    totals: dict[str, int] = {}
    for given in counts.values():
        for label, count in given.items():
            totals[label] = totals.get(label, 0) + count
    shown = sorted(totals, key=lambda label: (-totals[label], label))[:_MOST_BARS]
    axes = figure.subplots()
    left = np.zeros(len(shown))
    for split, given in counts.items():
        values = np.array([given.get(label, 0) for label in shown])
        bars = axes.barh(np.arange(len(shown)), values, left=left, label=split, color=_SPLIT_COLOURS.get(split))
        left += values
    axes.bar_label(bars, [f"{totals[label]:,}" for label in shown], padding=3, fontsize=8, color=INK)
    axes.set_yticks(np.arange(len(shown)), [short(label, 30) for label in shown])
    axes.invert_yaxis()
    axes.set(xlabel="articles", ylim=(len(shown) - 0.4, -0.6))
    axes.margins(x=0.08)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.legend(loc="lower right")
    more = f" (the {len(shown)} most frequent of {len(totals)})" if len(totals) > len(shown) else ""
    headline(figure, title + more)


def lengths(figure: Figure, words: Sequence[int], title: str) -> None:
    """How long the articles are, in words, on a log scale."""
    axes = figure.subplots()
    everything = np.maximum(1, np.asarray(words))
    edges = np.geomspace(0.8 * everything.min(), 1.25 * everything.max(), 40)
    axes.hist(everything, edges.tolist(), color=SKY)
    middle = float(np.median(everything))
    axes.axvline(middle, color=INK, lw=1.4, ls="--", label=f"median {middle:,.0f} words")
    axes.legend()
    axes.set(xscale="log", xlabel="words in title and text", ylabel="articles")
    ticks = [tick for tick in (10, 30, 100, 300, 1000, 3000, 10_000) if edges[0] <= tick <= edges[-1]]
    axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.minorticks_off()
    headline(figure, title)


def dates(figure: Figure, months: Mapping[str, Mapping[str, int]], title: str) -> None:
    """Articles a month (a year, when there are many), stacked by split; `months` is split to `YYYY-MM` to articles."""
    names = sorted({month for given in months.values() for month in given})
    long = len(names) > 36
    periods = sorted({name[:4] for name in names}) if long else names
    axes = figure.subplots()
    bottom = np.zeros(len(periods))
    for split, given in months.items():
        values = np.array([sum(n for month, n in given.items() if month.startswith(period)) for period in periods])
        axes.bar(np.arange(len(periods)), values, bottom=bottom, label=split, color=_SPLIT_COLOURS.get(split))
        bottom += values
    every = max(1, len(periods) // 12)
    axes.set_xticks(np.arange(len(periods))[::every], periods[::every], rotation=45 if len(periods) > 12 else 0)
    axes.set(xlabel="year" if long else "month", ylabel="articles")
    axes.grid(axis="x", visible=False)
    axes.legend()
    headline(figure, title)
