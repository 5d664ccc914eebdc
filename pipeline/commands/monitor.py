"""The command `monitor`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipeline.commands._open_model import open_model
from pipeline.commands._output import SOME_FAILED, say
from pipeline.commands._rows import row_mapping
from pipeline.commands.suggest import read_unlabelled
from pipeline.common.errors import DataError
from pipeline.common.files import write_text
from pipeline.common.progress import Progress
from pipeline.evaluation.drift import drift
from pipeline.evaluation.expected import expected_by_label, expected_quality
from pipeline.evaluation.seen import Profile, Seen, look, profile, read_profile
from pipeline.evaluation.suggest import suggest
from pipeline.reporting.monitor_page import Monitoring, as_page, as_text, names_of

if TYPE_CHECKING:
    from pipeline.features.texts import Text
    from pipeline.prediction.predictor import Predictor


def run(input_: Path, model: str, reference: Path | None, output: Path, number: int, as_json: bool, log: bool) -> None:
    """Compare articles with those a model was measured on, write a page, log a run. Exits with 1 on bad rows."""
    if output.suffix.casefold() not in (".html", ".htm"):
        raise DataError(f"--output {output}: the page is HTML; name a file that ends in .html")
    progress = Progress()
    predictor = open_model(model)
    rows, problems = read_unlabelled(input_, row_mapping(predictor.description))
    for problem in problems:
        say(f"dateline: {problem}", err=True)
    before = _reference(predictor, model, reference, progress)
    seen = _looked(predictor, [row.text for row in rows], f"tag {input_.name}", progress)
    found = _found(input_.name, predictor, before, seen)
    for chosen in suggest(predictor, [row.text for row in rows], number):
        row = rows[chosen.position]
        found.to_label.append((row.id, row.text.title or row.text.text[:80], chosen.unsure))
    names = names_of({task: tagger.labels for task, tagger in predictor.taggers.items()}, predictor.label_name)
    write_text(output, as_page(found, names))
    say(json.dumps(found.as_dict(), ensure_ascii=False, indent=1) if as_json else as_text(found, names))
    say(f"{output} has the pictures", err=as_json)
    if log:
        from pipeline.tracking.monitoring import log_monitoring

        tags = {"model": predictor.name, "predictor_sha256": predictor.sha256, "input": input_.name}
        say(log_monitoring(input_.name, found.metrics(), tags, output, Path.cwd()), err=True)
    if problems:
        raise typer.Exit(SOME_FAILED)


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
