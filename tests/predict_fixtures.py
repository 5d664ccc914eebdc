"""A small real predictor of both tasks, trained once a session on sentences of our own, and ways to run the command."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.features.texts import Text
from pipeline.prediction import predictor_file
from pipeline.prediction.predictor import Predictor, load_predictor

ROOT = Path(__file__).parent.parent
WORDS = {
    "storm": ["storm", "flood", "rain", "wind", "river", "dam", "damage", "shelter", "rescue", "warning"],
    "football": ["match", "goal", "striker", "league", "coach", "penalty", "stadium", "season", "defender", "trophy"],
    "economy": ["bank", "inflation", "rates", "market", "shares", "profit", "budget", "exports", "investors", "debt"],
}
PLACES = {
    "FR": ("France", "Paris", "French"),
    "LY": ("Libya", "Tripoli", "Libyan"),
    "JP": ("Japan", "Tokyo", "Japanese"),
}
COMMON = [
    "the",
    "officials",
    "said",
    "on",
    "Monday",
    "that",
    "a",
    "new",
    "report",
    "of",
    "it",
    "was",
    "seen",
    "in",
    "many",
    "parts",
    "of",
    "town",
    "as",
    "people",
    "met",
]
TOPICS = {"storm": ["medtop:1", "storms and floods", "nature"], "nature": ["medtop:2", "nature", ""]}
TOPICS |= {"football": ["medtop:3", "football", ""], "economy": ["", "economy", ""]}
STORM = Text(
    "Heavy rain hit Tripoli on Monday, the officials said, and the flood in Libya broke a dam. The storm goes on."
)


def train(folder: Path, seed: int = 0) -> Path:
    """Write a predictor into `folder`; another seed gives another one."""
    from pipeline.common.config import RegionSettings, TaggerSettings
    from pipeline.features.compiled.batch import encode
    from pipeline.training.examples import Examples
    from pipeline.training.fit_regions import fit_regions
    from pipeline.training.fit_topics import fit_tagger

    rows = _rows(random.Random(seed))
    docs = encode((title, text) for title, text, _, _ in rows)
    topics = fit_tagger(
        Examples(docs, [row[2] for row in rows]), list(TOPICS), {"storm": "nature"}, TaggerSettings(folds=2)
    )
    settings = RegionSettings(gazetteer=ROOT / "data" / "taxonomy", folds=2)
    regions = fit_regions(Examples(docs, [row[3] for row in rows]), settings)
    states = {
        "topics": {"kind": "linear", "state": topics.tagger.state()},
        "regions": {"kind": "regions", "state": regions.tagger.state()},
    }
    names = {"topics": TOPICS, "regions": {code: [known[0], ["Somewhere"]] for code, known in PLACES.items()}}
    folder.mkdir(parents=True, exist_ok=True)
    predictor_file.save(folder, {"name": "tiny", "tasks": states, "taxonomy": names}, {"name": "tiny"})
    return folder


def _rows(chance: random.Random) -> list[tuple[str, str, list[str], list[str]]]:
    rows = []
    for number in range(120):
        topic = list(WORDS)[number % 3]
        code = list(PLACES)[number // 3 % 3]
        country, capital, people = PLACES[code]
        own = [*chance.choices(WORDS[topic], k=9), country, capital, people, *chance.choices(COMMON, k=20)]
        chance.shuffle(own)
        labels = ["storm", "nature"] if topic == "storm" else [topic]
        rows.append((f"{country} {chance.choice(WORDS[topic])}", " ".join(own) + ".", labels, [code]))
    return rows


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small predictor of topics and countries."""
    return train(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path) -> Predictor:
    """A small predictor of topics and countries."""
    return load_predictor(tiny_folder)


def environment() -> dict[str, str]:
    """The environment of a command that runs in a folder of its own."""
    kept = {key: value for key, value in os.environ.items() if key not in ("FORCE_COLOR", "NO_COLOR")}
    return kept | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "COLUMNS": "100"}


def predict(
    folder: Path, *arguments: str | Path, stdin: bytes | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run `train.py predict` with a predictor in a process of its own."""
    command = [sys.executable, str(ROOT / "train.py"), "predict", "--model", str(folder), *map(str, arguments)]
    return subprocess.run(
        command, input=stdin, capture_output=True, check=False, env=environment() | (env or {}), timeout=100
    )


def write_lines(path: Path, rows: Sequence[Any]) -> Path:
    """A JSON Lines file; a string is written as it is."""
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def articles(count: int) -> list[dict[str, Any]]:
    """Rows to tag, each of a few words."""
    topics, codes = list(WORDS), list(PLACES)
    return [
        {
            "id": f"a{number}",
            "text": f"{PLACES[codes[number % 3]][0]} {' '.join(WORDS[topics[number // 3 % 3]])} {number}",
        }
        for number in range(count)
    ]
