"""Native code of compiled functions, put into memory and called: this needs LLVM only, which numba brings along."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import CFUNCTYPE, byref, c_char_p, c_int, c_int64, c_void_p
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from struct import Struct
from typing import Any

import llvmlite
from llvmlite import binding

ENTRY = "entry"  # the one function that a piece of native code shows: `int entry(const void *slots, void *result)`
SLOT = 8  # bytes of each number that is passed
HEAD = object.__basicsize__  # bytes of a Python object before what is its own
DIMENSIONS, STRIDES = 16, 24  # where an array has these, after its data: numpy's C interface promises it
RESULTS: dict[str, Callable[[int], Any]] = {"none": lambda _: None, "bool": bool, "int64": int}  # of numba's kinds
_RESULT, _CALL = c_int64, CFUNCTYPE(c_int, c_char_p, c_void_p)
_LEVEL = 3
_libraries: list[Any] = []  # what LLVM would forget otherwise


def machine() -> str:
    """What native code depends on besides the sources: the processor, and what compiled it."""
    numba = find_spec("numba")
    made = Path(numba.origin).with_name("_version.py").read_text("utf-8") if numba and numba.origin else ""
    return "\n".join((binding.get_process_triple(), *_processor(), llvmlite.__version__, made))


@cache
def target() -> Any:
    """What LLVM makes code for: this processor, with the settings that numba has, so that the code is as quick."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    found = binding.Target.from_triple(binding.get_process_triple())
    name, features = _processor()
    places = "static" if found.name.startswith("x86") else "default"
    given = {"cpu": name, "features": features, "opt": _LEVEL, "reloc": places}
    return found.create_target_machine(**given, codemodel="jitdefault", jit=True)


def loaded(name: str, code: bytes, result: str, slots: str) -> Callable[[list[Any]], Any]:
    """What calls native code, `name`, and gives its result, one of `RESULTS`; it lets go of Python's lock meanwhile.

    It is called with numbers, and where arrays are, for slots that are as `slots` says in `struct`. Raises RuntimeError
    when the code calls what isn't there.
    """
    builder = binding.JITLibraryBuilder().add_object_img(code).add_current_process().export_symbol(ENTRY)
    library = builder.link(_memory(), f"{name} {len(_libraries)}")
    _libraries.append(library)
    call, packed, as_result = _CALL(library[ENTRY]), Struct(slots).pack, RESULTS[result]

    def called(given: list[Any]) -> Any:
        found = _RESULT()
        status = call(packed(*given), byref(found))
        if status:
            raise RuntimeError(f"the compiled {name} ended with status {status}")
        return as_result(found.value)

    return called


@cache
def _memory() -> Any:
    return binding.create_lljit_compiler(target(), use_jit_link=True, suppress_errors=True)


def _processor() -> tuple[str, str]:
    return binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()
