"""Arrays in files without a name."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.common.disk_array import DiskArray, let_go, on_disk
from pipeline.common.parallel import each


def test_what_was_put_in_comes_back_also_when_its_memory_was_given_back(tmp_path: Path) -> None:
    growing = DiskArray(np.int32, tmp_path)
    for part in ([1, 2, 3], [], [4]):
        growing.extend(np.array(part))
    found = growing.values()
    let_go(found[1:])
    assert found.dtype == np.int32
    assert found.tolist() == [1, 2, 3, 4]
    assert not found.flags.writeable
    assert list(tmp_path.iterdir()) == []


def test_a_large_array_is_put_on_the_disk(tmp_path: Path) -> None:
    given = np.arange(12.0).reshape(3, 4)
    kept = on_disk(given, tmp_path, least=1)
    let_go(kept)
    assert not kept.flags.writeable
    assert np.array_equal(kept, given)
    assert on_disk(given, tmp_path) is given


def test_another_process_gets_a_copy(tmp_path: Path) -> None:
    growing = DiskArray(np.int32, tmp_path)
    growing.extend(np.ones(1_000_000))
    assert list(each(_total, [(1,), (2,)], 2, shared=(growing.values(),))) == [1_000_001, 1_000_002]


def _total(values: np.ndarray, more: int) -> int:
    return int(values.sum()) + more


def test_nothing_and_arrays_of_memory_are_arrays_too(tmp_path: Path) -> None:
    assert DiskArray(np.uint8, tmp_path / "missing").values().tolist() == []
    plain = np.arange(3)
    let_go(plain)
    assert plain.tolist() == [0, 1, 2]
