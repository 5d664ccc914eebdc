"""The predictor file: plain arrays and builtin types in `predictor.joblib`, described by `predictor.json`."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.common.errors import ModelError
from pipeline.common.project import command
from pipeline.common.state_files import read_json
from pipeline.prediction.safe_load import loads

FORMAT = 3  # 2 added the link of the probabilities, 3 the floor of the most probable label
BINARY, DESCRIPTION = "predictor.joblib", "predictor.json"
_LINES = "lines"
_LONG = 32
_LOOKS = 3


def save(folder: Path, bundle: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    """Write both files into `folder`; the same bundle gives the same bytes. Returns the whole description."""
    import joblib

    joblib.dump(pack(bundle), folder / BINARY)
    return describe(folder, description)


def describe(folder: Path, description: dict[str, Any]) -> dict[str, Any]:
    """Write the description of the binary file that lies in `folder`, with its hash. Returns the whole description."""
    content = (folder / BINARY).read_bytes()
    whole = {"format": FORMAT, **description, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (folder / DESCRIPTION).write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return whole


def load(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The bundle and its description, from a folder or a `predictor.joblib`.

    The format version and the SHA-256 are checked before anything is read from the binary file. Raises ModelError.
    """
    binary = path / BINARY if path.is_dir() else path
    for _ in range(_LOOKS):  # a training may put a new predictor there between the reading of one file and the other
        description = _describe(binary.with_name(DESCRIPTION), binary)
        content = _content(binary)
        if hashlib.sha256(content).hexdigest() == description.get("sha256"):
            break
    else:
        raise ModelError(f"{binary} is not the file that {DESCRIPTION} describes (SHA-256 differs); copy both afresh")
    bundle = unpack(loads(content, str(binary)))
    if not isinstance(bundle, dict) or not isinstance(bundle.get("tasks"), dict):
        raise ModelError(f"{binary} holds no predictor; train again")
    return bundle, description


def _content(binary: Path) -> bytes:
    try:
        return binary.read_bytes()
    except OSError as error:
        raise ModelError(f"no predictor at {binary} ({error.strerror}); train one, or name one with --model") from None


def pack(value: Any) -> Any:
    """`value` with long lists of strings as one string, which loads much faster. Raises TypeError for other types.

    Equal strings become one object and no array is shared: pickle writes what is the same object only once, so that
    otherwise equal contents could give different bytes.
    """
    if isinstance(value, dict):
        return {pack(key): pack(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        texts = len(value) > _LONG and all(type(part) is str and "\n" not in part for part in value)
        return {_LINES: "\n".join(value)} if texts else [pack(part) for part in value]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str):
        return sys.intern(str(value))
    if value is None or isinstance(value, bool | int | float | bytes):
        return value
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return _copy(value)
    raise TypeError(f"a predictor holds plain arrays and builtin types, not {type(value).__name__}")


def _copy(array: np.ndarray) -> np.ndarray:
    """The array with numpy's own dtype object, which an array that came from another process has a copy of."""
    found = np.empty(array.shape, np.dtype(array.dtype.str))
    found[...] = array
    return found


def unpack(value: Any) -> Any:
    """The inverse of `pack`; tuples come back as lists."""
    if isinstance(value, dict):
        if value.keys() == {_LINES}:
            return value[_LINES].split("\n")
        return {key: unpack(part) for key, part in value.items()}
    return [unpack(part) for part in value] if isinstance(value, list) else value


def _describe(path: Path, binary: Path) -> dict[str, Any]:
    try:
        description = read_json(path)
    except FileNotFoundError:
        missing = path if binary.exists() else binary
        train = "dateline train" if command() == "dateline" else "make train"
        raise ModelError(
            f"no predictor: {missing.absolute()} is missing; run '{train}', or name one with --model"
        ) from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} can't be read ({error}); copy it afresh or train again") from None
    version = description.get("format")
    if type(version) is not int or not 1 <= version <= FORMAT:
        advice = "update Dateline" if type(version) is int and version > FORMAT else "train again"
        raise ModelError(f"{path} has format {version}, this Dateline reads 1 to {FORMAT}; {advice}")
    return description
