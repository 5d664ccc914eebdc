"""Scores of parts of the test articles, and how sure they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.common.article import REGIONS
from pipeline.evaluation.metrics import Judged

Interval = tuple[float, float]
Row = Mapping[str, Any]
_ROUNDS = 500
_MONTHS = 24
_LENGTHS = (
    (150, "under 150 words"),
    (300, "150 to 299 words"),
    (600, "300 to 599 words"),
    (1200, "600 to 1,199 words"),
)


def intervals(judged: Judged, seed: int = 0) -> tuple[dict[str, Interval], dict[str, Interval]]:
    """95 % bootstrap intervals over the documents: of `micro_f1` and `macro_f1`, and of each label's F1.

    Percentile intervals; Efron and Tibshirani (1993), An introduction to the bootstrap.
    """
    count = len(judged.gold)
    draws = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=_ROUNDS).astype(np.float32)
    both = draws @ (judged.gold & judged.predicted).astype(np.float32)
    either = draws @ (judged.gold.astype(np.float32) + judged.predicted)
    by_label = 2 * both / np.maximum(1, either)
    used = judged.gold.any(axis=0) | judged.predicted.any(axis=0)
    micro = 2 * both.sum(axis=1) / np.maximum(1, either.sum(axis=1))
    macro = by_label.sum(axis=1) / np.maximum(1, (either > 0).sum(axis=1))
    overall = {"micro_f1": _ends(micro), "macro_f1": _ends(macro)}
    return overall, {judged.labels[column]: _ends(by_label[:, column]) for column in np.flatnonzero(used)}


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
    """The number of documents, micro precision, recall and F1, and macro-F1 over the labels due or given."""
    both = (judged.gold & judged.predicted).sum(axis=0)
    due, given = judged.gold.sum(axis=0), judged.predicted.sum(axis=0)
    used = (due + given) > 0
    by_label = 2 * both[used] / (due + given)[used]
    return {
        "documents": len(judged.gold),
        "micro_f1": float(2 * both.sum() / max(1, (due + given).sum())),
        "micro_precision": float(both.sum() / max(1, given.sum())),
        "micro_recall": float(both.sum() / max(1, due.sum())),
        "macro_f1": float(by_label.mean()) if used.any() else 0.0,
    }


def _ends(values: np.ndarray) -> Interval:
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def _months(rows: Sequence[Row]) -> set[str]:
    return {str(row.get("date") or "")[:7] for row in rows}


def _period_name(rows: Sequence[Row]) -> str:
    return "month" if len(_months(rows)) <= _MONTHS else "year"


def _period(rows: Sequence[Row]) -> Callable[[Row], str]:
    long = 7 if _period_name(rows) == "month" else 4
    return lambda row: str(row.get("date") or "")[:long] or "undated"


def _length(row: Row) -> str:
    words = len(row["text"].split())
    return next((name for limit, name in _LENGTHS if words < limit), "1,200 words and more")


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
