"""The benchmarks: the rows of the preparation at scale, figures of a process, the page that is written."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import documents, report
from benchmarks.corpora import CORPORA
from benchmarks.measure import run
from pipeline.common.config_file import load_config
from support.projects import ROOT

ROW = {
    "tool": "Dateline", "micro_f1": 0.9, "micro_f1_error": 0.01, "macro_f1": 0.6, "macro_f1_error": 0.02,
    "accuracy": 0.8, "accuracy_error": 0.01, "train_cpu": 12.0, "train_wall": 13.0, "model_mb": 3.0,
}  # fmt: skip


def _results(tool: str) -> dict[str, Any]:
    counts = {"train": 10, "test": 5}
    peers = [{**ROW, "tool": "another, tuned", "micro_f1": 0.85}]
    return {"measured": "2026-11-22", "machine": tool, "documents": counts, "labels": 4, "rows": [ROW], "peers": peers}


def test_every_table_has_its_configuration() -> None:
    for corpus in CORPORA:
        config = load_config(Path("configs") / f"{corpus.config}.yaml")
        assert getattr(config, corpus.task) is not None


def test_a_part_measured_again_leaves_the_other_sections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(report, "ROOT", tmp_path)
    report.save("r90", _results("first machine"))
    report.save("places", _results("first machine"))
    report.save("r90", _results("second machine"))
    (tmp_path / "results" / "ablation.md").write_text("## Ablations\n")
    report.write()
    page = (tmp_path / "BENCHMARKS.md").read_text()
    assert page.count("first machine") == page.count("second machine") == 1
    assert "| Reuters-21578 topics, R90 | micro-F1 | **90.0 ± 1.0** | 85.0 (another) | 90.7 (BERT-large) |" in page
    assert page.endswith("## Ablations\n")


def test_what_a_process_used_is_told_and_its_failure_raised(tmp_path: Path) -> None:
    used = run([sys.executable, "-c", "print(sum(range(3_000_000)))"], tmp_path)
    assert used.output.strip() == str(sum(range(3_000_000)))
    assert used.cpu > 0
    assert used.peak > 1
    with pytest.raises(RuntimeError, match="exit status 3"):
        run([sys.executable, "-c", "raise SystemExit(3)"], tmp_path)


def test_documents_are_the_same_in_every_format(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "a b", "title": "Oil\tup", "text": "Crude rose.\nAgain."},
        {"id": "c", "title": None, "text": "Nothing"},
    ]
    documents._write(tmp_path, "test", rows, [["crude", "trade"], []])
    assert (tmp_path / "test.txt").read_text() == "a_b\tcrude trade\tOil up Crude rose. Again.\nc\t\tNothing\n"
    lines = (tmp_path / "test.fasttext").read_text().splitlines()
    assert lines == ["__label__crude __label__trade oil up crude rose again", "nothing"]
    assert documents.gold(tmp_path) == [["crude", "trade"], []]
    assert json.loads((tmp_path / "test.jsonl").read_text().splitlines()[0])["text"] == "Crude rose.\nAgain."


def test_joint_thresholds_are_the_best_of_all_for_micro_f1() -> None:
    from benchmarks.peers.svm_model import micro_thresholds

    dice = np.random.default_rng(5)
    gold = dice.random((40, 2)) < 0.3
    scores = gold + dice.normal(size=gold.shape)

    def micro(thresholds: np.ndarray) -> float:
        given = scores >= thresholds
        return float(2 * (given & gold).sum() / (given.sum() + gold.sum()))

    cuts = [np.append(np.sort(scores[:, column]), np.inf) for column in (0, 1)]
    best = max(micro(np.array([one, other])) for one in cuts[0] for other in cuts[1])
    assert micro(micro_thresholds(scores, gold)) == pytest.approx(best)


COMMANDS = sorted(
    {
        command
        for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
        for command in re.findall(r"python ((?:-m benchmarks\.|benchmarks/)[a-z_.]+)", page.read_text(encoding="utf-8"))
    }
)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_documentation_start_in_a_fresh_clone(command: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    words = [sys.executable, *command.split(), "--help"]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--" in done.stdout
