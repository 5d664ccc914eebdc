"""The MLflow UI in a real browser: what a person who opens it sees. Pictures of the pages go to `screenshots/`."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.tracking.sources import resolve
from pipeline.tracking.store import connect
from support.commands import begin, refused, run
from support.models import NAME
from support.projects import ROOT
from support.servers import free_port

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
SCREENSHOTS = Path(os.environ.get("DATELINE_SCREENSHOTS", ROOT / "screenshots"))
PATIENCE = 60_000  # milliseconds after which a page is taken for broken
CLOSED_ASSISTANT = "localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true')"
MODELS = "workflowType=machine_learning"  # the UI's pages for models, as a click on the experiment opens them
PRINTED: list[str] = []  # what `ui` names as the page of the runs
Look = Callable[[str], None]


@pytest.fixture(scope="module")
def address(logged: Path) -> Iterator[str]:
    """The UI on the store with both models, as `make ui` starts it."""
    port = free_port()
    process = begin(logged, "ui", "--port", str(port))
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(rf"MLflow UI at (http://127.0.0.1:{port})/#(/experiments/\d+/runs\?\S+) \(.*\)\n", line)
        assert found, line
        PRINTED.append(found[2])
        yield found[1]
    finally:
        process.terminate()
        assert process.wait() == 0


@pytest.fixture(scope="module")
def page(address: str) -> Iterator[Page]:
    """A page of a browser without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
    if not CHROMIUM:
        pytest.skip("no Chromium: apt-get install chromium, or name one with CHROMIUM=/path")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.add_init_script(CLOSED_ASSISTANT)
        yield page
        browser.close()


@pytest.fixture
def look(page: Page) -> Look:
    """Keeps a picture of the page."""

    def keep(name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        page.wait_for_load_state()
        page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return keep


@pytest.fixture(scope="module")
def runs(logged: Path) -> dict[str, str]:
    """The experiment, the parent runs of both models, and the runs of the tasks of the first."""
    mlflow = connect(logged)
    client = mlflow.MlflowClient()
    parents = {number: resolve(mlflow, f"{NAME}/{number}", logged).run_id for number in ("1", "2")}
    experiment = client.get_run(parents["1"]).info.experiment_id
    children = f"tags.`mlflow.parentRunId` = '{parents['1']}'"
    tasks = {run.data.tags["task"]: run.info.run_id for run in client.search_runs([experiment], children)}
    return {**parents, "experiment": experiment, **tasks}


def test_a_port_that_is_taken_is_told_in_one_line(logged: Path, address: str) -> None:
    port = address.rpartition(":")[2]
    refused(run(logged, "ui", "--port", port), f"port {port} can't be used")


def test_the_experiment_lists_parents_with_their_children(
    page: Page, address: str, runs: dict[str, str], look: Look
) -> None:
    page.goto(f"{address}/#{PRINTED[0]}")
    page.get_by_text(re.compile(r"^tiny 20\d\d-")).first.wait_for()
    heads = page.locator("[role=columnheader]")
    heads.get_by_text("test/topics/micro_f1").first.wait_for()
    shown = [head.replace("\n", " ") for head in heads.all_inner_texts()]  # those in sight: the others are not there
    measures = list(dict.fromkeys(head for head in shown if "/" in head))
    assert {f"test/{task}/{score}" for task in ("topics", "regions") for score in ("micro_f1", "macro_f1")} == set(
        measures[:4]
    )
    assert f"/experiments/{runs['experiment']}/" in PRINTED[0]
    look("experiment")


def test_a_run_page_tells_what_was_trained_and_how_good_it_is(
    page: Page, address: str, runs: dict[str, str], look: Look
) -> None:
    page.goto(f"{address}/#/experiments/{runs['experiment']}/runs/{runs['1']}?{MODELS}")
    page.get_by_text("Three topics in three countries").first.wait_for()
    page.get_by_text("test/topics/micro_f1").first.wait_for()
    page.get_by_text(re.compile("^tiny train")).first.wait_for()
    look("run")


def test_the_pictures_of_a_task_open_in_its_artifacts(
    page: Page, address: str, runs: dict[str, str], look: Look
) -> None:
    page.goto(f"{address}/#/experiments/{runs['experiment']}/runs/{runs['topics']}/artifacts?{MODELS}")
    page.get_by_text("figures", exact=True).first.click()
    page.get_by_text(re.compile(r"^topics_(f1|reliability)\.png$")).first.click()
    picture = page.locator(
        "img[src^='blob:'], img[src*='get-artifact'], .image-outer-container canvas, .js-plotly-plot"
    )
    picture.first.wait_for()
    look("artifact")


def test_the_map_of_countries_shows_in_the_artifacts(
    page: Page, address: str, runs: dict[str, str], look: Look
) -> None:
    page.goto(f"{address}/#/experiments/{runs['experiment']}/runs/{runs['regions']}/artifacts?{MODELS}")
    page.get_by_text("figures", exact=True).first.click()
    page.get_by_text("regions_map.html", exact=True).first.click()
    page.frame_locator("iframe").locator("svg.world path").first.wait_for()
    look("map")


def test_the_model_page_shows_versions_and_aliases(page: Page, address: str, look: Look) -> None:
    page.goto(f"{address}/#/models/{NAME}?{MODELS}")
    page.get_by_text("Version 1", exact=True).first.wait_for()
    for alias in ("champion", "challenger"):
        page.get_by_text(re.compile(rf"^@\s?{alias}$")).first.wait_for()
    look("model")
    page.goto(f"{address}/#/models/{NAME}/versions/1?{MODELS}")
    page.get_by_text("Train it again").first.wait_for()
    look("version")


def test_two_runs_can_be_compared(page: Page, address: str, runs: dict[str, str], look: Look) -> None:
    chosen = f'runs=["{runs["1"]}","{runs["2"]}"]&experiments=["{runs["experiment"]}"]'
    page.goto(f"{address}/#/compare-runs?{chosen}&{MODELS}")
    page.get_by_text("topics.min_documents").first.wait_for()
    look("compare")
