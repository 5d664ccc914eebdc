"""Reads a joblib file of numpy arrays and builtin types, and nothing else: no other name in it is ever looked up.

The layout is joblib's (`joblib.numpy_pickle`, uncompressed): a pickle in which every array stands as a wrapper object,
its bytes right behind. joblib itself isn't imported, which also makes a cold start faster.
"""

from __future__ import annotations

import io
import pickle
import re
from typing import Any, ClassVar

import numpy as np

from pipeline.common.errors import ModelError
from pipeline.common.nesting import parts

_DEEPEST = 50
_MOST_COPIES = 100
_PLAIN_DTYPE = re.compile(r"[biuf][1248]|[SU]\d{1,4}")


class _Refused(pickle.UnpicklingError):
    """The file asks for something that no predictor holds."""


class _Dtype:
    """Stands for `numpy.dtype`: a type code, with the byte order that its state brings."""

    def __init__(self, code: str, *_: object) -> None:
        if not isinstance(code, str) or not _PLAIN_DTYPE.fullmatch(code):
            raise _Refused(f"an array of type {code!r}")
        self.dtype = np.dtype(code)

    def __setstate__(self, state: tuple[object, ...]) -> None:
        order = state[1] if isinstance(state, tuple) and len(state) > 1 else None
        if order not in ("<", ">", "|", "="):
            raise _Refused("an array type with a state of its own")
        self.dtype = self.dtype if order in ("|", "=") else np.dtype(f"{order}{self.dtype.str[1:]}")


class _Array:
    """Stands for joblib's `NumpyArrayWrapper`: what describes the array whose bytes follow."""

    shape: tuple[int, ...]
    order: str
    dtype: _Dtype
    numpy_array_alignment_bytes: int | None = None
    _KNOWN: ClassVar = {"subclass", "shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        shape = state.get("shape") if isinstance(state, dict) and set(state) <= self._KNOWN else None
        plain = isinstance(shape, tuple) and all(type(size) is int and size >= 0 for size in shape)
        if not plain or not isinstance(state.get("dtype"), _Dtype) or state.get("order") not in ("C", "F"):
            raise _Refused("an array that isn't plain")
        self.__dict__.update(state)

    def read(self, file: io.BytesIO) -> np.ndarray:
        """The array itself, a read-only view of the bytes."""
        if self.numpy_array_alignment_bytes is not None:
            file.read(file.read(1)[0])
        dtype, count = self.dtype.dtype, int(np.prod(self.shape, dtype=object))
        start, buffer = file.tell(), file.getbuffer()
        if start + count * dtype.itemsize > len(buffer):
            raise _Refused("an array that ends behind the file")
        flat = np.require(np.frombuffer(buffer, dtype, count, start) if count else np.empty(0, dtype), requirements="A")
        file.seek(start + count * dtype.itemsize)
        return flat.reshape(self.shape, order="F" if self.order == "F" else "C")


_ALLOWED: dict[tuple[str, str], Any] = {
    ("joblib.numpy_pickle", "NumpyArrayWrapper"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("numpy", "ndarray"): "numpy.ndarray",
}


_Python: Any = pickle._Unpickler  # the one written in Python lets a step be replaced


class _Unpickler(_Python):
    dispatch: ClassVar = _Python.dispatch.copy()

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self._bytes = file

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise _Refused(f"{module}.{name}") from None

    def load_build(self) -> None:
        super().load_build()
        if isinstance(self.stack[-1], _Array):
            self.stack[-1] = self.stack[-1].read(self._bytes)

    dispatch[pickle.BUILD[0]] = load_build

    def load_setitem(self) -> None:
        _check_keys(self.stack[-2:-1])
        super().load_setitem()

    dispatch[pickle.SETITEM[0]] = load_setitem

    def load_setitems(self) -> None:
        _check_keys(self.stack[::2])
        super().load_setitems()

    dispatch[pickle.SETITEMS[0]] = load_setitems

    for refused in (pickle.DICT, pickle.EMPTY_SET, pickle.ADDITEMS, pickle.FROZENSET, pickle.BYTEARRAY8):
        del dispatch[refused[0]]


def _check_keys(keys: list[Any]) -> None:
    """Refuse keys other than strings before they are hashed, which for nested tuples may never end."""
    if not all(isinstance(key, str) for key in keys):
        raise _Refused("a key that is no string")


def loads(content: bytes, origin: str) -> Any:
    """The value in a joblib file's bytes; arrays are read-only. Raises ModelError, naming `origin`."""
    try:
        value = _Unpickler(io.BytesIO(content)).load()
        _check_tree(value, _MOST_COPIES * len(content))
        return value
    except _Refused as refused:
        raise ModelError(f"{origin} is not a predictor and was not opened: it holds {refused}") from None
    except Exception as error:  # a damaged pickle can raise anything
        raise ModelError(f"{origin} is damaged ({type(error).__name__}); train again or copy it afresh") from None


def _check_tree(value: Any, most: int) -> None:
    """Refuse lists and dicts that stand in one another deeply, or in several places: walking them might never end; and
    more than `most` letters: a long text can stand in many places at no cost."""
    seen: set[int] = set()
    letters = 0
    level = [value]
    for _ in range(_DEEPEST):
        level = [part for one in level for part in parts(one)]
        boxes = [id(part) for part in level if isinstance(part, list | dict | tuple) and part]
        if len(seen) + len(boxes) > len(seen := seen.union(boxes)):
            raise _Refused("a part that stands in several places")
        letters += sum(len(part) for part in level if isinstance(part, str))
        if letters > most:
            raise _Refused("a text that stands in too many places")
    if level:
        raise _Refused("parts nested too deeply")
