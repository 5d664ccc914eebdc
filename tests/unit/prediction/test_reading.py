"""Texts as people have them: encodings, pages, folders, and what is no text."""

from __future__ import annotations

import builtins
import io
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.common.errors import DataError
from pipeline.prediction.text_files import decode, files_in, read_text

QUOTE = (
    "\u201cDon\u2019t go,\u201d the caf\u00e9 owner in M\u00e1laga said \u2014 a na\u00efve r\u00e9sum\u00e9, \u00a35."
)
PAGE = """<!DOCTYPE html><html><head><title>Storm floods port</title></head><body><nav><a href="/">Home</a></nav>
<article><h1>Storm floods port</h1><p>Heavy rain flooded the port of Genoa on Monday and the river broke its banks in
three places, the officials of the town said after a long night of work.</p><p>Nobody was hurt, but the damage to the
market and to the old bridge will take months to repair, according to the mayor.</p></article>
<footer>Cookie settings</footer></body></html>"""


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman"]
)
def test_text_of_any_usual_encoding_is_read(encoding: str) -> None:
    assert decode(QUOTE.encode(encoding)).removeprefix("\ufeff") == QUOTE


def test_dos_text_is_read() -> None:
    assert decode("It was an expos\u00e9 of the Soci\u00e9t\u00e9 G\u00e9n\u00e9rale.".encode("cp850")).startswith(
        "It was an expos\u00e9 "
    )


def test_utf8_that_is_cut_off_stays_utf8() -> None:
    assert decode("caf\u00e9 na\u00efve r\u00e9sum\u00e9".encode()[:-1]) == "caf\u00e9 na\u00efve r\u00e9sum\ufffd"


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7 x", b"PK\x03\x04abc", b"\x00\x01\x02\x03" * 40, b"\x1f\x8b\x08\x00", b"PAR1xx"]
)
def test_what_is_no_text_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.txt (is|holds no text)"):
        read_text(tmp_path / "a.txt")


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(" \n")
    with pytest.raises(DataError, match=r"a\.txt: the text is empty"):
        read_text(tmp_path / "a.txt")


def test_the_main_text_of_a_page(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura", reason="the extra html is not installed")
    for name in ("a.html", "saved page.txt"):
        (tmp_path / name).write_text(PAGE)
        found = read_text(tmp_path / name)
        assert found.title == "Storm floods port"
        assert found.text.startswith("Heavy rain flooded")
        assert "Cookie" not in found.text
        assert "Home" not in found.text


def test_a_page_without_an_article(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura", reason="the extra html is not installed")
    (tmp_path / "a.html").write_text("<html><body></body></html>")
    with pytest.raises(DataError, match="no article found"):
        read_text(tmp_path / "a.html")


def test_a_page_without_the_extra_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name.startswith("trafilatura"):
            raise ImportError(name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    (tmp_path / "a.html").write_text(PAGE)
    with pytest.raises(DataError, match=r"pip install .*trafilatura"):
        read_text(tmp_path / "a.html")


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("Title\nA longer text: caf\u00e9".encode("cp1252"))))
    found = read_text("-")
    assert (found.title, found.text) == ("Title", "A longer text: caf\u00e9")


def test_a_folder_gives_its_texts(tmp_path: Path) -> None:
    for name in ("b.txt", "a.html", ".hidden.txt", "c.png", "sub/d.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [str(file.relative_to(tmp_path)) for file in files_in([tmp_path])] == ["a.html", "b.txt", "sub/d.md"]


def test_a_folder_without_texts(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no text in"):
        files_in([tmp_path])
