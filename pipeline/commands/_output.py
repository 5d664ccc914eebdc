"""What commands print, and with which status they end."""

from __future__ import annotations

import shutil
import sys
import textwrap

from pipeline.common.text import plain, safe

SOME_FAILED, NOTHING_DONE = 1, 2
_JSON, _COLOUR = ("{", "["), "\x1b["


def say(text: str, err: bool = False) -> None:
    """Print lines that may quote people's data, without anything in them that a terminal would obey."""
    show(safe(text), err, wrap=not text.startswith(_JSON))


def show(text: str, err: bool = False, wrap: bool = False) -> None:
    """Print lines that are safe, broken between words for a terminal when asked to `wrap`.

    What the stream's encoding lacks becomes a question mark.
    """
    stream = sys.stderr if err else sys.stdout
    if wrap and stream.isatty():
        text = wrapped(text, shutil.get_terminal_size().columns)
    try:
        print(text, file=stream, flush=True)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        print(text.encode(encoding, "replace").decode(encoding), file=stream, flush=True)


def wrapped(text: str, columns: int) -> str:
    """The text with long lines broken between words, what is left of each set in; lines with colours as they are."""
    lines: list[str] = []
    for line in text.split("\n"):
        if len(line) <= columns or _COLOUR in line:
            lines.append(line)
            continue
        indent = line[: len(line) - len(line.lstrip())]
        lines += textwrap.wrap(
            line, columns, subsequent_indent=f"{indent}  ", break_long_words=False, break_on_hyphens=False
        )
    return "\n".join(lines)


def complain(message: str) -> int:
    """Print what is wrong as one line on stderr; the status to end with."""
    show(f"dateline: {' '.join(plain(message).split())}", err=True, wrap=True)
    return NOTHING_DONE
