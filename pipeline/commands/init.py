"""The command `init`."""

from __future__ import annotations

from pathlib import Path

import typer

from pipeline.corpora.init_config import write_config


def run(export: Path, output: Path | None, force: bool) -> None:
    """Write a configuration for an export and say what was found in it."""
    stem = "".join(letter if letter.isalnum() else "-" for letter in export.name.split(".")[0].lower()).strip("-")
    found = write_config(export, output or Path("configs") / f"{stem or 'mine'}.yaml", force)
    typer.echo(f"{found.output}: {found.rows:,} rows looked at, {found.bad:,} of them unreadable")
    for role, column in found.columns.items():
        typer.echo(f"  {role:<8} {column}")
    for task, counts in found.labels.items():
        shown = ", ".join(f"{label} {count}" for label, count in list(counts.items())[:8])
        typer.echo(f"  {len(counts)} {task}: {shown}")
    for remark in found.remarks:
        typer.echo(f"  note: {remark}")
    typer.echo(f"next: python train.py train --config {found.output}")
