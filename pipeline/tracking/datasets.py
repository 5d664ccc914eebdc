"""The prepared splits as MLflow datasets, with a digest that sees every field of every article."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow.data.dataset import Dataset

    from pipeline.training.record import Record

_DIGEST = 12  # characters; MLflow takes 36, its pages show them all
_COLUMNS = ("id", "title", "text", "date", "source", "url", "topics", "regions")
_CONTEXTS = {"train": "training"}


def split_datasets(record: Record) -> dict[str, Dataset]:
    """Each split as a dataset: name, place, digest, columns, size and counts of labels."""
    return {split: _dataset(record.name, split, described) for split, described in record.manifest["splits"].items()}


def log_inputs(mlflow: Any, datasets: dict[str, Dataset]) -> None:
    """Put the splits down as the run's inputs."""
    for split, dataset in datasets.items():
        mlflow.log_input(dataset, context=_CONTEXTS.get(split, split))


def _dataset(name: str, split: str, described: dict[str, Any]) -> Dataset:
    from mlflow.data.meta_dataset import MetaDataset
    from mlflow.data.sources import LocalArtifactDatasetSource
    from mlflow.types.schema import Array, ColSpec, DataType, Schema

    class Split(MetaDataset):
        def to_dict(self) -> dict[str, str]:
            return {**super().to_dict(), "profile": json.dumps(_profile(described))}

    lists = ("topics", "regions")
    schema = Schema([ColSpec(Array(DataType.string) if key in lists else "string", key) for key in _COLUMNS])
    source = LocalArtifactDatasetSource(f"data/prepared/{name}/{split}.parquet")
    return Split(source, name=f"{name} {split}", digest=described["content_sha256"][:_DIGEST], schema=schema)


def _profile(described: dict[str, Any]) -> dict[str, Any]:
    labels = {task: len(described[task]) for task in ("topics", "regions")}
    return {"num_rows": described["documents"], **labels, "content_sha256": described["content_sha256"]}
