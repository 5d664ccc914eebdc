"""Kept results: found again by content, made anew when damaged, bounded in size, never in the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.common import cache

GIVEN = np.arange(1000, dtype=np.float32)


class Maker:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> cache.Arrays:
        self.calls += 1
        return {"sums": GIVEN.cumsum(), "flags": GIVEN > 3, "none": np.zeros((0, 4), np.int8)}


def same(found: cache.Arrays) -> bool:
    expected = Maker()()
    return found.keys() == expected.keys() and all(np.array_equal(found[name], expected[name]) for name in expected)


def test_without_a_cache_everything_is_made(tmp_path: Path) -> None:
    make = Maker()
    with cache.using(tmp_path), cache.using(None):
        assert same(cache.arrays("kind", [1], make))
        assert same(cache.arrays("kind", [1], make))
    assert make.calls == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("other", [[GIVEN[:-1], "x"], [GIVEN.astype(np.float64), "x"], [GIVEN, "y"], [GIVEN, b"x"]])
def test_the_same_content_is_found_and_another_is_not(tmp_path: Path, other: list[cache.Part]) -> None:
    make = Maker()
    with cache.using(tmp_path):
        for _ in range(3):
            assert same(cache.arrays("kind", [GIVEN.copy(), "x"], make))
        assert make.calls == 1
        cache.arrays("kind", other, make)
        assert make.calls == 2


@pytest.mark.parametrize("damage", ["flip", "cut", "remove", "sums"])
def test_a_damaged_result_is_made_anew(tmp_path: Path, damage: str) -> None:
    make = Maker()
    with cache.using(tmp_path):
        cache.arrays("kind", [1], make)
        (kept,) = tmp_path.iterdir()
        path = kept / "sums.npy"
        content = bytearray(path.read_bytes())
        if damage == "remove":
            path.unlink()
        elif damage == "sums":
            (kept / "sums").write_bytes(b"\xff\x00")
        else:
            content[-5] ^= 1
            path.write_bytes(bytes(content) if damage == "flip" else bytes(content[:-9]))
        assert same(cache.arrays("kind", [1], make))
        assert same(cache.arrays("kind", [1], make))
    assert make.calls == 2


def test_the_oldest_results_go_when_there_are_too_many(tmp_path: Path) -> None:
    make = Maker()
    with cache.using(tmp_path, limit=20_000):
        for number in range(6):
            cache.arrays("kind", [number], make)
        assert len(list(tmp_path.iterdir())) <= 4
        cache.arrays("kind", [5], make)
        assert make.calls == 6
    with cache.using(tmp_path, limit=10):
        assert same(cache.arrays("kind", [7], make))
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    make = Maker()
    with cache.using(blocked / "below"):
        assert same(cache.arrays("kind", [1], make))
        assert same(cache.arrays("kind", [1], make))
    assert make.calls == 2
