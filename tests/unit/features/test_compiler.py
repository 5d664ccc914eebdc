"""Compiled functions: what they take and give, under which hash they are kept, and what damage and interrupts do."""

from __future__ import annotations

import importlib
import multiprocessing
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from pipeline.features.compiled import compiler, kept, making, native
from pipeline.features.compiled.compiler import Compiled, Part
from pipeline.prediction.batch_products import rows_times
from pipeline.training.svm_loops import frequency

MODULES = [
    "pipeline.features.compiled.country_features",
    "pipeline.features.compiled.meanings",
    "pipeline.features.compiled.scanner",
    "pipeline.features.compiled.term_counts",
    "pipeline.prediction.batch_products",
    "pipeline.training.svm_loops",
]
ROWS = np.array([0, 2, 5]), np.array([1, 3, 0, 1, 2]), np.array([0, 1])  # bounds, terms, and which rows
COUNTS = [1, 2, 1, 1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where compiled functions are kept, and nothing is yet."""
    monkeypatch.setattr("pipeline.common.machine_folder.PACKAGE", tmp_path)
    monkeypatch.setattr(kept, "folder_of", kept.folder_of.__wrapped__)
    return tmp_path / "__pycache__"


def _counted(function: Callable[..., Any], indptr: np.ndarray, indices: np.ndarray, chosen: np.ndarray) -> list[int]:
    found = np.zeros(4, np.int64)
    assert function(indptr, indices, chosen, found) is None
    return list(found)


def _native(function: Callable[..., Any], slots: str, *args: Any) -> Callable[[list[Any]], Any]:
    dispatcher = numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
    return native.loaded(function.__name__, *making.made(dispatcher, args), slots)


def _sources(module: str) -> set[str]:
    found, waiting = {module}, [module]
    while waiting:
        new = set(kept._imports(waiting.pop())) - found
        found |= new
        waiting += new
    return found


@pytest.mark.parametrize("module", MODULES)
def test_the_hash_covers_all_compiled_functions_that_a_module_calls(module: str) -> None:
    sources = _sources(module)
    called = [value for value in vars(importlib.import_module(module)).values() if isinstance(value, Part)]
    assert called
    assert {one.function.__module__ for one in called} <= sources


def test_the_hash_covers_modules_taken_from_a_package_and_none_that_are_for_types_only() -> None:
    assert "pipeline.features.country_features" in _sources("pipeline.features.compiled.country_features")
    assert not any(name.startswith("pipeline.training") for name in _sources("pipeline.prediction.batch_products"))
    how = {compiler.__name__, kept.__name__, making.__name__, native.__name__, "pipeline.common.machine_folder"}
    own = {"pipeline.training.svm_loops", "pipeline.features.compiled.dense_rows"}
    assert _sources("pipeline.training.svm_loops") == own | how


def test_each_module_has_a_hash_of_its_own() -> None:
    assert len({kept.sources_hash(module) for module in MODULES}) == len(MODULES)


def test_arrays_of_all_layouts_and_kinds_are_taken_as_they_are(tmp_path: Path) -> None:
    indptr, indices, chosen = ROWS
    wide, turned = np.repeat(indices, 3)[::3], indices[::-1].copy()[::-1]
    fixed = indices.copy()
    fixed.flags.writeable = False
    odd = np.frombuffer(b"." + indices.tobytes(), np.uint8)[1:].view(np.int64)
    np.save(tmp_path / "terms.npy", indices)
    mapped = np.load(tmp_path / "terms.npy", mmap_mode="r")
    for terms in (
        indices,
        wide,
        turned,
        fixed,
        odd,
        mapped,
        mapped[:],
        indices.astype(np.int32),
        indices.astype(np.uint8),
    ):
        assert _counted(frequency, indptr, terms, chosen) == COUNTS
    assert _counted(frequency, indptr, indices, chosen[:0]) == [0, 0, 0, 0]


def test_numbers_and_nested_tuples_are_taken() -> None:
    def gathered(given: Any, flag: bool, share: float, large: Any, small: int) -> int:
        (rows, (column,)), factor = given
        found = np.zeros((len(rows), 3))
        for row in range(len(rows)):
            found[row, 1] = rows[row, 1] * column[row] + (large >> np.uint64(63)) * share
        total = 0
        for row in range(len(rows)):
            total += int(found[row, 1]) * factor
        return -total if flag else total + small

    matrix, column = np.arange(6, dtype=np.float32).reshape(2, 3)[:, ::-1], np.array([2, 3], np.uint16)
    given: Any = ((matrix, (column,)), 10), False, 0.5, np.uint64(1 << 63), -7
    call = _native(gathered, "qqqqdQq", *given)
    arrays = id(matrix) + native.HEAD, id(column) + native.HEAD
    assert call([*arrays, 10, False, 0.5, np.uint64(1 << 63), -7]) == gathered(*given) == 133
    assert call([*arrays, 10, True, 0.5, 0, -7]) == -140


def test_what_cannot_be_passed_or_given_is_said() -> None:
    def halved(value: int) -> float:
        return value / 2

    with pytest.raises(TypeError, match="can't take a list"):
        frequency([1], *ROWS[1:], np.zeros(4, np.int64))
    with pytest.raises(TypeError, match="halved gives float64"):
        _native(halved, "q", 3)


def test_an_error_within_a_compiled_function_says_which() -> None:
    def divided(value: int, by: int) -> int:
        return value // by

    call = _native(divided, "qq", 1, 1)
    assert call([-7, 2]) == -4
    with pytest.raises(RuntimeError, match="the compiled divided ended with status 1"):
        call([1, 0])


def test_a_call_of_what_python_alone_has_is_an_error_and_no_crash() -> None:
    def drawn(most: int) -> int:
        return np.random.randint(most)

    with pytest.raises(RuntimeError):
        _native(drawn, "q", 3)


@pytest.mark.parametrize("damage", [lambda _: b"", lambda code: code[:-1], lambda code: code[:100] + b"?" + code[101:]])
def test_a_damaged_function_is_compiled_anew(
    folder: Path, damage: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _counted(Compiled(frequency.function), *ROWS) == COUNTS
    assert kept.kept(frequency.function.__module__, "frequency")
    (path,) = folder.rglob("*.code")
    path.write_bytes(damage(path.read_bytes()))
    assert _counted(Compiled(frequency.function), *ROWS) == COUNTS
    monkeypatch.setattr(numba, "njit", None)
    assert _counted(Compiled(frequency.function), *ROWS) == COUNTS


def test_what_is_kept_is_loaded_without_a_compiler(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _counted(Compiled(frequency.function), *ROWS) == COUNTS
    monkeypatch.setattr(numba, "njit", None)
    assert _counted(Compiled(frequency.function), *ROWS) == COUNTS
    monkeypatch.setattr(kept, "_machine", lambda: "another processor")
    assert not kept.kept(frequency.function.__module__, "frequency")


def test_a_function_works_where_nothing_can_be_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    assert _counted(Compiled(frequency.function), *ROWS) == COUNTS


def test_threads_may_call_a_function_for_the_first_time_at_once_and_a_fork_after_them(folder: Path) -> None:
    function = Compiled(frequency.function)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda _: _counted(function, *ROWS), range(8))) == 8 * [COUNTS]
    assert len(list(folder.rglob("*.code"))) == 1
    found = multiprocessing.get_context("fork").SimpleQueue()
    process = multiprocessing.get_context("fork").Process(target=lambda: found.put(_counted(function, *ROWS)))
    process.start()
    assert found.get() == COUNTS
    process.join()


def test_ctrl_c_within_a_compiled_function_is_an_interrupt() -> None:
    rows = np.arange(0, 2_000_001, 20), np.zeros(2_000_000, np.int32), np.ones(2_000_000, np.float32)
    weights, intercepts = np.ones((1, 50), np.float32), np.zeros(50)
    rows_times(rows, weights, intercepts)  # compiled before anything interrupts it

    def again_and_again() -> None:
        while True:
            rows_times(rows, weights, intercepts)

    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        with pytest.raises(KeyboardInterrupt):
            again_and_again()
    finally:
        signal.signal(signal.SIGALRM, before)
