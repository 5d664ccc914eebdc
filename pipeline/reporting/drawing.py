"""Pictures ordered first and drawn together, half of them in a process beside this one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pipeline.common.beside import Beside
from pipeline.reporting.figures import Picture, picture


@dataclass(frozen=True, slots=True)
class Order:
    """A picture to draw: `picture(draw, *given, height=height)`."""

    draw: Callable[..., None]
    given: tuple[Any, ...]
    height: float = 4.8

    def drawn(self) -> Picture:
        """The picture."""
        return picture(self.draw, *self.given, height=self.height)


def load_drawing() -> None:
    """Import what draws, so that the first picture need not wait for it."""
    import matplotlib.figure  # noqa: F401
    from matplotlib.backends import backend_agg, backend_svg  # noqa: F401


class Drawing:
    """Pictures that are ordered bit by bit: a helper begins with the first at once, and when all are ordered this
    process begins with the last, until they meet."""

    def __init__(self, helper: Beside = None) -> None:
        self._helper = helper
        self._orders: dict[Any, Order] = {}
        self._sent: dict[Any, Future[Picture]] = {}

    def order(self, orders: Mapping[Any, Order]) -> None:
        """Order more pictures."""
        self._orders |= orders
        if self._helper is not None:
            with suppress(BrokenExecutor):  # it was killed
                for name, order in orders.items():
                    self._sent[name] = self._helper.submit(Order.drawn, order)

    def drawn(self) -> dict[Any, Picture]:
        """All pictures by name, in order."""
        own = {name: order.drawn() for name, order in reversed(self._orders.items()) if self._is_left(name)}
        return {name: own.get(name) or self._from_helper(name) for name in self._orders}

    def _is_left(self, name: Any) -> bool:
        return name not in self._sent or self._sent[name].cancel()

    def _from_helper(self, name: Any) -> Picture:
        with suppress(BrokenExecutor):
            return self._sent[name].result()
        return self._orders[name].drawn()
