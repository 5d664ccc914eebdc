"""Where the files are that come with Dateline, and what its commands are called here."""

from __future__ import annotations

import shutil
import sys
from functools import cache
from pathlib import Path

_PACKAGE = __name__.partition(".")[0]


def project_file(path: Path | str) -> Path:
    """A file or folder such as `data/taxonomy`: in the working folder, else the one that comes with Dateline.

    A path that is nowhere comes back as it is, so that messages name what was asked for.
    """
    given = Path(path)
    if given.is_absolute() or given.exists():
        return given
    own = shipped() / given
    return own if own.exists() else given


@cache
def shipped() -> Path:
    """The folder that holds `data/` and `configs/`: the package's own when it is installed, else the clone's."""
    from importlib.resources import files

    package = Path(str(files(_PACKAGE)))
    return package if (package / "configs").is_dir() else package.parent


def command() -> str:
    """How this program is called: `dateline` when installed or typed so, `python train.py` in the clone."""
    typed = Path(sys.argv[0]).stem == "dateline"
    return "dateline" if typed or shipped().name == _PACKAGE else "python train.py"


def missing(what: str, extra: str) -> str:
    """One line for want of an extra: what needs it, and the command that installs its packages."""
    packages = " ".join(f"'{name}'" if "[" in name else name for name in _packages(extra))
    return f"{what} needs packages that are not installed: {_python()} -m pip install {packages}"


def _python() -> str:
    """This Python as a shell calls it."""
    import shlex

    name = Path(sys.executable).name
    return name if shutil.which(name) == sys.executable else shlex.quote(sys.executable)


def _packages(extra: str) -> list[str]:
    """The names of an extra's packages, from what the installation or the clone's pyproject.toml says."""
    from importlib.metadata import PackageNotFoundError, requires

    wanted = f'extra == "{extra}"'
    try:
        lines = [line for line in requires("dateline") or [] if wanted in line.replace("'", '"')]
    except PackageNotFoundError:
        import tomllib

        if not (shipped() / "pyproject.toml").is_file():  # a copy of the code, such as a logged model has
            return [f"dateline[{extra}]"]
        project = tomllib.loads((shipped() / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        lines = project["optional-dependencies"][extra]
    return [_name(line) for line in lines]


def _name(requirement: str) -> str:
    """A requirement without its versions: `dask[distributed]`, `numpy`."""
    plain = requirement.partition(";")[0].strip()
    for position, letter in enumerate(plain):
        if letter in "<>=!~( ":
            return plain[:position]
    return plain
