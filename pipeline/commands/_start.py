"""The start of the command that is typed most, `predict` of a text or a file: read here, it needs no Typer, which takes
longer to import than a text takes to tag. Everything else, wrong arguments included, is left to Typer.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

_OPTIONS = {"--json": "json", "--explain": "explain", "-e": "explain"}
_MODEL, _FILE = ("--model", "-m"), ("--file", "-f")


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
    """Tag a text that is an argument, or files; the status to end with, or None when this is another command."""
    read = _read(arguments)
    if read is None:
        return None
    gc.disable()  # the process is about to end
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # starting threads takes longer than one text
    from pipeline.commands._output import complain
    from pipeline.commands.predict import Request, run
    from pipeline.common.errors import DatelineError

    text, files, model, options = read
    try:
        request = Request(
            text,
            tuple(map(Path, files)),
            None,
            None,
            model,
            "json" in options,
            False,
            False,
            explain="explain" in options,
        )
        return run(request)
    except DatelineError as error:
        return complain(str(error))


def _read(arguments: Sequence[str]) -> tuple[str | None, list[str], str, set[str]] | None:
    """The text or the files, the model and the other options of `predict`; None for any other way of calling."""
    if not arguments or arguments[0] != "predict":
        return None
    texts, files, models, options = [], [], [], set()
    given = iter(arguments[1:])
    for argument in given:
        if argument in _MODEL:
            models.append(next(given, ""))
        elif argument in _FILE:
            files.append(next(given, ""))
        elif argument in _OPTIONS:
            options.add(_OPTIONS[argument])
        elif argument.startswith("-") and argument != "-":
            return None
        else:
            texts.append(argument)
    if len(texts) + bool(files) != 1 or not all(models + files) or any(":/" in model for model in models):
        return None
    return texts[0] if texts else None, files, models[-1] if models else "models/news", options
