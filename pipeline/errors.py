"""The errors a user can cause: each prints as one line that says what to do."""

from __future__ import annotations


class DatelineError(Exception):
    """Base of every error a user can cause; the command line prints it as one line."""


class ConfigError(DatelineError):
    """A configuration that can't be used."""


class DataError(DatelineError):
    """A corpus, a file or a row that can't be used."""


class ModelError(DatelineError):
    """A predictor that is missing, damaged or of another version."""


class TrackingError(DatelineError):
    """The MLflow store can't be reached or does not hold what was asked for."""
