"""Countries of short news items in other languages, tagged by a model of English: `python -m benchmarks.foreign`.

The items (benchmarks/items/: foreign_news.jsonl, ten in each of six languages, and foreign_kinds.jsonl, 40 of eight
other kinds) were written for Dateline, and names of places and the threshold were mended while looking at them:
figures on them are those of development sets.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from pipeline.prediction.predictor import PUBLISH, Predictor, Text, load_predictor

ITEMS = Path(__file__).parent / "items" / "foreign_news.jsonl"
KINDS = ITEMS.with_name("foreign_kinds.jsonl")
RESULTS = Path(__file__).parent / "results" / "foreign.json"


def measure(predictor: Predictor, path: Path = ITEMS, show: bool = False) -> dict[str, Counter[str]]:
    """By language: countries found, missed and wrong, languages named right, and items with a tag to publish."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    found: dict[str, Counter[str]] = {}
    for row, given in zip(rows, predictor.predict([Text(row["text"], row["title"]) for row in rows]), strict=True):
        wanted, said = set(row["regions"]), {tag.code for tag in given.regions}
        counts = found.setdefault(row["language"], Counter())
        counts.update(items=1, found=len(wanted & said), missed=len(wanted - said), wrong=len(said - wanted))
        counts.update(named=given.language == row["language"])
        counts.update(published=PUBLISH in {tag.decision for tags in (given.topics, given.regions) for tag in tags})
        counts.update(topics=len(given.topics))
        if show and wanted != said:
            scores = {tag.code: round(tag.score, 2) for tag in given.regions}
            print(row["id"], "missed", sorted(wanted - said), "given", scores)
    return found


def f1(counts: Counter[str]) -> float:
    """Micro-F1 of countries."""
    return 2 * counts["found"] / max(1, 2 * counts["found"] + counts["missed"] + counts["wrong"])


def main() -> None:
    """Print a line for each language and one for all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="models/news")
    parser.add_argument("--items", type=Path, help="one file of items; without it both, whose figures are kept")
    parser.add_argument("--show", action="store_true")
    given = parser.parse_args()
    predictor, kept = load_predictor(given.model), {}
    for path in [given.items] if given.items else [ITEMS, KINDS]:
        found = measure(predictor, path, given.show)
        every = {**found, "all": sum(found.values(), Counter[str]())}
        report(every)
        kept[path.stem] = {language: {**counts, "f1": f1(counts)} for language, counts in every.items()}
    if not given.items:
        RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def report(found: dict[str, Counter[str]]) -> None:
    """Print a line for each language."""
    for language, counts in found.items():
        print(
            f"{language:4} countries {f1(counts):.3f}  items {counts['items']}  language named {counts['named']}  "
            f"something to publish {counts['published']}  topics given {counts['topics']}"
        )


if __name__ == "__main__":
    main()
