"""How functions are compiled: by numba at their first call on a machine, as native code that is kept for later starts.

Later starts load that code and don't need numba.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from operator import attrgetter
from threading import RLock
from types import FunctionType
from typing import Any

import numpy as np

from pipeline.features.compiled.kept import keep, read
from pipeline.features.compiled.making import made
from pipeline.features.compiled.native import HEAD, loaded

_ARRAY, _MAPPED, _of_array = np.ndarray, np.memmap, attrgetter("dtype", "ndim", "flags.num")
_SLOTS = {_ARRAY: "q", _MAPPED: "q", bool: "q", int: "q", float: "d", np.uint64: "Q"}
_lock = RLock()


def compiled(function: Callable[..., Any]) -> Compiled:
    """A function that is compiled at its first call, or loaded as it was compiled before; it lets go of Python's lock.

    It takes arrays, whole numbers, floats, truth values, and tuples of these; it gives none of them or a number. For
    other kinds of arguments it is compiled once more. What is kept is kept under the hash of the module's source and of
    all that it imports from the package, for constants and called functions come from other files, too.

    Whoever has compiled nothing yet waits for all of it, so what takes long to compile is left out: sorting, sums and
    copies of whole arrays (loops compile ten times faster), new arrays (made by the caller in Python), and calls of one
    function with several types, of which a constant number is one.
    """
    return Compiled(function)


def part(function: Callable[..., Any]) -> Any:
    """A function that only compiled ones call: it becomes part of their code."""
    return Part(function)


def in_llvm(function: Callable[..., Any]) -> Any:
    """A function that only compiled ones call, and that says itself what LLVM is to do, as `numba.extending` has it.

    It imports numba in its body, not with its module.
    """
    return _InLLVM(function)


class Part:
    """A function that numba compiles into those that call it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__doc__, self.__name__ = function.__doc__, function.__name__

    @cached_property
    def for_numba(self) -> Any:
        """The function as numba knows it, with all that it calls. Python can't call it: what it would call takes long
        to compile."""
        import numba

        own = self.function
        names = {name: own.__globals__.get(name) for name in own.__code__.co_names}
        parts = {name: value.for_numba for name, value in names.items() if isinstance(value, Part)}
        known = FunctionType(own.__code__, {**own.__globals__, **parts}, own.__name__)
        return numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)(known)


class _InLLVM(Part):
    @cached_property
    def for_numba(self) -> Any:
        from numba.extending import intrinsic

        return intrinsic(self.function)


class Compiled(Part):
    """A function that Python calls, too: as native code, of its own for each kinds of arguments."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._calls: dict[tuple[Any, ...], Callable[[list[Any]], Any]] = {}

    def __call__(self, *args: Any) -> Any:
        kinds: list[Any] = []
        slots: list[Any] = []
        _take(args, kinds.append, slots.append)
        key = tuple(kinds)
        call = self._calls.get(key)
        if call is None:
            with _lock:
                call = self._calls[key] = self._calls.get(key) or self._native(args)
        return call(slots)

    def _native(self, args: tuple[Any, ...]) -> Callable[[list[Any]], Any]:
        """Native code for arguments like these: what is kept, or else made and kept now."""
        which, slots = (self.function.__module__, self.__name__, _told(args)), _slots(args)
        found = read(*which)
        if found:
            return loaded(self.__name__, *found, slots)
        found = made(self.for_numba, args)
        call = loaded(self.__name__, *found, slots)
        keep(*which, *found)
        return call


def _take(args: tuple[Any, ...], kind_is: Callable[[Any], None], put: Callable[[Any], None]) -> None:
    """Say what arguments are, and put down the numbers that are passed: of arrays where they are."""
    for value in args:
        kind = type(value)
        if kind is _ARRAY or kind is _MAPPED:
            kind_is(_of_array(value))
            put(id(value) + HEAD)
        elif kind is tuple:
            kind_is(len(value))
            _take(value, kind_is, put)
        else:
            kind_is(kind)
            put(value)


def _told(args: tuple[Any, ...]) -> str:
    """All that compiled code depends on in its arguments."""
    return ",".join(map(_kind, args))


def _kind(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({_told(value)})"
    if isinstance(value, _ARRAY):
        flags = value.flags
        layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "A"
        return f"{value.dtype.str}{value.ndim}{layout}{int(flags.writeable)}{int(flags.aligned)}"
    return type(value).__name__


def _slots(args: tuple[Any, ...]) -> str:
    """The format in `struct` of what is passed. Raises TypeError for what can't be passed."""
    found = ""
    for value in args:
        kind = type(value)
        if kind not in _SLOTS and kind is not tuple:
            raise TypeError(f"compiled functions can't take a {kind.__name__}")
        found += _slots(value) if kind is tuple else _SLOTS[kind]
    return found
