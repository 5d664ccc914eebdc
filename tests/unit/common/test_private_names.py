"""Private names of other packages that Dateline needs, each in one place: a test says which upgrade broke what."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PRIVATE = {
    "pickle": ("_Unpickler", "prediction/safe_load.py", "a predictor file is read step by step, each step checked"),
    "joblib._dask": ("DaskDistributedBackend", "common/cluster.py", "fits run on a Dask cluster"),
    "uvicorn.protocols.http.h11_impl": ("H11Protocol", "serving/limits.py", "heads that come too slowly are cut off"),
}


@pytest.mark.parametrize("module", PRIVATE)
def test_a_private_name_is_still_there(module: str) -> None:
    name, where, what = PRIVATE[module]
    pytest.importorskip(module.partition(".")[0])
    found = getattr(importlib.import_module(module), name, None)
    assert found is not None, f"{module}.{name} is gone: {where} needs another way ({what})"


def test_the_protocol_says_which_request_is_under_way() -> None:
    protocol = pytest.importorskip("uvicorn.protocols.http.h11_impl").H11Protocol
    said = "uvicorn's protocols have no cycle any more: serving/limits.py needs another way to see slow heads"
    assert "self.cycle" in inspect.getsource(protocol), said


def test_each_stands_in_one_module() -> None:
    uses: dict[str, set[str]] = {"pickle._": set(), "joblib._": set(), "self.cycle": set()}
    for path in sorted((ROOT / "pipeline").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for use, found in uses.items():
            if re.search(re.escape(use), text):
                found.add(path.name)
    assert uses == {
        "pickle._": {"safe_load.py"},
        "joblib._": {"cluster.py"},
        "self.cycle": {"limits.py"},
    }
