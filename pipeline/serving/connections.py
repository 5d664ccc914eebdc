"""Connections that are many or slow: room for a thousand, and none kept that does not ask for something."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

_SECONDS = 10.0
_WANTED = 8192

_Protocol: Any = AutoHTTPProtocol


class PromptProtocol(_Protocol):
    """uvicorn's HTTP, but a connection is closed when the head of a request takes longer than 10 seconds.

    uvicorn itself has a limit only for the time between two requests, so that clients that send a byte now and then
    would hold their connections, and with a few of them all that the system has, for as long as they like.
    """

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        given = transport.get_extra_info("socket")
        if given is not None:  # on the socket of several workers answers would wait 40 ms for their second packet
            given.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

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


def make_room() -> None:
    """Let this process and those that it starts have thousands of connections, as far as the system allows."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED if hard == resource.RLIM_INFINITY else min(_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
