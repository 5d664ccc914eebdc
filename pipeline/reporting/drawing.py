"""Pictures ordered first and drawn together, half of them in a process beside this one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from pipeline.common.beside import Beside
from pipeline.reporting.figures import Picture, picture

Name = TypeVar("Name", bound=Hashable)


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


def drawn(orders: Mapping[Name, Order], helper: Beside = None) -> dict[Name, Picture]:
    """All pictures: the helper begins with the first, this process with the last, until they meet."""
    if helper is None:
        return {name: order.drawn() for name, order in orders.items()}
    try:
        sent = {name: helper.submit(Order.drawn, order) for name, order in orders.items()}
    except BrokenExecutor:  # the process beside was killed
        return drawn(orders)
    own = {name: orders[name].drawn() for name in reversed(sent) if sent[name].cancel()}
    found = {}
    for name, order in orders.items():
        try:
            found[name] = own[name] if name in own else sent[name].result()
        except BrokenExecutor:
            found[name] = order.drawn()
    return found
