"""Rows of JSON Lines and of JSON arrays, element by element."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson

from pipeline.common.errors import DataError
from pipeline.common.nesting import deeper
from pipeline.rows import streams as row_bytes

Parsed = tuple[int, dict[str, Any] | None, str]
"""Line number, the row, and what is wrong when there is none."""

TOO_LONG = f"longer than {row_bytes.MAX_ROW_BYTES >> 20} MB"
_NEVER_ENDS = "an element above never ends (a quote or bracket is missing) or is too long; nothing after it was read"
_LONE_HALF = re.compile("[\ud800-\udfff]")
_SIGNIFICANT = re.compile(rb'[\[\]{},"]')
_STRING = re.compile(rb'"[^"\\\n]*(?:\\.[^"\\\n]*)*["\n]', re.DOTALL)
_CHUNK = 1 << 20
_DEEPEST = 100
_LONG = 1 << 20  # bytes from which on orjson, which takes twelve times the memory of a line, would take much
_MOST_DOCUMENT = 1 << 29
_NESTED, _NUL = "nested too deeply", "holds a NUL character"
_SAME_KINDS = {str, bool, int, type(None)}  # of fields, and in lists of these: others can be numbers that orjson rounds


def read_lines(path: Path, stream: BinaryIO) -> Iterator[Parsed]:
    """One object a line; blank lines don't count as rows."""
    for number, line in enumerate(row_bytes.lines(path, stream), 1):
        if line is None:
            yield number, None, TOO_LONG
        elif not line.isspace():
            yield number, *_parsed(line)


def begins_array(stream: BinaryIO) -> bool:
    """Whether the first sign is an array's bracket."""
    return _head(stream).startswith(b"[")


def read_document(path: Path, stream: BinaryIO) -> Iterator[Parsed]:
    """The rows of one object, which holds them under some key or in columns, as APIs and pandas write them.

    What is no single object is read as lines. Raises DataError for a document above the limit.
    """
    from pipeline.rows.documents import rows_in

    if not _head(stream).startswith(b"{"):
        yield from read_lines(path, stream)
        return
    if _parsed(_head(stream).split(b"\n", 1)[0])[0] is not None and b"\n{" in _head(stream):
        yield from read_lines(path, stream)
        return
    content = stream.read(_MOST_DOCUMENT + 1).removeprefix(row_bytes.BOM)
    if len(content) > _MOST_DOCUMENT:
        raise DataError(f"{path} is one object of more than {_MOST_DOCUMENT >> 20} MB: write one object per line")
    value, problem = _parsed(content)
    found = [None] if value is None else rows_in(value)
    yield from ((number, row, problem) for number, row in enumerate(found, 1))


def read_array(stream: BinaryIO) -> Iterator[Parsed]:
    """The elements of one top-level array, numbered by the line that each begins on."""
    array = _Array(stream)
    for number, element in array.elements():
        yield number, *_parsed(element)
    if array.problem:
        yield array.line, None, array.problem


def _parsed(line: bytes) -> tuple[dict[str, Any] | None, str]:
    """What a line holds: orjson tells it, where it can't be of another mind than Python about what that is."""
    if len(line) > _LONG:
        return _parsed_by_python(line)
    try:
        value = orjson.loads(line)
        if type(value) is dict and all(map(_is_exact, value.values())):
            return (None, _NUL) if _holds_nul(value.values()) or _holds_nul(value) else (value, "")
    except orjson.JSONDecodeError:  # what is wrong, or whether anything is, Python says
        pass
    return _parsed_by_python(line)


def _is_exact(value: Any) -> bool:
    return type(value) in _SAME_KINDS or (type(value) is list and _SAME_KINDS.issuperset(map(type, value)))


def _holds_nul(values: Iterable[Any]) -> bool:
    """Whether a text has the one sign that can't be one: looked for here, it takes a fifth of the time that the line's
    escapes would. Of half a surrogate pair orjson reads nothing."""
    for one in values:  # noqa: SIM110 (a generator takes longer)
        if ("\0" in one) if type(one) is str else type(one) is list and _holds_nul(one):
            return True
    return False


def _parsed_by_python(line: bytes) -> tuple[dict[str, Any] | None, str]:
    try:
        value = json.loads(line.decode("utf-8"), parse_constant=_no_number)
    except RecursionError:
        return None, _NESTED
    except ValueError as error:
        return None, _wrong(error)
    value = _paired(value)
    if not isinstance(value, dict):
        return None, f"not an object but {_kind(value)}"
    deep = line.count(b"[") + line.count(b"{") > _DEEPEST and deeper(value, _DEEPEST)
    return (None, _NESTED) if deep else _clean(value, line)


def _wrong(error: ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not valid UTF-8 at byte {error.start + 1} of the row"
    if isinstance(error, json.JSONDecodeError):
        return f"not valid JSON: {error.msg} at character {error.pos + 1}"
    return f"not valid JSON: {error}"


def _paired(value: Any) -> Any:
    """A text and what is said of it, as spaCy's examples are written; anything else as it is."""
    pair = isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], dict)
    return {"text": value[0], **value[1]} if pair else value


def _clean(value: dict[str, Any], line: bytes) -> tuple[dict[str, Any] | None, str]:
    """JSON can spell what is no text: NUL is an error, half a surrogate pair becomes the replacement character."""
    if b"\\u" not in line:
        return value, ""
    if b"\\u0000" in line and any("\0" in text for text in _strings(value)):
        return None, _NUL
    if b"\\ud" in line or b"\\uD" in line:
        value = _mended(value)
    return value, ""


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE_HALF.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return [_mended(item) for item in value] if isinstance(value, list) else value


def _no_number(_name: str) -> None:
    """NaN and Infinity, which some writers leave for an empty cell."""


def _kind(value: Any) -> str:
    names = {list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _head(stream: BinaryIO) -> bytes:
    return cast("io.BufferedReader", stream).peek(_CHUNK).removeprefix(row_bytes.BOM).lstrip()


class _Array:
    """Finds where each element of an array ends, holding little more than that element."""

    def __init__(self, stream: BinaryIO) -> None:
        self.line = 1
        self.problem = ""
        self._stream = stream
        self._buffer = b""
        self._start = 0
        self._at = 0

    def elements(self) -> Iterator[tuple[int, bytes]]:
        """Line and bytes of each element; then `problem` says what is wrong with the array as a whole."""
        while self._more() and b"[" not in self._buffer:
            pass
        self._at = self._buffer.index(b"[") + 1
        self._taken()
        ending = b","
        while ending not in (b"]", b""):
            ending = self._ending()
            element = self._taken()
            number = self.line - element.lstrip().count(b"\n")
            element = element.strip().removesuffix(ending) if ending.strip() else element.strip()
            if element and not self.problem:
                yield number, element
        self.problem = self.problem or self._at_the_end(ending)

    def _ending(self) -> bytes:
        """Move behind the sign that ends the element: a comma, the array's bracket, or a line in a string's midst."""
        depth = 0
        while sign := self._next_sign():
            if sign == b"\n" or (not depth and sign in b",]"):
                return sign
            if sign in b"[{":
                depth += 1
            elif sign in b"]}":
                depth = max(depth - 1, 0)
        if depth:
            self.problem = _NEVER_ENDS
        return b""

    def _next_sign(self) -> bytes:
        """The next bracket or comma outside strings; a line end where a string is cut off by it; b"" at the end."""
        while True:
            match = _SIGNIFICANT.search(self._buffer, self._at)
            if match is None:
                self._at = len(self._buffer)
            elif match.group() != b'"':
                self._at = match.end()
                return match.group()
            elif string := _STRING.match(self._buffer, match.start()):
                self._at = string.end()
                if string.group().endswith(b"\n"):
                    return b"\n"
                continue
            if not self._more():
                self._at = len(self._buffer)
                return b""

    def _more(self) -> bool:
        if len(self._buffer) - self._start > row_bytes.MAX_ROW_BYTES:
            self.problem = _NEVER_ENDS
            return False
        chunk = self._stream.read(_CHUNK)
        self._buffer = self._buffer[self._start :] + chunk
        self._at -= self._start
        self._start = 0
        return bool(chunk)

    def _taken(self) -> bytes:
        taken = self._buffer[self._start : self._at]
        self._start = self._at
        self.line += taken.count(b"\n")
        return taken

    def _at_the_end(self, ending: bytes) -> str:
        if not ending:
            return "the array is cut off: no ']' at its end"
        self._more()
        rest = self._buffer[self._start :].strip()
        return "something follows the end of the array" if rest else ""
