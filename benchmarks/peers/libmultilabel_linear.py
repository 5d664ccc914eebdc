"""LibMultiLabel: its own TF-IDF; thresholding for several labels a document, one-vs-rest for one.

Lin et al. (2023), On the thresholding strategy for infrequent labels in multi-label classification.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import libmultilabel.linear as linear  # type: ignore[import-not-found]
import numpy as np
from scipy.sparse import csc_matrix

from benchmarks.peers.common import Clock, answer, arguments

_OPTIONS = "-s 2 -B 1 -e 0.0001 -m 1"  # the options of LibMultiLabel's own example configurations, one thread


class _Labels(csc_matrix):
    """LibMultiLabel 0.10 sums over axis 2, which scipy took for axis 0 once and now refuses."""

    def sum(self, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        return super().sum(0 if axis == 2 else axis, dtype, out)


def main() -> None:
    task, clock = arguments(), Clock()
    files = (str(task.documents / f"{split}.txt") for split in ("train", "test"))
    data = linear.load_dataset("txt", *files)
    with clock.running():
        preprocessor = linear.Preprocessor()
        rows = preprocessor.fit(data).transform(data)
        x, y = rows["train"]["x"], rows["train"]["y"]
        fit = linear.train_1vsrest if task.single else linear.train_thresholding
        model = fit(_Labels(y), x, task.single, _OPTIONS, verbose=False)
    path = Path(f"{task.answers}.model")
    with path.open("wb") as file:
        pickle.dump((preprocessor, model), file)
    scores = np.asarray(linear.predict_values(model, rows["test"]["x"]))
    given = scores == scores.max(axis=1, keepdims=True) if task.single else scores > 0
    answer(task, [preprocessor.label_mapping[row].tolist() for row in given], clock, path)


if __name__ == "__main__":
    main()
