"""Rows of a dense matrix added up, many columns at once, in vector registers: what numba makes of such loops by itself
takes half as long again.

All matrices are float32 and have a multiple of `LANES` columns. Each column's sum is made in the order of the rows, so
that the results are those of the plain loop, to the bit. The matrix is asked for some rows before they are needed, so
that arrays of row numbers go on for `AHEAD` numbers more, whichever these are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from llvmlite import ir

from pipeline.features.compiled.compiler import compiled, in_llvm

LANES, AHEAD = 8, 16
LINE = 64  # bytes that a processor reads at once
_WORD, _REAL = ir.IntType(64), ir.FloatType()


def lanes(columns: int) -> int:
    """How many columns a matrix must have to hold so many."""
    return -(-columns // LANES) * LANES


def zeros(rows: int, columns: int) -> np.ndarray:
    """A matrix of zeros, float32, for so many columns; it begins where a line of memory does, which saves a sixth of
    the lines that are read."""
    width = lanes(columns)
    room = np.zeros(rows * width + LINE // 4, np.float32)
    start = -room.ctypes.data % LINE // 4
    return room[start : start + rows * width].reshape(rows, width)


def widened(matrix: np.ndarray) -> np.ndarray:
    """A matrix (n, columns) in float32, with columns of zeros up to a multiple of `LANES`."""
    found = zeros(*matrix.shape)
    found[:, : matrix.shape[1]] = matrix
    return found


def _adder(columns: int) -> Callable[..., None]:
    """`add(matrix, rows, factors, size, first, sums)` for so many columns from `first` on."""

    @in_llvm
    def add(_: Any, matrix: Any, rows: Any, factors: Any, _size: Any, _first: Any, sums: Any) -> Any:
        from numba.core import cgutils, types

        def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            table, places, scales, _, _, out = _arrays(context, builder, signature, given)
            place = builder.gep(out.data, [given[4]])
            total = cgutils.alloca_once_value(builder, _load(builder, place, columns))
            width = builder.extract_value(table.shape, 1)
            with _each(builder, given[3], places, scales) as (row, factor, later):
                coming = builder.add(builder.mul(later, width), given[4])
                for line in range(0, columns, LINE // 4):
                    _ask_for(builder, builder.gep(table.data, [builder.add(coming, ir.Constant(_WORD, line))]))
                at = builder.gep(table.data, [builder.add(builder.mul(row, width), given[4])])
                part = builder.fmul(_spread(builder, factor, columns), _load(builder, at, columns))
                builder.store(builder.fadd(builder.load(total), part), total)
            _save(builder, builder.load(total), place)
            return context.get_dummy_value()

        return types.void(matrix, rows, factors, types.int64, types.int64, sums), build

    return add


@in_llvm
def _move(_: Any, matrix: Any, rows: Any, factors: Any, _size: Any, _first: Any, steps: Any, squares: Any) -> Any:
    """`matrix[row, column] += steps[column] * factor * squares[row, column]` of `LANES` columns from `first` on; empty
    `squares` are left out."""
    from numba.core import types

    def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        table, places, scales, _, _, moves, other = _arrays(context, builder, signature, given)
        move = _load(builder, builder.gep(moves.data, [given[4]]), LANES)
        width = builder.extract_value(table.shape, 1)
        scaled = builder.icmp_signed(">", builder.extract_value(other.shape, 0), ir.Constant(_WORD, 0))
        with builder.if_else(scaled) as branches:
            for branch, with_squares in zip(branches, (True, False), strict=True):
                with branch, _each(builder, given[3], places, scales) as (row, factor, _):
                    offset = builder.add(builder.mul(row, width), given[4])
                    change = builder.fmul(move, _spread(builder, factor, LANES))
                    if with_squares:
                        change = builder.fmul(change, _load(builder, builder.gep(other.data, [offset]), LANES))
                    at = builder.gep(table.data, [offset])
                    _save(builder, builder.fadd(_load(builder, at, LANES), change), at)
        return context.get_dummy_value()

    return types.void(matrix, rows, factors, types.int64, types.int64, steps, squares), build


@in_llvm
def ask_for(_: Any, array: Any, _at: Any) -> Any:
    """Have an element of an array (n,) brought near, with what lies in its line."""
    from numba.core import types

    def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        values, _ = _arrays(context, builder, signature, given)
        _ask_for(builder, builder.gep(values.data, [given[1]]))
        return context.get_dummy_value()

    return types.void(array, types.int64), build


def _arrays(context: Any, builder: Any, signature: Any, given: Any) -> list[Any]:
    from numba.core import types

    return [
        context.make_array(kind)(context, builder, value) if isinstance(kind, types.Array) else value
        for kind, value in zip(signature.args, given, strict=True)
    ]


@contextmanager
def _each(builder: Any, size: Any, places: Any, scales: Any) -> Iterator[tuple[Any, Any, Any]]:
    """A loop over the first `size` numbers of rows, their factors, and the number of a later row."""
    from numba.core import cgutils

    with cgutils.for_range(builder, size) as loop:
        later = builder.add(loop.index, ir.Constant(_WORD, AHEAD))
        given = (places, loop.index), (scales, loop.index), (places, later)
        row, factor, coming = (builder.load(builder.gep(array.data, [at])) for array, at in given)
        yield row, factor, coming


def _ask_for(builder: Any, place: Any) -> None:
    """Have the memory at a place brought near, to be read soon and often."""
    pointer, number = ir.IntType(8).as_pointer(), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [pointer, number, number, number])
    fetch = builder.module.declare_intrinsic("llvm.prefetch", [pointer], kind)
    builder.call(fetch, [builder.bitcast(place, pointer), *(ir.Constant(number, said) for said in (0, 3, 1))])


def _load(builder: Any, place: Any, columns: int) -> Any:
    found = builder.load(builder.bitcast(place, ir.VectorType(_REAL, columns).as_pointer()))
    found.align = 4
    return found


def _save(builder: Any, values: Any, place: Any) -> None:
    builder.store(values, builder.bitcast(place, values.type.as_pointer())).align = 4


def _spread(builder: Any, value: Any, columns: int) -> Any:
    kind, number = ir.VectorType(_REAL, columns), ir.IntType(32)
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(number, 0))
    same = ir.Constant(ir.VectorType(number, columns), [0] * columns)
    return builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), same)


_add_64, _add_16, _add_8 = _adder(64), _adder(16), _adder(8)


@compiled
def add_rows(matrix: Any, rows: Any, factors: Any, size: int, sums: Any) -> None:
    """Add the first `size` of `rows` (int64), each times its factor, to `sums` (columns,)."""
    width, first = matrix.shape[1], 0
    while first + 64 <= width:
        _add_64(matrix, rows, factors, size, first, sums)
        first += 64
    while first + 16 <= width:
        _add_16(matrix, rows, factors, size, first, sums)
        first += 16
    if first < width:
        _add_8(matrix, rows, factors, size, first, sums)


@compiled
def add_lanes(matrix: Any, rows: Any, factors: Any, size: int, first: int, sums: Any) -> None:
    """`add_rows` for `LANES` columns from `first` on."""
    _add_8(matrix, rows, factors, size, first, sums)


@compiled
def move_lanes(matrix: Any, rows: Any, factors: Any, size: int, first: int, steps: Any, squares: Any) -> None:
    """Add `steps` (columns,) times its factor, and times `squares` unless they are empty, to each of the rows, in
    `LANES` columns from `first` on."""
    _move(matrix, rows, factors, size, first, steps, squares)
