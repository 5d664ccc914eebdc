"""Predictors made to harm: right hashes, but indices, sizes and texts that no training writes.

All are opened in another process, and what opens is used by the single, the batch and the explaining path: none may
end the process, and each that can't be used is refused in one line.
"""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from pipeline.common.errors import ModelError
from pipeline.prediction import predictor_file
from pipeline.prediction.predictor import load_predictor

ROOT = Path(__file__).parents[2]
OLD = ROOT / "tests" / "data" / "format-1"
Change = Callable[[dict[str, Any]], None]


def _at(path: str, make: Callable[[Any], Any]) -> Change:
    """A change of one part, such as `regions.gazetteer.codes`, in the content."""

    def change(content: dict[str, Any]) -> None:
        task, *inner, last = path.split(".")
        part = content["tasks"][task]["state"]
        for name in inner:
            part = part[name]
        part[last] = make(part[last])

    return change


def _set(index: Any, value: Any) -> Callable[[np.ndarray], np.ndarray]:
    def changed(array: np.ndarray) -> np.ndarray:
        array = array.copy()
        array[index] = value
        return array

    return changed


CASES: dict[str, Change] = {
    "a country code out of range": _at("regions.gazetteer.codes", _set(0, 30_000)),
    "a negative country code": _at("regions.gazetteer.codes", _set(0, -7)),
    "a kind of name out of range": _at("regions.gazetteer.kinds", _set(0, 200)),
    "a case out of range": _at("regions.gazetteer.cases", _set(0, 9)),
    "more entries counted than there are": _at("regions.gazetteer.counts", _set(0, 255)),
    "fewer cases than names": _at("regions.gazetteer.cases", lambda array: array[:-1]),
    "codes as floats": _at("regions.gazetteer.codes", lambda array: array.astype(float)),
    "weights of entries that are no numbers": _at("regions.gazetteer.weights", _set(0, np.nan)),
    "names that are no words": _at("regions.gazetteer.names", lambda text: text.replace(" ", " - ", 3)),
    "a name without letters": _at("regions.gazetteer.names", lambda text: "!" + text[text.index("\n") :]),
    "half a surrogate pair in a name": _at("regions.gazetteer.names", lambda text: "\ud800" + text),
    "a name of many words": _at("regions.gazetteer.names", lambda text: "a " * 100_000 + text),
    "fewer rows of weights than terms": _at("topics.weights", lambda array: array[:5]),
    "fewer columns of weights than labels": _at("topics.weights", lambda array: np.ascontiguousarray(array[:, :3])),
    "weights in one dimension": _at("topics.weights", lambda array: array.ravel()),
    "weights that are infinite": _at("topics.weights", _set((0, 0), np.inf)),
    "weights as integers": _at("topics.weights", lambda array: array.astype(np.int32)),
    "more terms than weights": _at("topics.features.terms", lambda text: text + "\nmore\nand more"),
    "rarities of too few terms": _at("topics.features.idf", lambda array: array[:1]),
    "no words in the lead": _at("topics.features.lead_words", lambda _: 0.0),
    "more terms learned than there are": _at("topics.features.learned", lambda _: 10**9),
    "fewer intercepts than labels": _at("topics.intercepts", lambda array: array[:1]),
    "fewer curves than labels": _at("topics.curves", lambda array: array[:1]),
    "fewer thresholds than labels": _at("topics.thresholds", lambda array: array[:2]),
    "thresholds of another byte order": _at("topics.thresholds", lambda array: array.astype(">f8")),
    "a decision that nobody knows": _at("topics.decision", lambda _: "some"),
    "a link whose knots fall": _at("topics.link", lambda _: np.array([[1.0, 1.0], [0.0, 2.0]])),
    "a link without knots": _at("topics.link", lambda _: np.zeros((0, 2))),
    "labels that stand twice": _at("topics.labels", lambda labels: [labels[1], *labels[1:]]),
    "labels that are no texts": _at("topics.labels", lambda labels: [7, *labels[1:]]),
    "text scores of unknown countries": _at("regions.text.labels", lambda labels: ["QQ", *labels[1:]]),
    "text weights of too few terms": _at("regions.text.weights", lambda array: array[:1]),
    "features that nothing writes": _at(
        "regions.names", lambda text: text.replace("word body: ", "word body: a-b ", 1)
    ),
    "fewer weights than features": _at("regions.weights", lambda array: array[:-1]),
    "a curve of one number": _at("regions.curve", lambda array: array[:1]),
    "an intercept that is no number": _at("regions.intercept", lambda _: float("nan")),
    "a task that nobody knows": lambda content: content["tasks"].update(
        weather=copy.deepcopy(content["tasks"]["topics"])
    ),
    "another kind of tagger": lambda content: content["tasks"]["topics"].update(kind="other"),
    "names that are no texts": lambda content: content["taxonomy"]["topics"].update(arts=[1, 2, 3]),
    "groups that are no list": lambda content: content["taxonomy"]["regions"].update(LY=["Libya", "Africa"]),
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What became of each case."""
    folder = tmp_path_factory.mktemp("crafted")
    content, _ = predictor_file.load(OLD)
    content["tasks"]["topics"]["state"].setdefault("link", np.zeros((1, 2)))
    content["tasks"]["topics"]["state"]["features"].setdefault("learned", 3)
    for name, change in {"unchanged": lambda _: None, **CASES}.items():
        given = copy.deepcopy(content)
        change(given)
        (folder / name).mkdir()
        joblib.dump(given, folder / name / predictor_file.BINARY)
        predictor_file.describe(folder / name, {"name": "crafted"})
    return _run(str(folder))


def _run(*arguments: str, cwd: Path = ROOT) -> dict[str, str]:
    command = [sys.executable, str(Path(__file__).with_name("crafted_predictors.py")), *arguments]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=cwd, check=False)
    found = dict(json.loads(line) for line in done.stdout.splitlines())
    assert done.returncode == 0, (done.returncode, list(found.items())[-1:], done.stderr[-2000:])
    return found


def test_the_unchanged_predictor_is_used(outcomes: dict[str, str]) -> None:
    assert outcomes["unchanged"].startswith("used: 3 9 ")


@pytest.mark.parametrize("name", CASES)
def test_each_is_refused_in_one_line_that_says_what_is_wrong(outcomes: dict[str, str], name: str) -> None:
    assert outcomes[name].startswith("refused: ")
    assert "holds no whole predictor: " in outcomes[name]
    assert "\n" not in outcomes[name]


def test_changes_by_chance_end_no_process(tmp_path: Path) -> None:
    found = _run(str(OLD), "--random", "60", "1", cwd=tmp_path)
    assert len(found) == 60
    assert all(outcome.startswith(("refused: ", "used: ")) for outcome in found.values())


def _nested_tuple(depth: int) -> Any:
    found: Any = ()
    for _ in range(depth):
        found = (found, found)
    return found


def _with_key(key: Any) -> bytes:
    """A pickle of a dict with this key."""
    inner = pickle.dumps(key, 2)[2:-1]
    return b"\x80\x02}" + inner + b"K\x01s."


@pytest.mark.parametrize(
    "content",
    [
        _with_key(_nested_tuple(60)),
        b"\x80\x02}(" + pickle.dumps(_nested_tuple(60), 2)[2:-1] + b"K\x01u.",
        _with_key(7),
        pickle.dumps({1, 2}),
        pickle.dumps(frozenset([_nested_tuple(1)])),
        pickle.dumps([["x" * 100_000] * 100_000]),
    ],
)
def test_keys_and_copies_that_would_never_end_are_refused_at_once(tmp_path: Path, content: bytes) -> None:
    (tmp_path / predictor_file.BINARY).write_bytes(content)
    predictor_file.describe(tmp_path, {"name": "crafted"})
    with pytest.raises(ModelError):
        load_predictor(tmp_path)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"format": 1, "a": ' * 200 + "1" + "}" * 200, "[]", '{"format": NaN}']
)
def test_a_description_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / predictor_file.BINARY).write_bytes((OLD / predictor_file.BINARY).read_bytes())
    (tmp_path / predictor_file.DESCRIPTION).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"predictor\.json can't be read"):
        load_predictor(tmp_path)


@pytest.mark.parametrize("name", ["oof.npz", "predictions.npz", "run.json"])
@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"[1]", b"[" * 100_000, b"{}", b'{"format": 1, "name": 3}'])
def test_what_training_left_may_be_damaged(tmp_path: Path, name: str, damage: bytes) -> None:
    from pipeline.common.errors import DataError
    from pipeline.evaluation.compare import load_predictions
    from pipeline.evaluation.suspects import read_oof
    from pipeline.training.record import read_record

    (tmp_path / name).write_bytes(damage)
    readers: dict[str, Callable[[], Any]] = {
        "oof.npz": lambda: read_oof(tmp_path),
        "predictions.npz": lambda: load_predictions(tmp_path / name, "test"),
        "run.json": lambda: read_record(tmp_path),
    }
    with pytest.raises(DataError):
        readers[name]()


def test_arrays_that_do_not_fit_each_other_are_damage(tmp_path: Path) -> None:
    from pipeline.common.errors import DataError
    from pipeline.evaluation.suspects import OutOfFoldLabels, read_oof, save_oof

    save_oof(tmp_path / "oof.npz", {"topics": OutOfFoldLabels(("1",), ("a", "b"), np.eye(2) > 0, np.eye(2))})
    with pytest.raises(DataError, match="can't be read"):
        read_oof(tmp_path)


@pytest.mark.parametrize("damage", ["{", "[]", "{}", '{"task": {}, "rows": "x", "failed": 0, "bytes": 0}'])
def test_a_damaged_checkpoint_says_what_to_do(tmp_path: Path, damage: str) -> None:
    from pipeline.common.errors import DataError
    from pipeline.prediction.bulk.resumable import checkpoint_of, open_lines, partial_of

    target = tmp_path / "out.jsonl"
    partial_of(target).write_text("{}\n", encoding="utf-8")
    checkpoint_of(target).write_text(damage, encoding="utf-8")
    with pytest.raises(DataError, match="damaged: add --force"), open_lines(target, "", {"a": 1}, True, False):
        pass
