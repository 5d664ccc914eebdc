"""The time of day, which never goes back while a program runs: read once, then counted on."""

from __future__ import annotations

import time
from datetime import UTC, datetime

_OFFSET = time.time() - time.monotonic()


def seconds() -> float:
    """Seconds since 1970."""
    return _OFFSET + time.monotonic()


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.fromtimestamp(seconds(), UTC)
