"""Work in threads, in order and no farther ahead than it should be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.common.parallel import ahead, in_threads, read_ahead


def counted(taken: list[int], last: int = 50) -> Iterator[int]:
    for number in range(last):
        taken.append(number)
        yield number


@pytest.mark.parametrize("jobs", [1, 3])
def test_results_come_in_order_and_items_are_taken_as_they_are_needed(jobs: int) -> None:
    taken: list[int] = []
    found = ahead(abs, counted(taken), jobs)
    assert next(found) == 0
    assert len(taken) <= jobs + 1
    assert list(found) == list(range(1, 50))
    assert in_threads(str, range(20), jobs) == list(map(str, range(20)))


def test_one_item_is_made_ahead() -> None:
    taken: list[int] = []
    items = read_ahead(counted(taken))
    assert next(items) == 0
    assert list(items) == list(range(1, 50))
    assert list(read_ahead([])) == []


def test_what_goes_wrong_in_a_thread_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        list(ahead(lambda number: 1 // number, [1, 0, 1], 2))
    with pytest.raises(ZeroDivisionError):
        list(read_ahead(1 // number for number in (1, 0)))
