"""The start of the command that is typed most, `predict`: read here, it needs no Typer, which takes longer to import
than a text takes to tag. Options that are seldom given, wrong arguments and everything else are left to Typer.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.commands.predict import Request

MOST_JOBS = 256
_OPTIONS = {
    "--json": "json", "--explain": "explain", "-e": "explain", "--keep-fields": "keep_fields", "--resume": "resume",
    "--force": "force",
}  # fmt: skip
_VALUES = {
    "--model": "model", "-m": "model", "--input": "input", "-i": "input", "--output": "output", "-o": "output",
    "--jobs": "jobs", "-j": "jobs",
}  # fmt: skip
_FILE = ("--file", "-f")
_INTERRUPTED = 130


def main() -> None:
    """The command `dateline` of an installation."""
    end_silently()
    status = quickly(sys.argv[1:])
    if status is None:
        app = import_module(f"{__name__.partition('.')[0]}.__main__").app
        end_tidily()
        app()
    sys.exit(status)


def end_silently() -> None:
    """Let Ctrl-C end the process at once while there is nothing to tidy up: a traceback of imports says nothing."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def end_tidily() -> None:
    """Let Ctrl-C be an exception again, unless it is ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def quickly(arguments: Sequence[str]) -> int | None:
    """Tag a text that is an argument, files or rows; the status to end with, or None when this is another command."""
    read = _read(arguments)
    if read is None:
        return None
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # starting threads takes longer than one text
    from pipeline.commands.predict import Request

    request = Request(**read)
    try:
        return _tag_rows(request) if request.input else _tag_texts(request)
    finally:
        gc.freeze()  # the end would look through all that was loaded for circles of garbage


def _tag_texts(request: Request) -> int:
    gc.disable()  # the process is about to end
    from pipeline.commands._output import complain
    from pipeline.commands.predict import run
    from pipeline.common.errors import DatelineError

    try:
        return run(request)
    except DatelineError as error:
        return complain(str(error))


def _tag_rows(request: Request) -> int:
    end_tidily()
    from pipeline.commands._ending import Ended, ending
    from pipeline.commands.predict import run

    try:
        with ending(lambda: "predict"):
            return run(request)
    except Ended as ended:
        return ended.status
    except KeyboardInterrupt:
        return _INTERRUPTED


def _read(arguments: Sequence[str]) -> dict[str, Any] | None:
    """The fields of a Request for `predict`; None for any other way of calling, wrong ones included."""
    if not arguments or arguments[0] != "predict":
        return None
    found: dict[str, Any] = {"text": None, "files": (), "model": "models/news"}
    given = iter(arguments[1:])
    for argument in given:
        if argument in _OPTIONS:
            found[_OPTIONS[argument]] = True
        elif argument in _VALUES:
            value = next(given, "")
            if not value:
                return None
            found[_VALUES[argument]] = value
        elif argument in _FILE:
            found["files"] = (*found["files"], next(given, ""))
        elif (argument.startswith("-") and argument != "-") or found["text"] is not None:
            return None
        else:
            found["text"] = argument
    return _typed(found) if all(found["files"]) else None


def _typed(found: dict[str, Any]) -> dict[str, Any] | None:
    """The fields as the types they have; None where Typer, or the command itself, has something to say."""
    if (found["text"] is not None) + bool(found["files"]) + ("input" in found) != 1 or ":/" in found["model"]:
        return None
    if "input" not in found and not {"json", "explain"}.issuperset(found.keys() - {"text", "files", "model"}):
        return None
    jobs = found.get("jobs", "1")
    few_digits = jobs.isascii() and jobs.isdigit() and len(jobs) <= len(str(MOST_JOBS))  # int() refuses thousands
    if not (few_digits and 0 < int(jobs) <= MOST_JOBS):
        return None
    paths: dict[str, Any] = {name: Path(found[name]) for name in ("input", "output") if name in found}
    return {**found, **paths, "files": tuple(map(Path, found["files"])), "jobs": int(jobs)}
