"""Tag with fitted scikit-learn pipelines: one text file, or JSON Lines several times over, which prints the speed."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import joblib

_ROUNDS = 5


def main() -> None:
    *paths, source = map(Path, sys.argv[1:])
    models = [joblib.load(path) for path in paths]
    if source.suffix != ".jsonl":
        print([model.predict([""], [source.read_text(encoding="utf-8")]) for model in models])
        return
    with source.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    titles, texts = [row["title"] for row in rows], [row["text"] for row in rows]
    took = []
    for _ in range(_ROUNDS + 1):
        started = time.process_time()
        for model in models:
            model.predict(titles, texts)
        took.append(time.process_time() - started)
    seconds = statistics.median(took[1:])
    size = sum(len(text.encode()) for text in titles + texts) / 1e6
    print(json.dumps({"docs_per_second": len(rows) / seconds, "mb_per_second": size / seconds}))


if __name__ == "__main__":
    main()
