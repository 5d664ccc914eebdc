"""How long /health and a short /predict wait while a large or hostile request is under way."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import string
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.load import ROOT, free_port, running

SHORT = json.dumps({"text": "Heavy rain flooded the port of Genoa on Monday, officials in Italy said."}).encode()
Hostile = tuple[str, bytes]


def bodies(size: int) -> dict[str, Callable[[], Hostile]]:
    """A path and a body of about `size` bytes, by what is special about it."""
    chance = random.Random(3)

    def text(piece: str) -> bytes:
        return json.dumps({"text": piece * (size // len(piece.encode()))}, ensure_ascii=False).encode()

    def title(piece: str) -> bytes:
        return json.dumps({"title": piece * (size // len(piece.encode()))}, ensure_ascii=False).encode()

    def words() -> bytes:
        letters = string.ascii_lowercase
        found = " ".join("".join(chance.choices(letters, k=7)) for _ in range(size // 8))
        return json.dumps({"text": found}).encode()

    return {
        "prose": lambda: ("/predict", text("Heavy rain flooded the port of Genoa on Monday, the officials said. ")),
        "marks U+0301": lambda: ("/predict", text("\u0301")),
        "marks U+0F73": lambda: ("/predict", text("\u0f73")),
        "country names in a title": lambda: ("/predict", title("Libya France Japan ")),
        "unknown keys": lambda: (
            "/predict", b"{" + b",".join(b'"k%d":1' % number for number in range(size // 12)) + b"}"
        ),
        "a deep list": lambda: ("/predict", b'{"text":' + b"[" * size),
        "new words": lambda: ("/predict", words()),
        "Central": lambda: ("/predict", text("Central ")),
        "1,000 articles": lambda: (
            "/predict", json.dumps([{"text": "Heavy rain in Italy. " * (size // 21_000)}] * 1000).encode()
        ),
        "explaining a title": lambda: ("/explain", title("Libya rain flood ")),
        "explaining a text": lambda: ("/explain", text("Heavy rain in Libya. ")),
        "the page": lambda: ("/", b"text=" + b"Heavy+rain+in+Libya.+" * (size // 21)),
    }  # fmt: skip


def main() -> None:
    """Print a table: the status and seconds of each body, and what short requests waited beside it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="models/news")
    parser.add_argument("--mb", type=float, default=9.5)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    port = free_port()
    command = [sys.executable, str(Path(ROOT) / "train.py"), "serve", "--model", arguments.model, "--port", str(port)]
    print("| body | status | seconds | /health p50, p99, max (ms) | /predict p50, p99, max (ms) | asked |")
    print("|---|---|---|---|---|---|")
    with running(command, f"http://127.0.0.1:{port}/health"):
        for name, make in bodies(int(arguments.mb * 1e6)).items():
            if arguments.only in name:
                print(asyncio.run(_beside(port, name, *make())), flush=True)


async def _beside(port: int, name: str, path: str, body: bytes) -> str:
    large = asyncio.create_task(_ask(port, "POST", path, body))
    waited: dict[str, list[float]] = {"/health": [], "/predict": []}
    begun = time.perf_counter()
    while not large.done() or time.perf_counter() - begun < 2:
        for asked, method, small in (("/health", "GET", b""), ("/predict", "POST", SHORT)):
            start = time.perf_counter()
            status = await _ask(port, method, asked, small)
            waited[asked].append(time.perf_counter() - start)
            if status != 200:
                raise SystemExit(f"{asked} answered {status} beside {name}")
        await asyncio.sleep(0.01)
        if large.done() and time.perf_counter() - begun < 2:
            large = asyncio.create_task(_ask(port, "POST", path, body))
    took = time.perf_counter() - begun
    shown = " | ".join(", ".join(f"{value:.0f}" for value in _marks(times)) for times in waited.values())
    return f"| {name} | {large.result()} | {took:.1f} | {shown} | {len(waited['/health'])} |"


def _marks(times: list[float]) -> Iterator[float]:
    ordered = sorted(times)
    for share in (0.5, 0.99, 1.0):
        yield 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def _ask(port: int, method: str, path: str, body: bytes) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    status = int((await reader.readline()).split()[1])
    while await reader.read(1 << 20):
        pass
    writer.close()
    return status


if __name__ == "__main__":
    main()
