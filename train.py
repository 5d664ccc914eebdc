"""Dateline's command line: one function a command, the work in `pipeline`. Nothing heavy is imported here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli import OneLineErrors

app = typer.Typer(
    name="dateline",
    cls=OneLineErrors,
    help="Train taggers for news, and tag news with them: topics (IPTC Media Topics) and countries.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ConfigOption = Annotated[Path, typer.Option("--config", "-c", metavar="YAML", help="Configuration of the corpus.")]
SetOption = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a setting.")]
ModelOption = Annotated[
    str, typer.Option("--model", "-m", metavar="M", help="Predictor folder or file, or an MLflow URI (models:/...).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Do it again, or write over what is there.")]

NEWS = Path("configs/news.yaml")
MODEL = "models/news"


@app.command()
def prepare(config: ConfigOption = NEWS, set_: SetOption = None, force: ForceOption = False) -> None:
    """Fetch a corpus and write its splits, manifest and rejected rows to data/prepared/<name>/."""
    from pipeline.commands.prepare import run

    run(config, set_ or [], force)


@app.command()
def train(config: ConfigOption = NEWS, set_: SetOption = None) -> None:
    """Prepare when needed, train, evaluate, log to MLflow, and write models/<name>/."""
    from pipeline.commands.train import run

    run(config, set_ or [])


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="Labelled articles: JSONL, CSV or Parquet with topics and regions.")],
    model: ModelOption = MODEL,
    json: JsonOption = False,
) -> None:
    """Score a labelled file."""
    from pipeline.commands.evaluate import run

    run(file, model, json)


@app.command()
def predict(
    text: Annotated[str | None, typer.Argument(help="The article; - reads stdin.", show_default=False)] = None,
    file: Annotated[list[Path] | None, typer.Option("--file", "-f", metavar="F", help="A text file; repeatable.")] = None,
    input_: Annotated[Path | None, typer.Option("--input", "-i", metavar="F", help="Rows: JSONL, CSV, Parquet.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="F", help="Where tagged rows go.")] = None,
    model: ModelOption = MODEL,
    json: JsonOption = False,
    keep_fields: Annotated[bool, typer.Option("--keep-fields", help="Carry a row's other fields along.")] = False,
    force: ForceOption = False,
) -> None:
    """Tag articles: a text, files, stdin, or the rows of a file."""
    from pipeline.commands.predict import Request, run

    run(Request(text, tuple(file or ()), input_, output, model, json, keep_fields, force))


@app.command()
def ui(port: Annotated[int, typer.Option(help="Port on this machine.")] = 5000) -> None:
    """Open the MLflow UI on this project's store."""
    from pipeline.commands.ui import run

    run(port)


if __name__ == "__main__":
    app()
