"""scikit-learn on the rows of `benchmarks/growth.py`: TfidfVectorizer and one LinearSVC a label, once, for both tasks.

No preparation, no out-of-fold scores, no calibration, no thresholds, no validation: one fit of each task.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def main() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.preprocessing import MultiLabelBinarizer
    from sklearn.svm import LinearSVC

    with Path(sys.argv[1]).open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    started = time.perf_counter()
    matrix = TfidfVectorizer(sublinear_tf=True, min_df=2).fit_transform(f"{row['title']} {row['text']}" for row in rows)
    seconds = {"vectorize": time.perf_counter() - started}
    for task in ("topics", "regions"):
        started = time.perf_counter()
        gold = MultiLabelBinarizer(sparse_output=True).fit_transform([row[task] for row in rows])
        OneVsRestClassifier(LinearSVC(), n_jobs=2).fit(matrix, gold)
        seconds[task] = time.perf_counter() - started
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
