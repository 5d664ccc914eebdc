"""Reuters-21578: the counts of the literature on the real file, and its oddities on a small one."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipeline.common.article import Article
from pipeline.common.config_file import load_config
from pipeline.common.errors import DataError
from pipeline.corpora import reuters21578

REAL = Path(os.environ.get("DATELINE_REUTERS", "../shared/corpora/reuters21578/reuters21578.tar.gz"))
real = pytest.mark.skipif(not REAL.is_file(), reason=f"no {REAL}: set DATELINE_REUTERS to reuters21578.tar.gz")

DOCUMENT = """<REUTERS TOPICS="{topics_yes}" LEWISSPLIT="{split}" CGISPLIT="TRAINING-SET" OLDID="1" NEWID="{number}">
<DATE> 7-APR-1987 17:01:06.32</DATE><TOPICS>{topics}</TOPICS><PLACES>{places}</PLACES><UNKNOWN>&#5;x</UNKNOWN>
<TEXT{kind}>&#2;{text}</TEXT></REUTERS>
"""
BODY = "<TITLE>A &lt;CO> RISES</TITLE><DATELINE>  PARIS, April 7 - </DATELINE>"
BODY += "<BODY>Up&#127; 2 &amp; 3.\nReuter\n&#3;</BODY>"


def document(number: int, split: str, topics: str, places: str = "", **parts: str) -> str:
    marked = ["".join(f"<D>{label}</D>" for label in labels.split()) for labels in (topics, places)]
    defaults = {"topics_yes": "YES", "kind": "", "text": BODY}
    return DOCUMENT.format(number=number, split=split, topics=marked[0], places=marked[1], **(defaults | parts))


def archive(path: Path, *documents: str) -> Path:
    content = ('<!DOCTYPE lewis SYSTEM "lewis.dtd">\n' + "".join(documents)).encode("latin-1")
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo("reut2-000.sgm")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return path


def read(path: Path, **options: Any) -> list[Article]:
    return list(reuters21578.read(reuters21578.Options(location=str(path), **options), path.parent))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return archive(
        tmp_path / "small.tar.gz",
        document(1, "TRAIN", "earn earn grain", "usa france"),
        document(2, "TEST", "earn", "usa"),
        document(3, "TRAIN", "", "peru"),
        document(
            4, "TRAIN", "rye", "", kind=' TYPE="UNPROC"', text="\nTABLE\n 1.\x85\x1b&#27;[B 2 \xfc\n reuter\n&#3;"
        ),
        document(5, "NOT-USED", "earn", "usa"),
        document(6, "TRAIN", "earn", "usa", topics_yes="NO"),
        document(7, "TRAIN", "acq", "usa", kind=' TYPE="BRIEF"', text="<TITLE>******A BRIEF</TITLE>&#3;"),
    )


def test_parts_of_a_document(small: Path) -> None:
    first, *_, table, brief = read(small)
    assert (first.title, first.text, first.date) == (
        "A <CO> RISES",
        "PARIS, April 7 - Up 2 & 3.",
        "1987-04-07T17:01:06",
    )
    assert (first.id, first.where, first.split) == ("reuters21578-1", "reut2-000.sgm:1", "train")
    assert (first.topics, first.regions) == (["earn", "grain"], None)
    assert table.text.startswith("TABLE\n 1.")
    assert table.text.endswith(" 2 \xfc")
    assert (brief.title, brief.text) == ("******A BRIEF", "")


def test_splits_and_category_sets(small: Path) -> None:
    assert [article.id.rpartition("-")[2] for article in read(small)] == ["1", "2", "3", "4", "7"]
    r90 = read(small, categories="r90")
    assert [(article.split, article.topics) for article in r90] == [("train", ["earn"]), ("test", ["earn"])]
    assert [article.topics for article in read(small, categories="r10")] == [["earn", "grain"], ["earn"], ["acq"]]


def test_places_with_enough_documents(small: Path) -> None:
    articles = read(small, labels="places", min_documents=2)
    assert [article.regions for article in articles] == [["usa"], ["usa"], [], ["usa"]]
    assert all(article.topics is None for article in articles)


def test_dateline_can_be_left_out(small: Path) -> None:
    assert read(small, dateline=False)[0].text == "Up 2 & 3."


def test_damaged_and_wrong_files_are_one_line(tmp_path: Path, small: Path) -> None:
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(small.read_bytes()[: small.stat().st_size // 2])
    noise = tmp_path / "noise.tar.gz"
    noise.write_bytes(gzip.compress(b"no tar" * 500))
    for path in (cut, noise, archive(tmp_path / "empty.tar.gz")):
        with pytest.raises(DataError, match="fetch"):
            read(path)
    with pytest.raises(DataError, match="no file at"):
        read(tmp_path / "none.tar.gz")


@real
@pytest.mark.parametrize(
    ("options", "train", "test", "labels"),
    [
        ({}, 9603, 3299, 118),
        ({"categories": "r90"}, 7770, 3019, 90),
        ({"categories": "r10"}, 6490, 2545, 10),
        ({"labels": "places", "min_documents": 5}, 8959, 3071, 86),
    ],
)
def test_counts_are_those_of_the_literature(options: dict[str, Any], train: int, test: int, labels: int) -> None:
    articles = read(REAL, **options)
    assert Counter(article.split for article in articles) == {"train": train, "test": test}
    found = {label for article in articles for label in (article.topics or article.regions or ())}
    assert len(found) == labels
    assert all(article.date.startswith("1987-") and article.title + article.text for article in articles)
    assert not any("&lt;" in article.text or "\x03" in article.text for article in articles)


@real
def test_one_training_document_of_trade_more_than_apte_mod() -> None:
    counts = Counter(topic for article in read(REAL, categories="r90") for topic in article.topics or ())
    apte_mod = {"earn": 3964, "acq": 2369, "money-fx": 717, "grain": 582, "crude": 578, "trade": 485, "interest": 478,
                "ship": 286, "wheat": 283, "corn": 237}  # fmt: skip
    assert {topic: counts[topic] - count for topic, count in apte_mod.items() if counts[topic] != count} == {"trade": 1}


@pytest.mark.parametrize("name", ["reuters21578-topics", "reuters21578-r10", "reuters21578-places"])
def test_configurations_keep_the_published_split(name: str) -> None:
    config = load_config(Path(f"configs/{name}.yaml"), ["corpora.0.location=elsewhere.tar.gz"])
    options = reuters21578.Options(**config.corpora[0].options)
    assert (options.location, config.prepare.split, config.prepare.near_duplicates) == ("elsewhere.tar.gz", "own", 0)
    assert (config.topics is None) == (options.labels == "places")
