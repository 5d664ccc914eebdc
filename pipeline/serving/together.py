"""Requests that wait at the same moment, tagged at once: eight short texts together take little more than one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from pipeline.serving.answers import Job, Reply

_MOST = 32  # requests answered before the loop looks for others


class Together:
    """Gathers what comes in one turn of the event loop and has it answered in the next.

    `answers` gives the replies to several jobs and bodies in order; where it raises, `alone` answers each by itself, so
    that one request can't spoil the others.
    """

    def __init__(
        self, answers: Callable[[Sequence[tuple[Job, bytes]]], Sequence[Reply]], alone: Callable[[Job, bytes], Reply]
    ) -> None:
        self._answers, self._alone = answers, alone
        self._waiting: list[tuple[Job, bytes, asyncio.Future[Reply]]] = []

    async def ask(self, job: Job, body: bytes) -> Reply:
        """The reply to a body."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._answer)
        promise: asyncio.Future[Reply] = loop.create_future()
        self._waiting.append((job, body, promise))
        return await promise

    def _answer(self) -> None:
        taken, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._answer)
        asked = [one for one in taken if not one[2].done()]  # who asked may have gone
        try:
            replies = self._answers([(job, body) for job, body, _ in asked])
        except Exception:
            for job, body, promise in asked:
                self._answer_alone(job, body, promise)
            return
        for (_, _, promise), reply in zip(asked, replies, strict=True):
            promise.set_result(reply)

    def _answer_alone(self, job: Job, body: bytes, promise: asyncio.Future[Reply]) -> None:
        try:
            promise.set_result(self._alone(job, body))
        except Exception as error:
            promise.set_exception(error)
