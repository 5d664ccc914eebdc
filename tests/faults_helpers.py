"""What the tests of faults share: a small trained project, commands as an ordinary user, disks that are nearly full."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
import yaml
from tracking_helpers import link_project, settings

from pipeline.prediction.predictor import load_predictor

ROOT = Path(__file__).parent.parent
CONFIG = ["--config", "tiny.yaml"]
MODEL, PREPARED = Path("models/tiny"), Path("data/prepared/tiny")
TEXT = "Soldiers and rebels fought near Nairobi, Kenya, the army said, and troops attacked at the border."
_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
_POWERLESS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@pytest.fixture(scope="session")
def faultless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a tiny corpus, prepared and trained, but with no MLflow store."""
    root = tmp_path_factory.mktemp("faults") / "project"
    link_project(root)
    # Settings that are cheap; the articles are those of the tests of the log.
    tree = settings(topics={"folds": 2}, regions={"folds": 2}, jobs=1)
    (root / "tiny.yaml").write_text(yaml.safe_dump(tree), encoding="utf-8")
    done = run(root, "train", *CONFIG, MLFLOW_TRACKING_URI="http://127.0.0.1:9")  # where nothing takes the log
    assert done.returncode == 1, done.stderr
    return root


@pytest.fixture
def breakable(faultless: Path, tmp_path: Path) -> Path:
    """The project anew, for a test that breaks it."""
    return Path(shutil.copytree(faultless, tmp_path / "project", symlinks=True))


def surroundings(**more: str) -> dict[str, str]:
    """The environment of a command."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    return kept | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | more


def begin(project: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a command."""
    command = [sys.executable, "train.py", *arguments]
    return subprocess.Popen(
        command, cwd=project, env=surroundings(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def run(
    project: Path, *arguments: str, prefix: Sequence[str] = (), **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = [*prefix, sys.executable, "train.py", *arguments]
    home = {"HOME": str(project)} if prefix else {}
    return subprocess.run(
        command,
        cwd=project,
        env=surroundings(**home, **environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def children(process: int) -> list[int]:
    """The worker processes below one."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(process)], capture_output=True, text=True, check=False
    )
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if "spawn_main" in line]


def told(done: subprocess.CompletedProcess[str], *said: str) -> None:
    """Check that a command has failed with one line that says certain things; stages may stand before it."""
    *stages, line = done.stderr.splitlines()
    assert done.returncode == 2, done.stderr
    assert line.startswith("dateline: "), done.stderr
    assert all(stage.startswith("  ") for stage in stages), done.stderr
    assert all(part in line for part in said), line


def state(*folders: Path) -> dict[str, bytes]:
    """Every file below the folders, hidden ones included, with its content."""
    return {str(path): path.read_bytes() for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()}


def check_whole(project: Path) -> None:
    """Check that the model tags, and that nothing temporary is left beside anything."""
    found = load_predictor(project / MODEL).predict([TEXT])[0]
    assert found.regions[0].code == "KE"
    hidden = [path for path in project.rglob(".*") if path.name not in (".cache", ".config")]  # those of matplotlib
    assert not hidden, hidden


@cache
def ordinary_user() -> tuple[str, ...]:
    """What to put before a command so that permissions hold for it: nothing for an ordinary user; root becomes one, or,
    where such a one can't reach Python, stays root without the power to pass over permissions. Skips the test where
    neither can be done."""
    if os.getuid():
        return ()
    for prefix in (_NOBODY, _POWERLESS):
        command = [*prefix, sys.executable, "-c", "import mlflow, numpy, typer; open('/usr/.tried', 'w')"]
        if shutil.which("setpriv"):
            tried = subprocess.run(command, capture_output=True, check=False, cwd="/", text=True)
            if "PermissionError" in tried.stderr.splitlines()[-1] and "/usr/.tried" in tried.stderr:
                return tuple(prefix)
    pytest.skip("no command can be run as an ordinary user here: root needs setpriv for it")


def hand_over(project: Path, *locked: str) -> tuple[str, ...]:
    """Give the project to an ordinary user, but some folders so that nothing can be written there; what to put before a
    command that the user runs."""
    user = ordinary_user()
    if user == tuple(_NOBODY):
        subprocess.run(["chown", "-R", "65534:65534", str(project)], check=True)
        for above in project.parents:
            if not above.stat().st_mode & 0o001:  # pytest's own folders are its user's only
                above.chmod(above.stat().st_mode | 0o011)
    for folder in locked:
        (project / folder).chmod(0o555)
    return user


def on_small_disk(project: Path, folder: Path, kilobytes: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command while `folder` of the project lies on a disk with so many kilobytes left; what is on it at the end
    takes the folder's place. Skips the test where no disk can be mounted."""
    own = ["unshare", "--mount"] if os.getuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    if subprocess.run([*own, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here: that takes root, or user namespaces")
    kept = project.with_name(f"{project.name}-kept")
    script = (
        'cp -a "$1/." "$2" && mount -t tmpfs none "$1" && cp -a "$2/." "$1" && rm -r "$2" && '
        'used=$(du -sk "$1" | cut -f1) && mount -o remount,size=$((used + $3))k "$1" && kept="$2" && disk="$1" && '
        'shift 3 && { "$@"; status=$?; cp -a "$disk" "$kept"; exit $status; }'
    )
    kept.mkdir()
    command = [*own, "sh", "-c", script, "sh", str(project / folder), str(kept), str(kilobytes)]
    done = run(project, *arguments, prefix=command)
    shutil.rmtree(project / folder)
    kept.rename(project / folder)
    return done
