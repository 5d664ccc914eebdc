"""Bounds on what a request may take: the size of its body and the time to send it and to read the answer."""

from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

_SECONDS, _READING = 10.0, 60.0
_LEAST_RATE = 50_000  # bytes a second that a body must come with after the first seconds
_AT_ONCE = 20  # bodies of the largest size that are held at the same time


@dataclass(slots=True)
class _Share:
    """How many bytes of the bodies under way are one request's."""

    size: int = 0


class BodyLimit:
    """Answers 413 to a request whose body is larger than `max_bytes`, said so or not, 408 to one that comes too slowly
    (10 seconds, and one for each 50 kB), and 503 when the bodies under way take more than 20 times `max_bytes`.

    A client that does not read its answer within a minute is cut off.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(_READING):
                await send(message)

        said = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if said.isdigit() and int(said[:20]) > self._max_bytes:
            await self._refuse(send_in_time, 413)
            return
        share = _Share()
        try:
            body = await self._read(receive, share)
            if isinstance(body, int):
                await self._refuse(send_in_time, body)
            else:
                await self._app(scope, _Replay(body, receive), send_in_time)
        finally:
            self._held -= share.size

    async def _read(self, receive: Receive, share: _Share) -> bytes | int:
        """The whole body, or the status that refuses it."""
        parts, start = [], asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(start + _SECONDS) as limit:
                while True:
                    message = await receive()
                    parts.append(message.get("body", b""))
                    share.size += len(parts[-1])
                    self._held += len(parts[-1])
                    if share.size > self._max_bytes:
                        return 413
                    if self._held > _AT_ONCE * self._max_bytes:
                        return 503
                    if not message.get("more_body"):
                        return b"".join(parts)
                    limit.reschedule(start + _SECONDS + share.size / _LEAST_RATE)
        except TimeoutError:
            return 408

    async def _refuse(self, send: Send, status: int) -> None:
        reasons = {
            408: "the request came too slowly",
            413: f"the request is larger than {self._max_bytes:,} bytes",
            503: "too many large requests at once; try again",
        }
        body = json.dumps({"error": reasons[status]}).encode()
        headers: list[Any] = [(b"content-type", b"application/json"), (b"connection", b"close")]
        headers.append((b"content-length", str(len(body)).encode()))
        headers += [(b"retry-after", b"10")] if status == 503 else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class _Replay:
    """Hands a body that was read to the application, and then what the server has to say."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


_PIECE = 16_384  # bytes that are read at once: a body in pieces of one byte takes some µs for each
_HEAD = 65_536  # bytes of a head, by which HTTP servers mostly call it too large

_Protocol: Any = AutoHTTPProtocol


class PromptProtocol(_Protocol):
    """uvicorn's HTTP, but a connection is closed when the head of a request takes longer than 10 seconds.

    uvicorn itself has a limit only for the time between two requests, so that clients that send a byte now and then
    would hold their connections, and with a few of them all that the system has, for as long as they like.
    """

    _timer: asyncio.TimerHandle | None = None
    _head = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        transport.max_size = _PIECE
        given = transport.get_extra_info("socket")
        if given is not None:  # on the socket of several workers answers would wait 40 ms for their second packet
            given.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._head = self._head + len(data) if self._timer is not None else 0
        self._watch()
        if self._head > _HEAD and self._timer is not None:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Wait for a head while there is none."""
        if self.cycle is not None and not self.cycle.response_complete:
            self._forget()
        elif self._timer is None:
            self._timer = self.loop.call_later(_SECONDS, self._give_up)

    def _give_up(self) -> None:
        self._timer = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
