"""Topics of common events, each told in several wordings: is the right topic found, and no theme that isn't there?

`events.jsonl` holds the stories, written for this by a language model: `expected` are topics of which one must be
given, `allowed` the top-level topics that may be. No story is trained on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from pipeline.features.texts import Text
from pipeline.prediction.predictor import Predictor, load_predictor

STORIES = Path(__file__).parent / "events.jsonl"


def told(predictor: Predictor) -> Iterator[tuple[str, bool, bool, str]]:
    """Of each story: its event, whether an expected topic is given, whether no other theme is, and what was given."""
    stories = [json.loads(line) for line in STORIES.read_text(encoding="utf-8").splitlines()]
    answers = predictor.predict([Text(story["text"], story["title"]) for story in stories])
    for story, found in zip(stories, answers, strict=True):
        given = {tag.key for tag in found.topics}
        themes = {key for key in given if not predictor.parent(key)}
        what = f"{story['title']}: {', '.join(sorted(given)) or 'none'}"
        yield story["event"], bool(given & set(story["expected"])), themes <= set(story["allowed"]), what


def main() -> None:
    """Print the pass rates of each event."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="models/news")
    parser.add_argument("--failures", action="store_true", help="list them")
    options = parser.parse_args()
    outcomes = list(told(load_predictor(options.model)))
    print("| event | stories | right topic | no other theme | both |\n|---|---|---|---|---|")
    for name in [*dict.fromkeys(outcome[0] for outcome in outcomes), "all"]:
        rows = [(right, clean) for event, right, clean, _ in outcomes if name in (event, "all")]
        counts = [sum(right for right, _ in rows), sum(clean for _, clean in rows), sum(map(all, rows))]
        print(f"| {name} | {len(rows)} | {' | '.join(map(str, counts))} |")
    if options.failures:
        print(*(f"{event}: {what}" for event, right, clean, what in outcomes if not (right and clean)), sep="\n")


if __name__ == "__main__":
    main()
