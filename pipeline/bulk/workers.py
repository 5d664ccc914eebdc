"""Several processes that tag batches of rows; the results come back in order."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from typing import Any

from pipeline.bulk.rows import Numbered, Options, tagged
from pipeline.errors import DataError
from pipeline.predictor import Predictor
from pipeline.rows.reader import Row

_BATCH_ROWS, _BATCH_LETTERS = 256, 1 << 20
_WAITING = 3  # batches per process that are being tagged or wait for their turn to be written


class Tagging:
    """Tags batches of rows, in this process or in several others, and gives them back in order."""

    def __init__(self, predictor: Predictor, options: Options, jobs: int) -> None:
        self._predictor = predictor
        self.options = options
        self._jobs = jobs

    def batches(self, rows: Iterable[Row], lines: bool) -> Iterator[tuple[Any, int, int]]:
        """Results (JSON lines, or objects), how many rows they stand for, and how many of these were bad."""
        batches = _batches(rows)
        if self._jobs <= 1:
            yield from (tagged(self._predictor, self.options, batch, lines) for batch in batches)
            return
        try:
            yield from self._spread(batches, lines)
        except BrokenProcessPool:
            raise DataError("a worker process was killed, for want of memory perhaps: try fewer --jobs") from None

    def _spread(self, batches: Iterator[list[Numbered]], lines: bool) -> Iterator[tuple[Any, int, int]]:
        from multiprocessing import get_context

        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            os.environ.setdefault(name, "1")  # one thread a process: more get in each other's way
        pool = ProcessPoolExecutor(self._jobs, get_context("spawn"), _start, (self._predictor, self.options))
        waiting: deque[Future[tuple[Any, int, int]]] = deque()
        problem: DataError | None = None
        try:
            try:
                for batch in batches:
                    waiting.append(pool.submit(_work, batch, lines))
                    if len(waiting) >= _WAITING * self._jobs:
                        yield waiting.popleft().result()
            except DataError as error:  # the file broke off: what was read before is tagged first
                problem = error
            while waiting:
                yield waiting.popleft().result()
            if problem:
                raise problem
        finally:
            pool.shutdown(wait=not waiting, cancel_futures=True)


def _batches(rows: Iterable[Row]) -> Iterator[list[Numbered]]:
    """Rows in batches that are bounded in rows and in letters."""
    batch: list[Numbered] = []
    letters = 0
    try:
        for row in rows:
            batch.append((row.number, row.data, row.error))
            text = row.data.get("text") if row.data else None
            letters += len(text) if isinstance(text, str) else 0
            if len(batch) >= _BATCH_ROWS or letters >= _BATCH_LETTERS:
                yield batch
                batch, letters = [], 0
    except DataError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


_worker: tuple[Predictor, Options] | None = None


def _start(predictor: Predictor, options: Options) -> None:
    """Set a worker up: its model, and its end when the parent is killed."""
    import signal
    from multiprocessing import parent_process

    global _worker  # noqa: PLW0603
    _worker = predictor, options
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _work(batch: Sequence[Numbered], lines: bool) -> tuple[Any, int, int]:
    assert _worker is not None
    return tagged(*_worker, batch, lines)
