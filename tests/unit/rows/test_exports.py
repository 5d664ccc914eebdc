"""Exports as people's programs write them: columns, labels, markup and encodings are understood without being told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.common.article import Article, Reject
from pipeline.common.taxonomy import CountryNames
from pipeline.rows.articles import ArticleReader
from pipeline.rows.column_names import rank
from pipeline.rows.label_cells import split_labels
from pipeline.rows.mapping import RowMapping, from_dict
from pipeline.rows.paths import value_at
from pipeline.rows.reader import iter_files, read_rows

TEXT = "The port was closed on Monday after heavy rain and strong wind, and ships waited outside for the second day."


def read(path: Path, **mapping: Any) -> tuple[list[Article], ArticleReader]:
    reader = ArticleReader(RowMapping(**mapping))
    items = [
        reader.article(row, layout, f"{file.name}-{row.number}", "")
        for file in iter_files(path)
        for row, layout in reader.rows(file)
    ]
    assert not [item for item in items if isinstance(item, Reject)]
    return [item for item in items if isinstance(item, Article)], reader


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def texts(count: int) -> list[str]:
    return [f"{TEXT} Number {number} of them." for number in range(count)]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("post_content", "text"), ("Fließtext", "text"), ("articleBody", "text"), ("fields.bodyText", "text"),
        ("content.rendered", "text"), ("Corps du texte", "text"), ("Título", "title"), ("headline.main", "title"),
        ("Überschrift", "title"), ("Veröffentlicht am", "date"), ("post_date_gmt", "date"), ("mots-clés", "topics"),
        ("iptc_topics", "topics"), ("Parole chiave", "topics"), ("Ländercodes", "regions"), ("country_iso3", "regions"),
        ("Codes pays", "regions"), ("ID", "id"),
    ],
)  # fmt: skip
def test_names_of_columns(header: str, field: str) -> None:
    assert rank(field, header) is not None


@pytest.mark.parametrize("header", ["text_length", "tag_count", "post_author", "comment_status", "annotator"])
def test_names_that_only_look_like_it(header: str) -> None:
    assert all(rank(field, header) is None for field in ("text", "title", "topics", "regions", "id"))


def test_a_blog_export(tmp_path: Path) -> None:
    body = "<!-- wp:paragraph -->\\n<p>{}</p>\\n<!-- /wp:paragraph -->"
    days, states, labels = [f"2024-05-0{n + 1}" for n in range(9)], ["open", "closed"], ["Sport &amp; Leisure", "World"]
    rows = [f'{n},Wind &#38; rain,"{body.format(text)}",{days[n % 9]} 10:00,publish,{states[n % 2]},{labels[n % 2]},,'
            for n, text in enumerate(texts(20))]  # fmt: skip
    header = "ID,post_title,post_content,post_date,post_status,comment_status,Categories,Tags,Locations\n"
    (tmp_path / "wp.csv").write_text(header + "\n".join(rows).replace("\\n", "\n") + "\n")
    articles, _ = read(tmp_path / "wp.csv")
    assert (articles[0].title, articles[0].text, articles[0].date[:10]) == ("Wind & rain", texts(1)[0], "2024-05-01")
    assert [article.topics for article in articles[:2]] == [["Sport & Leisure"], ["World"]]


def test_a_place_column_without_countries_is_told(tmp_path: Path) -> None:
    rows = [
        {"text": text, "tag": "ab"[n % 2], "location": ["Leeds", "York"][n % 2]} for n, text in enumerate(texts(10))
    ]
    articles, reader = read(lines(tmp_path / "a.jsonl", rows))
    assert {article.regions for article in articles if article.regions is None} == {None}
    assert list(reader.remarks) == ["'location' holds few countries: no regions are trained."]


def test_each_file_of_a_folder_has_its_own_columns_and_separators(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Titel;Artikeltext;Rubrik;Datum\n" + f"T;{TEXT};Sport|Welt;4. März 2025\n")
    (tmp_path / "b.tsv").write_text("headline\tbody\ttags\n" + f"T\t{TEXT}\tsport,world\n")
    lines(tmp_path / "c.jsonl", [{"story": TEXT, "category": ["sport"], "pays": ["Côte d'Ivoire"]}])
    (one, two, three), _ = read(tmp_path)
    assert (one.topics, one.date, two.topics) == (["Sport", "Welt"], "2025-03-04", ["sport", "world"])
    assert (three.topics, three.regions) == (["sport"], ["CI"])


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        ("{'golf', 'tennis'}", ["golf", "tennis"]), ("('golf',)", ["golf"]), ("frozenset({'golf'})", ["golf"]),
        ("['golf' 'tennis']", ["golf", "tennis"]), ("{golf,tennis}", ["golf", "tennis"]),
        ("[golf, tennis]", ["golf", "tennis"]), ({"golf": 1, "tennis": 0, "chess": 0.7}, ["golf", "chess"]),
        ('{"choices": ["golf", "tennis"]}', ["golf", "tennis"]),
        ("{'golf': 1.0, 'tennis': 0.0}", ["golf"]), ([{"name": "subject", "value": "golf"}], ["golf"]),
        ([{"id": 3, "name": "Golf", "slug": ""}], ["Golf"]), ("array(['golf'], dtype=object)", ["golf"]),
        ("Caf&eacute; &amp; Bar", ["Café & Bar"]), ("Cafe\u0301", ["Café"]), ("golf\u200b", ["golf"]), (True, ["true"]),
        ("<http://example.org/golf>", ["http://example.org/golf"]), ("set()", []), (["golf", None, "nan"], ["golf"]),
        ("Sport (women)", ["Sport (women)"]),
    ],
)  # fmt: skip
def test_forms_of_labels(value: Any, labels: list[str]) -> None:
    assert split_labels(value, "") == labels


def test_words_for_nothing_are_no_labels_but_namibia_is(tmp_path: Path) -> None:
    rows = [{"text": text, "topics": topic, "country": country} for text, topic, country in
            zip(texts(4), ("N/A", "nan", "NULL", "golf"), ("NA", "NAM", "Namibia", "None"), strict=True)]  # fmt: skip
    articles, reader = read(lines(tmp_path / "a.jsonl", rows))
    assert [article.topics for article in articles] == [[], [], [], ["golf"]]
    assert [article.regions for article in articles] == [["NA"], ["NA"], ["NA"], []]
    assert reader.notes["labels_missing"] == 4


def test_one_column_per_label(tmp_path: Path) -> None:
    rows = [
        {"text": text, "topic_golf": n % 2, "topic_chess": 1 - n % 2, "is_paid": n % 2}
        for n, text in enumerate(texts(8))
    ]
    articles, reader = read(lines(tmp_path / "a.jsonl", rows))
    assert [article.topics for article in articles[:2]] == [["chess"], ["golf"]]
    (again, *_), _ = read(tmp_path / "a.jsonl", **vars_of(from_dict(reader.resolved())))
    assert again.topics == ["chess"]


def vars_of(mapping: RowMapping) -> dict[str, Any]:
    return {"columns": mapping.columns, "separators": mapping.separators}


def test_numbered_columns_are_put_together(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f'body,tag1,tag2\n"{TEXT}",golf,\n"{TEXT} x",golf,chess\n')
    assert [article.topics for article in read(tmp_path / "a.csv")[0]] == [["golf"], ["golf", "chess"]]


def test_annotation_tools(tmp_path: Path) -> None:
    result = [{"from_name": "desk_topic", "type": "choices", "value": {"choices": ["golf"]}}]
    other = [{"from_name": "desk_topic", "type": "choices", "value": {"choices": ["golf", "chess"]}}]
    given = [{"result": result}, {"result": result}, {"result": other}]
    tasks = [{"id": 1, "data": {"text": TEXT}, "annotations": given},
             {"id": 2, "data": {"text": TEXT}, "annotations": [{"result": other, "was_cancelled": True}]}]  # fmt: skip
    (tmp_path / "ls.json").write_text(json.dumps(tasks))
    first, second = read(tmp_path / "ls.json", columns={"topics": "desk_topic"})[0]
    assert (first.topics, second.topics) == (["golf"], None)
    rows = [{"text": TEXT, "label": "GOLF", "answer": "accept"}, {"text": TEXT, "label": "CHESS", "answer": "reject"},
            {"text": TEXT + "!", "label": "GOLF", "answer": "reject"},
            {"text": "?" + TEXT, "label": "GOLF", "answer": "ignore"}]  # fmt: skip
    articles, _ = read(lines(tmp_path / "prodigy.jsonl", rows))
    assert [article.topics for article in articles] == [["GOLF"], [], None]
    (tmp_path / "fast.txt").write_text(f"__label__golf __label__chess {TEXT}\n")
    assert read(tmp_path / "fast.txt")[0][0].topics == ["golf", "chess"]


def test_nested_fields(tmp_path: Path) -> None:
    words = [
        {"name": "subject", "value": "golf"},
        {"name": "glocations", "value": "GHANA"},
        {"name": "persons", "value": "A"},
    ]
    answer = {
        "status": "ok",
        "response": {"docs": [{"headline": {"main": "T"}, "lead": {"body": TEXT}, "keywords": words}]},
    }
    (tmp_path / "api.json").write_text(json.dumps(answer, indent=1))
    (article,), _ = read(tmp_path / "api.json")
    assert (article.title, article.text, article.topics, article.regions) == ("T", TEXT, ["golf"], ["GH"])
    assert value_at({"a": [{"b": 1}, {"b": 2}]}, "a[1].b") == 2
    (tmp_path / "pandas.json").write_text(json.dumps({"body": {"0": TEXT}, "tag": {"0": "golf"}}))
    assert read(tmp_path / "pandas.json")[0][0].topics == ["golf"]


def test_hierarchies_aliases_and_spellings(tmp_path: Path) -> None:
    rows = [{"text": text, "category": topic, "country": "Holland" if n else "Old Hellas"} for n, (text, topic) in
            enumerate(zip(texts(3), ("Sport / Golf", "sport/golf", "SPORT"), strict=True))]  # fmt: skip
    path = lines(tmp_path / "a.jsonl", rows)
    articles, _ = read(path, hierarchy="/", merge_case=True, aliases={"old hellas": "GR"})
    assert [article.topics for article in articles] == [["Sport", "Sport/Golf"], ["Sport", "Sport/Golf"], ["Sport"]]
    assert [article.regions for article in articles] == [["GR"], ["NL"], ["NL"]]
    _, plain = read(path)
    assert "merge_case" in plain.labels.look_alike_remarks()[0]


def test_the_same_cell_again_reads_the_same(tmp_path: Path) -> None:
    cells: list[Any] = ["a; b", ["a; b"], "a; b", ["a; b"], "a", ["a"], "a", "", [], "", "n/a"]
    rows = [{"text": text, "topics": cell} for text, cell in zip(texts(len(cells)), cells, strict=True)]
    articles, reader = read(lines(tmp_path / "a.jsonl", rows))
    found = [article.topics for article in articles]
    assert found == [["a", "b"], ["a; b"], ["a", "b"], ["a; b"], ["a"], ["a"], ["a"], [], [], [], []]
    assert reader.notes["labels_missing"] == 1


def test_classes_of_hugging_face(tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    features = {"info": {"features": {"label": {"names": ["World", "Sport, Golf"], "_type": "ClassLabel"}}}}
    table = pa.table({"text": texts(2), "label": [1, 0]}).replace_schema_metadata({"huggingface": json.dumps(features)})
    pq.write_table(table, tmp_path / "a.parquet")
    assert [article.topics for article in read(tmp_path / "a.parquet")[0]] == [["Sport, Golf"], ["World"]]


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8-sig"])
def test_encodings_are_told(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_text(f"Titre;Texte;Thème\nL’été à Liège;{TEXT} Déjà vu.;Météo\n", encoding=encoding)
    (article,), _ = read(tmp_path / "a.csv")
    assert (article.title, article.topics, article.text[-8:]) == ("L’été à Liège", ["Météo"], "Déjà vu.")
    assert next(read_rows(tmp_path / "a.csv", encoding=encoding)).data


def test_workbooks(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    book = openpyxl.Workbook()
    for row in (["Our archive"], [], ["Nr", "Überschrift", "Text", "Schlagwort"], [7, "T", TEXT, "Golf; Schach"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    (article,), _ = read(tmp_path / "a.xlsx")
    assert (article.id, article.title, article.topics) == ("7", "T", ["Golf", "Schach"])


def test_a_line_for_excel_and_a_missing_header(tmp_path: Path) -> None:
    (tmp_path / "sep.csv").write_text(f"sep=;\ntext;topic\n{TEXT};golf\n")
    assert read(tmp_path / "sep.csv")[0][0].topics == ["golf"]
    rows = [f"{text}\t<http://e.org/{n % 2}> <http://e.org/x>" for n, text in enumerate(texts(6))]
    (tmp_path / "annif.tsv").write_text("\n".join(rows) + "\n")
    articles, reader = read(tmp_path / "annif.tsv")
    assert (len(articles), articles[0].topics) == (6, ["http://e.org/0", "http://e.org/x"])
    assert "not a header" in next(iter(reader.remarks))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("GBR", "GB"), ("Korea, Republic of", "KR"), ("Côte d’Ivoire", "CI"), ("Türkiye", "TR"),
        ("Trinidad & Tobago", "TT"), ("u.s.a.", "US"),
        ("Congo, Dem. Rep.", "CD"), ("St. Kitts & Nevis", "KN"), ("Bolivia (Plurinational State of)", "BO"),
        ("Viet Nam", "VN"), ("Gambia, The", "GM"), ("São Tomé and Príncipe", "ST"), ("North East", None), ("XQ", None),
    ],
)  # fmt: skip
def test_countries_by_every_name(written: str, code: str | None) -> None:
    assert CountryNames(Path("data/taxonomy/countries.csv")).find(written) == code
