"""A tiny corpus with hostile titles, and a model trained on it once for all tests of the report."""

from __future__ import annotations

import json
import tempfile
from contextlib import chdir
from functools import cache
from pathlib import Path
from typing import Any

from tracking_helpers import articles, link_project, settings

HOSTILE = '<script>alert("x")</script> $x_2 \x1b[31mred\x1b[0m | cell'


@cache
def trained() -> Path:
    """A project whose corpus `tiny` has been trained on; three articles bear a hostile title and wrong labels."""
    from pipeline.common.config_file import parse_config
    from pipeline.common.progress import Progress
    from pipeline.training.train import train

    root = Path(tempfile.mkdtemp()) / "project"
    link_project(root)
    rows = "".join(json.dumps(row) + "\n" for row in corpus())
    (root / "articles.jsonl").write_text(rows, encoding="utf-8")
    with chdir(root):
        config = parse_config(settings(prepare={"split": "stratified", "test": 0.2, "validation": 0.15}), "tests")
        train(config, Path("data"), Path("models"), Progress(quiet=True))
    return root


def corpus() -> list[dict[str, Any]]:
    """The tiny articles; every 20th bears a hostile title, and those of `wrong` a label that isn't theirs."""
    rows: list[dict[str, Any]] = articles(220)
    for number, row in enumerate(rows):
        if number % 20 == 0:
            row["title"] = f"{row['title']} {HOSTILE}"
        if row["id"] in wrong(rows):
            row["topics"] = ["economy"]
    return rows


def wrong(rows: list[dict[str, Any]]) -> list[str]:
    """The ids of some articles purely about sport, which are labelled as economy."""
    return [row["id"] for row in rows if row["title"].split()[0] in ("goal", "match", "trophy")][:5]
