"""Under which hash compiled functions are kept, and what interrupts them."""

from __future__ import annotations

import importlib
import signal

import numpy as np
import pytest

from pipeline.common.errors import interruptible
from pipeline.features.compiled import compiler, kept
from pipeline.prediction.batch_products import rows_times

MODULES = [
    "pipeline.features.compiled.country_features",
    "pipeline.features.compiled.meanings",
    "pipeline.features.compiled.scanner",
    "pipeline.features.compiled.term_counts",
    "pipeline.prediction.batch_products",
    "pipeline.training.svm_loops",
]


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
    called = [value for value in vars(importlib.import_module(module)).values() if hasattr(value, "py_func")]
    assert called
    assert {function.py_func.__module__ for function in called} <= sources


def test_the_hash_covers_modules_taken_from_a_package_and_none_that_are_for_types_only() -> None:
    assert "pipeline.features.country_features" in _sources("pipeline.features.compiled.country_features")
    assert not any(name.startswith("pipeline.training") for name in _sources("pipeline.prediction.batch_products"))
    assert _sources("pipeline.training.svm_loops") == {
        "pipeline.training.svm_loops",
        "pipeline.features.compiled.dense_rows",
        compiler.__name__,
        kept.__name__,
        "pipeline.common.machine_folder",
    }


def test_each_module_has_a_hash_of_its_own() -> None:
    assert len({kept.sources_hash(module) for module in MODULES}) == len(MODULES)


def test_ctrl_c_within_a_compiled_function_is_an_interrupt() -> None:
    rows = np.arange(0, 2_000_001, 20), np.zeros(2_000_000, np.int32), np.ones(2_000_000, np.float32)
    weights, intercepts = np.ones((1, 50), np.float32), np.zeros(50)
    rows_times(rows, weights, intercepts)  # compiled before anything interrupts it

    def again_and_again() -> None:
        with interruptible():
            while True:
                rows_times(rows, weights, intercepts)

    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        with pytest.raises(KeyboardInterrupt):
            again_and_again()
    finally:
        signal.signal(signal.SIGALRM, before)
