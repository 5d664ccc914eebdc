"""Which predictor `--model` means."""

from __future__ import annotations

from pathlib import Path

from pipeline.common.project import project_file
from pipeline.prediction.predictor import Predictor, load_predictor


def open_model(model: str) -> Predictor:
    """The predictor at a path, or behind an MLflow URI. Raises ModelError or TrackingError."""
    if model.startswith(("models:/", "runs:/", "mlflow-artifacts:/")):
        from pipeline.tracking import fetch_predictor

        return load_predictor(fetch_predictor(model, Path.cwd()))
    return load_predictor(project_file(model))
