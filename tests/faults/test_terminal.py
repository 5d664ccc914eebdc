"""Messages on a real terminal of eighty columns."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

from support.articles import labelled, write_lines
from support.commands import environment, line_of

COLUMNS = 80


def on_a_terminal(folder: Path, *arguments: str | Path) -> str:
    """What a command prints, both streams, on a terminal of eighty columns."""
    ours, theirs = pty.openpty()
    variables = environment(COLUMNS=str(COLUMNS), TERM="dumb", NO_COLOR="1")
    process = subprocess.Popen(line_of(*arguments), cwd=folder, env=variables, stdout=theirs, stderr=theirs)
    os.close(theirs)
    found = b""
    while chunk := _read(ours):
        found += chunk
    os.close(ours)
    process.wait()
    return found.decode().replace("\r", "").replace("\x1b[K", "")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux's way of saying that the other end is closed
        return b""


def test_messages_are_broken_between_words(tmp_path: Path, tiny_folder: Path) -> None:
    rows = [{**row, "country": "Nowhere at all", "Section": f"Désk {number % 2} of the house"}
            for number, row in enumerate(labelled(40))]  # fmt: skip
    write_lines(tmp_path / "rows.jsonl", [{k: v for k, v in row.items() if k != "regions"} for row in rows])
    french = "Le ministre a dit que la pluie a inondé le port de Gênes lundi, et que les navires attendent au large."
    for arguments in (
        ["predict", "-m", "models/none-of-that-name", "Heavy rain flooded the port."],
        ["predict", "-m", tiny_folder, french],
        ["predict", "-m", tiny_folder, "--explain", french],
        ["predict", "-m", tiny_folder, "--input", "none.jsonl"],
        ["evaluate", "-m", tiny_folder, "rows.jsonl"],
        ["init", "rows.jsonl", "--force"],
    ):
        shown = on_a_terminal(tmp_path, *arguments)
        done = subprocess.run(line_of(*arguments), cwd=tmp_path, env=environment(), capture_output=True, check=False)
        assert sorted(shown.split()) == sorted((done.stdout + done.stderr).decode().split()), shown
        long = [line for line in shown.splitlines() if len(line) > COLUMNS and " " in line.strip()]
        assert long == [], shown
