"""The command `ui`."""

from __future__ import annotations

from pathlib import Path

import typer


def run(port: int) -> None:
    """Serve the MLflow UI in the foreground; its address is printed once it answers."""
    from pipeline.tracking import serve_ui

    raise typer.Exit(serve_ui(Path.cwd(), port, typer.echo))
