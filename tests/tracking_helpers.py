"""What the tests of the log share: a tiny corpus, trainings of it, servers, commands in processes of their own."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
NAME = "dateline-tiny"
Client = Callable[[Path], Any]
WORDS = {
    "sport": "match goal league coach striker season trophy stadium referee penalty defender fans final cup",
    "economy": "market shares bank profit inflation investors growth exports budget currency tax prices trade debt",
    "conflict": "army soldiers attack rebels ceasefire troops border missile shelling wounded fighting siege patrol",
}
COUNTRIES = {"FR": ("France", "Paris"), "JP": ("Japan", "Tokyo"), "KE": ("Kenya", "Nairobi")}
COMMON = "the officials said on monday that a new report about it was seen in many parts of town as people met"


@dataclass(frozen=True)
class Tiny:
    """A project with two trained models of the same data, `models/first` and `models/second`, and an empty store."""

    root: Path

    def copy(self, target: Path) -> Path:
        """A project of its own with both models and an empty store, which takes long to make."""
        link_project(target)
        shutil.copy2(self.root / "mlflow.db", target)
        shutil.copytree(self.root / "models", target / "models")
        return target


def articles(count: int = 150, seed: int = 3) -> list[dict[str, Any]]:
    """Articles of our own words: one or two topics, one country each."""
    draw, rows = random.Random(seed), []
    for number in range(count):
        topics = draw.sample(sorted(WORDS), draw.choice((1, 1, 2)))
        code = draw.choice(sorted(COUNTRIES))
        country, city = COUNTRIES[code]
        words = [draw.choice(WORDS[draw.choice(topics)].split() + COMMON.split()) for _ in range(60)]
        text = f"{city}, {country}. " + " ".join(words)
        title = f"{' '.join(draw.sample(WORDS[topics[0]].split(), 3))} in {country}"
        rows.append({"id": str(number), "title": title, "text": text, "topics": topics, "regions": [code]})
    return rows


def link_project(folder: Path) -> None:
    """Make `folder` a project: this one's taxonomy, configurations and command, and the tiny corpus."""
    (folder / "data").mkdir(parents=True)
    for name in ("configs", "train.py"):
        (folder / name).symlink_to(ROOT / name)
    for name in ("labels", "taxonomy"):
        (folder / "data" / name).symlink_to(ROOT / "data" / name)
    rows = "".join(json.dumps(row) + "\n" for row in articles())
    (folder / "articles.jsonl").write_text(rows, encoding="utf-8")


def settings(**more: Any) -> dict[str, Any]:
    """The tiny configuration."""
    corpus = {"corpus": "files", "path": "articles.jsonl"}
    return {"name": "tiny", "description": "Three topics in three countries", "corpora": [corpus], **more}


def train_tiny(root: Path, name: str, **more: Any) -> Path:
    """Train the tiny configuration in `root` and keep the result as `models/<name>`."""
    from pipeline.common.config_file import parse_config
    from pipeline.common.progress import Progress
    from pipeline.training.train import train

    with chdir(root):
        result = train(parse_config(settings(**more), "tiny"), Path("data"), Path("models"), Progress(quiet=True))
        return (root / result.folder).rename(root / "models" / name)


def run(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python train.py ...` in a process of its own."""
    command = [sys.executable, str(ROOT / "train.py"), *arguments]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    return subprocess.run(  # noqa: PLW1510
        command, cwd=root, env={**surroundings, **environment}, capture_output=True, text=True, timeout=300
    )


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, process: subprocess.Popen[Any], seconds: float = 90) -> float:
    """Seconds until a server answers."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        try:
            urllib.request.urlopen(f"{address}/health", timeout=1).close()
            return time.monotonic() - started
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{address} did not answer")


@contextmanager
def mlflow_server(folder: Path, port: int, store: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A real MLflow server with a store of its own, which hands artifacts on to its clients."""
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", store or f"sqlite:///{folder / 'server.db'}"]
    command += ["--artifacts-destination", str(folder / "server-artifacts"), "--uvicorn-opts", "--log-level warning"]
    surroundings = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    surroundings.pop("MLFLOW_TRACKING_URI", None)
    process = subprocess.Popen(
        command, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_for(f"http://127.0.0.1:{port}", process)
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[Any]) -> None:
    """End a process that leads a group of its own, at once."""
    import signal

    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait(10)


@contextmanager
def without_tracking_uri() -> Iterator[None]:
    """No MLFLOW_TRACKING_URI of the surroundings."""
    kept = os.environ.pop("MLFLOW_TRACKING_URI", None)
    try:
        yield
    finally:
        if kept is not None:
            os.environ["MLFLOW_TRACKING_URI"] = kept
