"""The pictures of a training: how they look, how they are kept, and those that have a row a label."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.evaluation.metrics import Judged, instead

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

WIDTH = 9.0  # inches at 100 dots: the MLflow UI shows about 900 pixels
INK, MUTED, GRID = "#1f2328", "#57606a", "#d8dde3"
# Okabe and Ito (2008): told apart with every kind of colour vision.
BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9"
PALE = "#8dbfe3"
SERIES = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (VERMILION, (0, (5, 1))), (PURPLE, (0, (3, 1, 1, 1))), (SKY, ":"))
_MOST_BARS, _MOST_CELLS, _LONGEST = 40, 22, 26
_STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "text.parse_math": False,
    "svg.hashsalt": "dateline",
}
_THEMED = {INK: "var(--ink)", MUTED: "var(--muted)", GRID: "var(--grid)"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn picture: for files and the MLflow UI as PNG, for a page as SVG whose ink follows the page's theme."""

    png: bytes
    svg: str


def picture(draw: Callable[..., None], *args: Any, height: float = 4.8, **options: Any) -> Picture:
    """Let `draw(figure, *args, **options)` fill a figure 9 inches wide and keep what it drew."""
    with warnings.catch_warnings(), _figure(height) as figure:
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a label in a script that the font lacks
        draw(figure, *args, **options)
        png, svg = io.BytesIO(), io.StringIO()
        _agg(figure).print_png(png, metadata={"Software": None})
        figure.set_layout_engine("none")  # places are found by now, and finding them takes as long as drawing
        for patch in (figure.patch, *(axes.patch for axes in figure.axes)):
            patch.set_alpha(0)
        _svg(figure).print_svg(svg, metadata={"Date": None, "Creator": None})
    return Picture(png.getvalue(), _inline(svg.getvalue()))


def bars_height(rows: int) -> float:
    """Inches for a figure with so many bars."""
    return 1.3 + 0.225 * min(max(rows, 3), _MOST_BARS)


def cells_height(labels: int) -> float:
    """Inches for a matrix of so many labels."""
    return 2.6 + 0.27 * min(max(labels, 6), _MOST_CELLS)


def f1_by_label(
    figure: Figure, rows: Sequence[Mapping[str, Any]], intervals: Mapping[str, tuple[float, float]], title: str
) -> None:
    """F1 of each label with its 95 % interval, beside how many test articles have it; `rows` are of `per_label`."""
    shown = [row for row in rows if row["support"]][:_MOST_BARS]
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[3, 1])
    place = np.arange(len(shown))
    scores = np.array([row["f1"] for row in shown])
    left.barh(place, scores, color=PALE, height=0.68)
    low, high = np.array([intervals.get(row["label"], (row["f1"], row["f1"])) for row in shown]).reshape(-1, 2).T
    spread = np.maximum(0, [scores - low, high - scores])
    left.errorbar(scores, place, xerr=spread, fmt="none", ecolor=BLUE, elinewidth=1.6, capsize=2.5)
    left.set(xlim=(0, 1.02), xlabel="F1, with its 95 % bootstrap interval", ylim=(len(shown) - 0.4, -0.6))
    left.set_yticks(place, [short(row["name"]) for row in shown])
    right.barh(place, [row["support"] for row in shown], color=SKY, height=0.68)
    right.bar_label(right.containers[0], padding=3, fontsize=8, color=INK)
    right.set(xlabel="articles with the label")
    right.margins(x=0.18)
    for axes in (left, right):
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
    more = f" (the {len(shown)} most frequent of {len(rows)} labels)" if len(rows) > len(shown) else ""
    headline(figure, title + more)


def confusion(figure: Figure, judged: Judged, names: Mapping[str, str], title: str) -> None:
    """What was wrongly predicted where a label was missed: rows are missed labels, columns what stood there instead."""
    missed, wrong = judged.gold & ~judged.predicted, judged.predicted & ~judged.gold
    counts = instead(judged)
    rows = _top(missed.sum(axis=0), _MOST_CELLS)
    columns = _top(counts[rows].sum(axis=0), 16)
    nothing = (missed[:, rows] & ~wrong.any(axis=1)[:, None]).sum(axis=0)
    matrix = np.column_stack([nothing, counts[np.ix_(rows, columns)]])
    axes = figure.subplots()
    across = ["no wrong label", *(short(names.get(judged.labels[c], judged.labels[c])) for c in columns)]
    down = [_counted(judged, names, row, missed) for row in rows]
    _heatmap(axes, matrix, across, down)
    axes.set(xlabel="wrongly predicted in the same article", ylabel="missed label (missed of all)")
    headline(figure, title)


def cooccurrence(figure: Figure, gold: np.ndarray, labels: Sequence[str], names: Mapping[str, str], title: str) -> None:
    """Share (in %) of the articles with the row's label that also have the column's; `gold` is boolean (n, L)."""
    counts = gold.sum(axis=0)
    chosen = _ordered(gold, _top(counts, _MOST_CELLS))
    both = gold[:, chosen].T.astype(float) @ gold[:, chosen]
    share = 100 * both / np.maximum(1, counts[chosen])[:, None]
    np.fill_diagonal(share, 0)
    axes = figure.subplots()
    named = [short(names.get(labels[column], labels[column])) for column in chosen]
    _heatmap(axes, share, named, [f"{name} ({counts[c]:,})" for name, c in zip(named, chosen, strict=True)], 0.5)
    axes.set(xlabel="… also have this label, in %", ylabel="of the articles with this label …")
    headline(figure, title)


def headline(figure: Figure, text: str) -> None:
    """The figure's title, at its left edge."""
    figure.suptitle(text, x=0.012, ha="left", fontsize=12, fontweight="bold")


def short(name: str, longest: int = _LONGEST) -> str:
    """A name cut to what fits beside an axis."""
    return name if len(name) <= longest else name[: longest - 1].rstrip(" ,") + "…"


def _counted(judged: Judged, names: Mapping[str, str], column: int, missed: np.ndarray) -> str:
    label = judged.labels[column]
    return f"{short(names.get(label, label))} ({missed[:, column].sum()} of {judged.gold[:, column].sum()})"


def _top(counts: np.ndarray, most: int) -> list[int]:
    """The columns with the largest counts above 0, largest first."""
    order = np.argsort(-counts, kind="stable")[:most]
    return [int(column) for column in order if counts[column] > 0]


def _ordered(gold: np.ndarray, chosen: list[int]) -> list[int]:
    """Columns so that those that go together stand together: leaves of a tree of Jaccard distances."""
    if len(chosen) < 3:
        return chosen
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import pdist

    tree = linkage(pdist(gold[:, chosen].T, "jaccard"), "average", optimal_ordering=True)
    return [chosen[leaf] for leaf in leaves_list(tree)]


def _heatmap(axes: Axes, matrix: np.ndarray, across: Sequence[str], down: Sequence[str], least: float = 0.01) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    scale = LinearSegmentedColormap.from_list("blues", ["#cfe3f3", "#6aaed6", "#08519c"])
    top = float(matrix.max(initial=0.0)) or 1.0
    axes.pcolormesh(np.ma.masked_less(matrix, least), cmap=scale, vmin=0, vmax=top, edgecolors=GRID, linewidth=0.4)
    for row, column in np.argwhere(matrix >= least):
        value = matrix[row, column]
        colour = "#fefefe" if value > 0.55 * top else "#101010"
        axes.text(column + 0.5, row + 0.5, f"{value:.0f}", ha="center", va="center", fontsize=8, color=colour)
    axes.set_xticks(np.arange(len(across)) + 0.5, across, rotation=45, ha="right", rotation_mode="anchor", fontsize=9)
    axes.set_yticks(np.arange(len(down)) + 0.5, down, fontsize=9)
    axes.set(xlim=(0, max(1, len(across))), ylim=(max(1, len(down)), 0))
    axes.tick_params(length=0)
    axes.grid(visible=False)


@contextmanager
def _figure(height: float) -> Iterator[Figure]:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        yield Figure(figsize=(WIDTH, height), dpi=100, layout="constrained", facecolor="white")


def _agg(figure: Figure) -> FigureCanvasAgg:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    return FigureCanvasAgg(figure)


def _svg(figure: Figure) -> FigureCanvasSVG:
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    return FigureCanvasSVG(figure)


def _inline(svg: str) -> str:
    """The `<svg>` element alone, scaled to its place, in the page's font and ink."""
    element = svg[svg.index("<svg") :]
    for size in ("width", "height"):
        element = re.sub(rf'(<svg[^>]*?) {size}="[^"]*"', r"\1", element, count=1)
    element = re.sub(r"<style type.*?</style>", "", element, flags=re.DOTALL)
    element = re.sub(r"(font: [^;\"]*?px) [^;\"]*", r"\1 system-ui, sans-serif", element)
    for colour, variable in _THEMED.items():
        element = element.replace(colour, variable)
    return element
