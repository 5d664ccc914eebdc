"""What `serve --label` shows, in which order, and where the labels go."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.commands._output import say
from pipeline.commands._rows import row_mapping
from pipeline.commands.suggest import read_unlabelled, support_of
from pipeline.common.errors import DataError
from pipeline.common.files import check_not_input, writing
from pipeline.evaluation.suggest import suggest
from pipeline.features.texts import Text
from pipeline.prediction.predictor import Predictor
from pipeline.rows.feedback import is_said, says_nothing, text_key
from pipeline.rows.line_file import LineFile
from pipeline.rows.to_label import Queue, ToLabel, with_own_ids, write_queue

_PICKED = 200  # articles that `suggest` puts first; the others follow as the file has them
_LONGEST = 200_000  # letters, which is what the page shows of an article
_LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Labelling:
    """Articles to label, the file of their labels, and the share that two people are to label."""

    articles: Path
    labels_to: Path | None = None
    overlap: float = 0.0


def prepare_queue(asked: Labelling, predictor: Predictor, model: str) -> Path:
    """Write the articles in the order to show into a temporary file. Raises DataError when nothing can be labelled."""
    target = asked.labels_to or asked.articles.with_name(f"{asked.articles.name.split('.')[0]}.labels.jsonl")
    _check(target, asked.articles)
    rows, problems = read_unlabelled(asked.articles, row_mapping(predictor.description), numbered=False)
    for problem in problems:
        say(f"dateline: {problem}", err=True)
    short = [row for row in rows if len(row.text.text) <= _LONGEST]
    done, ids = _labelled(target)
    articles = with_own_ids((ToLabel(row.id, row.text.title, row.text.text, row.date) for row in short), ids)
    if not articles:
        raise DataError(f"{asked.articles}: every article has more than {_LONGEST:,} letters")
    waiting = [one for one in articles if one.key not in done]
    picked = _picked(predictor, waiting, model) if waiting else []
    first = {one.key: one for one in picked}
    rest = [one for one in articles if one.key not in first]
    folder = Path(tempfile.mkdtemp(prefix="dateline-label-"))
    write_queue(folder / "queue.json", Queue((*picked, *rest), target.absolute(), asked.overlap))
    left_out = f", {len(rows) - len(short):,} too long to show" if len(rows) > len(short) else ""
    say(f"{len(waiting):,} of {len(articles):,} articles to label{left_out}; labels go to {target}", err=True)
    return folder / "queue.json"


def _check(target: Path, articles: Path) -> None:
    """Raises DataError for a file of labels that can't be one."""
    if target.suffix.lower() not in _LINES:
        raise DataError(f"--labels-to {target}: labels are JSON Lines; name a file that ends in .jsonl")
    check_not_input(target, [articles])
    if target.exists():
        with writing(target), target.open("ab"):
            pass


def _labelled(target: Path) -> tuple[set[str], dict[str, str]]:
    """The keys of the articles that somebody has labelled, and the keys by the ids of all that stand in the file."""
    found: dict[str, set[str]] = {}
    ids: dict[str, str] = {}
    for row in filter(is_said, LineFile(target).new()):
        key = text_key(row["title"], row["text"])
        people = found.setdefault(key, set())
        ids.setdefault(row["id"], key)
        people.discard(row["by"]) if says_nothing(row) else people.add(row["by"])
    return {key for key, people in found.items() if people}, ids


def _picked(predictor: Predictor, articles: Sequence[ToLabel], model: str) -> list[ToLabel]:
    texts = [Text(one.text, one.title) for one in articles]
    return [articles[found.position] for found in suggest(predictor, texts, _PICKED, support_of(Path(model)))]
