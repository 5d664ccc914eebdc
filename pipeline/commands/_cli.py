"""What the command line has of its own: an error, of arguments too, is one line on stderr."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from pipeline.commands._ending import Ended, ending
from pipeline.commands._output import complain
from pipeline.common.wording import plainly


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
            raise typer.Exit(complain(_message(error))) from None

    def invoke(self, ctx: Any) -> Any:
        """Run the command, with errors as one line."""
        try:
            with ending(lambda: str(ctx.invoked_subcommand)):
                return super().invoke(ctx)
        except Ended as ended:
            raise typer.Exit(ended.status) from None
        except typer.TyperException as error:
            raise typer.Exit(complain(f"{_message(error)} (see --help)")) from None


def _message(error: Exception) -> str:
    return plainly(error.format_message() if hasattr(error, "format_message") else str(error))
