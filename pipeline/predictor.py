"""The place where models that were logged before the code lay in rooms look for the predictor."""

from __future__ import annotations

from pipeline.features.texts import Text
from pipeline.prediction.predictor import Prediction, Predictor, load_predictor

__all__ = ["Prediction", "Predictor", "Text", "load_predictor"]
