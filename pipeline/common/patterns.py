"""Patterns that are compiled when a text first asks for them: most texts ask for few, and some take milliseconds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    lazily = re.compile
else:

    class lazily:
        """What `re.compile` gives, compiled at the first use."""

        def __init__(self, pattern: str | bytes, flags: int = 0) -> None:
            self._given = pattern, flags

        def __getattr__(self, name: str) -> Any:
            """A method or attribute of the pattern, kept so that it is looked up as quickly as the pattern's own."""
            found = getattr(re.compile(*self._given), name)
            setattr(self, name, found)
            return found
