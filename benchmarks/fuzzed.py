"""The readers that are fuzzed: real inputs, the words their formats are made of, and how bytes are read."""

from __future__ import annotations

import io
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.workspace import ROOT
from pipeline.common.article import Article
from pipeline.corpora import files, reuters21578, wikinews

_TAXONOMY = ROOT / "data" / "taxonomy"
_TEXT = "A text that is long enough to be an article of its own."


class Reader(NamedTuple):
    """A reader: real inputs, words of its format, and what counts the articles in bytes, with a folder to use."""

    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...]
    read: Callable[[bytes, Path], int]


def _words(line: bytes) -> tuple[bytes, ...]:
    return tuple(line.split(b" "))


def _rows(suffix: str) -> Callable[[bytes, Path], int]:
    def read(content: bytes, folder: Path) -> int:
        path = folder / f"rows{suffix}"
        path.write_bytes(content)
        options = files.Options(path=path, max_bad=1, countries=_TAXONOMY / "countries.csv")
        return sum(isinstance(item, Article) for item in files.read(options, folder))

    return read


def csv() -> Reader:
    """Tables with commas and with semicolons."""
    table = f"id,title,text,topics,regions,date\n1,One,{_TEXT},sport;golf,FR;The Gambia,3 May 2024\n"
    table += f'2,"Two, three","{_TEXT}\n""More"".",economy,,2024-05-03T10:00:00Z\n3,,{_TEXT},"[""a"", ""b""]",US,\n'
    semicolons = f"guid;headline;body;tags\r\n7;Title;{_TEXT};['a', 'b']\r\n8;;{_TEXT};x|y\r\n"
    words = b", ; \" \n \r \t | \0 \xef\xbb\xbf \xff id text topics [ [' date 1e999 " + b"9" * 40
    words += b" nan split -1 \xed\xa0\x80 \x1a =1+1"
    return Reader((table.encode(), semicolons.encode()), _words(words), _rows(".csv"))


def jsonl() -> Reader:
    """Lines of JSON."""
    lines = (
        f'{{"id": 1, "title": "One", "text": "{_TEXT}", "topics": ["sport", {{"key": "golf"}}], "date": 1741082400}}\n'
    )
    lines += f'{{"id": "x", "text": "{_TEXT}", "regions": "FR;US", "topics": null, "date": "Tue, 04 Mar 2025 10:00"}}\n'
    lines += f'{{"text": "\\ud83d\\ude00 {_TEXT}", "labels": "a|b", "countries": ["France"], "url": 1.5}}\n'
    words = b'{ } [ ] " : , \\ \\u0000 \\ud800 null true NaN 1e999 \n "text" "id" "topics" "date" - ' + b"9" * 40
    return Reader((lines.encode(),), _words(words + b' \xff \0 [[[[ {"": \' "":'), _rows(".jsonl"))


def sgml() -> Reader:
    """A Reuters-21578 of two documents."""

    def read(content: bytes, folder: Path) -> int:
        path = folder / "reuters.tar"
        with tarfile.open(path, "w") as archive:
            member = tarfile.TarInfo("reut2-000.sgm")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        return sum(1 for _ in reuters21578.read(reuters21578.Options(location=str(path)), folder))

    document = (
        '<!DOCTYPE lewis SYSTEM "lewis.dtd">\n<REUTERS TOPICS="YES" LEWISSPLIT="TRAIN" CGISPLIT="TRAINING-SET" '
        'OLDID="5544" NEWID="1">\n<DATE>26-FEB-1987 15:01:01.79</DATE><TOPICS><D>cocoa</D></TOPICS><PLACES><D>usa</D>'
        "<D>uk</D></PLACES><UNKNOWN>&#5;C T</UNKNOWN><TEXT>&#2;<TITLE>BAHIA &lt;CO> REVIEW</TITLE><DATELINE> SALVADOR, "
        "Feb 26 - </DATELINE><BODY>Showers &amp; rain&#127;.\n Reuter\n&#3;</BODY></TEXT>\n</REUTERS>\n"
    )
    unprocessed = document.replace("<TEXT>", '<TEXT TYPE="UNPROC">').replace("TRAIN", "TEST")
    words = (
        b'<REUTERS </REUTERS> <D> </D> <TOPICS> </TOPICS> <DATE> </DATE> <BODY> </BODY> &#3; &#x110000; & ; <TEXT " ='
    )
    words += b" &#99999999999; LEWISSPLIT NEWID \xff \0 31-FEB-1987 0-JAN-0000 reuter \x1b < >"
    return Reader((document.encode(), unprocessed.encode()), _words(words), read)


def mediawiki() -> Reader:
    """Dumps of two pages each."""
    tables = {"categories": _TAXONOMY / "wikinews_categories.csv", "countries": _TAXONOMY / "countries.csv"}

    def read(content: bytes, folder: Path) -> int:
        path = folder / "dump.xml"
        path.write_bytes(content)
        options = wikinews.Options(location=str(path), **tables)
        return sum(isinstance(item, Article) for item in wikinews.read(options, folder))

    head, _, rest = (ROOT / "tests" / "data" / "wikinews.xml").read_text(encoding="utf-8").partition("<page>")
    pages = ["<page>" + page for page in rest.replace("</mediawiki>", "").split("<page>")]
    seeds = tuple(f"{head}{''.join(pages[start : start + 2])}</mediawiki>".encode() for start in range(0, 12, 2))
    words = b"[[ ]] {{ }} | ''' == {| |} &lt;ref&gt; &lt;/ref&gt; &amp;#x110000; &amp;#0; <text> </text> <page> </page>"
    words += (
        b" <ns> <id> </id> x <revision> </revision> {{date| {{publish}} Category: <!DOCTYPE &a; &#xD800; <redirect/>"
    )
    words += b" -1 \xff \0 <timestamp> &lt;!-- <contributor/> &lt;nowiki&gt; http://[ &lt;/b <!ENTITY " + b"9" * 30
    return Reader(seeds, _words(words), read)


def predictor() -> Reader:
    """A predictor of both tasks, whole and cut; its description says that it is what it should be."""
    from pipeline.prediction import predictor_file
    from pipeline.prediction.predictor import load_predictor
    from support.models import train_predictor  # of the tests

    def read(content: bytes, folder: Path) -> int:
        (folder / predictor_file.BINARY).write_bytes(content)
        predictor_file.describe(folder, {"name": "fuzzed"})
        load_predictor(folder)
        return 1

    with tempfile.TemporaryDirectory() as name:
        folder = train_predictor(Path(name))
        whole = (folder / predictor_file.BINARY).read_bytes()
        content = predictor_file.load(folder)[0]
        predictor_file.save(folder, content | {"tasks": {"topics": content["tasks"]["topics"]}}, {"name": "small"})
        small = (folder / predictor_file.BINARY).read_bytes()
    words = [bytes([code]) for code in b"(.0123FIJKLMNPQRSTUVXabcdeghijlopqrstu}])\x80\x81\x82\x83\x84\x85\x86\x87\x88"]
    words += [bytes([code]) for code in range(0x89, 0x99)] + [
        b"\x8c\x01x",
        b"cos\nsystem\n",
        b"\xff" * 8,
        b"q\0",
        b"h\0",
    ]
    return Reader((small, whole, small[:2000]), (*words, b"joblib.numpy_pickle", b"shape", b"dtype"), read)


READERS: dict[str, Callable[[], Reader]] = {
    "sgml": sgml,
    "mediawiki": mediawiki,
    "csv": csv,
    "jsonl": jsonl,
    "predictor": predictor,
}
