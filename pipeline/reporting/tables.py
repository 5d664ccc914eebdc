"""Tables of a training, as dicts of columns: a row a label, the strongest terms, the worst errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.evaluation.metrics import Judged
from pipeline.features.texts import Document, Text, tokens
from pipeline.prediction.probabilities import logit
from pipeline.prediction.tagger import Tagger
from pipeline.prediction.topic_tagger import LinearTagger

Table = dict[str, list[Any]]
Row = Mapping[str, Any]
_TERMS, _AGAINST, _BLAMED = 12, 5, 5
_ERRORS, _PER_LABEL = 20, 3


def columns(rows: Sequence[Row]) -> Table:
    """Rows with the same keys as a dict of columns."""
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def records(table: Table) -> list[dict[str, Any]]:
    """The rows of a dict of columns."""
    return [dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True)]


def label_table(
    rows: Sequence[Row], intervals: Mapping[str, tuple[float, float]], training: Mapping[str, int]
) -> Table:
    """`per_label`'s rows with the F1's 95 % interval and the number of training articles."""
    return columns(
        [
            {
                **row,
                "f1_low": intervals.get(row["label"], (None, None))[0],
                "f1_high": intervals.get(row["label"], (None, None))[1],
                "training": training.get(row["label"], 0),
            }
            for row in rows
        ]
    )


def term_table(tagger: Tagger, names: Mapping[str, str]) -> Table:
    """The words that speak most for and against each label; for countries the names learned, too.

    A word's strength is its weight times its rarity: what one occurrence adds before the length is taken off. Words
    that no training document held are left out.
    """
    linear = tagger.whole_text
    learned_terms = slice(linear.features.learned if linear else 0)
    strength = (linear.weights * linear.features.idf[:, None])[learned_terms] if linear else np.zeros((0, 0))
    known = {label: number for number, label in enumerate(linear.labels)} if linear else {}
    learned = tagger.learned_names()
    rows = []
    for label in tagger.labels:
        column = strength[:, known[label]] if label in known else np.zeros(0)
        row = {"label": label, "name": names.get(label, label)}
        row |= {"for": _strongest(column, linear, _TERMS), "against": _strongest(-column, linear, _AGAINST)}
        if learned:
            row["names"] = ", ".join(learned.get(label, [])[:_TERMS])
        if row["for"] or row.get("names"):
            rows.append(row)
    return columns(rows)


def error_table(tagger: Tagger, judged: Judged, rows: Sequence[Row], names: Mapping[str, str]) -> Table:
    """The worst errors, farthest from their threshold first: wrongly given labels, then missed ones.

    `rows` are the articles of `judged`, in order. At most three errors a label, so that one label doesn't fill it.
    """
    thresholds = dict(zip(tagger.labels, map(float, tagger.thresholds), strict=True))
    limits = np.array([thresholds.get(label, 1.0) for label in judged.labels])
    distance = logit(judged.probabilities) - logit(limits)
    wrong = np.where(judged.predicted & ~judged.gold, distance, -np.inf)
    missed = np.where(judged.gold & ~judged.predicted, -distance, -np.inf)
    found = []
    for kind, severity in (("wrongly given", wrong), ("missed", missed)):
        for row, column in _worst(severity):
            label, article = judged.labels[column], rows[row]
            found.append(
                {
                    "error": kind,
                    "label": label,
                    "name": names.get(label, label),
                    "title": article["title"] or article["text"][:80],
                    "id": article["id"],
                    "source": article["source"],
                    "probability": round(float(judged.probabilities[row, column]), 4),
                    "threshold": round(thresholds[label], 4) if label in thresholds else None,
                    "words": blame(tagger, _document(article), label, kind == "wrongly given"),
                }
            )
    return columns(found)


def blame(tagger: Tagger, doc: Document, label: str, given: bool) -> str:
    """The words behind a wrongly given label, or those that spoke against a missed one."""
    if label not in tagger.labels:
        return "(not among the labels learned)"
    names, model = tagger.reasons(doc, label).names, tagger.whole_text
    words = _words(model, doc, label, given) if model and label in model.labels else ""
    if names is None:
        return words or "(no word speaks against it)"
    said = ", ".join(list(dict.fromkeys(named.name for named in names))[:_BLAMED]) or "(never named)"
    return f"{said}; {words}" if words else said


def _document(article: Row) -> Document:
    return tokens(Text(article["text"], article["title"] or ""))


def _words(tagger: LinearTagger, doc: Document, label: str, given: bool) -> str:
    parts, _ = tagger.explain(doc, label)
    return ", ".join([term for term, part in parts if (part > 0) == given][:_BLAMED])


def _strongest(column: np.ndarray, linear: LinearTagger | None, most: int) -> str:
    if linear is None or not len(column):
        return ""
    best = np.argsort(-column, kind="stable")[:most]
    return ", ".join(linear.features.terms[term] for term in best if column[term] > 0)


def _worst(severity: np.ndarray) -> list[tuple[int, int]]:
    flat = severity.ravel()
    errors = np.flatnonzero(flat > -np.inf)
    order = errors[np.argsort(-flat[errors], kind="stable")][: _ERRORS * 20]
    chosen: list[tuple[int, int]] = []
    seen: dict[int, int] = {}
    for row, column in zip(*np.unravel_index(order, severity.shape), strict=True):
        if len(chosen) == _ERRORS:
            break
        seen[column] = seen.get(column, 0) + 1
        if seen[column] <= _PER_LABEL:
            chosen.append((int(row), int(column)))
    return chosen
