"""Native code made of functions by numba: one entry to each, and no need of numba or Python to run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from llvmlite import binding

from pipeline.features.compiled.native import DIMENSIONS, ENTRY, RESULTS, SLOT, STRIDES, target

_BETWEEN = "\n  "
_MEMORY = """
declare ptr @malloc(i64)
declare void @free(ptr)

define linkonce_odr ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 %align) {
  %step = zext i32 %align to i64
  %spare = add i64 %step, 64
  %all = add i64 %size, %spare
  %block = call ptr @malloc(i64 %all)
  %none = icmp eq ptr %block, null
  br i1 %none, label %end, label %fill
fill:
  store i64 1, ptr %block
  %address = ptrtoint ptr %block to i64
  %least = add i64 %address, %spare
  %over = urem i64 %least, %step
  %begin = sub i64 %least, %over
  %data = inttoptr i64 %begin to ptr
  %place = getelementptr i8, ptr %block, i64 24
  store ptr %data, ptr %place
  br label %end
end:
  ret ptr %block
}

define linkonce_odr void @NRT_MemInfo_call_dtor(ptr %block) {
  call void @free(ptr %block)
  ret void
}
"""  # arrays as numba counts references to them: how many at the beginning, and where the data are in the fourth word


def made(function: Any, args: Sequence[Any]) -> tuple[bytes, str]:
    """Native code of a function that numba compiles, for arguments like these, and what its result is.

    Raises TypeError for a function whose result is none of `RESULTS`.
    """
    import numba

    kinds = tuple(map(numba.typeof, args))
    function.compile(kinds)
    result = next(str(one.return_type) for one in function.nopython_signatures if one.args == kinds)
    if result not in RESULTS:
        raise TypeError(f"{function.__name__} gives {result}")
    module = binding.parse_assembly(function.inspect_llvm(kinds))
    inner = next(one for one in module.functions if not one.is_declaration and one.linkage == binding.Linkage.external)
    module.link_in(binding.parse_assembly(_entry(inner.name, [str(one.type) for one in inner.arguments], args)))
    module.link_in(binding.parse_assembly(_MEMORY))
    inner.linkage = binding.Linkage.internal
    module.verify()
    return target().emit_object(module), result


def _entry(inner: str, kinds: Sequence[str], args: Sequence[Any]) -> str:
    """The entry to a function of numba's, whose arguments are of such kinds: it reads them from their slots.

    Numba's own way is to pass a place for the result, one for what went wrong, and all parts of arrays and tuples.
    """
    lines: list[str] = []
    given = ["%result", "%wrong"]
    for number, value in enumerate(_values(args)):
        lines.append(f"%place{number} = getelementptr i8, ptr %slots, i64 {SLOT * number}")
        if isinstance(value, np.ndarray):
            given += _array(value, number, lines)
        else:
            given.append(_number(kinds[len(given)], number, lines))
    return f"""
declare i32 @"{inner}"({", ".join(kinds)})

define i32 @{ENTRY}(ptr %slots, ptr %result) {{
  %wrong = alloca ptr
  {_BETWEEN.join(lines)}
  %status = call i32 @"{inner}"({", ".join(map(" ".join, zip(kinds, given, strict=True)))})
  ret i32 %status
}}
"""


def _values(args: Sequence[Any]) -> Iterator[Any]:
    for value in args:
        yield from _values(value) if isinstance(value, tuple) else [value]


def _number(kind: str, number: int, lines: list[str]) -> str:
    """Read a number of such a kind from its slot."""
    if kind in ("double", "i64"):
        lines.append(f"%given{number} = load {kind}, ptr %place{number}")
    else:
        lines.append(f"%slot{number} = load i64, ptr %place{number}")
        lines.append(f"%given{number} = trunc i64 %slot{number} to {kind}")
    return f"%given{number}"


def _array(value: np.ndarray, number: int, lines: list[str]) -> list[str]:
    """Read an array's parts: who owns it, which object it is (nobody's, so that it is left alone), how many elements it
    has, how large these are, where they begin, and its dimensions and strides."""
    name = f"%array{number}"
    lines += [f"{name} = load ptr, ptr %place{number}", f"{name}.data = load ptr, ptr {name}"]
    parts: list[str] = []
    for what, offset in (("dimension", DIMENSIONS), ("stride", STRIDES)):
        lines.append(f"{name}.{what}.at = getelementptr i8, ptr {name}, i64 {offset}")
        lines.append(f"{name}.{what} = load ptr, ptr {name}.{what}.at")
        for axis in range(value.ndim):
            lines.append(f"{name}.{what}{axis}.at = getelementptr i64, ptr {name}.{what}, i64 {axis}")
            lines.append(f"{name}.{what}{axis} = load i64, ptr {name}.{what}{axis}.at")
            parts.append(f"{name}.{what}{axis}")
    size = "1"
    for axis in range(value.ndim):
        lines.append(f"{name}.size{axis} = mul i64 {size}, {parts[axis]}")
        size = f"{name}.size{axis}"
    return ["null", "null", size, str(value.itemsize), f"{name}.data", *parts]
