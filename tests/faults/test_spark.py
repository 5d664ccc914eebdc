"""The logged model on Spark, through MLflow's `spark_udf`: the tags of the predictor."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.features.texts import Text
from pipeline.prediction.predictor import Predictor, load_predictor
from support.articles import unlabelled, write_lines
from support.models import NAME

pytest.importorskip("pyspark", reason="the extra 'spark' is not installed")
pytestmark = pytest.mark.skipif(not shutil.which("java"), reason="Spark needs Java, which is not installed")


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Spark of two threads on this machine's loopback."""
    from pyspark.sql import SparkSession

    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    settings = {"spark.driver.host": "127.0.0.1", "spark.driver.memory": "1g", "spark.sql.shuffle.partitions": "2"}
    settings["spark.sql.warehouse.dir"] = str(tmp_path_factory.mktemp("warehouse"))
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def _tags(tags: Any) -> list[tuple[str, float]]:
    return [(tag["label"], tag["score"]) for tag in tags]


def _expected(predictor: Predictor, row: dict[str, Any]) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    (found,) = predictor.predict([Text(row["text"], row["title"])])
    return [(tag.key, tag.score) for tag in found.topics], [(tag.code, tag.score) for tag in found.regions]


def test_spark_gives_the_tags_of_the_predictor(spark: Any, logged: Path, tmp_path: Path) -> None:
    import mlflow

    rows = [row | {"title": f"News from Paris {number}"} for number, row in enumerate(unlabelled(50))]
    source = write_lines(tmp_path / "archive.jsonl", rows)
    mlflow.set_tracking_uri(f"sqlite:///{logged / 'mlflow.db'}")
    tag = mlflow.pyfunc.spark_udf(spark, f"models:/{NAME}@champion", env_manager="local")
    articles_there = spark.read.json(str(source)).repartition(2)
    tagged = articles_there.select("id", tag("title", "text").alias("tags"))
    tagged.write.parquet(str(tmp_path / "tags"))
    found = {row["id"]: row["tags"] for row in spark.read.parquet(str(tmp_path / "tags")).collect()}
    predictor = load_predictor(logged / "models" / "first")
    assert len(found) == len(rows)
    for row in rows:
        topics, regions = _expected(predictor, row)
        assert (_tags(found[row["id"]]["topics"]), _tags(found[row["id"]]["regions"])) == (topics, regions)
