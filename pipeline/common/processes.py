"""Processes of this machine at work for this one, each of which has a pipe of its own.

Where the results of all come through one pipe, as in concurrent.futures, nobody sees the end of a process that is
killed while it writes, or while it has the lock: the others keep the pipe open, and all wait for ever.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from multiprocessing import get_context
from queue import SimpleQueue
from traceback import format_exc
from typing import Any

from pipeline.common.parallel import end_with_parent


class Processes:
    """So many processes, each of which calls what `make(*given)` gives it at its start.

    By `fork` they have all that this process has, what makes their work included; by `spawn` they are begun anew.
    `quiet` ones write nothing to the terminal.
    """

    def __init__(
        self, count: int, method: str, make: Callable[..., Callable[..., Any]], *given: Any, quiet: bool = False
    ) -> None:
        self._all = [_Process(method, make, given, quiet) for _ in range(count)]
        self._idle = SimpleQueue[_Process]()
        for process in self._all:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(count)  # begun after all processes: a copy of a thread's lock stays locked

    def submit(self, *given: Any) -> Future[Any]:
        """Have a process called with these; the promise of what it gives, or raises.

        The promise raises BrokenExecutor when the process was killed.
        """
        return self._threads.submit(self._ask, given)

    def _ask(self, given: tuple[Any, ...]) -> Any:
        process = self._idle.get()
        try:
            return process.ask(given)
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """End the processes when those at work are done; what waits is given up."""
        self._threads.shutdown(cancel_futures=True)
        self.kill()

    def kill(self) -> None:
        """End the processes at once."""
        for process in self._all:
            process.kill()
        self._threads.shutdown(cancel_futures=True)


class _Process:
    def __init__(self, method: str, make: Callable[..., Any], given: tuple[Any, ...], quiet: bool) -> None:
        context: Any = get_context(method)
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, make, given, quiet), daemon=True)
        self._process.start()
        theirs.close()  # before the next is begun: whoever has it open keeps the end of this one from being seen

    def ask(self, given: tuple[Any, ...]) -> Any:
        try:
            self._pipe.send(given)
            result, error = self._pipe.recv()
        except (EOFError, OSError):
            raise BrokenExecutor("a process at work was killed") from None
        if error is not None:
            raise error
        return result

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


def _serve(pipe: Any, make: Callable[..., Callable[..., Any]], given: tuple[Any, ...], quiet: bool) -> None:
    """Answer until the process that this one works for ends it, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; who has begun this one ends it
    end_with_parent()
    if quiet:
        _be_quiet()
    work = make(*given)
    while True:
        pipe.send(_answer(work, pipe.recv()))


def _answer(work: Callable[..., Any], given: tuple[Any, ...]) -> tuple[Any, Exception | None]:
    try:
        return work(*given), None
    except Exception as error:
        error.add_note(format_exc())
        return None, error


def _be_quiet() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
