"""What the service is told, through the environment, so that each of its processes knows it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.common.errors import ConfigError
from pipeline.rows.feedback_store import FEEDBACK

PREFIX = "DATELINE_"
MOST_WAITED = 30.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the service; `api_keys` are (key, name), `rate` is requests a second for each of them, `queue` the
    articles to label, which `serve --label` makes.

    Each is an environment variable: `max_bytes` is DATELINE_MAX_BYTES, `api_keys` DATELINE_API_KEYS ("name:key" or
    "key", with commas between), `cors` DATELINE_CORS (origins, with commas between), and so on.
    """

    model: str = "models/news"
    max_bytes: int = 10_000_000
    timeout: float = MOST_WAITED
    feedback: Path = FEEDBACK
    log: Path | None = None
    queue: Path | None = None
    api_keys: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    cors: tuple[str, ...] = ()
    rate: float = 0.0

    @classmethod
    def read(cls) -> Settings:
        """The settings that the environment holds. Raises ConfigError for one that can't be used."""
        given = {name: os.environ.get(PREFIX + name.upper(), "") for name in cls.__dataclass_fields__}
        values = {name: _READERS[name](name, value) for name, value in given.items() if value}
        return cls(**values)


def _number(name: str, value: str) -> float:
    try:
        found = float(value)
    except ValueError:
        found = -1.0
    if not 0 <= found < float("inf"):
        raise ConfigError(f"{PREFIX}{name.upper()} is '{value}', no number of 0 or more")
    return found


def _listed(_: str, value: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in value.split(","))))


def _keys(name: str, value: str) -> tuple[tuple[str, str], ...]:
    pairs = [part.rpartition(":") for part in _listed(name, value)]
    if not all(key for _, _, key in pairs):
        raise ConfigError(f"{PREFIX}API_KEYS holds a name without a key; write name:key,name:key")
    return tuple((key, who) for who, _, key in pairs)


_READERS = {
    "model": lambda _, value: value,
    "max_bytes": lambda name, value: int(_number(name, value)),
    "timeout": _number,
    "feedback": lambda _, value: Path(value),
    "log": lambda _, value: Path(value),
    "queue": lambda _, value: Path(value),
    "api_keys": _keys,
    "cors": _listed,
    "rate": _number,
}
