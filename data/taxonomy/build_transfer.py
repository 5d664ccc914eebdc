"""Makes pipeline/prediction/transfer.json: how to rank countries by where, how often and by what kinds of names a text
names them, whatever its language. Learned from the prepared articles of a configuration (configs/news.yaml), and of
Worldwire; no word, no name and no country is a feature.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pipeline.common.config import RegionSettings
from pipeline.common.config_file import load_config
from pipeline.common.progress import Progress
from pipeline.preparation import prepared_splits
from pipeline.preparation.prepare import prepare
from pipeline.training.examples import Examples
from pipeline.training.fit_regions import fit_regions
from pipeline.training.fit_tasks import tokenise

ROOT = Path(__file__).parent.parent.parent
OF_ENGLISH = r"word |name |label=|text|no text|best other|Capital|lower case|length"


def main(config: Path) -> None:
    """Fit the ranker on all training articles and write its weights."""
    settings = load_config(config)
    folder = prepare(settings, ROOT / "data", Progress())
    rows = [row for row in prepared_splits.read_split(folder, "train").to_list() if row["regions"] is not None]
    docs = tokenise(rows, Progress())
    given = RegionSettings(text_min_articles=10**9, penalty=0.1, gazetteer=ROOT / "data" / "taxonomy")
    examples = Examples(docs, [row["regions"] for row in rows], [row["group"] for row in rows])
    fitted = fit_regions(examples, given, without=OF_ENGLISH)
    tagger = fitted.tagger
    found = {
        "learned_from": settings.name,
        "articles": len(rows),
        "intercept": round(tagger.intercept, 4),
        "curve": [round(float(value), 4) for value in tagger.curve],
        "threshold": round(float(tagger.thresholds[0]), 4),
        "weights": {name: round(value, 4) for name, value in sorted(tagger.weights.items()) if abs(value) >= 0.0005},
    }
    text = json.dumps(found, indent=0, ensure_ascii=False) + "\n"
    (ROOT / "pipeline" / "prediction" / "transfer.json").write_text(text, encoding="utf-8")
    print(len(found["weights"]), "weights, threshold", found["threshold"])  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
