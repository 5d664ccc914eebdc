"""Several processes, or the workers of a cluster, that tag batches of rows; the results come back in order."""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pipeline.common.cluster import told
from pipeline.common.errors import DataError
from pipeline.common.parallel import cluster, make_room
from pipeline.prediction.bulk.row_results import Numbered, Options, RowTagger
from pipeline.prediction.predictor import Predictor
from pipeline.rows.reader import Row

if TYPE_CHECKING:
    from distributed import Client

_BATCH_ROWS, _BATCH_LETTERS = 1024, 1 << 22  # of what is tagged in this process, unless each row takes long
_SENT_ROWS, _SENT_LETTERS = 512, 1 << 20  # of what waits in memory to be sent to others
_WAITING = 3  # batches per process that are being tagged or wait for their turn to be written

Tagged = tuple[Any, int, int]
"""A batch's results (JSON lines, or objects), how many rows they stand for, and how many of these were bad."""


class _Promise(Protocol):
    def result(self) -> Tagged: ...


_Submit = Callable[[Sequence[Numbered], bool], _Promise]


class Tagging:
    """Tags batches of rows, in this process, in several others or on a cluster, and gives them back in order."""

    def __init__(self, predictor: Predictor, options: Options, jobs: int) -> None:
        self._tagger = RowTagger(predictor, options)
        self.options = options
        self._jobs = jobs
        if jobs > 1 and cluster() is None:
            make_room(jobs)

    def batches(self, rows: Iterable[Row], lines: bool) -> Iterator[Tagged]:
        """Results (JSON lines, or objects), how many rows they stand for, and how many of these were bad."""
        client = cluster()
        alone = client is None and self._jobs == 1 and not self.options.explain
        batches = _batches(rows, *(_BATCH_ROWS, _BATCH_LETTERS) if alone else (_SENT_ROWS, _SENT_LETTERS))
        if client is not None:
            with told(client), self._workers(client) as (count, submit):
                yield from _spread(batches, lines, count, submit)
        elif self._jobs > 1:
            with self._processes() as submit:
                yield from _spread(batches, lines, self._jobs, submit)
        else:
            yield from (self._tagger.tagged(batch, lines) for batch in batches)

    @contextmanager
    def _processes(self) -> Iterator[_Submit]:
        from pipeline.common.processes import Processes  # here: one job needs none of what it imports

        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            os.environ.setdefault(name, "1")  # one thread a process: more get in each other's way
        with ExitStack() as stack:
            if _can_fork():  # with the model, the compiled functions and the words seen, all in shared memory
                processes = Processes(self._jobs, "fork", lambda: self._tagger.tagged)
            else:
                processes = Processes(self._jobs, "spawn", _opened, stack.enter_context(_kept(self._tagger)))
            stack.callback(processes.kill)  # they hold nothing
            try:
                yield processes.submit
            except BrokenExecutor:
                why = "a worker process was killed, for want of memory perhaps: try fewer --jobs"
                raise DataError(why) from None

    @contextmanager
    def _workers(self, client: Client) -> Iterator[tuple[int, _Submit]]:
        """How many batches a cluster tags at a time, and what sends it one.

        The model is made from its bytes by a task, so that the scheduler can make it again when a worker dies. Rows go
        as bytes as well: any text can be pickled, and Dask looks for nothing in them.
        """
        model = client.submit(pickle.loads, pickle.dumps(self._tagger), pure=False)
        count = sum(client.ncores().values())
        yield count, lambda batch, lines: client.submit(_work_with, model, pickle.dumps(batch), lines, pure=False)


def _spread(batches: Iterator[list[Numbered]], lines: bool, count: int, submit: _Submit) -> Iterator[Tagged]:
    """The results in order of what `count` others tag at a time."""
    waiting: deque[_Promise] = deque()
    problem: DataError | None = None
    try:
        for batch in batches:
            waiting.append(submit(batch, lines))
            if len(waiting) >= _WAITING * count:
                yield waiting.popleft().result()
    except DataError as error:  # the file broke off: what was read before is tagged first
        problem = error
    while waiting:
        yield waiting.popleft().result()
    if problem:
        raise problem


def _batches(rows: Iterable[Row], most: int, most_letters: int) -> Iterator[list[Numbered]]:
    """Rows in batches that are bounded in rows and in letters."""
    batch: list[Numbered] = []
    letters = 0
    try:
        for row in rows:
            batch.append((row.number, row.data, row.error))
            text = row.data.get("text") if row.data else None
            letters += len(text) if isinstance(text, str) else 0
            if len(batch) >= most or letters >= most_letters:
                yield batch
                batch, letters = [], 0
    except DataError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _can_fork() -> bool:
    """Whether this process may be copied: where no other thread of it could hold a lock."""
    return sys.platform == "linux" and threading.active_count() == 1


@contextmanager
def _kept(tagger: RowTagger) -> Iterator[str]:
    """A file that holds a tagger: a process that dies while it is sent so much would keep this one waiting for ever."""
    handle, path = tempfile.mkstemp(".model")
    with os.fdopen(handle, "wb") as file:
        pickle.dump(tagger, file)
    try:
        yield path
    finally:
        Path(path).unlink()


def _opened(path: str) -> Callable[..., Tagged]:
    tagger: RowTagger = pickle.loads(Path(path).read_bytes())
    return tagger.tagged


def _work_with(tagger: RowTagger, batch: bytes, lines: bool) -> Tagged:
    return tagger.tagged(pickle.loads(batch), lines)
