"""The commands `feedback list`, `feedback export` and `feedback import`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import typer

from pipeline.commands._output import SOME_FAILED, say
from pipeline.common.errors import DataError
from pipeline.common.files import written_whole
from pipeline.rows.feedback import Correction, correction_of, is_said, says_nothing
from pipeline.rows.feedback_store import Feedback
from pipeline.rows.reader import read_rows

_SHOWN = 60


def show(path: Path, most: int) -> None:
    """Print the latest corrections, one line each, the newest last."""
    found = list(Feedback(path).all())
    for one in found[-most:]:
        say("  ".join([one.received[:16], one.by or "-", _labels(one), (one.title or one.text)[:_SHOWN]]))
    articles = len({one.article for one in found})
    say(f"{len(found):,} corrections of {articles:,} articles in {path}")


def export(path: Path, output: Path | None, everything: bool, force: bool) -> None:
    """Write what was said last of each article, or all that was said, as labelled JSON Lines."""
    store = Feedback(path)
    found = list(store.all()) if everything else store.latest()
    lines = [json.dumps(one.as_row(), ensure_ascii=False) for one in found]
    if output is None:
        say("\n".join(lines)) if lines else None
        return
    if output.exists() and not force:
        raise DataError(f"{output} exists; name another file or add --force")
    with written_whole(output) as file:
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    say(f"{output}: {len(found):,} corrections")


def import_(path: Path, input_: Path) -> None:
    """Add the corrections of a JSON Lines file. Exits with 1 when some rows are none."""
    found, problems = [], []
    for row in read_rows(input_):
        try:
            if row.data is None:
                raise DataError(f"{row.where}: {row.error}")
            if is_said(row.data) and says_nothing(row.data):  # what somebody labelled, and took back
                continue
            found.append(correction_of(row.data, row.where))
        except DataError as error:
            problems.append(str(error))
    for problem in problems:
        say(f"dateline: {problem}", err=True)
    store = Feedback(path)
    known = {replace(one, received="") for one in store.latest()}
    new = store.add(one for one in found if one not in known) if found else 0
    say(f"{path}: {new:,} of {len(found):,} corrections are new")
    if problems:
        raise typer.Exit(SOME_FAILED)


def _labels(one: Correction) -> str:
    return "; ".join(" ".join(given) or "none" for given in (one.topics, one.regions) if given is not None)
