"""Prepared data on disk: a Parquet file a split, a manifest, the rejected rows."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.article import Article, Reject
from pipeline.errors import DataError
from pipeline.files import write_json, write_text

if TYPE_CHECKING:
    from datasets import Dataset, Features

SPLITS = ("train", "validation", "test")
_BATCH = 5000  # rows of a row group
MANIFEST, REJECTS = "manifest.json", "rejects.jsonl"
_OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


def features() -> Features:
    """The columns of a split; a null list of labels means that the article was not labelled for that task."""
    _go_offline()
    from datasets import Features, List, Value, disable_progress_bars

    disable_progress_bars()

    text = {name: Value("string") for name in ("id", "title", "text", "date", "source", "url")}
    return Features(
        {**text, "topics": List(Value("string")), "regions": List(Value("string")), "group": Value("int64")}
    )


def write_split(articles: Iterable[Article], groups: Iterable[int], path: Path) -> None:
    """Write one split as Parquet, a batch of articles at a time; the same articles give the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = features().arrow_schema
    rows = (_row(article, group) for article, group in zip(articles, groups, strict=True))
    with pq.ParquetWriter(path, schema) as writer:
        while batch := list(islice(rows, _BATCH)):
            writer.write_batch(pa.RecordBatch.from_pylist(batch, schema))


def read_split(folder: Path, split: str) -> Dataset:
    """One prepared split. Raises DataError when it is not there or can't be read."""
    columns = features()
    from datasets import Dataset

    path = folder / f"{split}.parquet"
    if not path.is_file():
        raise DataError(f"no {path}: run prepare")
    try:
        return Dataset.from_parquet(str(path), features=columns, cache_dir=str(folder.parent / ".cache"))
    except Exception as error:  # the reader wraps whatever pyarrow raises in errors of its own
        raise DataError(f"{path} can't be read ({type(error).__name__}); run prepare --force") from error


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a prepared corpus, None when there is none that can be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) else None


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest beside the splits."""
    write_json(folder / MANIFEST, manifest)


def write_rejects(folder: Path, rejects: Iterable[Reject]) -> None:
    """Write every dropped row with its reason as JSON Lines."""
    lines = (
        json.dumps({"where": reject.where, "id": reject.id, "reason": reject.reason, "row": reject.row}, default=str)
        for reject in rejects
    )
    write_text(folder / REJECTS, "".join(line + "\n" for line in lines))


def content_hash(articles: Iterable[Article]) -> str:
    """SHA-256 over every field of every article, in order."""
    digest = hashlib.sha256()
    for article in articles:
        digest.update(json.dumps(_row(article, 0), ensure_ascii=True, sort_keys=True).encode())
    return digest.hexdigest()


def _row(article: Article, group: int) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(article, name) for name in ("id", "title", "text", "date", "source", "url")}
    return {**row, "topics": article.topics, "regions": article.regions, "group": group}


def _go_offline() -> None:
    """Keep `datasets` from asking the Hub about local files; a setting of the user's stays."""
    for name, value in _OFFLINE.items():
        os.environ.setdefault(name, value)
