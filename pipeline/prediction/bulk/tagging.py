"""Tagging of row files of any size: streamed in order, over several processes, in constant memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.common.errors import DataError, EngineError
from pipeline.common.files import check_not_input
from pipeline.common.progress import Progress, Stage
from pipeline.prediction.bulk.resumable import LINES, open_lines
from pipeline.prediction.bulk.row_results import FLAT, Options, flat
from pipeline.prediction.bulk.workers import Tagging
from pipeline.prediction.compiling import ready
from pipeline.prediction.predictor import Predictor
from pipeline.prediction.schema import arrow_types, columns
from pipeline.rows.articles import ArticleReader
from pipeline.rows.mapping import RowMapping
from pipeline.rows.reader import Row, file_format, iter_files, read_format
from pipeline.rows.text_cells import text_fields
from pipeline.rows.writer import open_writer

_SHEETS = (".csv", ".tsv")
Write = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Job:
    """Which rows go where; without an output they are handed to a function line by line."""

    input: Path
    output: Path | None = None
    jobs: int = 1
    resume: bool = False
    force: bool = False
    options: Options = field(default_factory=Options)
    mapping: RowMapping = field(default_factory=RowMapping)


def tag_file(predictor: Predictor, job: Job, progress: Progress, write: Write) -> int:
    """Tag a row file, or all of a folder; how many rows were bad.

    `write` gets the JSON lines when there is no output file. Raises DataError for a file that can't be read or written.
    """
    check_output(job)
    files = iter_files(job.input)
    rows = _rows(files, job)
    size = 0 if job.options.explain else sum(file.stat().st_size for file in files)
    tagging = Tagging(predictor, job.options, job.jobs)
    with ready(predictor, size), progress.stage("tag") as stage:
        if job.output is None:
            return _to_lines(tagging, rows, write, stage)
        form, packing = file_format(job.output)
        if form not in LINES:
            return _to_table(tagging, rows, job.output, stage)
        return _to_file(tagging, rows, job, packing, _task(predictor, files, job), stage)


def check_output(job: Job) -> None:
    """Raises DataError when the output is or lies in the input, exists, has an unknown ending, or can't be resumed."""
    if job.output is None:
        if job.resume:
            raise DataError("--resume goes with --output")
        return
    form, _ = file_format(job.output)
    check_not_input(job.output, [job.input])
    if job.output.exists() and not job.force:
        raise DataError(f"{job.output} exists; name another file or add --force")
    if job.options.ninjs and form in (*_SHEETS, ".parquet"):
        raise DataError(f"--format ninjs goes with an output of JSON (.jsonl or .json), not {form}")
    if job.resume and form not in LINES:
        raise DataError(f"--resume needs an output of JSON Lines (.jsonl, .jsonl.gz, .jsonl.zst), not {form}")


def _rows(files: Sequence[Path], job: Job) -> Iterator[Row]:
    """The rows with their id, title, text and date under these names. Raises DataError for a column that none has."""
    reader = ArticleReader(job.mapping, labelled=False)
    for file in files:
        read_format(file)
    for file in files:
        for row, layout in reader.rows(file):
            data = None if row.data is None else text_fields(row.data, layout, job.options.keep_fields)
            yield Row(row.file, row.number, data, row.error)
    if job.mapping.strict:
        reader.check_columns(str(job.input))


def _task(predictor: Predictor, files: Sequence[Path], job: Job) -> dict[str, Any]:
    """What must be the same for a stopped run to go on."""
    stats = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    options = job.options
    settings: list[Any] = [options.keep_fields, options.explain, list(options.labels)]
    if options.ninjs:
        settings.append("ninjs")
    if job.mapping != RowMapping():
        settings.append(job.mapping.as_dict())
    return {"input": [list(stat) for stat in stats], "model": predictor.sha256, "choice of fields": settings}


def _to_lines(tagging: Tagging, rows: Iterable[Row], write: Write, stage: Stage) -> int:
    total = 0
    for lines, count, failed in tagging.batches(rows, lines=True):
        write(lines)
        total += failed
        stage.advance(count)
    return total


def _to_table(tagging: Tagging, rows: Iterable[Row], output: Path, stage: Stage) -> int:
    total = 0
    plain = not (tagging.options.keep_fields or tagging.options.explain or tagging.options.ninjs)
    sheet = file_format(output)[0] in _SHEETS
    names = FLAT if sheet else columns()
    with open_writer(output, names if plain else None, arrow_types if plain and not sheet else None) as writer:
        for results, count, failed in tagging.batches(rows, lines=False):
            for result in results:
                writer.write(flat(result) if sheet else result)
            total += failed
            stage.advance(count)
    return total


def _to_file(tagging: Tagging, rows: Iterator[Row], job: Job, packing: str, task: dict[str, Any], stage: Stage) -> int:
    assert job.output is not None
    with open_lines(job.output, packing, task, job.resume, job.force) as output:
        _skip(rows, output.rows, stage)
        try:
            for lines, count, failed in tagging.batches(rows, lines=True):
                output.write(lines, count, failed)
                stage.advance(count)
        except (DataError, EngineError, KeyboardInterrupt) as error:
            output.save()
            reason = str(error) or "stopped"
            raise DataError(f"{reason} ({output.rows:,} rows are kept: go on with --resume)") from None
        return output.failed


def _skip(rows: Iterator[Row], done: int, stage: Stage) -> None:
    """Pass over the rows that an earlier run has written."""
    if done:
        stage.say(f"passing over {done:,} rows that are done")
        deque(islice(rows, done), maxlen=0)
        stage.say("")
