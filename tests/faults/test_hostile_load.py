"""Texts made to cost time, and clients of the service that are slow, many, or send too much."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from pipeline.common.errors import DataError
from pipeline.common.text import clean, plain, safe
from pipeline.corpora._wikitext import parse
from pipeline.features.compiled.shingles import shingles
from pipeline.features.tokens import fold, tokenize
from pipeline.prediction.text_files import decode, is_html, read_text
from pipeline.rows.dates import iso_date
from pipeline.rows.label_cells import guess_separator, split_labels
from pipeline.rows.writer import json_text
from support.articles import STORM
from support.servers import start_service

httpx = pytest.importorskip("httpx")

TEXTS: dict[str, Callable[[int], str]] = {
    "letters": lambda size: "a" * size,
    "blanks": lambda size: " " * size + "x",
    "blanks and lines": lambda size: "\t \n" * (size // 3) + "x",
    "dots": lambda size: "a." * (size // 2) + "ab",
    "apostrophes": lambda size: "a'" * (size // 2) + "1",
    "marks on a letter": lambda size: "a" + "\u0315\u0300" * (size // 2),
    "replacement characters": lambda size: "\ufffd" * size,
    "comments": lambda size: "<!-- -->" * (size // 8) + "x",
    "elements": lambda size: "<b" * (size // 2),
    "open quotes": lambda size: "['" + "\\'" * (size // 2) + "\\",
    "digits": lambda size: "9" * size,
    "brackets": lambda size: "[" * size,
    "half characters": lambda size: "\ud800" * size,
}
WORK: dict[str, Callable[[str], Any]] = {
    "clean": clean,
    "fold": fold,
    "tokenise": tokenize,
    "shingles": shingles,
    "decode": lambda text: decode(text.encode("utf-8", "replace")),
    "old tables": lambda text: decode(text.encode("utf-8", "replace") + b"\xe9 \x92s"),
    "is it HTML": lambda text: is_html("a.txt", text.encode("utf-8", "replace")),
    "labels": lambda text: _ignoring(ValueError, split_labels, text, ";"),
    "separator": lambda text: guess_separator([text]),
    "date": iso_date,
    "terminal": lambda text: (safe(text), plain(text)),
    "JSON": json_text,
}


def _ignoring(error: type[Exception], work: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return work(*arguments)
    except error:
        return None


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("work", WORK)
def test_time_grows_with_the_length_and_no_faster(work: str, kind: str) -> None:
    """Eight times the length may take thirty times as much processor time (it would be 64 times were it quadratic)."""
    short, long = (min(_seconds(WORK[work], TEXTS[kind](size)) for _ in range(2)) for size in (25_000, 200_000))
    assert long < max(30 * short, 0.2)


def _seconds(work: Callable[[str], Any], text: str) -> float:
    begun = time.process_time()
    work(text)
    return time.process_time() - begun


@pytest.mark.parametrize("piece", ["[[", "{{", "<ref>", "'''", "{|", "== ", " ", "&", "__A", "[http://"])
def test_wikitext_that_never_closes_ends_in_time(piece: str) -> None:
    assert _seconds(lambda text: _ignoring(DataError, parse, text), piece * 2000) < 3
    with pytest.raises(DataError, match="which no article has") if set(piece) & set("[{<") else nullcontext():
        parse(piece * 20_000)


def test_a_page_of_html_costs_no_more_than_its_length(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    for piece in ("<div>", "<b>x</b>", "x<br>", "<li>word here", "<!--", "<p><a href='x'>word</a></p>"):
        took = []
        for count in (500, 4000):
            path = tmp_path / "a.html"
            path.write_text(f"<html><body><p>{piece * count}")
            took.append(
                min(_seconds(lambda text: _ignoring(DataError, read_text, Path(text)), str(path)) for _ in range(2))
            )
        assert took[1] < max(20 * took[0], 0.5), piece


@pytest.fixture(scope="module")
def service(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """A running service with a limit of 100 kB: its address and its process."""
    pytest.importorskip("uvicorn", reason="the extra serve is not installed")
    model = shutil.copytree(tiny_folder, tmp_path_factory.mktemp("served") / "model")
    process, url = start_service(model, "--max-mb", "0.1")
    yield url, process.pid
    process.terminate()
    process.wait()


HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def test_a_thousand_slow_clients_keep_nobody_waiting_and_are_cut_off(service: tuple[str, int]) -> None:
    url, process = service
    asyncio.run(_slowly(url))
    status = Path(f"/proc/{process}/status")
    if status.exists():
        assert int(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0]) < 400_000  # kilobytes


async def _slowly(url: str) -> None:
    """Clients that send a byte a second, of a head or of a body: the service answers others, and ends them in time."""
    port = int(url.rpartition(":")[2])
    clients = [await asyncio.open_connection("127.0.0.1", port) for _ in range(1000)]
    for number, (_, writer) in enumerate(clients):
        writer.write(HEAD + (b"X-A: " if number < 900 else b"Content-Length: 90000\r\n\r\n{"))
    async with httpx.AsyncClient(timeout=None) as client:
        for _ in range(3):
            for _, writer in clients:
                writer.write(b"a")
            found = await client.post(f"{url}/predict", json={"text": STORM.text})
            assert found.status_code == 200
            assert not any(reader.at_eof() for reader, _ in clients)  # the slow ones still wait: nobody waited for them
    answers = [await reader.read() for reader, _ in clients]
    assert set(answers[:900]) == {b""}
    assert all(answer.startswith(b"HTTP/1.1 408") for answer in answers[900:])
    for _, writer in clients:
        writer.close()


def test_oversized_bodies_are_refused_while_others_are_served(service: tuple[str, int]) -> None:
    url, _ = service
    body = b'{"text": "' + b"x" * 300_000

    async def ask() -> list[int]:
        limits = httpx.Limits(max_connections=100)
        async with httpx.AsyncClient(limits=limits, timeout=None) as client:
            asked = [client.post(f"{url}/predict", content=_pieces(body)) for _ in range(60)]
            asked += [client.post(f"{url}/predict", json={"text": STORM.text}) for _ in range(20)]
            answers = await asyncio.gather(*asked, return_exceptions=True)
            return [413 if isinstance(answer, BaseException) else answer.status_code for answer in answers]

    statuses = asyncio.run(ask())
    assert set(statuses[:60]) <= {413, 503}
    assert set(statuses[60:]) == {200}


async def _pieces(body: bytes) -> Any:
    for start_ in range(0, len(body), 10_000):
        yield body[start_ : start_ + 10_000]
