"""Opens and uses every predictor in a folder, and prints a line of JSON on each: run as a process of its own, so that
a crash is seen as one. With `--random N SEED`, it changes a predictor N times by chance instead.
"""

from __future__ import annotations

import copy
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.common.errors import DatelineError
from pipeline.features.texts import Text
from pipeline.prediction import predictor_file
from pipeline.prediction.predictor import load_predictor

TEXTS = [
    Text("Rain flooded the port of Tripoli in Libya, said the mayor of Paris, France.", "Storm hits U.S. port"),
    Text("?!"),
    Text(" ".join(["The German army and the British government met in Cairo, Egypt."] * 40)),
]


def used(folder: Path) -> str:
    """What becomes of a predictor: refused, in which words, or tagged with by all three ways."""
    try:
        predictor = load_predictor(folder)
    except DatelineError as error:
        return f"refused: {error}"
    single = predictor.predict(TEXTS)
    explained = predictor.explain(TEXTS[0], near=5)
    predictor.compile()
    batch = predictor.predict(TEXTS * 3)
    return f"used: {len(single)} {len(batch)} {len(explained.tags)}"


def changed(content: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The content with one to three parts changed."""
    content = copy.deepcopy(content)
    for _ in range(chance.randint(1, 3)):
        holder, key = chance.choice(list(_places(content)))
        holder[key] = _other(holder[key], chance)
    return content


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every part but the names of labels, of which there are too many."""
    keys: Any = [*value] if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        if key != "taxonomy" or not isinstance(value, dict):
            yield value, key
            if not isinstance(value[key], list):
                yield from _places(value[key])


def _other(value: Any, chance: random.Random) -> Any:
    if isinstance(value, np.ndarray) and value.size and chance.random() < 0.7:
        return _other_array(value, chance)
    if isinstance(value, str) and value and chance.random() < 0.7:
        at, put = (
            chance.randrange(len(value)),
            chance.choice(["", "\n", " ", "'", "é", "\ud800", "word body: x y", "-"]),
        )
        return value[:at] + put + value[at + chance.randint(0, 3) :]
    if isinstance(value, list) and value and chance.random() < 0.7:
        return chance.choice([value[1:], value + value[:1], value[::-1], [*value, 7], [*value[:-1], "\ud800"]])
    simple: list[Any] = [None, -1, 0, 10**9, float("nan"), float("inf"), "", "x", [], {}, True, b"x"]
    return chance.choice([*simple, np.zeros(3), np.zeros((2, 2), np.int16)])


def _other_array(value: np.ndarray, chance: random.Random) -> np.ndarray:
    found, flat = value.copy(), chance.randrange(value.size)
    extremes = [0, 1, -1, 255, 2**15 - 1, 2**31, 1e30, -1e5, float("nan"), float("inf"), 0.5]
    with np.errstate(all="ignore"):
        found.flat[flat] = np.array(chance.choice(extremes)).astype(value.dtype)
    kinds = (np.float64, np.float32, np.float16, np.int64, np.uint8, np.int16, ">f8", "S3")
    changes = (
        lambda: found,
        lambda: value[: max(0, len(value) - 1)],
        lambda: np.concatenate([value, value[:1]]),
        lambda: value[None],
        lambda: value.astype(chance.choice(kinds)),
        lambda: np.asfortranarray(value),
        lambda: value[:0],
    )
    with np.errstate(all="ignore"):
        return np.array(chance.choice(changes)())


def _write(folder: Path, content: dict[str, Any]) -> None:
    import joblib

    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(content, folder / predictor_file.BINARY)
    predictor_file.describe(folder, {"name": "crafted"})


def main() -> None:
    """Do what the arguments say."""
    folder = Path(sys.argv[1])
    if "--random" in sys.argv:
        count, seed = map(int, sys.argv[-2:])
        content, _ = predictor_file.load(folder)
        for number in range(count):
            _write(Path("changed"), changed(content, random.Random(seed + number)))
            print(json.dumps([str(number), used(Path("changed"))]), flush=True)
        return
    for path in sorted(folder.iterdir()):
        print(json.dumps([path.name, used(path)]), flush=True)


if __name__ == "__main__":
    main()
