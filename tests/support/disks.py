"""Folders without permissions for an ordinary user, and disks that are nearly full."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from support.commands import environment, run

_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
_POWERLESS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
_PROBE = (
    "import pathlib, sys, mlflow, train, pipeline.commands.train; pathlib.Path(sys.argv[1], 'tried').write_text('')"
)


@cache
def ordinary_user() -> tuple[str, ...]:
    """What to put before a command so that permissions hold for it.

    Nothing for an ordinary user. Root becomes the user nobody or, where that user can't run Python, stays root without
    the power to pass over permissions. Skips the test where neither can be done.
    """
    if os.getuid():
        return ()
    if shutil.which("setpriv"):
        for prefix in (_NOBODY, _POWERLESS):
            if _permissions_hold(prefix):
                return prefix
    pytest.skip("permissions hold for no user here: root needs setpriv, and a Python that the user nobody can run")


def _permissions_hold(prefix: tuple[str, ...]) -> bool:
    """Whether a command with a prefix can import what Dateline needs and is kept from a folder that it may only read.

    The folder is a temporary one, so that nothing is harmed where permissions do not hold after all.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        command = [*prefix, sys.executable, "-c", _PROBE, name]
        tried = subprocess.run(
            command, capture_output=True, check=False, cwd="/", text=True, env=environment(HOME=name)
        )
    last = tried.stderr.rstrip().rpartition("\n")[2]
    return last.startswith("PermissionError") and f"{name}/tried" in last


def hand_over(project: Path, *locked: str) -> tuple[str, ...]:
    """Give a project to an ordinary user, but some folders so that nothing can be written there; what to put before a
    command that the user runs."""
    user = ordinary_user()
    if user == _NOBODY:
        subprocess.run(["chown", "-R", "65534:65534", str(project)], check=True)
        for above in project.parents:
            if not above.stat().st_mode & 0o001:  # pytest's own folders are its user's only
                above.chmod(above.stat().st_mode | 0o011)
    for folder in locked:
        (project / folder).chmod(0o555)
    return user


@contextmanager
def files_no_larger_than(count: int) -> Iterator[None]:
    """Let this process write no file of more than so many bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def on_small_disk(project: Path, folder: Path, kilobytes: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command while `folder` of the project lies on a disk with so many kilobytes left.

    What is on the disk at the end takes the folder's place. Skips the test where no disk can be mounted.
    """
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
    done = run(project, *arguments, before=command)
    shutil.rmtree(project / folder)
    kept.rename(project / folder)
    return done
