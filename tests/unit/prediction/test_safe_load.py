"""The reader of predictor files: what joblib writes comes back, everything else is refused and runs nothing."""

from __future__ import annotations

import builtins
import json
import os
import pickle
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pipeline.common.errors import ModelError
from pipeline.prediction import predictor_file
from pipeline.prediction.predictor import load_predictor
from pipeline.prediction.safe_load import loads

CONTENT: dict[str, Any] = {"name": "tiny", "taxonomy": {}, "tasks": {"topics": {"weights": np.eye(3, dtype="f4")}}}


@settings(max_examples=60)
@given(
    hnp.arrays(
        st.sampled_from([np.dtype(code) for code in ("f4", "f8", "f2", "i8", "u1", "?", ">i4", "S3", "U4")]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5),
    ),
    st.booleans(),
)
def test_arrays_come_back_as_joblib_reads_them(tmp_path_factory: Any, array: np.ndarray, fortran: bool) -> None:
    path = tmp_path_factory.mktemp("arrays") / "a.joblib"
    joblib.dump({"a": np.asfortranarray(array) if fortran else array, "b": ("x", 1, None, 2.5)}, path)
    ours, theirs = loads(path.read_bytes(), "a"), joblib.load(path)
    np.testing.assert_array_equal(ours["a"], theirs["a"])
    assert ours["a"].dtype.newbyteorder("=") == theirs["a"].dtype
    assert ours["b"] == theirs["b"]


class _Call:
    """Pickles as a call."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


def _exploits(marker: Path) -> dict[str, Any]:
    command, code = f"touch {marker}", f"open({str(marker)!r}, 'w')"
    return {
        "os.system": _Call(os.system, command),
        "eval": _Call(builtins.eval, code),
        "nested": {"tasks": [1, ({"deep": _Call(os.system, command)},)]},
        "getattr chain": _Call(getattr, _Call(__import__, "os"), "system"),
        "object array": np.array([_Call(os.system, command)], dtype=object),
    }


@pytest.mark.parametrize("name", ["os.system", "eval", "nested", "getattr chain", "object array"])
@pytest.mark.parametrize("compressed", [False, True])
def test_a_crafted_file_is_refused_and_runs_nothing(tmp_path: Path, name: str, compressed: bool) -> None:
    marker = tmp_path / "marker"
    folder = _written(tmp_path / "model", CONTENT)
    joblib.dump(_exploits(marker)[name], folder / predictor_file.BINARY, compress=3 if compressed else 0)
    _rewrite_hash(folder)
    with pytest.raises(ModelError, match=r"not a predictor|damaged"):
        predictor_file.load(folder)
    assert not marker.exists()


def test_plain_pickle_opcodes_can_not_reach_names_by_other_ways() -> None:
    for opcode in (b"\x82\x01", b"\x83\x01\x00"):  # the extension registry
        with pytest.raises(ModelError):
            loads(b"\x80\x04" + opcode + b".", "crafted")
    with pytest.raises(ModelError):
        loads(b"cos\nsystem\n(S'true'\ntR.", "crafted")


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "missing json", "newer", "older", "no json"])
def test_a_damaged_file_is_one_line_that_says_what_to_do(tmp_path: Path, damage: str) -> None:
    folder = _written(tmp_path / "model", CONTENT)
    binary, description = folder / predictor_file.BINARY, folder / predictor_file.DESCRIPTION
    content = binary.read_bytes()
    if damage == "truncated":
        binary.write_bytes(content[:-7])
    elif damage == "flipped":
        binary.write_bytes(content[:50] + bytes([content[50] ^ 1]) + content[51:])
    elif damage == "empty":
        binary.write_bytes(b"")
    elif damage == "missing json":
        description.unlink()
    elif damage == "no json":
        description.write_text("{")
    else:
        said = json.loads(description.read_text()) | {"format": predictor_file.FORMAT + 1 if damage == "newer" else 0}
        description.write_text(json.dumps(said))
    with pytest.raises(ModelError) as caught:
        predictor_file.load(folder)
    assert "\n" not in str(caught.value)
    assert any(word in str(caught.value) for word in ("copy", "train", "update"))


@settings(max_examples=200)
@given(st.integers(0, 10**6), st.integers(0, 255))
def test_a_flipped_byte_never_escapes_as_another_error(position: int, value: int) -> None:
    content = bytearray(pickle.dumps({"a": [1, "x", 2.5], "b": b"abc" * 5}, protocol=4))
    content[position % len(content)] = value
    with suppress(ModelError):
        loads(bytes(content), "flipped")


def test_long_lists_of_texts_survive_packing() -> None:
    value = {"a": [f"term {number}" for number in range(100)], "b": [["x"], []], "c": ["with\nbreak"] * 40}
    assert predictor_file.unpack(predictor_file.pack(value)) == value


def test_other_types_are_not_packed() -> None:
    with pytest.raises(TypeError, match="set"):
        predictor_file.pack({"a": {1, 2}})


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = _written(tmp_path / "a", CONTENT), _written(tmp_path / "b", CONTENT)
    assert (one / predictor_file.BINARY).read_bytes() == (other / predictor_file.BINARY).read_bytes()


def _written(folder: Path, content: dict[str, Any]) -> Path:
    folder.mkdir()
    predictor_file.save(folder, content, {"name": "tiny"})
    return folder


def _rewrite_hash(folder: Path) -> None:
    """Make the description fit the binary, as an attacker would."""
    import hashlib

    path = folder / predictor_file.DESCRIPTION
    digest = hashlib.sha256((folder / predictor_file.BINARY).read_bytes()).hexdigest()
    path.write_text(json.dumps(json.loads(path.read_text()) | {"sha256": digest}))


def test_an_array_that_claims_more_than_the_file_holds_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.joblib"
    joblib.dump(np.zeros(300, np.uint8), path)
    content = path.read_bytes().replace(struct.pack("<cH", b"M", 300), struct.pack("<cH", b"M", 60000))
    with pytest.raises(ModelError, match="ends behind"):
        loads(content, "a")


def test_parts_that_hold_one_another_or_stand_too_deep_are_refused(tmp_path: Path) -> None:
    ring: list[Any] = []
    ring.append({"tasks": ring})
    double, deep = ["x"], ["x"]
    for _ in range(60):
        deep = [deep]  # type: ignore[list-item]
    for _ in range(40):
        double = [double, double]  # type: ignore[list-item]
    for value in (ring, double, deep):
        with pytest.raises(ModelError, match="not a predictor"):
            loads(pickle.dumps(value, protocol=4), "crafted")


def test_a_predictor_without_what_it_needs_is_one_line(tmp_path: Path) -> None:
    folder = _written(tmp_path / "model", CONTENT | {"tasks": {"topics": {"kind": "linear", "state": {"labels": []}}}})
    with pytest.raises(ModelError, match="holds no whole predictor"):
        load_predictor(folder)
