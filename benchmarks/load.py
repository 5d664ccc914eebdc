"""Requests a second and waiting times of the service, beside minimal FastAPI services and `mlflow models serve`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def main() -> None:
    """Measure both servers and print a table; `--json` for programs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="models/news")
    parser.add_argument("--data", type=Path, default=Path("data/prepared/news"))
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--letters", type=int, default=2000, help="of each article")
    parser.add_argument("--mlflow", action="store_true", help="also `mlflow models serve`")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    texts = [text[: arguments.letters] for text in _texts(arguments.data)]
    found: dict[str, dict[str, float]] = {}
    for number in range(1, arguments.rounds + 1):
        for name, measured in _round(arguments, texts).items():
            found[f"round {number}, {name}"] = measured
    print(json.dumps(found, indent=1) if arguments.json else _table(found))


def _texts(data: Path) -> list[str]:
    """About two kilobytes of each of some test articles."""
    from pipeline.preparation import prepared_splits

    return [
        row["text"][:2000] for row in prepared_splits.read_split(data, "test").to_list() if len(row["text"]) > 1000
    ][:200]


def _round(arguments: argparse.Namespace, texts: list[str]) -> dict[str, dict[str, float]]:
    """Each server once; the measurements by server and number of connections."""
    servers = {
        "dateline, 1 worker": _dateline(arguments, texts, 1),
        "dateline, 2 workers": _dateline(arguments, texts, 2),
        "FastAPI, OneVsRest pipeline": _fastapi(arguments, texts, "pipeline"),
        "FastAPI, stacked weights": _fastapi(arguments, texts, "stacked"),
    }
    if arguments.mlflow:
        servers["mlflow models serve, 2 workers"] = _mlflow(arguments, texts, 2)
    return {f"{name}, {count}": row for name, rows in servers.items() for count, row in rows.items()}


def _fastapi(arguments: argparse.Namespace, texts: list[str], kind: str) -> dict[int, dict[str, float]]:
    from benchmarks.peers import fastapi_service

    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.pickle"
        fastapi_service.fit(arguments.data, model)
        command = [sys.executable, "-m", "benchmarks.peers.fastapi_service", str(model), kind, str(port)]
        bodies = [json.dumps({"text": text}).encode() for text in texts]
        with running(command, f"http://127.0.0.1:{port}/health"):
            return _loads(port, "/predict", bodies, arguments)


def _loads(port: int, path: str, bodies: list[bytes], arguments: argparse.Namespace) -> dict[int, dict[str, float]]:
    return {count: asyncio.run(_load(port, path, bodies, arguments.seconds, count)) for count in arguments.connections}


def _dateline(arguments: argparse.Namespace, texts: list[str], workers: int) -> dict[int, dict[str, float]]:
    port = free_port()
    command = [sys.executable, str(ROOT / "train.py"), "serve", "--model", arguments.model, "--port", str(port)]
    bodies = [json.dumps({"text": text}).encode() for text in texts]
    with running([*command, "--workers", str(workers)], f"http://127.0.0.1:{port}/health"):
        return _loads(port, "/predict", bodies, arguments)


def _mlflow(arguments: argparse.Namespace, texts: list[str], workers: int) -> dict[int, dict[str, float]]:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        model = _plain_pipeline(arguments.data, Path(folder))
        command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(model), "--env-manager", "local"]
        bodies = [json.dumps({"inputs": [text]}).encode() for text in texts]
        with running([*command, "-p", str(port), "-w", str(workers)], f"http://127.0.0.1:{port}/ping"):
            return _loads(port, "/invocations", bodies, arguments)


def _plain_pipeline(data: Path, folder: Path) -> Path:
    """TF-IDF and one-vs-rest support-vector machines on the training split, saved as MLflow saves them."""
    import mlflow.sklearn
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MultiLabelBinarizer
    from sklearn.svm import LinearSVC

    from pipeline.preparation import prepared_splits

    rows = [row for row in prepared_splits.read_split(data, "train").to_list() if row["topics"] is not None]
    gold = MultiLabelBinarizer().fit_transform([row["topics"] for row in rows])
    fitted = make_pipeline(TfidfVectorizer(sublinear_tf=True, min_df=2), OneVsRestClassifier(LinearSVC()))
    fitted.fit([row["text"] for row in rows], gold)
    target = folder / "model"
    mlflow.sklearn.save_model(fitted, target, pip_requirements=[], serialization_format="cloudpickle")
    return target


@contextmanager
def running(command: list[str], alive: str) -> Iterator[None]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # where mlflow looks for uvicorn
    environment = {**os.environ, **QUIET, "PYTHONPATH": str(ROOT), "PATH": path}
    nowhere: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=environment, start_new_session=True, **nowhere)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(alive, timeout=1).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit(f"it did not start: {' '.join(command)}") from None
                time.sleep(0.1)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


async def _load(port: int, path: str, bodies: list[bytes], seconds: float, connections: int) -> dict[str, float]:
    """Ask over so many connections, each its next request as soon as the last is answered."""
    await _ask(port, path, bodies, 1.0, 0)  # warm up
    start = time.perf_counter()
    waited = await asyncio.gather(*(_ask(port, path, bodies, seconds, number) for number in range(connections)))
    took = time.perf_counter() - start
    times = sorted(time for each in waited for time in each)
    marks = {f"p{share}": 1000 * times[int(len(times) * share / 100)] for share in (50, 99)}
    return {"requests/s": len(times) / took, **marks}


async def _ask(port: int, path: str, bodies: list[bytes], seconds: float, number: int) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    end = time.perf_counter() + seconds
    waited: list[float] = []
    while (begun := time.perf_counter()) < end:
        body = bodies[(len(waited) + 13 * number) % len(bodies)]
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{path} answered {answer.splitlines()[0].decode()}")
        await reader.readexactly(_length(answer))
        waited.append(time.perf_counter() - begun)
    writer.close()
    return waited


def _length(head: bytes) -> int:
    return next(int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-length:"))


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _table(found: dict[str, Any]) -> str:
    lines = ["| server, connections | requests/s | p50, ms | p99, ms |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {row['requests/s']:,.0f} | {row['p50']:.1f} | {row['p99']:.1f} |" for name, row in found.items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
