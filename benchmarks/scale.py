"""Prepare at scale: synthetic rows made of a real corpus's sentences, with near-duplicates planted among them."""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import run
from pipeline.corpora import bbcnews
from pipeline.corpora._label_files import read_labels
from pipeline.preparation import prepared_splits

ROWS, CHARACTERS, PLANTED, SEED = 200_000, 2_000, 0.05, 7
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_LABELS = Path("data/labels/bbcnews.csv")
_CONFIG = """name: scale
corpora: [{{corpus: files, path: {path}}}]
vocabulary: data/labels/topics.csv
"""


def measure(folder: Path, rows: int = ROWS) -> dict[str, Any]:
    """`prepare` on `rows` synthetic rows in the workspace `folder`: articles/s, memory, and the share of the planted
    near-duplicates that it found."""
    bbcnews.fetch(bbcnews.Options(), folder / "data" / "raw")
    path = folder / f"scale-{rows}.jsonl"
    planted = write_rows(path, rows, folder)
    config = folder / "scale.yaml"
    config.write_text(_CONFIG.format(path=path), encoding="utf-8")
    used = run([sys.executable, "train.py", "prepare", "--config", config, "--force"], folder)
    manifest = prepared_splits.read_manifest(folder / "data" / "prepared" / "scale") or {}
    found = _planted_found(folder / "data" / "prepared" / "scale")
    return {
        "rows": rows,
        "megabytes": path.stat().st_size / 1e6,
        "wall": used.wall,
        "cpu": used.cpu,
        "articles_per_second": rows / used.wall,
        "peak_mb": used.peak,
        "together_mb": used.together,
        "planted": planted,
        "planted_found": found,
        "counts": manifest["counts"],
    }


def write_rows(path: Path, rows: int, folder: Path) -> int:
    """Write the rows, the same ones every time; how many of them are planted near-duplicates."""
    planted = 0
    with path.open("w", encoding="utf-8") as file:
        for row in _rows(rows, folder):
            planted += row["id"].startswith("copy")
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return planted


def _rows(count: int, folder: Path) -> Iterator[dict[str, Any]]:
    """Rows with the labels of a real article and sentences of many; a planted one repeats an earlier row's text with
    one sentence in about fifteen replaced."""
    dice = random.Random(SEED)
    sentences = _sentences(folder)
    labels = [(label.topics, label.regions) for label in read_labels(folder / _LABELS).values()]
    recent: list[list[str]] = []
    for number in range(count):
        copied = bool(recent) and dice.random() < PLANTED
        text = list(dice.choice(recent)) if copied else _drawn(sentences, dice)
        if copied:
            text[dice.randrange(len(text))] = dice.choice(sentences)
        elif len(recent) < 2000 or dice.random() < 0.1:
            recent = [*recent[-1999:], text]
        topics, regions = dice.choice(labels)
        yield {
            "id": f"{'copy' if copied else 'row'}-{number}",
            "title": " ".join(dice.choice(sentences).split()[:8]),
            "text": " ".join(text),
            "date": f"20{number * 20 // count:02}-{1 + number % 12:02}-{1 + number % 28:02}",
            "topics": topics,
            "regions": regions,
        }


def _sentences(folder: Path) -> list[str]:
    texts = (text for _, text in bbcnews.files(folder / "data" / "raw"))
    found = (sentence for text in texts for sentence in _SENTENCE.split(text) if len(sentence) > 20)
    return sorted(dict.fromkeys(" ".join(sentence.split()) for sentence in found))


def _drawn(sentences: list[str], dice: random.Random) -> list[str]:
    text: list[str] = []
    length = 0
    while length < CHARACTERS:
        text.append(dice.choice(sentences))
        length += len(text[-1]) + 1
    return text


def _planted_found(prepared: Path) -> int:
    """How many near-duplicate pairs dropped involve a planted copy."""
    with (prepared / prepared_splits.REJECTS).open(encoding="utf-8") as file:
        rejects = [json.loads(line) for line in file]
    return sum("copy-" in reject["id"] + reject["reason"] for reject in rejects)
