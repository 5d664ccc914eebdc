"""A model that has learned topics alone says so, or takes the country tagger that comes along."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.prediction.explaining.terminal import as_table
from pipeline.prediction.predictor import Predictor, load_predictor
from support.articles import labelled
from support.projects import make_project, train_in

ENGLISH = "Heavy rain flooded the port of Genoa in Italy on Monday, and the Italian government sent help to the town."
GERMAN = (
    "Starker Regen hat am Montag den Hafen von Genua in Italien überschwemmt, und die Regierung in Rom hat geholfen."
)


def without_regions() -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "regions"} for row in labelled(80)]


def trained(folder: Path, **more: Any) -> Predictor:
    make_project(folder, without_regions())
    return load_predictor(train_in(folder, **more))


@pytest.fixture(scope="module")
def borrowing(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    return trained(tmp_path_factory.mktemp("projects") / "borrowing", regions="default")


def test_countries_by_the_tagger_that_comes_along(borrowing: Predictor) -> None:
    (found,) = borrowing.predict(ENGLISH)
    assert [(tag.code, tag.name, tag.decision) for tag in found.regions] == [("IT", "Italy", "review")]
    assert found.warnings == ()
    assert borrowing.description["tasks"]["regions"]["borrowed"] is True
    assert "IT" in {tag.label for tag in borrowing.explain(ENGLISH).tags}
    (german,) = borrowing.predict(GERMAN)
    assert [tag.code for tag in german.regions] == ["IT"]


def test_a_task_that_was_not_trained_says_so(tmp_path: Path) -> None:
    predictor = trained(tmp_path / "plain", regions=None)
    (found,) = predictor.predict(ENGLISH)
    assert found.regions == ()
    assert "regions: this model was not trained for them" in found.warnings
    assert as_table(found, predictor.taggers).count("not trained") == 1
    assert json.loads(json.dumps(found.as_dict()))["warnings"] == list(found.warnings)


def test_a_model_of_another_language_borrows_too(tmp_path: Path) -> None:
    predictor = trained(tmp_path / "german", regions="default", language="de")
    (found,) = predictor.predict(GERMAN)
    assert [tag.code for tag in found.regions] == ["IT"]
