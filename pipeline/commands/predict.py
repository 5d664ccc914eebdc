"""The command `predict`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import typer

from pipeline.cli import SOME_FAILED
from pipeline.commands.models import open_model
from pipeline.errors import DataError
from pipeline.predictor import Prediction, Predictor, Text, as_text

_BATCH = 256
_FIELDS = ("id", "title", "text", "date")


@dataclass(frozen=True, slots=True)
class Request:
    """The arguments of `predict`."""

    text: str | None
    files: tuple[Path, ...]
    input: Path | None
    output: Path | None
    model: str
    json: bool
    keep_fields: bool
    force: bool


def run(request: Request) -> None:
    """Tag what was given. Exits with 1 when some rows or files failed."""
    _check(request)
    predictor = open_model(request.model)
    failed = _tag_rows(predictor, request) if request.input else _tag_texts(predictor, request)
    if failed:
        raise typer.Exit(SOME_FAILED)


def as_json(name: str, prediction: Prediction, predictor: Predictor) -> dict[str, Any]:
    """One article's tags as the JSON object that `predict --json` prints."""
    return {
        "id": name,
        "topics": [
            {"key": tag.key, "iptc": tag.iptc, "name": tag.name, "parent": tag.parent, "score": round(tag.score, 4)}
            for tag in prediction.topics
        ],
        "regions": [
            {"code": tag.code, "name": tag.name, "within": list(tag.within), "score": round(tag.score, 4)}
            for tag in prediction.regions
        ],
        "model": {"name": predictor.name, "sha256": predictor.sha256},
        "warnings": list(prediction.warnings),
    }


def as_table(prediction: Prediction) -> str:
    """One article's tags for a terminal."""
    lines = [f"  {tag.score:4.2f}  {tag.name}  ({tag.iptc or tag.key})" for tag in prediction.topics]
    regions = [f"  {tag.score:4.2f}  {', '.join([tag.name, *tag.within])}  ({tag.code})" for tag in prediction.regions]
    warnings = [f"Note: {warning}" for warning in prediction.warnings]
    return "\n".join(["Topics", *(lines or ["  none"]), "Regions", *(regions or ["  none"]), *warnings])


def _check(request: Request) -> None:
    given = [request.text is not None, bool(request.files), request.input is not None]
    if sum(given) != 1:
        raise DataError("give one of: a text, '-' for stdin, --file F, or --input F")
    if request.output and not request.input:
        raise DataError("--output goes with --input")
    if request.output and request.output.exists() and not request.force:
        raise DataError(f"{request.output} exists; name another file or add --force")


def _tag_texts(predictor: Predictor, request: Request) -> int:
    """Print the tags of a text or of files; how many could not be read."""
    failed = 0
    items = [("text", request.text)] if request.text is not None else [(str(file), None) for file in request.files]
    for number, (name, text) in enumerate(items):
        try:
            item = as_text(_read(name, text))
        except DataError as error:
            if len(items) == 1:
                raise
            failed += 1
            typer.echo(f"dateline: {error}", err=True)
            continue
        prediction = predictor.predict([item])[0]
        if request.json:
            typer.echo(json.dumps(as_json(name, prediction, predictor), ensure_ascii=False))
        else:
            heading = ("\n" if number else "") + f"{name}\n" if len(items) > 1 else ""
            typer.echo(heading + as_table(prediction))
    return failed


def _read(name: str, text: str | None) -> str:
    if text is not None and text != "-":
        return text
    try:
        content = sys.stdin.buffer.read() if text == "-" else Path(name).read_bytes()
    except OSError as error:
        raise DataError(f"{name} can't be read: {error.strerror}") from None
    if b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(f"{'stdin' if text == '-' else name} holds no text; give a text file, or rows with --input")
    return decode(content)


def decode(content: bytes) -> str:
    """Bytes as text: UTF-8, UTF-16 with its mark, or else Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _tag_rows(predictor: Predictor, request: Request) -> int:
    """Tag a file's rows in order, a bad row as an object with `error`; how many were bad."""
    from pipeline.rows import read_rows

    assert request.input is not None
    failed = 0
    rows = read_rows(request.input)
    with _sink(request) as write:
        for result in _tagged(predictor, enumerate(rows, 1), request.keep_fields):
            failed += "error" in result
            write(result)
    return failed


def _tagged(predictor: Predictor, rows: Iterable[tuple[int, Any]], keep: bool) -> Iterator[dict[str, Any]]:
    numbered = iter(rows)
    while batch := list(islice(numbered, _BATCH)):
        parsed = [_item(number, row) for number, row in batch]
        good = [item for _, item in parsed if isinstance(item, Text)]
        predictions = iter(predictor.predict(good))
        for (name, item), (_, row) in zip(parsed, batch, strict=True):
            kept = {key: value for key, value in (row.data or {}).items() if key not in _FIELDS} if keep else {}
            if isinstance(item, Text):
                yield {**as_json(name, next(predictions), predictor), **kept}
            else:
                yield {"id": name, "error": item, **kept}


def _item(number: int, row: Any) -> tuple[str, Text | str]:
    """A row's id, and what is to be tagged or what is wrong with it."""
    if row.data is None:
        return str(number), f"row {number}: {row.error}"
    given = row.data.get("id")
    name = str(number) if given is None or given == "" else str(given)
    text, title = row.data.get("text"), row.data.get("title") or ""
    if text is None and not title:
        return name, f"row {number}: field 'text' is missing"
    for field, value in (("text", text), ("title", title)):
        if value is not None and not isinstance(value, str):
            return name, f"row {number}: field '{field}' is not a text"
    try:
        return name, as_text(Text(text or "", title))
    except DataError as error:
        return name, f"row {number}: {error}"


def _sink(request: Request) -> Any:
    from contextlib import nullcontext

    from pipeline.row_writer import open_writer

    if request.output is None:
        return nullcontext(lambda result: typer.echo(json.dumps(result, ensure_ascii=False, default=str)))
    return open_writer(request.output)
