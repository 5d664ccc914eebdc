"""Rows to result objects: what is tagged in each, and what is wrong with a bad one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.common.errors import DataError
from pipeline.features.texts import Text, as_text
from pipeline.prediction.bulk.answer_lines import AnswerLines
from pipeline.prediction.ninjs import as_ninjs
from pipeline.prediction.predictor import Predictor
from pipeline.prediction.tags import as_json
from pipeline.rows.text_cells import KEPT
from pipeline.rows.writer import json_text

Numbered = tuple[int, dict[str, Any] | None, str]
"""A row's number, its fields, and what is wrong when it has none."""


@dataclass(frozen=True, slots=True)
class Options:
    """How rows are tagged."""

    keep_fields: bool = False
    explain: bool = False
    labels: tuple[str, ...] = ()
    ninjs: bool = False


class RowTagger:
    """Tags batches of rows with one predictor, and remembers how its labels are written."""

    def __init__(self, predictor: Predictor, options: Options) -> None:
        self._predictor, self._options = predictor, options
        self._lines = AnswerLines(predictor)

    def tagged(self, rows: Sequence[Numbered], lines: bool) -> tuple[Any, int, int]:
        """A batch's results (JSON lines as bytes, or objects), how many rows it has, and how many of these are bad."""
        if lines and self._options == Options():
            return self._plain_lines(rows)
        results = tag_rows(self._predictor, rows, self._options)
        failed = sum("error" in result and "model" not in result for result in results)
        if not lines:
            return results, len(results), failed
        text = "".join(f"{json_text(result)}\n" for result in results)
        return text.encode("utf-8", "replace"), len(results), failed

    def _plain_lines(self, rows: Sequence[Numbered]) -> tuple[bytes, int, int]:
        """What `tagged` gives when nothing but the tags is wanted, without an object for each answer."""
        items = [_item(*row) for row in rows]
        found = iter(self._lines.tagged([item for _, item in items if isinstance(item, Text)]))
        write = self._lines.line
        written = [
            write(name, next(found)) if isinstance(item, Text) else f"{json_text({'id': name, 'error': item})}\n"
            for name, item in items
        ]
        failed = sum(not isinstance(item, Text) for _, item in items)
        return "".join(written).encode("utf-8", "replace"), len(items), failed


def tag_rows(predictor: Predictor, rows: Sequence[Numbered], options: Options) -> list[dict[str, Any]]:
    """The result objects of a batch of rows, in order; a bad row's holds `error`."""
    items = [_item(*row) for row in rows]
    good = [item for _, item in items if isinstance(item, Text)]
    results = iter(_results(predictor, good, options))
    found = []
    for (name, item), (_, data, _) in zip(items, rows, strict=True):
        result = next(results) | {"id": name} if isinstance(item, Text) else {"id": name, "error": item}
        if options.ninjs and "error" not in result:
            given = (str((data or {}).get(field) or "") for field in ("title", "date"))
            found.append(as_ninjs(result, *given))
            continue
        kept = (data or {}).get(KEPT, {}) if options.keep_fields else {}
        found.append(result | {f"given_{key}" if key in result else key: value for key, value in kept.items()})
    return found


FLAT = ("id", "topics", "regions", "scores", "publish", "model", "warnings", "error")
"""The columns of a result in a table."""


def flat(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result as a row of a spreadsheet: labels joined by semicolons, scores and those to publish beside them."""
    if "model" not in result:
        return dict(result)
    tags = [(tag["key"], tag) for tag in result["topics"]] + [(tag["code"], tag) for tag in result["regions"]]
    lists = {
        "topics": [tag["key"] for tag in result["topics"]],
        "regions": [tag["code"] for tag in result["regions"]],
        "scores": [f"{name} {tag['score']:.2f}" for name, tag in tags],
        "publish": [name for name, tag in tags if tag["decision"] == "publish"],
        "warnings": result["warnings"],
    }
    joined = {name: "; ".join(values) for name, values in lists.items()}
    return {**result, **joined, "model": result["model"]["name"]}


def _results(predictor: Predictor, items: Sequence[Text], options: Options) -> Iterator[dict[str, Any]]:
    if options.explain:
        for item in items:
            found = predictor.explain(item, options.labels)
            yield {**as_json("", found.prediction, predictor), "explanation": found.as_dict()}
    else:
        for prediction in predictor.predict(items):
            yield as_json("", prediction, predictor)


def _item(number: int, data: dict[str, Any] | None, error: str) -> tuple[str, Text | str]:
    """A row's id, and what is to be tagged or what is wrong with it."""
    given = (data or {}).get("id")
    own = "" if given is None else str(given)
    item = _text(data, error)
    if isinstance(item, Text):
        return own or str(number), item
    return own or f"row {number}", f"row {number}: {item}"  # a bad row's number could be another row's id


def _text(data: dict[str, Any] | None, error: str) -> Text | str:
    """What is to be tagged of a row's fields, or what is wrong with them."""
    if data is None:
        return error
    text, title = data.get("text"), data.get("title")
    if text is None and not title:
        return "field 'text' is missing"
    for field, value in (("text", text), ("title", title)):
        if value is not None and not isinstance(value, str):
            return f"field '{field}' is not a text"
    try:
        return as_text(Text(text or "", title or ""))
    except DataError as problem:
        return str(problem)
