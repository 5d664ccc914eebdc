"""The command `init`."""

from __future__ import annotations

from pathlib import Path

from pipeline.commands._output import say
from pipeline.common.project import command
from pipeline.common.text import plain
from pipeline.preparation.init_config import write_config


def run(export: Path, output: Path | None, force: bool) -> None:
    """Write a configuration for an export and say what was found in it."""
    stem = "".join(letter if letter.isalnum() else "-" for letter in export.name.split(".")[0].lower()).strip("-")
    found = write_config(export, output or Path("configs") / f"{stem or 'mine'}.yaml", force)
    say(f"{found.output}: {found.rows:,} rows looked at, {found.bad:,} of them unreadable")
    for role, column in found.columns.items():
        say(f"  {role:<8} {plain(column)}")
    for task, counts in found.labels.items():
        shown = ", ".join(f"{plain(label)} {count}" for label, count in list(counts.items())[:8])
        say(f"  {len(counts)} {task}: {shown}")
    for remark in found.remarks:
        say(f"  note: {remark}")
    say(f"next: {command()} train --config {found.output}")
