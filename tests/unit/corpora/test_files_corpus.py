"""People's own files: columns, labels, dates, and every bad row told by file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.common.article import Article, Reject
from pipeline.common.config_file import load_config
from pipeline.common.errors import DataError
from pipeline.corpora import files
from pipeline.rows.dates import iso_date
from pipeline.rows.label_cells import guess_separator, split_labels

TEXT = "A text that is long enough to be an article of its own."


def read(path: Path, **options: Any) -> tuple[list[Article], list[Reject], dict[str, Any]]:
    reader = files.read(files.Options(path=path, **options), path)
    items = list(reader)
    articles = [item for item in items if isinstance(item, Article)]
    return articles, [item for item in items if isinstance(item, Reject)], reader.notes


def test_usual_columns_are_found(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(
        f"GUID,Headline,Body,Published,Tags,Countries,Link\n7,A title,{TEXT},3 May 2024,sport;golf,The Gambia;us,http://x\n"
    )
    (article,), rejects, _ = read(path)
    assert (article.id, article.title, article.text, article.date) == ("7", "A title", TEXT, "2024-05-03")
    assert (article.topics, article.regions, article.url) == (["sport", "golf"], ["GM", "US"], "http://x")
    assert (article.source, article.where, rejects) == ("export", f"{path}:2", [])


def test_named_columns_win_and_missing_tasks_are_unlabelled(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": "not this", "story": TEXT, "tags": ["a", "b", "a"]}))
    (article,), _, _ = read(path, columns={"text": "story"})
    assert (article.text, article.topics, article.regions, article.id) == (TEXT, ["a", "b"], None, "a.jsonl-1")


def test_every_bad_row_has_its_line_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [{"id": 1, "text": TEXT, "topics": "a"}, {"id": 1, "text": TEXT, "topics": "a"}, {"text": "", "topics": "a"},
            {"text": {"x": 1}, "topics": "a"}, {"text": TEXT, "topics": {"x": "y"}}, {"topics": "a"}]  # fmt: skip
    path.write_text("\n".join(map(json.dumps, rows)) + "\n{broken\n")
    articles, rejects, _ = read(path, max_bad=1)
    assert [article.id for article in articles] == ["1"]
    assert [reject.where for reject in rejects] == [f"{path}:{line}" for line in range(2, 8)]
    parts = ("stands twice", "'text' is empty", "holds a dict", "'topics'", "no text", "not valid JSON")
    for reject, part in zip(rejects, parts, strict=True):
        assert part in reject.reason


def test_too_many_bad_rows_stop_with_a_summary(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"text,topics\n{TEXT},a\n{TEXT},a,b\n{TEXT}\n")
    with pytest.raises(DataError, match=r"2 of 3 rows are bad.*first at .*a\.csv:3"):
        read(path)


def test_a_named_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"Body,topics\n{TEXT},a\n")
    with pytest.raises(DataError, match=r"'Bodi' of columns\.text; did you mean 'Body'"):
        read(path, columns={"text": "Bodi"})
    path.write_text(f"body,other\n{TEXT},a\n")
    with pytest.raises(DataError, match=r"no column of topics .* one of body, other"):
        read(path)


def test_empty_cells_mean_what_the_options_say(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"text,topics\n{TEXT},\n{TEXT},a\n")
    assert [article.topics for article in read(path)[0]] == [[], ["a"]]
    assert [article.topics for article in read(path, empty_labels="unlabelled")[0]] == [None, ["a"]]


def test_a_folder_is_one_corpus(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"text,topics\n{TEXT},a|b\n")
    (tmp_path / "b.jsonl").write_text(json.dumps({"text": TEXT, "countries": ["France"]}))
    first, second = read(tmp_path)[0]
    assert (first.id, first.topics, first.regions) == ("a.csv-2", ["a", "b"], None)
    assert (second.id, second.topics, second.regions) == ("b.jsonl-1", None, ["FR"])


def test_own_split_and_lost_dates(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"text,topics,set,date\n{TEXT},a,Dev,soon\n{TEXT},a,test,2024-01-02\n{TEXT},a,other,\n")
    articles, (reject,), notes = read(path, columns={"split": "set"}, max_bad=1)
    assert [(article.split, article.date) for article in articles] == [("validation", ""), ("test", "2024-01-02")]
    assert "not train, validation or test" in reject.reason
    assert notes == {"dates_not_understood": 1}


def test_the_template_reads_its_sample() -> None:
    config = load_config(Path("configs/my-articles.yaml"))
    articles, rejects, _ = read(**config.corpora[0].options)
    assert (len(articles), rejects) == (12, [])
    assert articles[2].topics == ["politics", "economy"]


@pytest.mark.parametrize(
    ("values", "separator"),
    [
        (["a;b", "c"], ";"),
        (["a|b, c"], "|"),
        (["world, sport"], ","),
        (["markets business", "business", "markets", "sport business", "sport"], " "),
        (["GB US", "FR"], " "),
        (["health care", "foreign policy"], ""),
        (["New York", "Paris"], ""),
        (['["a;b"]', None, 3], ""),
    ],
)
def test_separators_are_told_from_a_sample(values: list[Any], separator: str) -> None:
    assert guess_separator(values) == separator


@pytest.mark.parametrize(
    ("value", "separator", "labels"),
    [
        (" a ; b;;a ", ";", ["a", "b"]),
        ("a  b", " ", ["a", "b"]),
        ("health care", "", ["health care"]),
        ('["a, b", "c"]', ",", ["a, b", "c"]),
        ("['a', 'b']", ",", ["a", "b"]),
        ([{"key": "golf", "score": 0.9}, {"code": "LY"}, 3], "", ["golf", "LY", "3"]),
        (7, ";", ["7"]),
    ],
)
def test_labels_are_split(value: Any, separator: str, labels: list[str]) -> None:
    assert split_labels(value, separator) == labels


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2025-03-04", "2025-03-04"),
        ("2025-03-04T10:00:00+01:00", "2025-03-04T09:00:00Z"),
        ("Tue, 04 Mar 2025 10:00:00 GMT", "2025-03-04T10:00:00Z"),
        ("3/4/2025", "2025-03-04"),
        ("13/4/2025", "2025-04-13"),
        ("04.03.2025 10:15", "2025-03-04T10:15:00"),
        ("March 4th, 2025", "2025-03-04"),
        ("26-FEB-1987 15:01:01.79", "1987-02-26T15:01:01"),
        ("4 Mar 2025 at 3:05 pm", "2025-03-04T15:05:00"),
        (1741082400, "2025-03-04T10:00:00Z"),
        ("1741082400000", "2025-03-04T10:00:00Z"),
        (20250304, "2025-03-04"),
        ("2025", ""),
        ("31 February 2025", ""),
        ("yesterday", ""),
        (None, ""),
        (float("nan"), ""),
    ],
)
def test_dates(written: Any, iso: str) -> None:
    assert iso_date(written) == iso


def test_day_first_chooses_where_both_are_dates() -> None:
    assert iso_date("3/4/2025", day_first=True) == "2025-04-03"


@given(st.one_of(st.text(), st.floats(), st.integers()))
def test_no_date_breaks_the_reader(written: Any) -> None:
    assert iso_date(written) == "" or iso_date(written)[4] == "-"


def test_a_wrong_column_of_a_table_is_told_before_any_article(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"body,topics\n{TEXT},a\n")
    with pytest.raises(DataError, match="Headline"):
        next(files.read(files.Options(path=path, columns={"title": "Headline"}), tmp_path))
