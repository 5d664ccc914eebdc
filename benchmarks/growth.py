"""Training at scale: 10,000 to 1,000,000 articles resampled from Reuters-21578, with 80 topics and 60 countries."""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SIZES = (10_000, 100_000, 1_000_000)
TOPICS, COUNTRIES, CHARACTERS, EXCHANGED, SEED = 80, 60, 2_000, 0.15, 7
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_CONFIG = """name: growth-{rows}
corpora: [{{corpus: files, path: {path}, separator: ';'}}]
region_codes: data/taxonomy/reuters_places.csv
regions: {{unseen: false}}
"""


@dataclass(frozen=True, slots=True)
class Source:
    """Real articles to draw from: title, sentences, topics, countries; and all their words, as often as they occur."""

    articles: list[tuple[str, list[str], list[str], list[str]]]
    words: list[str]


def measure(folder: Path, reuters: str, sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """`train`, preparation and MLflow included, on so many articles in the workspace `folder`."""
    from benchmarks.measure import run

    found = {}
    for rows in sizes:
        path = _rows_file(folder, rows, reuters)
        config = folder / f"growth-{rows}.yaml"
        config.write_text(_CONFIG.format(rows=rows, path=path), encoding="utf-8")
        used = run([sys.executable, "train.py", "train", "--config", config, "--no-cache"], folder)
        record = json.loads((folder / "models" / f"growth-{rows}" / "run.json").read_text(encoding="utf-8"))
        found[str(rows)] = {
            "megabytes": path.stat().st_size / 1e6,
            "wall": used.wall,
            "cpu": used.cpu,
            "peak_mb": used.peak,
            "together_mb": used.together,
            "seconds": record["seconds"],
            "micro_f1": {task: one["metrics"]["test"]["micro_f1"] for task, one in record["tasks"].items()},
        }
    return found


def measure_peer(folder: Path, reuters: str, sizes: tuple[int, ...] = SIZES[:2]) -> dict[str, Any]:
    """scikit-learn's one-vs-rest machines on the same rows, one fit a task and nothing else."""
    from benchmarks.measure import run

    found = {}
    for rows in sizes:
        path = _rows_file(folder, rows, reuters)
        used = run([sys.executable, "-m", "benchmarks.peers.sklearn_growth", path], ROOT)
        found[str(rows)] = {
            "wall": used.wall,
            "cpu": used.cpu,
            "peak_mb": used.peak,
            "together_mb": used.together,
            **json.loads(used.output),
        }
    return found


def read_source(reuters: str) -> Source:
    """The articles of Reuters-21578 with one of its most frequent topics and one of its most frequent places."""
    from pipeline.corpora import reuters21578

    raw = ROOT / "data" / "raw"
    given = {"location": reuters} if reuters else {}
    topics = {one.id: one for one in reuters21578.read(reuters21578.Options(**given), raw)}
    places = {one.id: one for one in reuters21578.read(reuters21578.Options(**given, labels="places"), raw)}
    known_topics = _frequent([one.topics or [] for one in topics.values()], TOPICS)
    known_places = _frequent([one.regions or [] for one in places.values()], COUNTRIES)
    articles, words = [], []
    for name in sorted(topics.keys() & places.keys()):
        one = topics[name]
        labels = [label for label in one.topics or [] if label in known_topics]
        codes = [code for code in places[name].regions or [] if code in known_places]
        sentences = [" ".join(sentence.split()) for sentence in _SENTENCE.split(one.text) if len(sentence) > 20]
        if labels and codes and sentences:
            articles.append((one.title, sentences, labels, codes))
            words += one.text.split()
    return Source(articles, words)


def _rows_file(folder: Path, rows: int, reuters: str) -> Path:
    path = folder / "data" / f"growth-{rows}.jsonl"
    if not path.exists():
        write_rows(path, rows, read_source(reuters))
    return path


def write_rows(path: Path, rows: int, source: Source) -> None:
    """Write the rows, the same ones every time."""
    with path.open("w", encoding="utf-8") as file:
        for row in _rows(rows, source):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _rows(count: int, source: Source) -> Iterator[dict[str, Any]]:
    """Rows with the labels and title of a real article, and sentences of articles with the same first topic and place.

    Some of the words are exchanged for others, so that rows that draw the same sentences are no near-duplicates.
    """
    dice = random.Random(SEED)
    alike: dict[tuple[str, str], list[str]] = {}
    for _, sentences, topics, places in source.articles:
        alike.setdefault((topics[0], places[0]), []).extend(sentences)
    for number in range(count):
        title, own, topics, places = dice.choice(source.articles)
        text, length = [dice.choice(own)], 0
        while length < CHARACTERS:
            text.append(dice.choice(own if dice.random() < 0.3 else alike[topics[0], places[0]]))
            length += len(text[-1]) + 1
        yield {
            "id": f"row-{number}",
            "title": _exchanged(title, source.words, dice),
            "text": _exchanged(" ".join(text), source.words, dice),
            "topics": topics,
            "regions": places,
        }


def _exchanged(text: str, words: list[str], dice: random.Random) -> str:
    said = text.split()
    for _ in range(round(EXCHANGED * len(said))):
        said[int(dice.random() * len(said))] = words[int(dice.random() * len(words))]
    return " ".join(said)


def _frequent(lists: list[list[str]], most: int) -> set[str]:
    return {label for label, _ in Counter(label for labels in lists for label in labels).most_common(most)}


def main() -> None:
    """Write the rows of one size, to try something by hand."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--rows", type=int, default=SIZES[0])
    parser.add_argument("--reuters", default="")
    given = parser.parse_args()
    write_rows(given.path, given.rows, read_source(given.reuters))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
