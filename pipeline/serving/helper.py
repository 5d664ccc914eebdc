"""What a process beside the service runs: one piece of work after the other, until its input ends."""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import asdict

from pipeline.common.errors import DatelineError
from pipeline.serving.answers import Job, answer, problem
from pipeline.serving.models import Opened

_NICENESS = 5  # short requests come first
_MOST_MEMORY = 4 << 30


def main() -> None:
    """Read jobs from stdin, write answers to stdout; what else is printed goes to stderr."""
    for sign in (signal.SIGINT, signal.SIGTERM):  # the service says when to stop
        signal.signal(sign, signal.SIG_IGN)
    with suppress(OSError, AttributeError):
        os.nice(_NICENESS)
    _bound_memory()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    opened = Opened()
    while head := sys.stdin.buffer.readline():
        given = json.loads(head)
        body = sys.stdin.buffer.read(given.pop("size"))
        job = Job(**given)
        try:
            found = answer(job, opened.at(job.places), body)
        except DatelineError as error:
            found = problem(503, str(error))
        except MemoryError:
            found = problem(503, "the memory of this machine does not suffice for this request; send less")
        told = asdict(found) | {"content": None, "size": len(found.content)}
        del told["content"]
        out.write(json.dumps(told).encode() + b"\n" + found.content)
        out.flush()


def _bound_memory() -> None:
    """A request that would take all memory fails, and not the machine."""
    with suppress(ImportError, OSError, ValueError):  # Windows has no such limit, and others may have a lower one
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))


if __name__ == "__main__":
    with suppress(BrokenPipeError, KeyboardInterrupt):
        main()
