"""Tests of `serve --label`: what is asked for, kept, refused, and what `train` makes of it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.articles import PLACES, WORDS, labelled, write_lines
from support.commands import invoke, refused
from support.projects import link_project, train_in
from support.servers import start_service

pytest.importorskip("fastapi", reason="the extra serve is not installed")
httpx = pytest.importorskip("httpx")

HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(2)> & \x1b[31m"


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty articles whose columns have names of their own, one of them hostile, one bad row, and no ids."""
    rows: list[Any] = [{"headline": row["title"], "body": row["text"]} for row in labelled(60, 5)]
    rows.insert(3, {"headline": "A &lt;script&gt;alert(3)&lt;/script&gt; storm", "body": f"{HOSTILE} rain in Libya"})
    rows.insert(5, "{broken")
    return write_lines(tmp_path_factory.mktemp("label") / "week.jsonl", rows)


@pytest.fixture(scope="module")
def served(articles: Path, tiny_folder: Path) -> Iterator[str]:
    """A service of two processes that lets people label them, a third of them by two people."""
    process, url = start_service(tiny_folder, "--label", str(articles), "--overlap", "0.3", "--workers", "2")
    yield url
    end(process)


def end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait()


def ask(url: str, path: str, **body: Any) -> Any:
    answer = httpx.post(f"{url}/label/{path}", json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def truth(article: dict[str, Any]) -> dict[str, list[str]]:
    """What the words of one of the small articles are about."""
    words = article["html"].lower()
    topics = [topic for topic, known in WORDS.items() if sum(word in words for word in known) > 1]
    return {"topics": topics, "regions": [code for code, names in PLACES.items() if names[0].lower() in words]}


def label(url: str, by: str, most: int) -> list[str]:
    """Label as many articles as somebody is given, at most so many; their ids."""
    found: list[str] = []
    while len(found) < most and (article := ask(url, "next", by=by)["article"]):
        ask(url, "keep", article=article["key"], by=by, model=article["model"], **truth(article))
        found.append(article["id"])
    return found


def test_two_people_label_and_train_reads_what_they_wrote(served: str, articles: Path, tmp_path: Path) -> None:
    anna, ben = label(served, "anna", 40), label(served, "ben", 99)
    labels = articles.with_name("week.labels.jsonl")
    rows = [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines()]
    both = set(anna) & set(ben)
    assert len(rows) == len(anna) + len(ben)
    assert len({*anna, *ben}) == 61
    assert 5 <= len(both) <= 30
    assert {(row["by"], row["id"]) for row in rows} == {("anna", one) for one in anna} | {("ben", one) for one in ben}

    project = link_project(tmp_path / "project")
    shutil.copy(labels, project / "labels.jsonl")
    train_in(project, corpora=[{"corpus": "files", "path": "labels.jsonl"}])
    manifest = json.loads((project / "data/prepared/tiny/manifest.json").read_text(encoding="utf-8"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        scored = invoke("evaluate", "labels.jsonl", "-m", "models/tiny", "--json")
        table = invoke("evaluate", "labels.jsonl", "-m", "models/tiny")
        imported = invoke("feedback", "import", "labels.jsonl", "--store", "f.sqlite")
    assert manifest["counts"]["read"] == 61
    told = json.loads(scored.stdout)
    assert told["documents"] == 61
    assert told["agreement"]["topics"]["articles"] == len(both)
    assert (told["agreement"]["regions"]["people"], told["agreement"]["regions"]["f1"]) == (["anna", "ben"], 1)
    assert "Krippendorff's alpha" in table.stdout
    assert f"{len(rows)} of {len(rows)} corrections are new" in imported.stdout


def test_nothing_that_an_article_holds_runs(served: str) -> None:
    page = httpx.get(f"{served}/label")
    assert "script-src 'sha256-" in page.headers["content-security-policy"]
    assert "unsafe-inline" not in page.headers["content-security-policy"].split("script-src")[1].split(";")[0]
    found: list[str] = []
    while article := ask(served, "next", by="<b>cem</b>")["article"]:
        found.append(article["html"] + article["why"])
        ask(served, "skip", article=article["key"], by="<b>cem</b>")
    assert not [html for html in found if "<script" in html or "<img" in html or "\x1b" in html]


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("next", {}, 422, "'by' is missing"),
        ("next", {"by": "  "}, 422, "'by' is missing"),
        ("next", {"by": "x" * 101}, 422, "at most 100"),
        ("next", {"by": 7}, 422, "valid string"),
        ("keep", {"by": "anna", "article": "../../etc/passwd", "topics": []}, 404, "not among those to label"),
        ("keep", {"by": "anna", "article": "0" * 64}, 404, "not among"),
        ("keep", {"by": "anna", "article": "0" * 64, "topics": ["nowhere"]}, 404, "not among"),
        ("keep", {"by": "anna", "article": "0" * 64, "topics": ["storm"] * 1001}, 422, "at most 1000"),
        ("keep", {"by": "anna", "article": "0" * 65, "topics": []}, 422, "at most 64"),
        ("skip", {"by": "anna", "article": "0" * 64}, 404, "not among those to label"),
        ("nothing", {}, 404, "Not Found"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(
    served: str, path: str, body: dict[str, Any], status: int, said: str
) -> None:
    for start in ("", "/v1"):
        answer = httpx.post(f"{served}{start}/label/{path}", json=body)
        assert (answer.status_code, said in answer.json()["error"]) == (status, True), answer.text


def test_a_foreign_page_cannot_label(served: str) -> None:
    answer = httpx.post(f"{served}/label/skip", content=b'{"by": "x"}', headers={"content-type": "text/plain"})
    assert answer.status_code == 415


def test_without_articles_there_is_no_page(tiny_folder: Path) -> None:
    process, url = start_service(tiny_folder)
    assert httpx.get(f"{url}/label").status_code == 404
    assert httpx.post(f"{url}/label/next", json={"by": "anna"}).status_code == 404
    end(process)


def test_an_api_key_is_needed_and_tells_who_labels(tiny_folder: Path, articles: Path, tmp_path: Path) -> None:
    labels, store = tmp_path / "own.jsonl", {"DATELINE_API_KEYS": "anna:secret"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATELINE_API_KEYS", store["DATELINE_API_KEYS"])
        process, url = start_service(tiny_folder, "--label", str(articles), "--labels-to", str(labels))
    key = {"x-api-key": "secret"}
    assert httpx.post(f"{url}/label/next", json={}).status_code == 401
    assert httpx.get(f"{url}/label").status_code == 401
    assert 'data-by="anna"' in httpx.get(f"{url}/label", headers=key).text
    found = httpx.post(f"{url}/label/next", json={}, headers=key).json()["article"]
    body = {"article": found["key"], "topics": ["storm"]}
    assert httpx.post(f"{url}/label/keep", json=body, headers=key).json()["progress"]["own"] == 1
    end(process)
    row = json.loads(labels.read_text(encoding="utf-8"))
    assert (row["by"], row["topics"], "regions" in row) == ("anna", ["storm"], False)


def test_a_restart_goes_on_where_it_ended(tiny_folder: Path, articles: Path, tmp_path: Path) -> None:
    labels = tmp_path / "own.jsonl"
    options = ("--label", str(articles), "--labels-to", str(labels))
    process, url = start_service(tiny_folder, *options)
    done = label(url, "anna", 2)
    open_ = ask(url, "next", by="anna")["article"]["id"]
    process.kill()
    process.wait()
    write_lines(articles, [{"headline": "New", "body": "A new storm in Japan"}, *articles.read_text().splitlines()])
    process, url = start_service(tiny_folder, *options)
    again = ask(url, "next", by="anna")
    assert (again["article"]["id"], again["progress"]["own"], again["progress"]["articles"]) == (open_, 2, 62)
    assert ask(url, "next", by="ben")["article"]["id"] not in (*done, open_)
    end(process)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--label", "nothing.jsonl"), "no file at nothing.jsonl"),
        (("--label", "a.jsonl", "--labels-to", "a.jsonl"), "is the input itself"),
        (("--label", "a.jsonl", "--labels-to", "a.csv"), "ends in .jsonl"),
        (("--label", "a.jsonl", "--labels-to", "folder.jsonl"), "can't be written"),
        (("--label", "empty.jsonl"), "no row with a text"),
    ],
)
def test_what_cannot_be_labelled_is_told_at_the_start(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_lines(tmp_path / "a.jsonl", [{"text": "A storm in Libya"}])
    write_lines(tmp_path / "empty.jsonl", [{"text": ""}])
    (tmp_path / "folder.jsonl").mkdir()
    done = invoke("serve", "-m", str(tiny_folder), "--port", "0", *options)
    assert said in done.stderr
    refused(done, said) if "empty" not in options[1] else None
