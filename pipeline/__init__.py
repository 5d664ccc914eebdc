"""Dateline: trains and runs taggers for news."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.prediction.predictor import load_predictor

__all__ = ["load_predictor"]


def __getattr__(name: str) -> Any:
    """Import the predictor only when it is asked for, so that `import pipeline` costs nothing."""
    if name == "load_predictor":
        from pipeline.prediction.predictor import load_predictor

        return load_predictor
    raise AttributeError(f"module 'pipeline' has no attribute '{name}'")
