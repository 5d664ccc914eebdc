"""The errors a user can cause: each prints as one line that says what to do."""

from __future__ import annotations

from pipeline.common.text import plain

_LONGEST = 1000


class DatelineError(Exception):
    """Base of every error a user can cause; the command line prints it as one line.

    The message may quote people's data: it is made one line without anything that a terminal would obey, and cut.
    """

    def __init__(self, message: str) -> None:
        line = " ".join(plain(message[: 2 * _LONGEST]).split())
        super().__init__(line if len(line) <= _LONGEST else f"{line[:_LONGEST]} ...")


class ConfigError(DatelineError):
    """A configuration that can't be used."""


class DataError(DatelineError):
    """A corpus, a file or a row that can't be used."""


class StorageError(DataError):
    """A file that can't be written: the disk is full, or somebody else's."""


class ModelError(DatelineError):
    """A predictor that is missing, damaged or of another version."""


class EngineError(DatelineError):
    """A cluster that can't be used, or was lost."""


class TrackingError(DatelineError):
    """The MLflow store can't be reached or does not hold what was asked for."""
