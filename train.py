"""Dateline's command line: one function a command, the work in `pipeline`. Nothing heavy is imported here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

INSTALLED = __package__ == "dateline"  # whose `__main__` this file is
HERE = str(Path(__file__).resolve().parent)
if not INSTALLED and HERE not in sys.path:  # `typer train.py run` does not look beside the file
    sys.path.insert(0, HERE)

from pipeline.commands._start import MOST_JOBS, end_silently, end_tidily, quickly  # noqa: E402

if __name__ == "__main__":
    end_silently()
if __name__ == "__main__" and (STATUS := quickly(sys.argv[1:])) is not None:
    sys.exit(STATUS)

import typer  # noqa: E402

from pipeline.commands._cli import OneLineErrors  # noqa: E402

app = typer.Typer(
    name="dateline",
    cls=OneLineErrors,
    help="Train taggers for news, and tag news with them: topics (IPTC Media Topics) and countries.",
    no_args_is_help=True,
    add_completion=INSTALLED,  # of `dateline`: nobody types a command `train.py`
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ConfigOption = Annotated[Path, typer.Option("--config", "-c", metavar="YAML", help="Configuration of the corpus.")]
SetOption = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a setting.")]
ModelOption = Annotated[
    str, typer.Option("--model", "-m", metavar="M", help="Predictor folder or file, or an MLflow URI (models:/...).")
]
ModelsOption = Annotated[
    list[str] | None,
    typer.Option("--model", "-m", metavar="[LANGUAGE=]M", help="As elsewhere; give several as en=models/news, fr=..."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
EngineOption = Annotated[
    Literal["local", "dask"], typer.Option(help="Where the work runs: processes of this machine, or a Dask cluster.")
]
SchedulerOption = Annotated[str, typer.Option(metavar="ADDRESS", help="The cluster's scheduler: tcp://host:8786.")]
CacheOption = Annotated[
    bool, typer.Option(help="Keep the results of long stages in data/cache, so that a stopped run goes on.")
]
StoreOption = Annotated[Path, typer.Option("--store", metavar="F", help="The file of corrections.")]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="FIELD=NAME", help="The column of a field, such as text=body; repeatable."),
]
RowsOption = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="YAML", help="Read rows as this configuration says.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Do it again, or write over what is there.")]

NEWS = Path("configs/news.yaml")
FEEDBACK = Path("data/feedback.sqlite")
MODEL = "models/news"


def _print_version(wanted: bool) -> None:
    if wanted:
        from pipeline import __version__

        typer.echo(f"dateline {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Train taggers for news, and tag news with them: topics (IPTC Media Topics) and countries."""


@app.command(short_help="Write a configuration for articles of your own.")
def init(
    export: Annotated[Path, typer.Argument(help="Your labelled articles: JSONL, CSV, TSV, Parquet, or a folder.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="YAML", help="Where it goes.")] = None,
    force: ForceOption = False,
) -> None:
    """Write a configuration for articles of your own, from a look at the file."""
    from pipeline.commands.init import run

    run(export, output, force)


@app.command(short_help="Fetch a corpus, check it, and split it.")
def prepare(
    config: ConfigOption = NEWS, set_: SetOption = None, force: ForceOption = False, cache: CacheOption = True
) -> None:
    """Fetch a corpus and write its splits, manifest and rejected rows to data/prepared/<name>/."""
    from pipeline.commands.prepare import run

    run(config, set_ or [], force, cache)


@app.command(short_help="Train on a corpus, evaluate, and log the run.")
def train(
    config: ConfigOption = NEWS,
    set_: SetOption = None,
    search: Annotated[int, typer.Option(min=0, metavar="N", help="Search N more trials for better settings.")] = 0,
    task: Annotated[Literal["topics", "regions"], typer.Option(help="The task to search for.")] = "topics",
    engine: EngineOption = "local",
    scheduler: SchedulerOption = "",
    cache: CacheOption = True,
) -> None:
    """Prepare when needed, train, evaluate, log to MLflow, and write models/<name>/."""
    if search:
        from pipeline.commands.search import run as run_search

        run_search(config, set_ or [], search, task, engine, scheduler)
        return
    from pipeline.commands.train import run

    run(config, set_ or [], engine, scheduler, cache)


@app.command(short_help="Train with the editors' corrections added.")
def learn(
    config: ConfigOption = NEWS,
    set_: SetOption = None,
    store: StoreOption = FEEDBACK,
    held_out: Annotated[float, typer.Option(min=0, max=0.9, help="Share of corrections kept to judge on.")] = 0.2,
    weight: Annotated[float, typer.Option(min=0.01, help="How much a correction counts beside an article.")] = 1.0,
    force: ForceOption = False,
) -> None:
    """Train with the editors' corrections added; the model takes the champion's place if the gate lets it pass."""
    from pipeline.commands.learn import run

    run(config, set_ or [], store, held_out, weight, force)


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="Labelled articles: JSONL, CSV or Parquet with topics and regions.")],
    model: ModelOption = MODEL,
    json: JsonOption = False,
    column: ColumnOption = None,
    config: RowsOption = None,
) -> None:
    """Score a labelled file."""
    from pipeline.commands.evaluate import run

    run(file, model, json, column or (), config)


@app.command()
def predict(
    text: Annotated[str | None, typer.Argument(help="The article; - reads stdin.", show_default=False)] = None,
    file: Annotated[
        list[Path] | None,
        typer.Option("--file", "-f", metavar="F", help="A text file, HTML page or folder of them; repeatable."),
    ] = None,
    input_: Annotated[
        Path | None,
        typer.Option("--input", "-i", metavar="F", help="Rows: JSONL, CSV, Excel, Parquet, feeds, news XML."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="F", help="Where tagged rows go.")] = None,
    model: ModelOption = MODEL,
    json: JsonOption = False,
    format_: Annotated[
        Literal["json", "ninjs"] | None, typer.Option("--format", help="Print JSON, or ninjs 3.1 of the IPTC.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", "-e", help="Say why: the words behind each tag.")] = False,
    label: Annotated[
        list[str] | None, typer.Option("--label", "-l", metavar="X", help="Say why (or why not) X; repeatable.")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="F", help="Write a page that explains the tags.")] = None,
    names: Annotated[str, typer.Option(metavar="L", help="Names of tags in a language: de, fr, pt-BR, ...")] = "",
    keep_fields: Annotated[bool, typer.Option("--keep-fields", help="Carry a row's other fields along.")] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=MOST_JOBS, help="Processes that tag rows.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with rows where a stopped run ended.")] = False,
    engine: EngineOption = "local",
    scheduler: SchedulerOption = "",
    column: ColumnOption = None,
    config: RowsOption = None,
    force: ForceOption = False,
) -> None:
    """Tag articles: a text, files, stdin, or the rows of a file."""
    from pipeline.commands.predict import Request, run

    request = Request(
        text,
        tuple(file or ()),
        model,
        input=input_,
        output=output,
        json=json or format_ == "json",
        keep_fields=keep_fields,
        force=force,
        explain=explain,
        labels=tuple(label or ()),
        html=html,
        jobs=jobs,
        resume=resume,
        engine=engine,
        scheduler=scheduler,
        columns=tuple(column or ()),
        config=config,
        ninjs=format_ == "ninjs",
        names=names,
    )
    raise typer.Exit(run(request))


@app.command(short_help="Serve the tagger over HTTP, with pages to tag and label.")
def serve(
    model: ModelsOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 is every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    max_mb: Annotated[float, typer.Option(min=0.001, help="Largest request, in megabytes.")] = 10.0,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that a request may take.")] = 30.0,
    feedback: Annotated[
        Path, typer.Option(metavar="F", envvar="DATELINE_FEEDBACK", help="SQLite file that corrections go to.")
    ] = FEEDBACK,
    log: Annotated[
        Path | None,
        typer.Option(metavar="F", envvar="DATELINE_LOG", help="JSON Lines of scores and tags, without texts."),
    ] = None,
    label: Annotated[
        Path | None, typer.Option(metavar="F", help="Unlabelled rows, which people label at /label.")
    ] = None,
    labels_to: Annotated[
        Path | None, typer.Option(metavar="F.jsonl", help="Where their labels go; else beside these rows.")
    ] = None,
    overlap: Annotated[float, typer.Option(min=0, max=1, help="Share of them that two people label.")] = 0.0,
) -> None:
    """Serve the tagger over HTTP, with a page to paste articles into, and one to label articles on."""
    from pipeline.commands.serve import run

    labelling = None
    if label:
        from pipeline.commands._label_queue import Labelling

        labelling = Labelling(label, labels_to, overlap)
    run(model or [MODEL], host, port, workers, max_mb, timeout, feedback, log, labelling)


@app.command()
def promote(
    model: Annotated[str, typer.Argument(metavar="RUN|VERSION", help="A run ID, a version (3, name/3), or an alias.")],
    force: Annotated[bool, typer.Option("--force", help="Promote it even when the gate says no.")] = False,
) -> None:
    """Make a logged model the champion if it passes the gate."""
    from pipeline.commands.promote import run

    run(model, force)


@app.command(short_help="Compare two models on the same documents.")
def compare(
    a: Annotated[str, typer.Argument(help="A run ID, a version, an alias, or a model's folder.")],
    b: Annotated[str, typer.Argument(help="Likewise; the differences are B less A.")],
    split: Annotated[Literal["test", "validation"], typer.Option(help="Documents to compare on.")] = "test",
    json: JsonOption = False,
) -> None:
    """Compare two models on the same documents: differences and their intervals, per task and per label."""
    from pipeline.commands.compare import run

    run(a, b, split, json)


@app.command(short_help="Log a training that could not be logged when it ended.")
def log(
    folder: Annotated[Path, typer.Argument(help="Folder of a trained model.", show_default=True)] = Path(MODEL),
) -> None:
    """Log a trained model to MLflow that could not be logged when it was trained."""
    from pipeline.commands.log import run

    run(folder)


@app.command(short_help="Train a logged run again, and compare the two.")
def rerun(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="A run ID, a version, or an alias.")],
) -> None:
    """Train a logged run again and say whether the predictor is identical, byte for byte."""
    from pipeline.commands.rerun import run

    run(run_id)


@app.command(short_help="Say what is in a corpus before training on it.")
def inspect(
    config: ConfigOption = NEWS,
    set_: SetOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="F.html", help="Where the page goes.")
    ] = None,
    learning_curve: Annotated[
        bool, typer.Option("--learning-curve", help="Also train on growing parts of the data (some minutes).")
    ] = False,
) -> None:
    """Say what is in a corpus before training on it, and write it as a page with pictures."""
    from pipeline.commands.inspect import run

    run(config, set_ or [], output, learning_curve)


@app.command(short_help="Pick the articles whose labels would teach most.")
def suggest(
    input_: Annotated[Path, typer.Option("--input", "-i", metavar="F", help="Unlabelled rows: JSONL, CSV, Parquet.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="F", help="Where the rows to label go.")],
    number: Annotated[int, typer.Option("-n", min=1, help="How many articles.")] = 50,
    model: ModelOption = MODEL,
    column: ColumnOption = None,
    config: RowsOption = None,
    force: ForceOption = False,
) -> None:
    """Pick the articles whose labels would teach most, with the predicted tags filled in."""
    from pipeline.commands.suggest import run

    run(input_, output, number, model, force, column or (), config)


@app.command(short_help="Say how recent articles differ from the training's.")
def monitor(
    input_: Annotated[
        Path | None, typer.Option("--input", "-i", metavar="F", help="Recent rows, without labels.")
    ] = None,
    log: Annotated[Path | None, typer.Option(metavar="F", help="Instead: what serve --log wrote.")] = None,
    since: Annotated[str, typer.Option(metavar="TIME", help="Only what was logged since then: 2026-11-01.")] = "",
    model: ModelOption = MODEL,
    reference: Annotated[
        Path | None, typer.Option(metavar="F", help="Rows to compare with instead of the model's own.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="F.html", help="Where the page goes.")] = Path(
        "monitor.html"
    ),
    number: Annotated[int, typer.Option("-n", min=1, help="How many articles to name for labelling.")] = 20,
    json: JsonOption = False,
    track: Annotated[bool, typer.Option(help="Log a run to MLflow.")] = True,
) -> None:
    """Say how recent articles differ from the training's, and what quality to expect of their tags."""
    from pipeline.commands.monitor import Request, run

    run(Request(input_, log, since, model, reference, output, number, json, track))


@app.command(short_help="List likely label errors, of the training data or a file.")
def suspects(
    file: Annotated[
        Path | None, typer.Argument(help="Other labelled articles; without, those that the model was trained on.")
    ] = None,
    model: ModelOption = MODEL,
    number: Annotated[int, typer.Option("-n", min=1, help="How many articles a task.")] = 30,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="F", help="Also write them to a file.")
    ] = None,
    force: ForceOption = False,
    column: ColumnOption = None,
    config: RowsOption = None,
) -> None:
    """List likely label errors in the training data, or in a labelled file."""
    from pipeline.commands.suspects import Request, run

    run(Request(model, file, Path("data"), number, output, force, tuple(column or ()), config))


feedback = typer.Typer(no_args_is_help=True, help="Editors' corrections: list, export, import.", rich_markup_mode=None)
app.add_typer(feedback, name="feedback")


@feedback.command("list")
def feedback_list(
    store: StoreOption = FEEDBACK, number: Annotated[int, typer.Option("-n", min=1, help="How many.")] = 20
) -> None:
    """Print the latest corrections."""
    from pipeline.commands.feedback import show

    show(store, number)


@feedback.command("export", short_help="Write corrections as labelled JSON Lines.")
def feedback_export(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="F", help="Where they go; else stdout.")
    ] = None,
    store: StoreOption = FEEDBACK,
    everything: Annotated[bool, typer.Option("--all", help="All that was said, not the last of each article.")] = False,
    force: ForceOption = False,
) -> None:
    """Write corrections as labelled JSON Lines, which train and evaluate read."""
    from pipeline.commands.feedback import export

    export(store, output, everything, force)


@feedback.command("import", short_help="Add corrections from a file.")
def feedback_import(
    input_: Annotated[Path, typer.Argument(metavar="FILE", help="Corrections as JSON Lines.")],
    store: StoreOption = FEEDBACK,
) -> None:
    """Add corrections from a file; those that are kept already are passed over."""
    from pipeline.commands.feedback import import_

    import_(store, input_)


vocabulary = typer.Typer(no_args_is_help=True, help="The vocabulary of topics.", rich_markup_mode=None)
app.add_typer(vocabulary, name="vocabulary")


@vocabulary.command("check", short_help="Say what a newer release of IPTC's Media Topics changed.")
def vocabulary_check(
    vocabulary: Annotated[Path, typer.Argument(metavar="CSV", help="The vocabulary.")] = Path("data/labels/topics.csv"),
    release: Annotated[
        Path, typer.Option(metavar="F", help="A release of Media Topics: IPTC's workbook (.xlsx) or a CSV.")
    ] = Path("data/taxonomy/mediatopics.csv"),
) -> None:
    """Say what a newer release of IPTC's Media Topics moved, renamed or retired."""
    from pipeline.commands.vocabulary import check

    check(vocabulary, release)


@app.command()
def ui(port: Annotated[int, typer.Option(help="Port on this machine.")] = 5000) -> None:
    """Open the MLflow UI on this project's store."""
    from pipeline.commands.ui import run

    run(port)


if __name__ == "__main__":
    end_tidily()
    app()
