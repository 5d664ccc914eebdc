"""The command `promote`."""

from __future__ import annotations

from pathlib import Path

import typer

from pipeline.commands._output import SOME_FAILED, say
from pipeline.common.project import command


def run(reference: str, force: bool) -> None:
    """Make a logged model champion and print the decision. Exits with 1 when the gate does not let it pass."""
    from pipeline.tracking import promote

    decision = promote(reference, Path.cwd(), force)
    say(decision.line)
    if not decision.promoted:
        say(f"dateline: '{command()} promote {reference} --force' promotes it all the same", err=True)
        raise typer.Exit(SOME_FAILED)
