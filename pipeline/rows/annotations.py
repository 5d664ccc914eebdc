"""Rows as annotation tools and news formats in JSON have them: Label Studio, Prodigy, ninjs, schema.org."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline.rows.news.news_json import as_row
from pipeline.rows.reader import Row

IGNORED = "the annotators gave no answer"
_HALF = 0.5
_NEWS_FIELDS = {"@type", "bodies", "headlines", "body_text", "body_html", "body_xhtml"}


def flattened(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows with the labels of annotation tools as columns of their own; others as they are.

    A Prodigy row that was ignored, or whose options were rejected, has no labels; rows that ask one label each of the
    same text become one.
    """
    asked: dict[str, Row] = {}
    for row in rows:
        data = row.data
        if data is None:
            yield row
        elif isinstance(data.get("data"), dict) and isinstance(data.get("annotations", data.get("completions")), list):
            yield Row(row.file, row.number, _task(data), row.error)
        elif data.get("answer") in ("accept", "reject", "ignore") and "text" in data:
            if isinstance(data.get("label"), str) and "accept" not in data and "spans" not in data:
                _ask(asked, row)
            else:
                yield Row(row.file, row.number, _choices(data), row.error)
        else:
            yield Row(row.file, row.number, as_row(data), row.error) if _NEWS_FIELDS & set(data) else row
    yield from asked.values()


def _task(data: Mapping[str, Any]) -> dict[str, Any]:
    """A task of Label Studio: its data, and each control's choices as a column, those that most annotators gave."""
    given = [one for one in data.get("annotations", data.get("completions", ())) if not one.get("was_cancelled")]
    votes: dict[str, Counter[str]] = {}
    for annotation in given:
        for result in annotation.get("result", ()):
            choices = _values(result.get("value", {}))
            votes.setdefault(str(result.get("from_name", "label")), Counter()).update(choices)
    chosen = {
        name: [label for label, count in counts.items() if count >= _HALF * len(given)]
        for name, counts in votes.items()
    }
    return {"id": data.get("id"), **data["data"], **chosen}


def _values(value: Mapping[str, Any]) -> list[str]:
    for kind in ("choices", "taxonomy", "labels"):
        if isinstance(value.get(kind), list):
            return ["/".join(map(str, one)) if isinstance(one, list) else str(one) for one in value[kind]]
    return []


def _choices(data: Mapping[str, Any]) -> dict[str, Any]:
    """A choice among options: the options are no labels of the text, and only an accepted answer says which are."""
    kept = {name: value for name, value in data.items() if name not in ("options", "answer", "accept", "meta")}
    given = data.get("accept", data.get("label", data.get("cats")))
    if data["answer"] == "accept" and given is not None:
        names = {option.get("id"): option.get("text") or option.get("id") for option in data.get("options", ())}
        own = given if isinstance(given, list | dict) else [given]
        kept["accept"] = [names.get(label, label) for label in own] if isinstance(own, list) else own
    return kept if "accept" in kept else kept | {"accept": None}


def _ask(asked: dict[str, Row], row: Row) -> None:
    """Add the answer to a question about one label of a text to those about its others."""
    data = row.data or {}
    kept = {name: value for name, value in data.items() if name not in ("label", "answer", "meta", "options")}
    held = asked.setdefault(data["text"], Row(row.file, row.number, kept | {"accept": None}, row.error))
    if data["answer"] != "ignore" and held.data is not None:
        before = held.data["accept"] or []
        held.data["accept"] = [*before, data["label"]] if data["answer"] == "accept" else before
