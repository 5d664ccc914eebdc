"""What the command line has of its own: an error is one line on stderr."""

from __future__ import annotations

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from pipeline.errors import DatelineError

SOME_FAILED, NOTHING_DONE = 1, 2


class OneLineErrors(TyperGroup):
    """A command group that prints wrong arguments and Dateline's own errors as one line, and exits with 2."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, with errors as one line; no arguments at all print the help."""
        if not args:
            typer.echo(ctx.get_help())
            raise typer.Exit(0)
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            raise _printed(_message(error)) from None

    def invoke(self, ctx: Any) -> Any:
        """Run the command, with errors as one line."""
        try:
            return super().invoke(ctx)
        except DatelineError as error:
            raise _printed(str(error)) from None
        except typer.TyperException as error:
            raise _printed(f"{_message(error)} (see --help)") from None
        except MemoryError:
            raise _printed("the memory of this machine does not suffice for this") from None


def _message(error: Exception) -> str:
    return error.format_message() if hasattr(error, "format_message") else str(error)


def _printed(message: str) -> typer.Exit:
    one_line = " ".join(message.split())
    print(f"dateline: {one_line}", file=sys.stderr)  # noqa: T201
    return typer.Exit(NOTHING_DONE)
