"""Dates as people write them, to ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from pipeline.common.patterns import lazily

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
# Those of German, French, Spanish, Portuguese and Italian that begin otherwise, without accents.
_OTHERS = {
    1: "jän gen ene", 2: "feb fev fév fevr", 3: "mär mrz", 4: "abr avr", 5: "mag mai may", 6: "giu juin", 7: "lug juil",
    8: "ago aoû aou", 9: "set", 10: "okt ott out", 12: "dez déc dic",
}  # fmt: skip
_MONTHS |= {name: number for number, names in _OTHERS.items() for name in names.split()}
_TIME = r"(?:,?[ T]+(?:at )?(?P<time>\d{1,2}:\d\d(?::\d\d)?)(?:\.\d+)?(?P<half> ?[ap]\.?m\.?)?.*)?"
_FORMS = [
    lazily(form + _TIME, re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})[-/. ](?P<month>\d{1,2})[-/. ](?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",
        r"(?P<one>\d{1,2})[/-](?P<two>\d{1,2})[/-](?P<year>\d{4})",
        r"(?:[^\W\d_]{2,10},? )?(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.)?(?: de)?[ -](?P<name>[^\W\d_]{3,10})\.?,?(?: de)?"
        r"[ -](?P<year>\d{4})",
        r"(?:[a-z]{3,9},? )?(?P<name>[a-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})",
    )
]
_COMPACT_DAY = range(18000101, 21991232)
_CLOCK = 10**6  # hours, minutes and seconds behind a compact day
_SECONDS = 10**8  # March 1973; below it stands a year or a count rather than a time
_MILLISECONDS = 10**11
_NOON, _LONGEST = 12, 200


def iso_date(written: Any, day_first: bool = False) -> str:
    """`YYYY-MM-DD`, with the time (in UTC when the zone is told) if there is one; empty when it can't be told.

    A number is a Unix time in seconds or milliseconds, YYYYMMDD or YYYYMMDDHHMMSS. Of dates such as 3/4/2025, which can
    be read in two ways, `day_first` chooses; where only one is a date, that one is taken.
    """
    if isinstance(written, int | float) and not isinstance(written, bool):
        return _from_number(written)
    text = str(written or "").strip()
    if not text or len(text) > _LONGEST:
        return ""
    if text.isdecimal() and text.isascii():
        return _from_number(int(text))
    return _from_standard(text) or _from_forms(text, day_first)


def _from_number(number: float) -> str:
    if number in _COMPACT_DAY:
        return _from_standard(str(int(number)))
    if number // _CLOCK in _COMPACT_DAY:
        return _from_standard(f"{int(number) // _CLOCK}T{int(number) % _CLOCK:06d}")
    if not abs(number) >= _SECONDS:
        return ""
    try:
        moment = datetime.fromtimestamp(number / 1000 if abs(number) >= _MILLISECONDS else number, UTC)
    except (OverflowError, ValueError, OSError):
        return ""
    return _iso(moment)


def _from_standard(text: str) -> str:
    try:
        return _iso(datetime.fromisoformat(text), bare=":" not in text)
    except (ValueError, OverflowError):
        pass
    from email.utils import parsedate_to_datetime  # here: few dates are written as in mail

    try:
        return _iso(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _from_forms(text: str, day_first: bool) -> str:
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _from_parts(match.groupdict(), day_first)
    return ""


def _from_parts(parts: dict[str, str | None], day_first: bool) -> str:
    year = int(parts["year"] or 0)
    if "one" in parts:
        one, two = int(parts["one"] or 0), int(parts["two"] or 0)
        order = [(two, one), (one, two)] if day_first else [(one, two), (two, one)]
        day = _day(year, *order[0]) or _day(year, *order[1])
    elif "name" in parts:
        name = (parts["name"] or "").lower()
        day = _day(year, _MONTHS.get(name[:4]) or _MONTHS.get(name[:3], 0), int(parts["day"] or 0))
    else:
        day = _day(year, int(parts["month"] or 0), int(parts["day"] or 0))
    return day and day + _clock(parts)


def _day(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def _clock(parts: dict[str, str | None]) -> str:
    if not parts["time"]:
        return ""
    hour, minute, second = (int(part) for part in (parts["time"] + ":00").split(":")[:3])
    half = (parts["half"] or "").strip().lower()
    if half:
        hour = hour % _NOON + (_NOON if half.startswith("p") else 0)
    try:
        return f"T{datetime(1, 1, 1, hour, minute, second).time().isoformat()}"
    except ValueError:
        return ""


def _iso(moment: datetime, bare: bool = False) -> str:
    if bare:
        return moment.date().isoformat()
    if moment.tzinfo is None:
        return moment.isoformat(timespec="seconds")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
