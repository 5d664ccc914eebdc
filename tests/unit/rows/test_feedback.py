"""Tests of the corrections' file."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.common.article import Article
from pipeline.common.errors import DataError, StorageError
from pipeline.corpora import corpus
from pipeline.rows.feedback import Correction, correction_of, digest, stamped
from pipeline.rows.feedback_store import Feedback
from support.articles import write_lines
from support.disks import files_no_larger_than

WRITER = """
import sys
from pathlib import Path
from pipeline.rows.feedback import Correction
from pipeline.rows.feedback_store import Feedback
store = Feedback(Path(sys.argv[1]))
for number in range(1_000_000 if sys.argv[3] == "on" else int(sys.argv[3])):
    store.add([Correction(f"text {number}", id=f"{sys.argv[2]}-{number}", topics=("sport",), by=sys.argv[2])])
    print(number, flush=True)
"""


def write(path: Path, name: str, count: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, count], stdout=subprocess.PIPE, text=True)


def test_what_was_said_last_counts_and_nothing_is_lost(tmp_path: Path) -> None:
    store = Feedback(tmp_path / "in" / "feedback.sqlite")
    first = Correction("A storm.", id="7", topics=("weather",), regions=None, by="ann", received="2026-01-01T10:00:00")
    second = Correction("A storm.", id="7", topics=(), regions=("LY",), by="bob", received="2026-01-02T10:00:00")
    other = Correction("A match.", topics=("sport",), received="2026-01-03T10:00:00")
    assert store.add([first]) == 1
    assert store.add([first, second, other]) == 2
    assert list(store.all()) == [first, second, other]
    assert store.latest() == [second, other]
    assert second.as_row()["topics"] == []
    assert "regions" not in first.as_row()


def test_a_correction_can_neither_be_changed_nor_deleted(tmp_path: Path) -> None:
    store = Feedback(tmp_path / "feedback.sqlite")
    store.add([Correction("A storm.", topics=("weather",))])
    with closing(sqlite3.connect(store.path)) as raw:
        for statement in ("UPDATE corrections SET by = 'x'", "DELETE FROM corrections"):
            with pytest.raises(sqlite3.IntegrityError, match="only added to"):
                raw.execute(statement)


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "feedback.sqlite"
    writers = [write(path, name, "25") for name in "abc"]
    assert [writer.communicate()[0] is not None and writer.returncode for writer in writers] == [0, 0, 0]
    assert len(list(Feedback(path).all())) == 75


def test_what_was_acknowledged_before_a_kill_is_there(tmp_path: Path) -> None:
    path = tmp_path / "feedback.sqlite"
    writer = write(path, "a", "on")
    assert writer.stdout is not None
    said = [next(writer.stdout) for _ in range(10)]
    writer.send_signal(signal.SIGKILL)
    said += list(writer.stdout)
    writer.wait()
    kept = [one.id for one in Feedback(path).all()]
    assert kept[: len(said)] == [f"a-{number}" for number in range(len(said))]
    assert len(kept) <= len(said) + 1


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"text": "x"}, "'topics' and 'regions' are both missing"),
        ({"topics": ["a"]}, "'text' is missing"),
        ({"text": "x", "topics": "a"}, "'topics' is not a list of labels"),
        ({"text": 3, "topics": []}, "'text' is not a text"),
        ({"text": "x", "topics": [], "lables": []}, "unknown field 'lables'"),
    ],
)
def test_a_row_that_is_no_correction_is_one_line(row: dict[str, object], problem: str) -> None:
    with pytest.raises(DataError, match=f"f.jsonl:3: {problem}"):
        correction_of(row, "f.jsonl:3")


def test_a_file_that_is_no_store_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "feedback.sqlite"
    path.write_bytes(b"no database at all, " * 100)
    with pytest.raises(DataError, match="name another file"):
        list(Feedback(path).all())


def test_corrections_are_a_corpus_named_by_their_content(tmp_path: Path) -> None:
    store = Feedback(tmp_path / "feedback.sqlite")
    module = corpus("feedback")
    with pytest.raises(DataError, match="holds no corrections"):
        module.fetch(module.Options(path=store.path), tmp_path)
    store.add([Correction("A storm.", id="7", topics=("weather",), regions=("LY",)), Correction("B.", topics=())])
    options = module.Options(path=store.path, without=("7",))
    (source,) = module.fetch(options, tmp_path)
    (article,) = module.read(options, tmp_path)
    assert isinstance(article, Article)
    assert (article.text, article.topics, article.regions, article.source) == ("B.", [], None, "feedback")
    assert source.sha256 == digest(store.latest()[1:])


def test_a_full_disk_takes_nothing_of_what_was_there(tmp_path: Path) -> None:
    store = Feedback(tmp_path / "feedback.sqlite")
    store.add([Correction("text", topics=("sport",))])
    with files_no_larger_than(60_000), pytest.raises(StorageError, match="nothing was kept"):
        store.add([Correction("x" * 100_000, topics=())])
    assert [one.text for one in store.all()] == ["text"]
    assert store.add([Correction("y" * 100_000, topics=())]) == 1


def test_what_was_said_last_of_an_article_is_read_from_a_file_of_labels(tmp_path: Path) -> None:
    said = [
        Correction("a", id="1", topics=("sport",), by="anna"),
        Correction("b", id="2", topics=("sport",), by="anna"),
        Correction("a", id="1", topics=("economy",), by="ben"),
        Correction("b", id="2", by="anna"),  # taken back
        Correction("c", topics=(), regions=("IT",), by="ben"),
    ]
    rows = [stamped(one).as_row() for one in said]
    path = write_lines(tmp_path / "labels.jsonl", [*rows[:3], "{broken", *rows[3:]])
    options = corpus("files").Options(path=path, max_bad=0.5)
    found = list(corpus("files").read(options, tmp_path))
    articles = [one for one in found if isinstance(one, Article)]
    assert [(one.id, one.topics, one.regions) for one in articles] == [
        ("1", ["economy"], None),
        (articles[1].id, [], ["IT"]),
    ]
    assert len(found) == 3
