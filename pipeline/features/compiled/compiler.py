"""How functions are compiled: by numba, kept on disk for the next start, and made anew when a source has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

from pipeline.features.compiled.kept import folder_of


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function at its first call, or load it as it was compiled before; it lets go of Python's lock.

    Numba looks only at the file a function stands in; here constants and called functions come from other files too, so
    what is kept is kept under the hash of all of them.

    Whoever has compiled nothing yet waits for all of it, so what takes long to compile is left out: sorting, sums and
    copies of whole arrays (loops compile ten times faster), new arrays (made by the caller in Python), and calls of one
    function with several types, of which a constant number is one.
    """
    return _made(function, no_cfunc_wrapper=True)


def part(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that only compiled ones call. Python can't: what it would call takes a sixth of the time."""
    return _made(function, no_cfunc_wrapper=True, no_cpython_wrapper=True)


def _made(function: Callable[..., Any], **options: bool) -> Callable[..., Any]:
    settings: Any = numba.config
    folder, before = folder_of(function.__module__), settings.CACHE_DIR
    settings.CACHE_DIR = folder
    try:
        made: Callable[..., Any] = numba.njit(cache=bool(folder), nogil=True, **options)(function)
    finally:
        settings.CACHE_DIR = before
    return made
