"""The environment of the peers, apart from Dateline's own."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

PACKAGES = ("scikit-learn>=1.8,<2", "libmultilabel>=0.10,<0.11", "fasttext-numpy2>=0.10.4,<0.11")
_READY = ".ready"


def peer_python(folder: Path) -> Path:
    """The Python of the environment in `folder`, which is made and filled from PyPI when it is missing or of others."""
    wanted = hashlib.sha256(" ".join(PACKAGES).encode()).hexdigest()
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    ready = folder / _READY
    if not ready.exists() or ready.read_text() != wanted:
        print(f"installing {', '.join(PACKAGES)} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
        subprocess.run([str(part) for part in install], check=True)
        ready.write_text(wanted)
    return python
