"""The command `inspect`."""

from __future__ import annotations

from pathlib import Path

from pipeline.cli import say
from pipeline.config import Config, load_config
from pipeline.errors import DataError
from pipeline.files import write_text
from pipeline.fitting import jobs
from pipeline.prepare import load_taxonomy, prepare
from pipeline.progress import Progress
from pipeline.reporting import inspection
from pipeline.reporting.figures import picture
from pipeline.reporting.figures_curves import learning_curve as draw_curve


def run(config: Path, overrides: list[str], output: Path | None, learning_curve: bool) -> None:
    """Prepare when needed, look at the corpus, print what was found and write it as a page."""
    if output is not None and output.suffix.casefold() not in (".html", ".htm"):
        raise DataError(f"--output {output}: the page is HTML; name a file that ends in .html")
    settings = load_config(config, overrides)
    progress = Progress()
    folder = prepare(settings, Path("data"), progress)
    taxonomy = load_taxonomy(settings)
    with progress.stage("inspect"):
        found = inspection.inspect(folder, taxonomy, settings.prepare.near_duplicates, jobs(settings))
    if learning_curve:
        _add_curves(found, settings, folder, progress)
    names = {label: taxonomy.name(label) for label in (*taxonomy.topics, *taxonomy.countries)}
    page = output or folder.parent / f"{settings.name}.html"
    write_text(page, inspection.as_page(found, names))
    say(inspection.as_text(found, names))
    say(f"\n{page} has the pictures")


def _add_curves(found: inspection.Inspection, config: Config, folder: Path, progress: Progress) -> None:
    from pipeline.reporting.learning import learning_curve

    for task, points in learning_curve(config, folder, progress).items():
        title = f"{task.capitalize()}: what more training articles bring"
        found.pictures[f"{task}_learning"] = picture(draw_curve, points, title)
        for point in points:
            shown = f"{point['micro_f1']:.3f}, macro-F1 {point['macro_f1']:.3f}"
            say(f"{task}: {point['documents']:,} training articles: micro-F1 {shown}")
