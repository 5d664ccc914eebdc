"""Builds the package `dateline`: the modules of `pipeline` under that name, `train.py` as its `__main__`, and data.

In the clone the code is called `pipeline`. Installed, nothing but `dateline` may lie at the top of site-packages.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

CODE, PACKAGE = "pipeline", "dateline"
DATA = ("configs", "data/articles", "data/labels", "data/samples", "data/taxonomy")
_NAME = re.compile(rf"(?<![\w./]){CODE}(?=\.[a-z_]| import )")


class Renamed(build_py):
    """Copies the modules with their imports renamed, and the data beside them."""

    def run(self) -> None:
        """Build into an empty folder: what an earlier build left there would be installed too."""
        shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()
        self.build_module("__main__", "train.py", PACKAGE)
        for folder in DATA:
            ignored = shutil.ignore_patterns("*.py", "*.md", "__pycache__")
            shutil.copytree(folder, Path(self.build_lib, PACKAGE, folder), ignore=ignored)

    def build_module(self, module: str, module_file: str, package: str) -> tuple[str, bool]:
        """Copy a module and rename what it imports."""
        written, copied = super().build_module(module, module_file, package)
        path = Path(written)
        path.write_text(renamed(path.read_text(encoding="utf-8")), encoding="utf-8")
        return written, copied


def renamed(source: str) -> str:
    """Python source that imports `dateline` in place of `pipeline`."""
    return _NAME.sub(PACKAGE, source)


def settings() -> dict[str, Any]:
    """What setuptools is told: which packages there are, where they lie, and how they are built."""
    packages = find_packages(include=[CODE, f"{CODE}.*"])
    return {
        "packages": [PACKAGE + name.removeprefix(CODE) for name in packages],
        "package_dir": {PACKAGE: CODE},
        "cmdclass": {"build_py": Renamed},
    }


if __name__ == "__main__":
    if {"editable_wheel", "develop"} & set(sys.argv):
        sys.exit("dateline can't be installed as editable: in the clone, python train.py runs the code as it is")
    setup(**settings())
