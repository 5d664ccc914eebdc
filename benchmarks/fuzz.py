"""Fuzz the readers of people's files: rows, rejects, or one line that says what is wrong may come out, nothing else.

`make fuzz`, or `python benchmarks/fuzz.py --minutes 10 --readers csv jsonl`. Inputs are real files with Hypothesis's
choice of damage. A find is kept with its input in benchmarks/results/fuzz.json; the next run tries it again, and counts
it as fixed when it passes.
"""

from __future__ import annotations

import argparse
import base64
import resource
import signal
import sys
import tempfile
import time
import traceback
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]  # started by its path, the script doesn't see what is beside its folder

from benchmarks import report  # noqa: E402
from benchmarks.fuzzed import READERS, Reader  # noqa: E402
from pipeline.common.errors import DatelineError  # noqa: E402

_SECONDS = 5  # an input of a few kilobytes that takes longer is a find
_MEMORY = 4 << 30
_ROUND = 500
_Edit = tuple[str, int, int, bytes]


class _SlowError(BaseException):
    """An input took too long; no `except Exception` of a reader may swallow this."""


def main() -> None:
    """Fuzz, and write the results and the table."""
    parser = argparse.ArgumentParser(description="Fuzz the readers of people's files.")
    parser.add_argument("--minutes", type=float, default=1.0, help="for each reader")
    parser.add_argument("--readers", nargs="*", choices=list(READERS), default=list(READERS), metavar="READER")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    open_finds = 0
    for name in arguments.readers:
        found = fuzz(READERS[name](), arguments.minutes * 60, arguments.seed, _kept(name))
        open_finds += found["open"]
        print(f"{name}: {found['inputs']:,} inputs, {len(found['found'])} finds, {found['open']} open", file=sys.stderr)
        _save(name, found)
    report.write()
    sys.exit(open_finds > 0)


def fuzz(reader: Reader, seconds: float, first: int, before: dict[str, Any]) -> dict[str, Any]:
    """Try earlier finds again and new inputs for some seconds; counts and finds, those of `before` included."""
    with tempfile.TemporaryDirectory() as folder:
        finds = {find["error"]: find for find in before.get("found", [])}
        still = {error for find in finds.values() for error in [attempt(reader, _input(find), Path(folder))] if error}
        tried, rows, new = _explore(reader, seconds, first, Path(folder))
    finds |= {error: _find(error, content) for error, content in new.items()}
    return {
        "inputs": before.get("inputs", 0) + tried,
        "articles": before.get("articles", 0) + rows,
        "seconds": before.get("seconds", 0) + round(seconds),
        "found": list(finds.values()),
        "open": len(still | new.keys()),
    }


def attempt(reader: Reader, content: bytes, folder: Path) -> str:
    """What goes wrong with an input; empty when it gives articles or one line that says why not."""
    try:
        with _time_limit():
            reader.read(content, folder)
    except DatelineError as error:
        return f"several lines: {_signature(error)}" if "\n" in str(error).strip() else ""
    except (Exception, _SlowError) as error:
        return _signature(error)
    return ""


def _explore(reader: Reader, seconds: float, first: int, folder: Path) -> tuple[int, int, dict[str, bytes]]:
    """How many inputs were tried, how many articles came of them, and an input for each new find."""
    counts = [0, 0]
    found: dict[str, bytes] = {}

    def counted(content: bytes, folder: Path) -> int:
        counts[1] += reader.read(content, folder)
        return 0

    counting = reader._replace(read=counted)

    @given(_inputs(reader))
    @settings(max_examples=_ROUND, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=_ALL)
    def one_round(content: bytes) -> None:
        counts[0] += 1
        if error := attempt(counting, content, folder):
            found[error] = min(content, found.get(error, content), key=len)

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        first += 1
        seed(first)(one_round)()
    return counts[0], counts[1], found


_ALL = list(HealthCheck)


def _inputs(reader: Reader) -> st.SearchStrategy[bytes]:
    piece = st.one_of(st.sampled_from(reader.words), st.binary(max_size=6))
    edit = st.tuples(st.sampled_from(_EDITS), st.integers(0, 1 << 16), st.integers(0, 200), piece)
    damaged = st.builds(_damaged, st.sampled_from(reader.seeds), st.lists(edit, min_size=1, max_size=8))
    assembled = st.lists(piece, max_size=40).map(b"".join)
    return st.one_of(damaged, damaged, assembled)


_EDITS = ("insert", "replace", "delete", "double", "cut")


def _damaged(content: bytes, edits: list[_Edit]) -> bytes:
    for kind, place, length, piece in edits:
        start = place % (len(content) + 1)
        end = start + length
        if kind == "insert":
            content = content[:start] + piece + content[start:]
        elif kind == "replace":
            content = content[:start] + piece + content[start + len(piece) :]
        elif kind == "delete":
            content = content[:start] + content[end:]
        elif kind == "double":
            content = content[:end] + content[start:]
        else:
            content = content[:start]
    return content


@contextmanager
def _time_limit() -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise _SlowError

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, _SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _signature(error: BaseException) -> str:
    """The kind of an error and where in the pipeline it came up, the same for all inputs that show one bug."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/pipeline/" in frame.filename]
    where = f"{frames[-1].filename.rpartition('/pipeline/')[2]}, {frames[-1].name}" if frames else "outside"
    return f"{type(error).__name__} in {where}"


def _find(error: str, content: bytes) -> dict[str, str]:
    return {"error": error, "input": base64.b64encode(zlib.compress(content, 9)).decode()}


def _input(find: dict[str, str]) -> bytes:
    return zlib.decompress(base64.b64decode(find["input"]))


def _kept(name: str) -> dict[str, Any]:
    return dict(report.load("fuzz").get("readers", {}).get(name, {}))


def _save(name: str, found: dict[str, Any]) -> None:
    readers = report.load("fuzz").get("readers", {}) | {name: found}
    measured = {"measured": f"{datetime.now(UTC):%Y-%m-%d}", "machine": report.machine()}
    report.save("fuzz", {**measured, "readers": readers})


if __name__ == "__main__":
    main()
