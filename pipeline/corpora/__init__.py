"""Corpora: one module each, yielding articles.

A corpus module has an `Options` model (the keys it takes in a configuration) and two functions:
`fetch(options, raw)` makes sure that its sources lie in the folder `raw` (the only place that may use the network) and
returns them; `read(options, raw)` yields `Article`s, and `Reject`s for the rows that are none. A module may have a
`NOTICE`: what everybody who reads a figure of a model trained on it must know.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel

from pipeline.common.article import Article, Reject
from pipeline.common.errors import ConfigError
from pipeline.corpora._downloads import Source


class Corpus(Protocol):
    """What a module of this package offers."""

    Options: type[BaseModel]

    def fetch(self, options: Any, raw: Path) -> list[Source]: ...

    def read(self, options: Any, raw: Path) -> Iterator[Article | Reject]: ...


def names() -> list[str]:
    """The corpora there are."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def corpus(name: str) -> Corpus:
    """The module of a corpus; raises ConfigError for a name that there is none for."""
    if name not in names():
        raise ConfigError(f"unknown corpus '{name}'; there are {', '.join(names())}")
    return importlib.import_module(f"pipeline.corpora.{name}")


def notice(name: str) -> str:
    """What readers must be told of a corpus; mostly nothing. Raises ConfigError as `corpus` does."""
    return str(getattr(corpus(name), "NOTICE", ""))
