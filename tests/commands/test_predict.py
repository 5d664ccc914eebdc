"""The command `predict`: its JSON, its exit statuses, its one-line errors, and what it must not import."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.prediction.compiled_before import LARGE
from pipeline.prediction.predictor import load_predictor
from support.articles import STORM
from support.commands import environment, invoke, predict, refused
from support.projects import ROOT

HEAVY = ("mlflow", "datasets", "pandas", "sklearn", "scipy", "pyarrow", "jinja2", "fastapi", "multiprocessing.pool")


def _imported(*arguments: str) -> set[str]:
    code = "import sys; sys.argv = sys.argv[1:]; import runpy\ntry: runpy.run_path(sys.argv[0], run_name='__main__')\n"
    code += "except SystemExit as end: assert not end.code, end.code\nprint(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", code, str(ROOT / "train.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)
    return set(done.stderr.split())


def test_help_imports_nothing_heavy() -> None:
    found = _imported("--help")
    assert not found & {*HEAVY, "numpy"}


def test_predict_imports_nothing_heavy(tiny_folder: Path) -> None:
    found = _imported("predict", "--model", str(tiny_folder), "Rain in Libya")
    assert "numpy" in found
    assert not found & {
        *HEAVY,
        "pydantic",
        "typer",
        "numba",
        "asyncio",
        "importlib.metadata",
        "difflib",
        "html.entities",
    }


def test_many_rows_are_tagged_by_kept_functions_without_a_compiler(tiny_folder: Path, tmp_path: Path) -> None:
    load_predictor(tiny_folder).compile()
    rows = tmp_path / "rows.jsonl"
    row = json.dumps({"title": STORM.title, "text": STORM.text * 50})
    rows.write_text((row + "\n") * (LARGE // len(row) + 50), encoding="utf-8")
    given = "--input", str(rows), "--output", str(tmp_path / "tags.jsonl"), "--force"
    for _ in range(2):  # the first may still compile what tells languages
        found = _imported("predict", "--model", str(tiny_folder), *given)
    assert "pipeline.features.compiled.scanner" in found
    assert found & {*HEAVY, "pydantic", "typer", "numba", "cffi", "yaml"} == set()


@pytest.mark.parametrize("arguments", [(), ("--json",), ("--explain",), ("--json", "-e")])
def test_the_short_start_prints_what_typer_would(
    tiny_folder: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    given = ("predict", "-m", str(tiny_folder), *arguments, STORM.text)
    command = [sys.executable, str(ROOT / "train.py"), *given]
    short = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)
    assert short.stdout == invoke(*given).stdout


def test_files_take_the_short_start_too(tiny_folder: Path, tmp_path: Path) -> None:
    paths = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for path in paths:
        path.write_text(STORM.text, encoding="utf-8")
    given = ("predict", "-m", str(tiny_folder), "--json", "--file", str(paths[0]), "-f", str(paths[1]))
    assert not _imported(*given) & {*HEAVY, "pydantic", "typer"}
    command = [sys.executable, str(ROOT / "train.py"), *given]
    short = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)
    assert short.stdout == invoke(*given).stdout


def test_rows_take_the_short_start_too(tiny_folder: Path, tmp_path: Path) -> None:
    rows, tags = tmp_path / "rows.jsonl", tmp_path / "tags.jsonl"
    rows.write_text(json.dumps({"id": "a", "text": STORM.text, "desk": "news"}) + "\n{\n", encoding="utf-8")
    given = ("predict", "-m", str(tiny_folder), "--input", str(rows), "--jobs", "1", "--keep-fields")
    command = [sys.executable, str(ROOT / "train.py"), *given]
    short = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    long = invoke(*given)
    assert (short.returncode, short.stdout) == (long.exit_code, long.stdout)
    rows.write_text(json.dumps({"id": "a", "text": STORM.text}) + "\n", encoding="utf-8")
    unused = {"pydantic", "typer", "sqlite3", "difflib", "zipfile", "html.entities"}
    assert not _imported(*given, "-o", str(tags)) & {*HEAVY, *unused}
    assert json.loads(tags.read_text(encoding="utf-8"))["id"] == "a"


@pytest.mark.parametrize(
    "given",
    [
        ("predict", " "),
        ("predict", "--input", "nowhere.jsonl"),
        ("predict", "-i", "rows.csv", "-j", "0"),
        ("predict", "-i", "rows.csv", "-j", "257"),
        ("predict", "-i", "rows.csv", "-j", "9" * 5000),
        ("predict", "-i", "rows.csv", "--explain", "-o"),
        ("predict", "-o", "tags.csv", "Fire"),
        ("predict", "-i", "rows.csv", "Fire"),
        ("predict", "--keep-fields", "Fire"),
        ("predict", "-f", "nowhere.txt"),
        ("predict", "a", "-f", "b"),
        ("predict", "--file"),
        ("predict", "Fire", "-m", "nowhere"),
        ("predict", "a", "b"),
        ("predict", "a", "-x"),
    ],
)
def test_the_short_start_ends_as_typer_would(given: tuple[str, ...]) -> None:
    command = [sys.executable, str(ROOT / "train.py"), *given]
    short = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    long = invoke(*given)
    assert (short.returncode, short.stdout, short.stderr) == (long.exit_code, long.stdout, long.stderr)
    assert short.stderr.count("\n") == 1


def test_json_is_the_contract(tiny_folder: Path) -> None:
    done = predict(tiny_folder, "--json", STORM.text)
    found = json.loads(done.stdout)
    assert list(found) == ["id", "topics", "regions", "model", "warnings", "language"]
    assert list(found["topics"][0]) == ["key", "iptc", "name", "parent", "score", "decision"]
    assert list(found["regions"][0]) == ["code", "name", "within", "score", "decision"]
    assert found["model"]["name"] == "tiny"
    assert re.fullmatch("[0-9a-f]{64}", found["model"]["sha256"])
    assert {tag["key"] for tag in found["topics"]} == {"storm", "nature"}
    assert (done.stderr, done.stdout.count("\n")) == ("", 1)


def test_a_table_without_json(tiny_folder: Path) -> None:
    lines = predict(tiny_folder, STORM.text).stdout.splitlines()
    assert lines[0] == "Topics"
    assert any(re.fullmatch(r"  \d\.\d\d  storms and floods  \(medtop:1\)", line) for line in lines)
    assert any("Libya, Somewhere  (LY)" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([""], "the text is empty: there is nothing to tag"),
        (["  \n "], "the text is empty"),
        (["-"], "stdin: the text is empty"),
        ([], "give one of: a text, '-' for stdin, --file F, or --input F"),
        (["x", "--file", "y"], "give one of"),
        (["--file", "missing.txt"], "missing.txt can't be read: No such file or directory"),
        (["--input", "missing.jsonl"], "no file at missing.jsonl"),
        (["--input", "missing.doc"], "its ending names no row format"),
        (["x", "--nonsense"], "No such option: --nonsense"),
        (["x", "--jobs", "0"], "must be at least 1"),
        (["x", "--output", "y.jsonl"], "--output goes with --input"),
        (["x", "--resume"], "--resume goes with --input"),
        (["x", "--model", "nowhere"], "nowhere is missing; run"),
        (["x", "--label", "nowhere"], "the model knows no label 'nowhere'"),
    ],
)
def test_errors_are_one_line(tiny_folder: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    assert message in refused(done := invoke("predict", "--model", tiny_folder, *arguments))
    assert (done.stderr.count("\n"), done.stdout) == (1, "")


def test_standard_input_is_read(tiny_folder: Path) -> None:
    done = predict(tiny_folder, "-", "--json", stdin=STORM.text.encode("utf-16"))
    assert json.loads(done.stdout)["regions"][0]["code"] == "LY"


def test_several_files_and_a_bad_one(tiny_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(STORM.text)
    (tmp_path / "b.txt").write_bytes(b"\x00\x01" * 99)
    done = predict(tiny_folder, "--json", "--file", tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stdout)["id"] == str(tmp_path / "a.txt")
    assert done.stderr.startswith(f"dateline: {tmp_path / 'b.txt'} holds no text")


def test_reasons_in_json(tiny_folder: Path) -> None:
    found = json.loads(predict(tiny_folder, "--json", "--label", "football", STORM.text).stdout)
    assert [tag["label"] for tag in found["explanation"]][-1] == "football"
    for tag in found["explanation"]:
        assert tag["intercept"] + sum(part["weight"] for part in tag["contributions"]) == pytest.approx(tag["score"])


def test_reasons_in_a_terminal_and_in_a_pipe(tiny_folder: Path) -> None:
    plain = predict(tiny_folder, "--explain", STORM.text).stdout
    assert "\x1b" not in plain
    assert "[Libya]" in plain
    assert "named as Tripoli (capital), Libya (country)" in plain
    coloured = predict(tiny_folder, "--explain", STORM.text, FORCE_COLOR="1").stdout
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).splitlines()[0] == plain.splitlines()[0]
    assert "\x1b[1;4mLibya\x1b[0m" in coloured


def test_escape_codes_in_an_article_do_nothing(tiny_folder: Path) -> None:
    evil = "Storm \x1b]0;owned\x07 \x1b[31mflood\x1b[0m \u202eLibya \x9b2J rain dam"
    done = predict(tiny_folder, "--explain", evil).stdout
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", done)


def test_a_page_is_written_once(tiny_folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.html"
    assert predict(tiny_folder, "--html", output, STORM.text).returncode == 0
    assert "<mark" in output.read_text()
    again = predict(tiny_folder, "--html", output, STORM.text)
    assert (again.returncode, "exists; name another file or add --force" in again.stderr) == (2, True)


def test_a_very_short_text(tiny_folder: Path) -> None:
    done = predict(tiny_folder, "--json", "Fire.")
    assert json.loads(done.stdout)["warnings"] == ["the text has only 1 word"]
