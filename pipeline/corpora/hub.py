"""Any data set of the Hugging Face Hub, or one saved on disk with `save_to_disk`."""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from pipeline.common.article import Article, Reject, Split
from pipeline.common.errors import DataError
from pipeline.corpora._downloads import Source, checked
from pipeline.corpora._noted import Noted
from pipeline.corpora._row_articles import RowOptions
from pipeline.corpora.files import tell
from pipeline.rows.articles import ArticleReader
from pipeline.rows.joined_rows import joined
from pipeline.rows.parquet_rows import class_names
from pipeline.rows.reader import Row

_PATIENCE = 3  # seconds; the library itself retries for 23
_QUIET = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_UPDATE_DOWNLOAD_COUNTS": "false",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
}


class Options(RowOptions):
    """Options of a data set of the Hub."""

    dataset: str = Field(min_length=1, description="its name, such as fancyzhx/ag_news, or a folder saved on disk")
    revision: str = Field("main", description="branch, tag or commit; a commit makes the corpus the same for ever")
    config: str | None = Field(None, description="the configuration, of a data set that has several")
    splits: dict[Split, str] = Field(
        {"train": "train", "validation": "validation", "test": "test"},
        description="Dateline's splits and the data set's names for them; those it lacks are passed over",
    )
    streaming: bool = Field(False, description="read over the network without keeping a copy")

    @field_validator("splits")
    @classmethod
    def _some(cls, value: dict[Split, str]) -> dict[Split, str]:
        if not value:
            raise ValueError("name at least one split, such as train: train")
        return value


def fetch(options: Options, raw: Path) -> list[Source]:
    """The files of the data set, downloaded once unless streamed. Raises DataError at once without a connection."""
    loaded = _load(options, raw)
    if options.streaming and not _on_disk(options):
        stamp = hashlib.sha256(f"{options.dataset}@{options.revision}".encode()).hexdigest()
        return [Source(Path(f"{options.dataset}@{options.revision}"), stamp)]
    files = {Path(file["filename"]) for part in loaded.values() for file in part.cache_files}
    return [checked(file) for file in sorted(files)]


def read(options: Options, raw: Path) -> Noted:
    """The articles, each with the split it comes in; a row that is none is a Reject. While reading raises DataError."""
    noted = Noted(iter(()), {})
    noted.items = joined(_items(options, raw, noted))
    return noted


def _items(options: Options, raw: Path, noted: Noted) -> Iterator[Article | Reject]:
    loaded = _load(options, raw)
    chosen = {split: name for split, name in options.splits.items() if name in loaded}
    if not chosen:
        raise DataError(f"{options.dataset} has the splits {', '.join(map(str, loaded))}: name them in 'splits'")
    source = options.dataset.rstrip("/").rsplit("/", 1)[-1]
    reader = ArticleReader(options.mapping())
    for split, name in chosen.items():
        rows = (Row(f"{source}/{name}", number, data) for number, data in enumerate(_rows(loaded[name]), 1))
        for row, layout in reader.with_layout(rows):
            item = reader.article(row, layout, f"{source}-{name}-{row.number}", source)
            if isinstance(item, Article):
                item.split = item.split or split
            yield item
    reader.check_columns(options.dataset)
    tell(reader, noted)


def _rows(part: Any) -> Iterator[dict[str, Any]]:
    """The rows, the numbers of classes replaced by their names."""
    names = {name: found for name, feature in (part.features or {}).items() if (found := _class_names(feature))}
    for row in part:
        yield row | {column: class_names(row[column], classes) for column, classes in names.items()}


def _class_names(feature: Any) -> list[str] | None:
    inner = getattr(feature, "feature", feature)
    return getattr(inner, "names", None)


def _on_disk(options: Options) -> bool:
    return Path(options.dataset).expanduser().is_dir()


def _load(options: Options, raw: Path) -> dict[str, Any]:
    """The splits by the data set's names. Raises DataError."""
    for variable, value in _QUIET.items():
        os.environ.setdefault(variable, value)
    if not _on_disk(options):
        _check_reachable(options.dataset)
    import datasets

    try:
        loaded = _from_disk(datasets, options) if _on_disk(options) else _from_hub(datasets, options, raw)
    except Exception as error:  # the library raises what its parts raise, of many families
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise DataError(f"{options.dataset} can't be loaded: {reason[:200]}") from None
    return dict(loaded) if hasattr(loaded, "items") else {"train": loaded}


def _from_disk(datasets: Any, options: Options) -> Any:
    return datasets.load_from_disk(str(Path(options.dataset).expanduser()))


def _from_hub(datasets: Any, options: Options, raw: Path) -> Any:
    return datasets.load_dataset(
        options.dataset,
        options.config,
        revision=options.revision,
        streaming=options.streaming,
        cache_dir=str(raw / "huggingface"),
    )


def _check_reachable(dataset: str) -> None:
    """Raises DataError when the Hub does not answer, unless the user works offline from the library's own cache."""
    if os.environ.get("HF_HUB_OFFLINE", "0").lower() in ("1", "true", "yes", "on"):
        return
    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    try:
        with urllib.request.urlopen(urllib.request.Request(endpoint, method="HEAD"), timeout=_PATIENCE):  # noqa: S310
            pass
    except urllib.error.HTTPError:
        return
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise DataError(
            f"{dataset}: no folder of that name, and {endpoint} does not answer ({reason}); connect, "
            "or give a folder saved with save_to_disk"
        ) from None
