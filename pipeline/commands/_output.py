"""What commands print, and with which status they end."""

from __future__ import annotations

import sys

from pipeline.common.text import plain, safe

SOME_FAILED, NOTHING_DONE = 1, 2


def say(text: str, err: bool = False) -> None:
    """Print lines that may quote people's data, without anything in them that a terminal would obey."""
    show(safe(text), err)


def show(text: str, err: bool = False) -> None:
    """Print lines that are safe; what the stream's encoding lacks becomes a question mark."""
    stream = sys.stderr if err else sys.stdout
    try:
        print(text, file=stream, flush=True)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        print(text.encode(encoding, "replace").decode(encoding), file=stream, flush=True)


def complain(message: str) -> int:
    """Print what is wrong as one line on stderr; the status to end with."""
    show(f"dateline: {' '.join(plain(message).split())}", err=True)
    return NOTHING_DONE
