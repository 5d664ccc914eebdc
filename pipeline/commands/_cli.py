"""What the command line has of its own: an error is one line on stderr, and temporary files go with the command."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from pipeline.commands._output import complain
from pipeline.common.errors import DatelineError
from pipeline.common.locks import own_temporary_folder
from pipeline.common.project import missing
from pipeline.common.wording import plainly

_FOLDERS = ("data/cache/stages", "data/cache", "data/prepared", "data/raw", "data", "models")  # inner ones first
_EXTRAS = {"predict": "bulk", "serve": "serve"}  # what a command needs beyond the predictor; others need `train`


class OneLineErrors(TyperGroup):
    """A command group that prints wrong arguments and Dateline's own errors as one line, and exits with 2."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, with errors as one line; no arguments at all print the help."""
        if not args and not ctx.resilient_parsing:
            typer.echo(ctx.get_help())
            raise typer.Exit(0)
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            raise _printed(_message(error)) from None

    def invoke(self, ctx: Any) -> Any:
        """Run the command, with errors as one line."""
        try:
            with ExitStack() as stack:
                stack.enter_context(_nothing_left_behind())
                with suppress(OSError):  # a system without a place for temporary files: most commands need none
                    stack.enter_context(own_temporary_folder())
                return super().invoke(ctx)
        except DatelineError as error:
            raise _printed(str(error)) from None
        except typer.TyperException as error:
            raise _printed(f"{_message(error)} (see --help)") from None
        except MemoryError:
            raise _printed("the memory of this machine does not suffice for this") from None
        except RuntimeError as error:
            from concurrent.futures.process import BrokenProcessPool

            if not isinstance(error, BrokenProcessPool):
                raise
            raise _printed("a worker process was killed, for want of memory perhaps: try fewer jobs") from None
        except ModuleNotFoundError as error:
            raise _printed(_not_installed(error, ctx)) from None
        except OSError as error:
            if error.errno == errno.EPIPE:  # who reads the output has seen enough
                raise
            raise _printed(_refused(error)) from None


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


def _message(error: Exception) -> str:
    return plainly(error.format_message() if hasattr(error, "format_message") else str(error))


def _not_installed(error: ModuleNotFoundError, ctx: Any) -> str:
    """What a command needs that the installation lacks. Raises the error again when it is a fault of ours."""
    module = (error.name or "").partition(".")[0]
    if module in ("", "pipeline", "dateline"):
        raise error
    command = ctx.invoked_subcommand
    if module == "mlflow":
        return missing(f"'{command}' with MLflow", "train")
    return missing(f"'{command}'", _EXTRAS.get(command, "train"))


def _refused(error: OSError) -> str:
    """What the system does not let us do, and to which file."""
    where = f"{error.filename}: " if error.filename else ""
    full = "; free some space and run it again" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    return f"{where}{error.strerror or error}{full}"


def _printed(message: str) -> typer.Exit:
    return typer.Exit(complain(message))
