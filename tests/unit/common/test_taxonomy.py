"""The vocabularies: what is read, what is implied, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.common.errors import DataError
from pipeline.common.taxonomy import Taxonomy
from support.projects import ROOT

TREE = "key,name,parent\nnature,Nature,\nwater,Water,nature\nriver,,water\n"


def written(folder: Path, content: str) -> Path:
    path = folder / "topics.csv"
    path.write_text(content, "utf-8")
    return path


@pytest.fixture(scope="module")
def shipped() -> Taxonomy:
    return Taxonomy.load(ROOT / "data/labels/topics.csv", ROOT / "data/taxonomy/countries.csv")


def test_closure_adds_parents_after_the_keys_given(tmp_path: Path) -> None:
    taxonomy = Taxonomy.from_csv(written(tmp_path, TREE))
    assert taxonomy.closure(["river", "water"]) == ["river", "water", "nature"]
    assert taxonomy.closure(["unknown"]) == ["unknown"]
    assert taxonomy.parents == {"water": "nature", "river": "water"}


def test_a_topic_without_a_name_is_called_by_its_key(tmp_path: Path) -> None:
    assert Taxonomy.from_csv(written(tmp_path, TREE)).name("river") == "river"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("name\nNature\n", "column 'key'"),
        ("key,parent\na,\na,\n", r":3: the key 'a' stands twice"),
        ("key,parent\nwater,\nriver,watr\n", "did you mean 'water'"),
        ("key,parent\na,b\nb,a\n", "cycle: a > b > a"),
        ("key,name\n,Nature\n", r":2: the column 'key' is empty"),
    ],
)
def test_a_vocabulary_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, content: str, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint) as caught:
        Taxonomy.from_csv(written(tmp_path, content))
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv: no such file"):
        Taxonomy.load(tmp_path / "none.csv", None)


def test_shipped_countries_lie_in_their_groups(shipped: Taxonomy) -> None:
    assert shipped.within("LY") == ["Northern Africa", "Africa"]
    assert shipped.within("NG")[-1] == "Africa"
    assert all(shipped.within(code) for code in shipped.countries)
    assert {"EU", "XK", "TW", "HK", "PS"} <= set(shipped.countries)
    assert len(shipped.countries) == 251


def test_names_are_found_in_any_case(shipped: Taxonomy) -> None:
    assert shipped.find(" libya ") == "LY"
    assert shipped.find("medtop:20000005") == "film"
    assert shipped.find("nowhere") is None
    assert shipped.suggest("terorism") == "terrorism"
