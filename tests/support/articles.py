"""Articles of our own words: three topics and three countries, which a few dozen articles teach."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.features.texts import Text

WORDS = {
    "storm": "storm flood rain wind river dam damage shelter rescue warning gale levee".split(),  # noqa: SIM905
    "football": "match goal striker league coach penalty stadium season defender trophy referee fans".split(),  # noqa: SIM905
    "economy": "bank inflation rates market shares profit budget exports investors debt prices trade".split(),  # noqa: SIM905
}
PLACES = {
    "FR": ("France", "Paris", "French"),
    "LY": ("Libya", "Tripoli", "Libyan"),
    "JP": ("Japan", "Tokyo", "Japanese"),
}
COMMON = "the officials said on monday that a new report about it was seen in many parts of town as people met".split()  # noqa: SIM905
STORM = Text(
    "Heavy rain hit Tripoli on Monday, the officials said, and the flood in Libya broke a dam. The storm goes on."
)


def labelled(count: int = 150, seed: int = 3) -> list[dict[str, Any]]:
    """Articles with one or two topics and one country each."""
    draw, rows = random.Random(seed), []
    for number in range(count):
        topics = draw.sample(sorted(WORDS), draw.choice((1, 1, 2)))
        code = draw.choice(sorted(PLACES))
        country, city, _ = PLACES[code]
        words = [draw.choice(WORDS[draw.choice(topics)] + COMMON) for _ in range(60)]
        title = f"{' '.join(draw.sample(WORDS[topics[0]], 3))} in {country}"
        text = f"{city}, {country}. " + " ".join(words)
        rows.append({"id": str(number), "title": title, "text": text, "topics": topics, "regions": [code]})
    return rows


def unlabelled(count: int) -> list[dict[str, Any]]:
    """Rows to tag, each of a few words; their ids are a0, a1 and so on."""
    topics, codes = list(WORDS), list(PLACES)
    return [
        {
            "id": f"a{number}",
            "text": f"{PLACES[codes[number % 3]][0]} {' '.join(WORDS[topics[number // 3 % 3]])} {number}",
        }
        for number in range(count)
    ]


def write_lines(path: Path, rows: Sequence[Any]) -> Path:
    """A JSON Lines file; a string is written as it is."""
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
