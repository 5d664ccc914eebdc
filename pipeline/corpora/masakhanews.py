"""MasakhaNEWS: news topics in 16 languages of Africa (Adelani et al. 2023, arXiv 2304.09972), as it was published.

One folder for each language, or files `<language>.<split>.tsv` in one: TSV with category, headline, text and url.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipeline.common.article import Article, Reject
from pipeline.common.errors import DataError
from pipeline.corpora._downloads import Source, checked, fetch_file

SPLITS = {"train": "train", "dev": "validation", "test": "test"}
_COLUMNS = {"category", "headline", "text", "url"}


class Options(BaseModel):
    """Options of the MasakhaNEWS corpus."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subset: str = Field(description="the language, as the corpus names it: ibo, lin, lug, orm, pcm, run, sna, som, ...")
    path: str = Field(
        "https://raw.githubusercontent.com/masakhane-io/masakhane-news/main/data",
        description="folder or URL that holds <language>/<split>.tsv, or a folder of <language>.<split>.tsv",
    )


def fetch(options: Options, raw: Path) -> list[Source]:
    """The three splits, downloaded once unless `path` is a folder. Raises DataError."""
    return [_file(options, raw, split) for split in SPLITS]


def read(options: Options, raw: Path) -> Iterator[Article | Reject]:
    """The articles of all splits, each with its category. Raises DataError for a file that is no such table."""
    for split, ours in SPLITS.items():
        path = _file(options, raw, split).path
        try:
            rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), delimiter="\t")
            if missing := _COLUMNS.difference(rows.fieldnames or []):
                raise DataError(f"{path}: the column '{min(missing)}' is missing")
            for number, row in enumerate(rows, 1):
                where = f"{path}:{rows.line_num}"
                if not row["category"] or not row["text"]:
                    yield Reject(where, "category or text is empty")
                    continue
                yield Article(
                    id=f"masakhanews-{options.subset}-{split}-{number}",
                    title=row["headline"] or "",
                    text=row["text"],
                    source=f"masakhanews-{options.subset}",
                    url=row["url"] or "",
                    topics=[row["category"].strip()],
                    split=ours,  # type: ignore[arg-type]
                    where=where,
                )
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise DataError(f"{path} can't be read as a TSV of MasakhaNEWS ({error})") from None


def _file(options: Options, raw: Path, split: str) -> Source:
    name = f"{options.subset}/{split}.tsv"
    if "://" in options.path:
        kept = raw / "masakhanews" / options.subset
        kept.mkdir(parents=True, exist_ok=True)
        return fetch_file(f"{options.path.rstrip('/')}/{name}", kept)
    folder = Path(options.path).expanduser()
    flat = folder / f"{options.subset}.{split}.tsv"
    return checked(flat if flat.is_file() else folder / name)
