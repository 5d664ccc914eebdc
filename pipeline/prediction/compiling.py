"""Compiling beside the tagging that waits for it: only once on a machine, and in a process of its own."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from pipeline.common.machine_folder import PACKAGE, machine_folder
from pipeline.common.parallel import cluster, end_with_parent
from pipeline.prediction.compiled_before import COSTLY, LARGE, LONG, can_keep, is_kept

if TYPE_CHECKING:
    from pipeline.prediction.predictor import Predictor


@contextmanager
def ready(predictor: Predictor, letters: int) -> Iterator[None]:
    """Make a predictor ready to tag so many letters in this block.

    What is kept from an earlier start is loaded now. Else a process beside this one compiles, and ends with the block;
    the predictor begins without, and changes over once everything is there. Where nothing can be kept, or there is one
    processor only, it compiles now if that pays.
    """
    if letters > LARGE and predictor.can_compile and is_kept(predictor.taggers.values()):
        predictor.compile()
        yield
    elif letters <= LONG or not predictor.can_compile:
        yield
    elif cluster() is None and _processors() > 1 and can_keep():
        predictor.wait_for_compiler()
        with _compiler(predictor):
            yield
    else:
        if letters > COSTLY or cluster() is not None:
            predictor.compile()
        yield


@contextmanager
def _compiler(predictor: Predictor) -> Iterator[None]:
    """A process beside this one, in this block, that compiles what a predictor needs."""
    paths = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command, nowhere = [sys.executable, "-P", "-m", __name__], subprocess.DEVNULL
    with tempfile.TemporaryFile() as file:
        pickle.dump(predictor, file)
        file.seek(0)
        process = subprocess.Popen(command, stdin=file, stdout=nowhere, stderr=nowhere, env=environment)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _compile() -> None:
    """Compile what the predictor needs that stands on the standard input, after others that are at it."""
    from pipeline.common.locks import at_work

    end_with_parent()
    predictor = pickle.load(sys.stdin.buffer)
    folder = machine_folder("compiling")
    assert folder is not None
    with at_work(folder / "for tagging", wait=True):
        predictor.compile()


def _processors() -> int:
    with suppress(AttributeError):  # a system that can't tell
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


if __name__ == "__main__":
    _compile()
