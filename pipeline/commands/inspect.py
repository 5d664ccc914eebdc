"""The command `inspect`."""

from __future__ import annotations

from pathlib import Path

from pipeline.commands._output import say
from pipeline.common.config import Config
from pipeline.common.config_file import load_config
from pipeline.common.errors import DataError
from pipeline.common.files import write_text
from pipeline.common.progress import Progress
from pipeline.preparation.inspection import inspect
from pipeline.preparation.prepare import load_taxonomy, prepared
from pipeline.reporting.figures import Picture, picture
from pipeline.reporting.figures_curves import learning_curve as draw_curve
from pipeline.reporting.inspection_page import as_page, as_text, draw


def run(config: Path, overrides: list[str], output: Path | None, learning_curve: bool) -> None:
    """Prepare when needed, look at the corpus, print what was found and write it as a page."""
    if output is not None and output.suffix.casefold() not in (".html", ".htm"):
        raise DataError(f"--output {output}: the page is HTML; name a file that ends in .html")
    settings = load_config(config, overrides)
    progress = Progress()
    taxonomy = load_taxonomy(settings)
    with prepared(settings, Path("data"), progress) as folder:
        with progress.stage("inspect"):
            found = inspect(folder, taxonomy, settings.prepare.near_duplicates, settings.language)
            pictures = draw(found, taxonomy)
        if learning_curve:
            _add_curves(pictures, settings, folder, progress)
    names = {label: taxonomy.name(label) for label in (*taxonomy.topics, *taxonomy.countries)}
    page = output or Path("data/prepared") / f"{settings.name}.html"
    write_text(page, as_page(found, names, pictures))
    say(as_text(found, names))
    say(f"\n{page} has the pictures")


def _add_curves(pictures: dict[str, Picture], config: Config, folder: Path, progress: Progress) -> None:
    from pipeline.training.learning_curve import learning_curve

    for task, points in learning_curve(config, folder, progress).items():
        title = f"{task.capitalize()}: what more training articles bring"
        pictures[f"{task}_learning"] = picture(draw_curve, points, title)
        for point in points:
            shown = f"{point['micro_f1']:.3f}, macro-F1 {point['macro_f1']:.3f}"
            say(f"{task}: {point['documents']:,} training articles: micro-F1 {shown}")
