"""The Hub's data sets, read through a copy saved on disk; without a network, one line at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import pytest

from pipeline.common.article import Article, Reject
from pipeline.common.config_file import load_config
from pipeline.common.errors import DataError
from pipeline.corpora import hub

TEXTS = ["Shares fell, and the bank said why.", "The home side won late.", ""]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    features = datasets.Features(
        {
            "text": datasets.Value("string"),
            "label": datasets.ClassLabel(names=["World", "Sci/Tech, News"]),
            "tags": datasets.Sequence(datasets.ClassLabel(names=["a", "b"])),
        }
    )
    rows = {"text": TEXTS, "label": [0, 1, -1], "tags": [[0], [0, 1], []]}
    parts = {name: datasets.Dataset.from_dict(rows, features=features) for name in ("train", "test", "extra")}
    path = tmp_path_factory.mktemp("hub") / "ag"
    datasets.DatasetDict(parts).save_to_disk(path)
    return path


def read(path: Path | str, **options: Any) -> list[Article | Reject]:
    return list(hub.read(hub.Options(dataset=str(path), **options), Path("raw")))


def test_class_numbers_become_names_and_splits_are_kept(saved: Path) -> None:
    items = read(saved)
    articles = [item for item in items if isinstance(item, Article)]
    assert [(one.split, one.topics) for one in articles] == [
        ("train", ["World"]), ("train", ["Sci/Tech, News"]), ("test", ["World"]), ("test", ["Sci/Tech, News"])
    ]  # fmt: skip
    assert [one.id for one in articles] == ["ag-train-1", "ag-train-2", "ag-test-1", "ag-test-2"]
    assert [item.where for item in items if isinstance(item, Reject)] == ["ag/train:3", "ag/test:3"]


def test_columns_and_splits_can_be_named(saved: Path) -> None:
    items = read(saved, columns={"topics": "tags"}, splits={"test": "extra"})
    assert [(item.split, item.topics) for item in items if isinstance(item, Article)] == [
        ("test", ["a"]), ("test", ["a", "b"])
    ]  # fmt: skip


def test_sources_are_the_files_with_their_sums(saved: Path) -> None:
    sources = hub.fetch(hub.Options(dataset=str(saved)), Path("raw"))
    assert len(sources) == 3
    assert all(source.path.suffix == ".arrow" and len(source.sha256) == 64 for source in sources)


def test_one_split_alone_is_the_training_data(tmp_path: Path) -> None:
    datasets.Dataset.from_dict({"text": TEXTS[:2], "topics": [["x"], ["y", "z"]]}).save_to_disk(tmp_path / "one")
    assert [item.topics for item in read(tmp_path / "one") if isinstance(item, Article)] == [["x"], ["y", "z"]]


@pytest.mark.parametrize(
    ("options", "part"),
    [({"columns": {"topics": "labl"}}, "did you mean 'label'"), ({"splits": {"train": "all"}}, "train, test, extra")],
)
def test_wrong_names_are_told(saved: Path, options: dict[str, Any], part: str) -> None:
    with pytest.raises(DataError, match=part):
        read(saved, **options)


def test_a_folder_that_is_no_data_set_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="can't be loaded") as caught:
        read(tmp_path)
    assert "\n" not in str(caught.value)


def test_without_a_connection_it_fails_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    config = load_config(Path("configs/ag_news.yaml"))
    with pytest.raises(DataError, match="does not answer") as caught:
        hub.fetch(hub.Options(**config.corpora[0].options), tmp_path)
    assert "\n" not in str(caught.value)


def test_streamed_rows_are_the_same(saved: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: dict[str, Any] = {}

    def streamed(name: str, config: str | None, **rest: Any) -> Any:
        asked.update(rest, name=name)
        parts = datasets.load_from_disk(str(saved))
        return datasets.IterableDatasetDict({key: part.to_iterable_dataset() for key, part in parts.items()})

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(datasets, "load_dataset", streamed)
    options = hub.Options(dataset="someone/ag", revision="abc", streaming=True)
    (source,) = hub.fetch(options, tmp_path)
    items = list(hub.read(options, tmp_path))
    assert (str(source.path), asked["name"], asked["revision"]) == ("someone/ag@abc", "someone/ag", "abc")
    assert [item.topics for item in items if isinstance(item, Article)] == [["World"], ["Sci/Tech, News"]] * 2
