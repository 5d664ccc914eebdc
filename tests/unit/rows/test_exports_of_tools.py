"""Exports of other publishing systems, annotation tools and libraries, each in the form that it writes."""

from __future__ import annotations

import bz2
import json
import lzma
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline.common.article import Article, Reject
from pipeline.common.errors import DataError
from pipeline.rows.articles import ArticleReader
from pipeline.rows.joined_rows import joined
from pipeline.rows.mapping import RowMapping, from_dict
from pipeline.rows.reader import iter_files, read_rows

TEXT = "The port was closed on Monday after heavy rain and strong wind, and ships waited outside for the second day."
LABELS = (["golf"], ["chess", "golf"], ["chess"], ["golf"])
GIVEN = [(f"{TEXT} Number {number}.", LABELS[number % 4]) for number in range(12)]


def read(path: Path, mapping: RowMapping | None = None) -> tuple[list[Article], ArticleReader]:
    reader = ArticleReader(mapping or RowMapping())
    rows = (one for file in iter_files(path) for one in reader.rows(file))
    items = list(joined(reader.article(row, layout, str(row.number), "") for row, layout in rows))
    assert not [item for item in items if isinstance(item, Reject)]
    return [item for item in items if isinstance(item, Article)], reader


def understood(path: Path, value: Any) -> None:
    """Write a document, or rows as lines, and find the texts and labels in it again."""
    lines = value if isinstance(value, list) and path.suffix == ".jsonl" else [value]
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n", encoding="utf-8")
    articles, _ = read(path)
    assert [(" ".join(one.text.split()), sorted(one.topics or ())) for one in articles] == GIVEN


def marks(labels: list[str]) -> dict[str, float]:
    return {name: float(name in labels) for name in ("chess", "golf")}


RECORDS: dict[str, Any] = {
    "arc": lambda n, text, labels: {
        "_id": f"a{n}", "headlines": {"basic": "T"}, "content_elements": [{"type": "text", "content": f"<p>{text}</p>"},
        {"type": "image", "url": "x"}], "taxonomy": {"sections": [{"_id": f"/{one}", "name": one} for one in labels]}},
    "blocks": lambda n, text, labels: {
        "title": "T", "body": [{"_type": "block", "children": [{"text": part + " "} for part in text.split(" ", 1)]}],
        "categories": [{"title": one} for one in labels]},
    "locales": lambda n, text, labels: {"fields": {"title": {"en-US": "T"}, "body": {"en-US": text},
                                                   "topics": {"en-US": labels}}},
    "wordpress": lambda n, text, labels: {
        "id": n, "title": {"rendered": "T"}, "content": {"rendered": f"<p>{text}</p>"}, "categories": [3], "tags": [9],
        "_embedded": {"wp:term": [[{"id": 3, "name": one, "taxonomy": "category"} for one in labels],
                                  [{"id": 9, "name": "daily", "taxonomy": "post_tag"}]]}},
    "argilla": lambda n, text, labels: {"id": n, "fields": {"text": text}, "suggestions": {},
                                        "responses": {"desk": [{"value": labels}, {"value": [*labels, "polo"]},
                                                               {"value": labels}]}},
    "argilla list": lambda n, text, labels: {"fields": {"text": text}, "responses": [
        {"question_name": "topic", "value": labels, "status": "submitted"}]},
    "argilla hub": lambda n, text, labels: {"text": text, "topic.responses": [labels],
                                            "topic.responses.status": ["submitted"], "topic.suggestion": ["polo"]},
    "pairs": lambda n, text, labels: [text, {"cats": marks(labels)}],
    "spacy 2": lambda n, text, labels: {"id": n, "paragraphs": [{"raw": text, "cats": [
        {"label": name, "value": value} for name, value in marks(labels).items()]}]},
    "mongo": lambda n, text, labels: {"_id": {"$oid": f"65{n}"}, "body": text, "tags": labels},
    "elastic": lambda n, text, labels: {"_id": n, "_source": {"body": text, "tags": labels}},
    "guardian": lambda n, text, labels: {"fields": {"bodyText": text}, "tags": [
        *({"type": "keyword", "webTitle": one} for one in labels), {"type": "contributor", "webTitle": "Jo Writer"}]},
}  # fmt: skip


@pytest.mark.parametrize("tool", RECORDS)
def test_records_of_a_tool(tmp_path: Path, tool: str) -> None:
    understood(tmp_path / "a.jsonl", [RECORDS[tool](number, *one) for number, one in enumerate(GIVEN)])


def test_documents_of_interfaces(tmp_path: Path) -> None:
    posts = [{"id": f"p{n}", "title": "T", "plaintext": text} for n, (text, _) in enumerate(GIVEN)]
    links = [{"post_id": f"p{n}", "tag_id": one[:1]} for n, (_, labels) in enumerate(GIVEN) for one in labels]
    tags = [{"id": "g", "name": "golf"}, {"id": "c", "name": "chess"}]
    ghost = {"db": [{"meta": {}, "data": {"posts": posts, "tags": tags, "posts_tags": links}}]}
    understood(tmp_path / "ghost.json", ghost)
    terms = [{"type": "term", "id": f"u{one}", "attributes": {"name": one}} for one in ("golf", "chess")]
    nodes = [{"type": "node", "id": f"n{n}", "attributes": {"title": "T", "body": {"value": text}},
              "relationships": {"field_tags": {"data": [{"type": "term", "id": f"u{one}"} for one in labels]}}}
             for n, (text, labels) in enumerate(GIVEN)]  # fmt: skip
    understood(tmp_path / "drupal.json", {"data": nodes, "included": terms})
    entries = [{"id": n, "attributes": {"content": text, "categories": {"data": [{"attributes": {"name": one}}
                for one in labels]}}} for n, (text, labels) in enumerate(GIVEN)]  # fmt: skip
    understood(tmp_path / "strapi.json", {"data": entries, "meta": {"pagination": {"page": 1}}})


def test_folders_of_texts(tmp_path: Path) -> None:
    for number, (text, labels) in enumerate(GIVEN):
        for kind, name, content in (
            ("keys", f"{number:02}.txt", text), ("keys", f"{number:02}.key", "\n".join(labels)),
            ("uris", f"{number:02}.txt", text),
            ("uris", f"{number:02}.tsv", "".join(f"<{one}>\t{one}\n" for one in labels)),
            (f"classes/{labels[0]}", f"{number:02}.txt", text), ("classes", "README.md", "how it was made"),
        ):  # fmt: skip
            (tmp_path / kind).mkdir(parents=True, exist_ok=True)
            (tmp_path / kind / name).write_text(content)
    assert [(one.text, sorted(one.topics or ())) for one in read(tmp_path / "keys")[0]] == GIVEN
    assert {label for one in read(tmp_path / "uris")[0] for label in one.topics or ()} == {"<golf>", "<chess>"}
    assert {one.text: one.topics for one in read(tmp_path / "classes")[0]} == {text: given[:1] for text, given in GIVEN}
    with pytest.raises(DataError, match="names no row format"):
        iter_files(tmp_path / "keys" / "00.txt")


def test_packed_files(tmp_path: Path) -> None:
    table = ("body,tags\n" + "".join(f'"{text}",{"|".join(labels)}\n' for text, labels in GIVEN)).encode()
    (tmp_path / "a.csv.bz2").write_bytes(bz2.compress(table))
    (tmp_path / "b.csv.xz").write_bytes(lzma.compress(table))
    with zipfile.ZipFile(tmp_path / "c.csv.zip", "w") as archive:
        archive.writestr("export.csv", table)
        archive.writestr("__MACOSX/._export.csv", b"x")
    for name in ("a.csv.bz2", "b.csv.xz", "c.csv.zip"):
        assert [(one.text, sorted(one.topics or ())) for one in read(tmp_path / name)[0]] == GIVEN
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-30])
        with pytest.raises(DataError, match="no whole"):
            list(read_rows(tmp_path / name))
    with zipfile.ZipFile(tmp_path / "two.csv.zip", "w") as archive:
        archive.writestr("a.csv", table)
        archive.writestr("b.csv", table)
    with pytest.raises(DataError, match="holds 2 files"):
        list(read_rows(tmp_path / "two.csv.zip"))


@pytest.mark.parametrize("stream", [True, False])
def test_arrow_files_with_classes(tmp_path: Path, stream: bool) -> None:
    named = {"info": {"features": {"label": {"names": ["chess", "golf"], "_type": "ClassLabel"}}}}
    table = pa.table({"text": [text for text, _ in GIVEN], "label": [n % 2 for n in range(12)]})
    table = table.replace_schema_metadata({"huggingface": json.dumps(named)})
    opened = pa.ipc.new_stream if stream else pa.ipc.new_file
    with pa.OSFile(str(tmp_path / "data.arrow"), "wb") as sink, opened(sink, table.schema) as writer:
        writer.write_table(table)
    (tmp_path / "dataset_info.json").write_text("{}")
    articles, _ = read(tmp_path)
    assert [one.topics for one in articles[:2]] == [["chess"], ["golf"]]
    (tmp_path / "data.arrow").write_bytes(b"ARROW1")
    with pytest.raises(DataError, match="no whole Arrow file"):
        list(read_rows(tmp_path / "data.arrow"))


@pytest.mark.parametrize(
    ("content", "topics"),
    [
        (f'body,tags\r"{TEXT}",golf\r"{TEXT} b",chess\r', [["golf"], ["chess"]]),
        (f'body,tags\n"{TEXT} \\"No\\", he said.",golf\n"{TEXT}",chess\n', [["golf"], ["chess"]]),
        (f"Titel, lang;body;tags\nA;{TEXT};golf\nB;{TEXT} b;chess\n", [["golf"], ["chess"]]),
        (f'data,label\n"{TEXT}",golf#chess\n"{TEXT} b",chess\n', [["golf", "chess"], ["chess"]]),
        (f'body,tags\n"{TEXT}","golf\nchess"\n"{TEXT} b",chess\n', [["golf", "chess"], ["chess"]]),
        (f'body,tags\n"{TEXT}",__label__golf __label__chess\n"{TEXT}!",__label__golf\n', [["golf", "chess"], ["golf"]]),
        (f'id,body,tags\n1,"{TEXT}",golf\n1,"{TEXT}",chess\n2,"{TEXT} b",chess\n', [["golf", "chess"], ["chess"]]),
    ],
)  # fmt: skip
def test_tables(tmp_path: Path, content: str, topics: list[list[str]]) -> None:
    (tmp_path / "a.csv").write_bytes(content.encode())
    articles, _ = read(tmp_path / "a.csv")
    assert [one.topics for one in articles] == topics
    assert articles[0].text.startswith(TEXT)


def test_tags_made_up_for_one_article_are_no_topics(tmp_path: Path) -> None:
    rows = "".join(f'"{text}",day {n}|golf {n},{labels[0]}\n' for n, (text, labels) in enumerate(GIVEN))
    (tmp_path / "a.csv").write_text(f"Content,Tags,Categories\n{rows}")
    assert [one.topics for one in read(tmp_path / "a.csv")[0]] == [labels[:1] for _, labels in GIVEN]
    (tmp_path / "a.csv").write_text(f"Content,Topics,Categories\n{rows}")
    assert read(tmp_path / "a.csv")[0][0].topics == ["day 0", "golf 0"]


def test_marks_of_words_are_no_topics(tmp_path: Path) -> None:
    rows = [{"text": text, "spans": [{"start": 0, "end": 3, "label": "ORG"}], "answer": "accept"} for text, _ in GIVEN]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    reader = ArticleReader(RowMapping())
    list(reader.rows(tmp_path / "a.jsonl"))
    with pytest.raises(DataError, match="no column of topics"):
        reader.check_columns("a.jsonl")


def test_what_training_found_in_each_file_of_a_folder_travels(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("id,topics,tags,text\n" + "".join(
        f'{n},{";".join(labels)},x{n},"{text}"\n' for n, (text, labels) in enumerate(GIVEN)))  # fmt: skip
    (tmp_path / "2.csv").write_text("id|Schlagworte|Artikel\n" + "".join(
        f"{n}|{','.join(labels)}|{text}\n" for n, (text, labels) in enumerate(GIVEN)))  # fmt: skip
    articles, reader = read(tmp_path)
    assert [sorted(one.topics or ()) for one in articles] == [labels for _, labels in GIVEN] * 2
    assert [one.id for one in articles[11:14]] == ["11", "2-0", "2-1"]
    travelled = from_dict(json.loads(json.dumps(reader.resolved())))
    again, _ = read(tmp_path / "2.csv", travelled)
    assert [sorted(one.topics or ()) for one in again] == [labels for _, labels in GIVEN]
