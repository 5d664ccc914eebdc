"""The predictor as a logged model: MLflow's own tools can load and serve it, `predict` takes the files out of it."""

from __future__ import annotations

import io
import shutil
import tempfile
from contextlib import redirect_stderr, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.common.article import REGIONS, TOPICS
from pipeline.prediction.predictor_file import BINARY, DESCRIPTION
from pipeline.prediction.schema import TEXT, Kind, kind_of
from pipeline.prediction.tags import Prediction
from pipeline.tracking import describe

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

    from pipeline.training.record import Record

PREDICTOR = "predictor"
_FILES = (BINARY, DESCRIPTION, "MODEL_CARD.md")
_NOT_NEEDED = ("__pycache__", "configs", "data", "commands", "corpora", "tracking")


def log_model(mlflow: Any, record: Record, folder: Path) -> str:
    """Log the predictor in `folder` with the active run; the logged model's ID."""
    package = Path(__file__).parent.parent
    with tempfile.TemporaryDirectory() as temporary, redirect_stderr(io.StringIO()):  # it announces each step
        info = mlflow.pyfunc.log_model(
            name=describe.model_name(record).replace(".", "-"),
            python_model=str(Path(__file__).parent / "mlflow_model.py"),
            artifacts={PREDICTOR: str(_copied(folder, Path(temporary) / PREDICTOR))},
            code_paths=[str(_code(package, Path(temporary)))],
            pip_requirements=[f"{name}=={version}" for name, version in _requirements(record).items()],
            signature=_signature(),
            input_example=_example(),
            params={key: str(value) for key, value in describe.parameters(record).items()},
            tags=describe.tags(record),
            model_type="news tagger",
        )
    return str(info.model_id)


def _copied(folder: Path, target: Path) -> Path:
    target.mkdir()
    for name in _FILES:
        if (folder / name).is_file():
            shutil.copy2(folder / name, target)
    return target


def _code(package: Path, folder: Path) -> Path:
    """A copy of the package without what predicting does not need."""
    return Path(shutil.copytree(package, folder / package.name, ignore=shutil.ignore_patterns(*_NOT_NEEDED)))


def _requirements(record: Record) -> dict[str, str]:
    wanted = ("mlflow", "numba", "numpy")
    found = {name: version for name, version in record.predictor["libraries"].items() if name in wanted}
    for name in ("py3langid", "snowballstemmer"):  # which tell languages, and stem words in them
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _signature() -> ModelSignature:
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, Schema

    kinds = kind_of(Prediction)
    assert isinstance(kinds, dict)
    for tags in (kinds[TOPICS], kinds[REGIONS]):
        tags[0] = {"label": TEXT, **tags[0]}  # the key or code under one name for both tasks
    return ModelSignature(
        inputs=Schema([ColSpec("string", "title", required=False), ColSpec("string", "text")]),
        outputs=Schema([ColSpec(_type(kind), name) for name, kind in kinds.items()]),
    )


def _type(kind: Kind) -> Any:
    """The type of MLflow."""
    from mlflow.types.schema import Array, DataType, Object, Property

    if isinstance(kind, dict):
        return Object([Property(name, _type(inner)) for name, inner in kind.items()])
    if isinstance(kind, list):
        return Array(_type(kind[0]))
    return DataType.string if kind == TEXT else DataType.double


def _example() -> Any:
    import pandas as pd

    return pd.DataFrame([{"title": "Storm floods port", "text": "Heavy rain flooded the port of Genoa."}])
