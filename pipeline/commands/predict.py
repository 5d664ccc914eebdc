"""The command `predict`."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.commands._open_model import open_model
from pipeline.commands._output import SOME_FAILED, say, show
from pipeline.common.errors import DataError, EngineError
from pipeline.common.text import plain
from pipeline.features.texts import Text, as_text
from pipeline.prediction.explaining.terminal import as_table, explained, wants_colour
from pipeline.prediction.predictor import Predictor
from pipeline.prediction.tags import as_json

STDIN = "-"
_NEAR_ON_PAGE = 3
_SELDOM = 200_000  # new objects between two looks for circles of garbage


@dataclass(frozen=True, slots=True)
class Request:
    """The arguments of `predict`."""

    text: str | None
    files: tuple[Path, ...]
    model: str
    input: Path | None = None
    output: Path | None = None
    json: bool = False
    keep_fields: bool = False
    force: bool = False
    explain: bool = False
    labels: tuple[str, ...] = ()
    html: Path | None = None
    jobs: int = 1
    resume: bool = False
    engine: str = "local"
    scheduler: str = ""
    columns: tuple[str, ...] = ()
    ninjs: bool = False
    config: Path | None = None
    names: str = ""

    @property
    def why(self) -> bool:
        """Whether reasons are wanted."""
        return self.explain or bool(self.labels)


def run(request: Request) -> int:
    """Tag what was given; the status to end with, 1 when some rows or files failed."""
    _check(request)
    files = () if request.input or request.text is not None else _files(request)
    if request.html and len(files) > 1:
        raise DataError(f"--html makes a page of one article, not of {len(files)}")
    if request.input:
        gc.set_threshold(_SELDOM)  # a predictor is a million objects that stay, and rows leave no circles behind
    predictor = open_model(request.model)
    predictor = predictor.named(request.names) if request.names else predictor
    try:
        failed = _tag_rows(predictor, request) if request.input else _tag_texts(predictor, request, files)
    except BrokenPipeError:  # the reader of the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return SOME_FAILED if failed else 0


def _files(request: Request) -> list[Path]:
    from pipeline.prediction.text_files import files_in

    return files_in(request.files)


def _check(request: Request) -> None:
    given = [request.text is not None, bool(request.files), request.input is not None]
    if sum(given) != 1:
        raise DataError("give one of: a text, '-' for stdin, --file F, or --input F")
    for name, value in (
        ("--output", request.output),
        ("--resume", request.resume),
        ("--keep-fields", request.keep_fields),
        ("--column or --config", request.columns or request.config),
        ("--engine or --scheduler", request.engine != "local" or request.scheduler),
    ):
        if value and not request.input:
            raise DataError(f"{name} goes with --input")
    if request.ninjs and (request.why or request.html):
        raise DataError("--format ninjs has no place for reasons: leave out --explain, --label and --html")
    if request.html and request.input:
        raise DataError("--html makes a page of one article: give a text or --file, not --input")
    if request.html and request.html.exists() and not request.force:
        raise DataError(f"{request.html} exists; name another file or add --force")


def _tag_texts(predictor: Predictor, request: Request, files: tuple[Path, ...] | list[Path]) -> int:
    """Print the tags of a text or of files; how many could not be read."""
    failed = 0
    several = len(files) > 1
    for number, (name, item) in enumerate(_items(request, files)):
        if isinstance(item, DataError):
            if not several:
                raise item
            failed += 1
            say(f"dateline: {item}", err=True)
        elif request.html:
            _write_page(predictor, request, item)
        else:
            heading = ("\n" if number else "") + f"{plain(name)}\n" if several and not request.json else ""
            show(heading + _shown(predictor, request, name, item), wrap=not (request.json or request.ninjs))
    return failed


def _items(request: Request, files: tuple[Path, ...] | list[Path]) -> Iterator[tuple[str, Text | DataError]]:
    """Each article's name, and what is to be tagged or what is wrong with it."""
    if request.text is not None and request.text != STDIN:
        yield "text", as_text(request.text)
        return
    from pipeline.prediction.text_files import read_text

    for source in files or [Path(STDIN)]:
        try:
            yield "stdin" if str(source) == STDIN else str(source), read_text(source)
        except DataError as error:
            yield str(source), error


def _shown(predictor: Predictor, request: Request, name: str, item: Text) -> str:
    if not request.why:
        prediction = predictor.predict([item])[0]
        if request.json or request.ninjs:
            from pipeline.prediction.ninjs import as_ninjs

            answer = as_json(name, prediction, predictor)
            return _json(as_ninjs(answer, item.title) if request.ninjs else answer)
        return as_table(prediction, predictor.taggers)
    explanation = predictor.explain(item, request.labels)
    if request.json:
        found = as_json(name, explanation.prediction, predictor) | {"explanation": explanation.as_dict()}
        return _json(found)
    return explained(explanation, wants_colour(sys.stdout))


def _json(found: dict[str, Any]) -> str:
    from pipeline.rows.writer import json_text

    return json_text(found)


def _write_page(predictor: Predictor, request: Request, item: Text) -> None:
    from pipeline.common.files import write_text
    from pipeline.reporting.prediction_page import page

    assert request.html is not None
    explanation = predictor.explain(item, request.labels, near=_NEAR_ON_PAGE)
    subtitle = f"model {predictor.name} {predictor.sha256[:12]}"
    try:
        write_text(request.html, page(explanation, subtitle, asked=bool(request.labels)))
    except OSError as error:
        raise DataError(f"{request.html} can't be written: {error.strerror}") from None
    say(f"{request.html} written", err=True)


def _tag_rows(predictor: Predictor, request: Request) -> int:
    """Tag a file's rows in order, a bad row as an object with `error`; how many were bad."""
    from pipeline.commands._rows import row_mapping
    from pipeline.common.parallel import running_on
    from pipeline.common.progress import Progress
    from pipeline.prediction.bulk.row_results import Options
    from pipeline.prediction.bulk.tagging import Job, tag_file

    assert request.input is not None
    options = Options(request.keep_fields, request.why, request.labels, request.ninjs)
    mapping = row_mapping(predictor.description, request.columns, request.config)
    job = Job(request.input, request.output, request.jobs, request.resume, request.force, options, mapping)
    try:
        with running_on(request.engine, request.scheduler):
            return tag_file(predictor, job, Progress(), _to_stdout)
    except (DataError, EngineError):
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")  # the error takes the place of the progress bar
        raise


def _to_stdout(lines: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(lines)
    sys.stdout.buffer.flush()
