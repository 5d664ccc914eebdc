"""Who may ask, and how often: API keys and a rate, both by setting."""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections import OrderedDict
from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.serving.answers import problem

_OPEN = ("/health", "/v1/health")
_BASIC = (b"www-authenticate", b'Basic realm="Dateline"')
_MOST_CLIENTS = 10_000


class Access:
    """Answers 401 to a request without one of the `keys` (key, name), and 429 to the one that is too many.

    A key comes as `Authorization: Bearer KEY`, `X-API-Key: KEY`, or the password of HTTP Basic, for which browsers ask.
    A client (a key's name, or an address) has `rate` requests a second, and twice as many at once.
    """

    def __init__(self, app: ASGIApp, keys: Sequence[tuple[str, str]], rate: float) -> None:
        self._app = app
        self._keys = [(key.encode(), name) for key, name in keys]
        self._rate = rate
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or scope["path"] in _OPEN or scope["method"] == "OPTIONS":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        who = self._name(_given(headers)) if self._keys else ""
        if who is None:
            await _refuse(send, 401, "an API key is missing or wrong", [_BASIC])
        elif self._rate and not self._may(who or (scope.get("client") or ("",))[0]):
            await _refuse(send, 429, f"more than {self._rate:g} requests a second", [(b"retry-after", b"1")])
        else:
            scope["state"] = {**scope.get("state", {}), "by": who}
            await self._app(scope, receive, send)

    def _name(self, given: bytes) -> str | None:
        """Whose key it is; every key is compared, in a time that doesn't tell how much of one was right."""
        found = None
        for key, name in self._keys:
            if hmac.compare_digest(key, given):
                found = name
        return found

    def _may(self, client: str) -> bool:
        """Whether a client has a request left, which this one takes (token bucket)."""
        now, most = time.monotonic(), max(1.0, 2 * self._rate)
        left, then = self._left.pop(client, (most, now))
        left = min(most, left + (now - then) * self._rate)
        self._left[client] = (max(0.0, left - 1), now)
        if len(self._left) > _MOST_CLIENTS:
            self._left.popitem(last=False)
        return left >= 1


def _given(headers: dict[bytes, bytes]) -> bytes:
    kind, _, value = headers.get(b"authorization", b"").partition(b" ")
    if kind.lower() == b"bearer":
        return value.strip()
    if kind.lower() == b"basic":
        try:
            return base64.b64decode(value, validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            return b""
    return headers.get(b"x-api-key", b"")


async def _refuse(send: Send, status: int, message: str, headers: list[tuple[bytes, bytes]]) -> None:
    body = problem(status, message).content
    kind = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": kind + headers})
    await send({"type": "http.response.body", "body": body})
