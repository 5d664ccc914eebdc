"""The predictor as an MLflow pyfunc model, by models-from-code: MLflow runs this file when it loads the model."""

from __future__ import annotations

from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

from pipeline.features.texts import Text
from pipeline.prediction.predictor import Prediction, Predictor, load_predictor
from pipeline.prediction.tags import plain


class TaggingModel(PythonModel):
    """Rows of `title` (optional) and `text` in; their topics and regions, with scores, out."""

    predictor: Predictor

    def load_context(self, context: Any) -> None:
        """Open the predictor that was logged with the model."""
        self.predictor = load_predictor(context.artifacts["predictor"])

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> list[dict[str, Any]]:  # noqa: ARG002
        """One row of tags for each input row; a row without any text has none."""
        texts = [Text(_text(row.get("text")), _text(row.get("title"))) for row in model_input.to_dict("records")]
        tagged = iter(self.predictor.predict([text for text in texts if text.text or text.title]))
        found = [next(tagged) if text.text or text.title else Prediction() for text in texts]
        return [
            {
                **plain(prediction),
                "topics": [{"label": tag.key, **plain(tag)} for tag in prediction.topics],
                "regions": [{"label": tag.code, **plain(tag)} for tag in prediction.regions],
            }
            for prediction in found
        ]


def _text(value: Any) -> str:
    """A cell's text; pandas has NaN where a row lacks one."""
    return value.strip() if isinstance(value, str) else ""


set_model(TaggingModel())
