"""How a command ends: what goes wrong is one line on stderr, and temporary files go with the command."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from pipeline.commands._output import complain
from pipeline.common.errors import DatelineError
from pipeline.common.locks import own_temporary_folder
from pipeline.common.project import missing

_FOLDERS = ("data/cache/stages", "data/cache", "data/prepared", "data/raw", "data", "models")  # inner ones first
_EXTRAS = {"predict": "bulk", "serve": "serve"}  # what a command needs beyond the predictor; others need `train`


class Ended(Exception):
    """A command has ended and said why; `status` is the one to exit with."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.status = complain(message)


@contextmanager
def ending(command: Callable[[], str]) -> Iterator[None]:
    """Run a command in the block. Raises Ended for what a user can cause, once it is printed."""
    try:
        with ExitStack() as stack:
            stack.enter_context(_nothing_left_behind())
            with suppress(OSError):  # a system without a place for temporary files: most commands need none
                stack.enter_context(own_temporary_folder())
            yield
    except DatelineError as error:
        raise Ended(str(error)) from None
    except MemoryError:
        raise Ended("the memory of this machine does not suffice for this") from None
    except RuntimeError as error:
        from concurrent.futures.process import BrokenProcessPool

        if not isinstance(error, BrokenProcessPool):
            raise
        raise Ended("a worker process was killed, for want of memory perhaps: try fewer jobs") from None
    except ModuleNotFoundError as error:
        raise Ended(_not_installed(error, command())) from None
    except OSError as error:
        if error.errno == errno.EPIPE:  # who reads the output has seen enough
            raise
        raise Ended(_refused(error)) from None


@contextmanager
def _nothing_left_behind() -> Iterator[None]:
    """Remove the empty folders that a command which failed has made in the working folder."""
    new = [folder for folder in _FOLDERS if not Path(folder).exists()]
    try:
        yield
    except BaseException:
        for folder in new:
            with suppress(OSError):  # it isn't there, or not empty
                Path(folder).rmdir()
        raise


def _not_installed(error: ModuleNotFoundError, command: str) -> str:
    """What a command needs that the installation lacks. Raises the error again when it is a fault of ours."""
    module = (error.name or "").partition(".")[0]
    if module in ("", "pipeline", "dateline"):
        raise error
    if module == "mlflow":
        return missing(f"'{command}' with MLflow", "train")
    return missing(f"'{command}'", _EXTRAS.get(command, "train"))


def _refused(error: OSError) -> str:
    """What the system does not let us do, and to which file."""
    where = f"{error.filename}: " if error.filename else ""
    full = "; free some space and run it again" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    return f"{where}{error.strerror or error}{full}"
