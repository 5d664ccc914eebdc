"""Tagging of row files of any size: streamed in order, over several processes, in constant memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pipeline.common.errors import DataError, EngineError
from pipeline.common.progress import Progress, Stage
from pipeline.prediction.bulk.resumable import LINES, open_lines
from pipeline.prediction.bulk.row_results import FIELDS, Options
from pipeline.prediction.bulk.workers import Tagging
from pipeline.prediction.predictor import Predictor
from pipeline.prediction.schema import arrow_types, columns
from pipeline.rows.reader import Row, file_format, iter_files, read_rows
from pipeline.rows.row_count import expected_rows
from pipeline.rows.writer import open_writer

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


def tag_file(predictor: Predictor, job: Job, progress: Progress, write: Write) -> int:
    """Tag a row file, or all of a folder; how many rows were bad.

    `write` gets the JSON lines when there is no output file. Raises DataError for a file that can't be read or written.
    """
    files = iter_files(job.input)
    rows = chain.from_iterable([read_rows(file, _wanted(job.options)) for file in files])
    check_output(job)
    tagging = Tagging(predictor, job.options, job.jobs)
    with progress.stage("tag", expected_rows(files)) as stage:
        if job.output is None:
            return _to_lines(tagging, rows, write, stage)
        form, packing = file_format(job.output)
        if form not in LINES:
            return _to_table(tagging, rows, job.output, stage)
        return _to_file(tagging, rows, job, packing, _task(predictor, files, job.options), stage)


def check_output(job: Job) -> None:
    """Raises DataError when the output exists, has an unknown ending, or can't be resumed."""
    if job.output is None:
        if job.resume:
            raise DataError("--resume goes with --output")
        return
    form, _ = file_format(job.output)
    if job.output.exists() and not job.force:
        raise DataError(f"{job.output} exists; name another file or add --force")
    if job.resume and form not in LINES:
        raise DataError(f"--resume needs an output of JSON Lines (.jsonl, .jsonl.gz, .jsonl.zst), not {form}")


def _wanted(options: Options) -> Sequence[str] | None:
    return None if options.keep_fields else FIELDS


def _task(predictor: Predictor, files: Sequence[Path], options: Options) -> dict[str, Any]:
    """What must be the same for a stopped run to go on."""
    stats = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    settings = [options.keep_fields, options.explain, list(options.labels)]
    return {"input": [list(stat) for stat in stats], "model": predictor.sha256, "choice of fields": settings}


def _to_lines(tagging: Tagging, rows: Iterable[Row], write: Write, stage: Stage) -> int:
    total = 0
    for lines, count, failed in tagging.batches(rows, lines=True):
        write(lines)
        total += failed
        _advance(stage, count)
    return total


def _to_table(tagging: Tagging, rows: Iterable[Row], output: Path, stage: Stage) -> int:
    total = 0
    plain = not (tagging.options.keep_fields or tagging.options.explain)
    with open_writer(output, columns() if plain else None, arrow_types if plain else None) as writer:
        for results, count, failed in tagging.batches(rows, lines=False):
            for result in results:
                writer.write(result)
            total += failed
            _advance(stage, count)
    return total


def _to_file(tagging: Tagging, rows: Iterator[Row], job: Job, packing: str, task: dict[str, Any], stage: Stage) -> int:
    assert job.output is not None
    with open_lines(job.output, packing, task, job.resume, job.force) as output:
        _skip(rows, output.rows, stage)
        try:
            for lines, count, failed in tagging.batches(rows, lines=True):
                output.write(lines, count, failed)
                _advance(stage, count)
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
        stage.total = max(0, stage.total - done) or None if stage.total else None


def _advance(stage: Stage, count: int) -> None:
    stage.advance(count)
    if stage.total and stage.done > stage.total:
        stage.total = None  # the estimate was too low
