"""The command `ui`."""

from __future__ import annotations

from pathlib import Path

import typer


def run(port: int) -> None:
    """Serve the MLflow UI in the foreground."""
    from pipeline.tracking import serve_ui

    typer.echo(f"MLflow UI at http://127.0.0.1:{port} in about ten seconds; Ctrl-C stops it", err=True)
    raise typer.Exit(serve_ui(Path.cwd(), port))
