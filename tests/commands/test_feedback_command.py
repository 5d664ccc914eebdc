"""Tests of `feedback`: corrections out of one project and into another."""

from __future__ import annotations

import json
from contextlib import chdir
from pathlib import Path

from typer.testing import CliRunner

from train import app


def test_corrections_go_from_one_store_to_another_once(tmp_path: Path) -> None:
    rows = [
        {"text": "A storm hit Libya.", "id": 7, "topics": ["weather"], "regions": ["LY"], "by": "ann"},
        {"text": "no labels"},
    ]
    (tmp_path / "c.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    run = CliRunner().invoke
    with chdir(tmp_path):
        first, again = (run(app, ["feedback", "import", "c.jsonl"]) for _ in range(2))
        out = run(app, ["feedback", "export", "-o", "out.jsonl"])
        refused = run(app, ["feedback", "export", "-o", "out.jsonl"])
        other = [run(app, ["feedback", "import", "out.jsonl", "--store", "other.sqlite"]) for _ in range(2)]
        shown = run(app, ["feedback", "list", "--store", "other.sqlite"])
    assert (first.exit_code, first.stderr) == (1, "dateline: c.jsonl:2: 'topics' and 'regions' are both missing\n")
    assert "1 of 1 corrections are new" in first.stdout
    assert "0 of 1 corrections are new" in again.stdout
    assert (out.exit_code, refused.exit_code) == (0, 2)
    assert [done.stdout.split(":")[1].split()[0] for done in other] == ["1", "0"]
    assert "ann  weather; LY  A storm hit Libya." in shown.stdout
