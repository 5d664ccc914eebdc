"""Scores of parts of the test articles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.common.article import REGIONS
from pipeline.evaluation.metrics import Judged, averaged

Row = Mapping[str, Any]
_MONTHS = 24
_LENGTHS = (
    (150, "under 150 words"),
    (300, "150 to 299 words"),
    (600, "300 to 599 words"),
    (1200, "600 to 1,199 words"),
)


def slices(
    judged: Judged, rows: Sequence[Row], continents: Mapping[str, str]
) -> dict[str, dict[str, dict[str, float]]]:
    """Metrics by source, month, length and region of the articles; a way of slicing that makes one part is left out,
    and so are parts in which no label is due.

    `rows` are the articles of `judged`, in order; `continents` says in which part of the world each country lies.
    """
    ways: dict[str, Callable[[Row], str]] = {
        "source": lambda row: str(row.get("source") or "unknown"),
        _period_name(rows): _period(rows),
        "length": _length,
        "region": lambda row: _region(row, continents),
    }
    found = {}
    for name, way in ways.items():
        groups = [way(row) for row in rows]
        if len(set(groups)) > 1:
            marked = np.array(groups)
            parts = {part: judged.rows(marked == part) for part in sorted(set(groups))}
            found[name] = _sorted(name, {part: scores(own) for part, own in parts.items() if own.gold.any()})
    return found


def scores(judged: Judged) -> dict[str, float]:
    """The number of documents, micro precision, recall and F1, and macro-F1, as in `metrics`."""
    precision, recall, micro = averaged(judged.gold, judged.predicted, "micro")
    macro = averaged(judged.gold, judged.predicted, "macro")[2]
    found = {"micro_f1": micro, "micro_precision": precision, "micro_recall": recall, "macro_f1": macro}
    return {"documents": len(judged.gold), **found}


def _months(rows: Sequence[Row]) -> set[str]:
    return {str(row.get("date") or "")[:7] for row in rows}


def _period_name(rows: Sequence[Row]) -> str:
    return "month" if len(_months(rows)) <= _MONTHS else "year"


def _period(rows: Sequence[Row]) -> Callable[[Row], str]:
    long = 7 if _period_name(rows) == "month" else 4
    return lambda row: str(row.get("date") or "")[:long] or "undated"


def _length(row: Row) -> str:
    words = _words(row["text"])
    return next((name for limit, name in _LENGTHS if words < limit), "1,200 words and more")


def _words(text: str) -> int:
    """The words of a prepared text, which have one blank or line break between them."""
    return text.count(" ") + text.count("\n") + 1 if text else 0


def _region(row: Row, continents: Mapping[str, str]) -> str:
    """The part of the world that the article's labels lie in."""
    if row.get(REGIONS) is None:
        return "not labelled"
    parts = sorted({continents.get(code, code) for code in row[REGIONS]})
    return parts[0] if len(parts) == 1 else "several" if parts else "none"


def _sorted(name: str, groups: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    if name == "length":
        order = {text: number for number, (_, text) in enumerate(_LENGTHS)}
        return dict(sorted(groups.items(), key=lambda item: order.get(item[0], len(order))))
    if name in ("month", "year"):
        return dict(sorted(groups.items()))
    return dict(sorted(groups.items(), key=lambda item: (-item[1]["documents"], item[0])))
