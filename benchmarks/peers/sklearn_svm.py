"""scikit-learn, trained and asked; variants `unigrams` (title terms as well) and `bigrams` (pairs of words as well)."""

from __future__ import annotations

import warnings
from pathlib import Path

import joblib

from benchmarks.peers.common import Clock, answer, arguments, read_split
from benchmarks.peers.svm_model import fit


def main() -> None:
    warnings.filterwarnings("ignore", message="Label")  # a label that all or none of a fold's documents have
    task, clock = arguments(), Clock()
    train, test = read_split(task.documents, "train"), read_split(task.documents, "test")
    with clock.running():
        model = fit(train, task.single, task.variant == "bigrams")
    path = Path(f"{task.answers}.model")
    joblib.dump(model, path)
    answer(task, model.predict(test.titles, test.texts), clock, path)


if __name__ == "__main__":
    main()
