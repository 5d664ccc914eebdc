"""The command `monitor`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipeline.commands._open_model import open_model
from pipeline.commands._output import SOME_FAILED, say
from pipeline.commands._rows import row_mapping
from pipeline.commands.suggest import Unlabelled, read_unlabelled
from pipeline.common.errors import DataError
from pipeline.common.files import check_not_input, write_text
from pipeline.common.progress import Progress
from pipeline.evaluation.drift import drift
from pipeline.evaluation.expected import expected_by_label, expected_quality
from pipeline.evaluation.seen import Profile, Seen, look, profile, read_profile
from pipeline.evaluation.seen_rows import read_seen
from pipeline.evaluation.suggest import suggest
from pipeline.reporting.monitor_page import Monitoring, as_page, as_text, names_of
from pipeline.rows.reader import read_rows

if TYPE_CHECKING:
    from pipeline.features.texts import Text
    from pipeline.prediction.predictor import Predictor


@dataclass(frozen=True, slots=True)
class Request:
    """What to look at: rows, or the log of the service from a time on; and how it is told."""

    input: Path | None
    log: Path | None
    since: str
    model: str
    reference: Path | None
    output: Path
    number: int
    as_json: bool
    track: bool


def run(asked: Request) -> None:
    """Compare articles with those a model was measured on, write a page, log a run. Exits with 1 on bad rows."""
    source = asked.input or asked.log
    if source is None or (asked.input and asked.log):
        raise DataError("say what to look at: --input FILE of articles, or --log FILE of serve --log")
    if asked.output.suffix.casefold() not in (".html", ".htm"):
        raise DataError(f"--output {asked.output}: the page is HTML; name a file that ends in .html")
    check_not_input(asked.output, [source])
    progress = Progress()
    predictor = open_model(asked.model)
    if asked.log:
        texts: list[Unlabelled] = []
        seen, problems = _logged(predictor, source, asked.since)
    else:
        texts, problems = read_unlabelled(source, row_mapping(predictor.description))
        seen = _looked(predictor, [row.text for row in texts], f"tag {source.name}", progress)
    for problem in problems:
        say(f"dateline: {problem}", err=True)
    found = _found(source.name, predictor, _reference(predictor, asked.model, asked.reference, progress), seen)
    found.to_label = _worth_labelling(predictor, texts, seen, asked.number)
    _tell(asked, found, predictor)
    if problems:
        raise typer.Exit(SOME_FAILED)


def _logged(predictor: Predictor, log: Path, since: str) -> tuple[Seen, list[str]]:
    """What the service's log tells of this model, and what is wrong with some of its rows."""
    try:
        found = read_seen(predictor, read_rows(log), since)
    except DataError as error:
        raise DataError(f"{log}: {error}") from None
    if found.other_models:
        say(f"note: {found.other_models:,} rows of other models are left out", err=True)
    return found.seen, found.problems


def _worth_labelling(
    predictor: Predictor, rows: list[Unlabelled], seen: Seen, number: int
) -> list[tuple[str, str, tuple[str, ...]]]:
    """The id, title and doubtful labels of the articles that would teach most; a log holds none to name."""
    chosen = suggest(predictor, [row.text for row in rows], number, stated=seen.stated) if rows else []
    shown = [(rows[one.position], one.unsure) for one in chosen]
    return [(row.id, row.text.title or row.text.text[:80], unsure) for row, unsure in shown]


def _tell(asked: Request, found: Monitoring, predictor: Predictor) -> None:
    names = names_of({task: tagger.labels for task, tagger in predictor.taggers.items()}, predictor.label_name)
    write_text(asked.output, as_page(found, names))
    say(json.dumps(found.as_dict(), ensure_ascii=False, indent=1) if asked.as_json else as_text(found, names))
    say(f"{asked.output} has the pictures", err=asked.as_json)
    if asked.track:
        from pipeline.tracking.monitoring import log_monitoring

        tags = {"model": predictor.name, "predictor_sha256": predictor.sha256, "input": found.title}
        say(log_monitoring(found.title, found.metrics(), tags, asked.output, Path.cwd()), err=True)


def _reference(predictor: Predictor, model: str, reference: Path | None, progress: Progress) -> Profile:
    if reference is None:
        folder = Path(model)
        return read_profile(folder if folder.is_dir() else folder.parent)
    rows, _ = read_unlabelled(reference, row_mapping(predictor.description))
    return profile(predictor, _looked(predictor, [row.text for row in rows], f"tag {reference.name}", progress))


def _looked(predictor: Predictor, texts: list[Text], name: str, progress: Progress) -> Seen:
    with progress.stage(name, len(texts)) as stage:
        return look(predictor, texts, stage.advance)


def _found(title: str, predictor: Predictor, before: Profile, seen: Seen) -> Monitoring:
    now = profile(predictor, seen)
    expected = {task: expected_quality(seen.probabilities[task], given) for task, given in seen.given.items()}
    by_label = {
        task: expected_by_label(tuple(predictor.taggers[task].labels), seen.probabilities[task], given)
        for task, given in seen.given.items()
    }
    return Monitoring(title, predictor.name, predictor.sha256, before, now, drift(before, now), expected, by_label)
