"""Texts a loaded predictor tags in a second, on one core, in a process of its own: prints JSON."""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.features.texts import Text
from pipeline.prediction.predictor import load_predictor

_ROUNDS, _PLAIN = 5, 500
_WORD = re.compile(r"[a-z0-9]+")


def main() -> None:
    model, documents = map(Path, sys.argv[1:])
    with documents.open(encoding="utf-8") as file:
        items = [Text(row["text"], row["title"]) for row in map(json.loads, file)]
    size = sum(len(item.text.encode()) + len(item.title.encode()) for item in items) / 1e6
    predictor = load_predictor(model)
    started = time.process_time()
    plain = [predictor.predict([item]) for item in items[:_PLAIN]]
    plain_seconds = time.process_time() - started
    plain_size = sum(len(item.text.encode()) + len(item.title.encode()) for item in items[: len(plain)]) / 1e6
    predictor.compile()
    started = time.process_time()
    predictor.predict(items)
    first = time.process_time() - started
    seconds = median_seconds(lambda: predictor.predict(items))
    print(
        json.dumps(
            {
                "documents": len(items),
                "megabytes": size,
                "docs_per_second": len(items) / seconds,
                "mb_per_second": size / seconds,
                "first_mb_per_second": size / first,
                "plain_mb_per_second": plain_size / plain_seconds,
                "split_mb_per_second": size / median_seconds(lambda: [item.text.split() for item in items]),
                "findall_mb_per_second": size
                / median_seconds(lambda: [_WORD.findall(one.text.lower()) for one in items]),
            }
        )
    )


def median_seconds(call: Callable[[], Any]) -> float:
    """The median processor seconds of a call, which other programs disturb less; one call before to warm up."""
    took = []
    for _ in range(_ROUNDS + 1):
        started = time.process_time()
        call()
        took.append(time.process_time() - started)
    return statistics.median(took[1:])


if __name__ == "__main__":
    main()
