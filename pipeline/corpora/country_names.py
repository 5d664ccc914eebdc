"""Country names as people write them, to ISO 3166 codes."""

from __future__ import annotations

import csv
from pathlib import Path

from pipeline.errors import DataError


class CountryNames:
    """Codes by English name, alias or code, in whatever case."""

    def __init__(self, countries: Path) -> None:
        """Reads the vocabulary of countries; raises DataError when it can't be read."""
        self._codes: dict[str, str] = {}
        try:
            with countries.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
        except OSError as error:
            raise DataError(f"{countries} can't be read: {error.strerror}; give countries a CSV, or null") from None
        for row in rows:
            for alias in (row.get("aliases") or "").split(";"):
                self._codes.setdefault(alias.strip().casefold(), row["code"])
        for row in rows:
            self._codes |= {row.get("name", "").casefold(): row["code"], row["code"].casefold(): row["code"]}

    def code(self, label: str) -> str:
        """The code of a country; what is none comes back as it is."""
        name = label.strip().casefold()
        return self._codes.get(name) or self._codes.get(name.removeprefix("the ")) or label

    def __contains__(self, label: str) -> bool:
        return label.strip().casefold() in self._codes
