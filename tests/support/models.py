"""Small trained models, each made once for all tests, also when several processes run them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from pipeline.prediction import predictor_file
from pipeline.prediction.predictor import Predictor, load_predictor
from support.articles import PLACES, STORM, labelled
from support.projects import MODEL, ROOT, link_project, make_project, train_in

NAME = "dateline-tiny"
HOSTILE = '<script>alert("x")</script> $x_2 \x1b[31mred\x1b[0m | cell'
TOPICS = {"storm": ["medtop:1", "storms and floods", "nature"], "nature": ["medtop:2", "nature", ""]}
TOPICS |= {"football": ["medtop:3", "football", ""], "economy": ["", "economy", ""]}
Client = Callable[[Path], Any]


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first test process that needs it makes; the others wait for it, and nobody may change it."""
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / name
    done = folder.with_suffix(".done")
    with FileLock(folder.with_suffix(".lock")):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            done.touch()
    return folder


def train_predictor(folder: Path, seed: int = 3) -> Path:
    """Write a predictor of topics and countries into `folder`, by fitting alone; another seed gives another one."""
    from pipeline.common.config import RegionSettings, TaggerSettings
    from pipeline.features.compiled.batch import encode
    from pipeline.training.examples import Examples
    from pipeline.training.fit_regions import fit_regions
    from pipeline.training.fit_topics import fit_tagger

    rows = labelled(120, seed)
    docs = encode((row["title"], row["text"]) for row in rows)
    parents = {"storm": "nature"}
    topics = fit_tagger(Examples(docs, [row["topics"] for row in rows]), list(TOPICS), parents, TaggerSettings(folds=2))
    countries = RegionSettings(gazetteer=ROOT / "data" / "taxonomy", folds=2)
    regions = fit_regions(Examples(docs, [row["regions"] for row in rows]), countries)
    states = {
        "topics": {"kind": "linear", "state": topics.tagger.state()},
        "regions": {"kind": "regions", "state": regions.tagger.state()},
    }
    names = {"topics": TOPICS, "regions": {code: [known[0], ["Somewhere"]] for code, known in PLACES.items()}}
    folder.mkdir(parents=True, exist_ok=True)
    predictor_file.save(folder, {"name": "tiny", "tasks": states, "taxonomy": names}, {"name": "tiny"})
    return folder


GERMAN = {
    "sport": "Der Verein aus {} gewann das Spiel mit drei Toren, und der Trainer feierte mit der Mannschaft und Fans.",
    "wirtschaft": "Die Bank in {} erhöht die Zinsen, und die Aktien an der Börse fielen, weil der Umsatz sinkt.",
}
TOWNS = ["Bremen", "Mainz", "Kassel", "Leipzig", "Dresden", "Aachen", "Bonn", "Essen", "Hamm", "Trier", "Ulm", "Fulda"]


def train_german(folder: Path) -> Path:
    """Write a predictor of two German topics and of countries by their German names into `folder`."""
    from pipeline.common.config import TaggerSettings
    from pipeline.features.compiled.batch import encode
    from pipeline.features.gazetteer_tables import read_gazetteer
    from pipeline.features.language.inflected import gazetteer_of
    from pipeline.prediction.other_language import ready_made
    from pipeline.training.examples import Examples, Run
    from pipeline.training.fit_topics import fit_tagger

    told = [(topic, text.format(town)) for topic, text in GERMAN.items() for town in TOWNS]
    examples = Examples(encode(("", text) for _, text in told), [[topic] for topic, _ in told])
    topics = fit_tagger(examples, list(GERMAN), {}, TaggerSettings(folds=2), Run(language="de"))
    names = gazetteer_of(("de",), read_gazetteer(ROOT / "data" / "taxonomy"))
    assert names
    states = {
        "topics": {"kind": "linear", "state": topics.tagger.state()},
        "regions": {"kind": "regions", "state": ready_made(names).state()},
    }
    known = {"topics": {topic: ["", topic, ""] for topic in GERMAN}, "regions": {}}
    folder.mkdir(parents=True, exist_ok=True)
    content = {"name": "deutsch", "tasks": states, "taxonomy": known, "language": "de"}
    predictor_file.save(folder, content, {"name": "deutsch"})
    return folder


@pytest.fixture(scope="session")
def german_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small German predictor."""
    return made_once(tmp_path_factory, "german", train_german)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small predictor of topics and countries."""
    return made_once(tmp_path_factory, "tiny", train_predictor)


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path) -> Predictor:
    """A small predictor of topics and countries."""
    return load_predictor(tiny_folder)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a small corpus, prepared and trained, but with no MLflow store; nobody may change it."""
    return made_once(tmp_path_factory, "trained", lambda folder: train_in(make_project(folder)))


@pytest.fixture
def breakable(trained: Path, tmp_path: Path) -> Path:
    """A copy of the trained project for a test that breaks it, without what its trainer keeps open until it ends."""
    temporary = shutil.ignore_patterns(".*.tmp")
    return Path(shutil.copytree(trained, tmp_path / "project", symlinks=True, ignore=temporary))


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained project in whose corpus some titles are hostile and some labels wrong; nobody may change it."""

    def make(folder: Path) -> None:
        changed: dict[str, Any] = {"prepare": {"split": "stratified", "test": 0.2, "validation": 0.15}}
        train_in(make_project(folder, hostile_rows(), **changed), **changed)

    return made_once(tmp_path_factory, "reported", make)


def hostile_rows() -> list[dict[str, Any]]:
    """The small articles; every 20th bears a hostile title, and those of `wrong_rows` a label that isn't theirs."""
    rows = labelled(220)
    for number, row in enumerate(rows):
        if number % 20 == 0:
            row["title"] = f"{row['title']} {HOSTILE}"
        if row["id"] in wrong_rows(rows):
            row["topics"] = ["economy"]
    return rows


def wrong_rows(rows: list[dict[str, Any]]) -> list[str]:
    """The ids of some articles about football, which are labelled as economy."""
    return [row["id"] for row in rows if row["title"].split()[0] in ("goal", "match", "trophy")][:5]


@pytest.fixture(scope="session")
def two_models(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the models `first` and `second` and an empty store, which takes long to make.

    The second knows only words that stand in nearly every article, and is worse for it. Nobody may change the project.
    """
    from pipeline.tracking.store import connect

    def make(folder: Path) -> None:
        shutil.copytree(trained, folder, symlinks=True)
        (folder / MODEL).rename(folder / "models" / "first")
        train_in(folder, topics={"folds": 2, "min_documents": 100}).rename(folder / "models" / "second")
        connect(folder).MlflowClient().search_experiments()

    return made_once(tmp_path_factory, "two_models", make)


def copy_models(project: Path, target: Path) -> Path:
    """A project of one's own with the models and the store of another, but without its prepared corpus."""
    link_project(target)
    for name in ("articles.jsonl", "tiny.yaml", "mlflow.db"):
        shutil.copy2(project / name, target)
    shutil.copytree(project / "models", target / "models")
    return target


@pytest.fixture(scope="session")
def logged(two_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose SQLite store holds both models."""
    from pipeline.tracking import log_folder

    root = copy_models(two_models, tmp_path_factory.mktemp("logged") / "project")
    with chdir(root):
        for name in ("first", "second"):
            log_folder(Path("models") / name, root)
    return root


@pytest.fixture
def in_logged(logged: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project with both models logged, as the current folder."""
    monkeypatch.chdir(logged)
    return logged


@pytest.fixture
def client() -> Client:
    """Connects to a project's store, to look at what stands in it."""
    from pipeline.tracking.store import connect

    return lambda root: connect(root).MlflowClient()


def state(*folders: Path) -> dict[str, bytes]:
    """Every file below the folders, hidden ones included, with its content."""
    return {str(path): path.read_bytes() for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()}


def check_whole(project: Path) -> None:
    """Check that the model tags, and that nothing temporary is left beside anything."""
    found = load_predictor(project / MODEL).predict([STORM])[0]
    assert found.regions[0].code == "LY"
    hidden = [path for path in project.rglob(".*") if path.name not in (".cache", ".config")]  # those of matplotlib
    assert not hidden, hidden
