"""Processes beside the service that do what may take long: each can be stopped, and none holds up the others."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import asdict
from typing import Any

from pipeline.common.errors import DatelineError
from pipeline.serving.answers import Job, Reply

_AT_ONCE = 2
_PIECE = 1 << 16


class TooLongError(DatelineError):
    """A request took longer than it may, or the process that worked on it was ended by the system."""


class Helpers:
    """Up to two processes, started when they are first needed; a request has `seconds` in all, waiting included."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._free: list[_Helper] = []
        self._all: set[_Helper] = set()

    async def ask(self, job: Job, body: bytes) -> Reply:
        """What the work on a body gives. Raises TooLongError; the process that took too long is stopped."""
        try:
            async with asyncio.timeout(self._seconds), self._turns:
                helper = self._free.pop() if self._free else await self._started()
                try:
                    found = await helper.ask(job, body)
                except BaseException:
                    self._all.discard(helper)
                    helper.stop()
                    raise
                self._free.append(helper)
                return found
        except TimeoutError:
            raise TooLongError(f"the request took longer than {self._seconds:g} seconds; send less at once") from None
        except (EOFError, OSError):
            raise TooLongError("the work was ended by the system, for want of memory perhaps; send less") from None

    def close(self) -> None:
        """Stop all processes."""
        for helper in self._all:
            helper.stop()

    async def _started(self) -> _Helper:
        module = __name__.rpartition(".")[0] + ".helper"
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        pipes: Any = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, env=environment, **pipes)
        helper = _Helper(process)
        self._all.add(helper)
        return helper


class _Helper:
    """One process: a line of JSON and a body go in, a line of JSON and a body come out."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin
        assert process.stdout
        self._process, self._into, self._out = process, process.stdin, process.stdout

    async def ask(self, job: Job, body: bytes) -> Reply:
        self._into.write(json.dumps(asdict(job) | {"size": len(body)}).encode() + b"\n")
        whole = memoryview(body)
        for start in range(0, len(body), _PIECE):
            self._into.write(whole[start : start + _PIECE])
            await self._into.drain()
        await self._into.drain()
        head = await self._out.readline()
        if not head.endswith(b"\n"):
            raise EOFError
        found = json.loads(head)
        content = await self._out.readexactly(found.pop("size"))
        return Reply(content=content, **found)

    def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
