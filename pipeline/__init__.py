"""Dateline: trains and runs taggers for news."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.common.errors import DataError
    from pipeline.prediction.predictor import load_predictor

__version__ = "0.1.0"
__all__ = ["DataError", "__version__", "load_predictor"]


def __getattr__(name: str) -> Any:
    """Import what is asked for only then, so that `import dateline` costs nothing."""
    if name == "load_predictor":
        from pipeline.prediction.predictor import load_predictor

        return load_predictor
    if name == "DataError":
        from pipeline.common.errors import DataError

        return DataError
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
