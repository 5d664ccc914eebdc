"""Prepared documents as other tools read them: JSON Lines, LibMultiLabel's text format, fastText's."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.workspace import emptied
from pipeline.common.config_file import load_config
from pipeline.preparation import prepared_splits
from pipeline.preparation.prepare import load_taxonomy

_WORD = re.compile(r"\w+")


def export(prepared: Path, config: Path, task: str, folder: Path) -> dict[str, int]:
    """Write the documents labelled for `task` that Dateline's final model learns from and those that it is tested on,
    as splits `train` and `test`; how many there are.

    Topics come with the parents that they imply, as Dateline learns and judges them. The training documents are
    shuffled, since fastText learns in the order of the file.
    """
    emptied(folder)
    settings = load_config(config)
    taxonomy = load_taxonomy(settings)
    counts = {}
    for name, splits in (("train", ("train", "validation") if settings.refit else ("train",)), ("test", ("test",))):
        rows = [
            row
            for split in splits
            for row in prepared_splits.read_split(prepared, split).to_list()
            if row[task] is not None
        ]
        if name == "train":
            random.Random(0).shuffle(rows)
        labels = [taxonomy.closure(row[task]) if task == "topics" else row[task] for row in rows]
        _write(folder, name, rows, labels)
        counts[name] = len(rows)
    return counts


def gold(folder: Path, split: str = "test") -> list[list[str]]:
    """The labels of a split that was exported."""
    with (folder / f"{split}.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line)["labels"] for line in file]


def _write(folder: Path, split: str, rows: Sequence[dict[str, Any]], labels: Sequence[Sequence[str]]) -> None:
    lines: dict[str, list[str]] = {"jsonl": [], "txt": [], "fasttext": []}
    for row, given in zip(rows, labels, strict=True):
        title, text = row["title"] or "", row["text"]
        whole = " ".join(f"{title} {text}".split())
        words = " ".join(_WORD.findall(whole.lower()))
        lines["jsonl"].append(json.dumps({"id": row["id"], "title": title, "text": text, "labels": list(given)}))
        lines["txt"].append(f"{row['id'].replace(' ', '_')}\t{' '.join(given)}\t{whole}")
        lines["fasttext"].append(" ".join([*(f"__label__{label}" for label in given), words]))
    for ending, found in lines.items():
        (folder / f"{split}.{ending}").write_text("".join(line + "\n" for line in found), encoding="utf-8")
