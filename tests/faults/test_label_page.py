"""The labelling page in a real browser: keys, two people at once, a reload in the middle, a service that goes away."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.articles import labelled, write_lines
from support.commands import wait_until
from support.servers import start_service

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
pytest.importorskip("fastapi", reason="the extra serve is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
COUNT = 8


class Served:
    """A service with articles to label, and the file that their labels go to."""

    def __init__(self, model: Path, folder: Path) -> None:
        rows = [{"id": row["id"], "title": row["title"], "text": row["text"]} for row in labelled(COUNT, 5)]
        self.labels = folder / "labels.jsonl"
        given = ("--label", write_lines(folder / "a.jsonl", rows), "--labels-to", self.labels)
        self.process, self.url = start_service(model, *map(str, given))

    def rows(self) -> list[dict[str, Any]]:
        text = self.labels.read_text(encoding="utf-8") if self.labels.exists() else ""
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def served(tiny_folder: Path, tmp_path: Path) -> Iterator[Served]:
    found = Served(tiny_folder, tmp_path)
    yield found
    found.process.terminate()
    found.process.wait()


@pytest.fixture
def person(served: Served) -> Iterator[Callable[[str], Page]]:
    """Opens the page in a browser context of somebody's own; no page may ask elsewhere or complain."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
    if not CHROMIUM:
        pytest.skip("no Chromium: apt-get install chromium, or name one with CHROMIUM=/path")
    wrong: list[str] = []
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

        def open_(name: str) -> Page:
            page = browser.new_context().new_page()
            page.on("request", lambda request: wrong.append(request.url) if served.url not in request.url else None)
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.goto(f"{served.url}/label")
            page.fill("#by", name)
            page.keyboard.press("Enter")
            page.wait_for_selector("article")
            return page

        yield open_
        browser.close()
    assert not [one for one in wrong if not one.startswith("data:")]


def title(page: Page) -> str:
    found: str = page.locator("article h1").inner_text()
    return found


def go(page: Page, key: str) -> None:
    """Press a key that leads to another article, and wait for it."""
    before = title(page)
    page.keyboard.press(key)
    wait_until(lambda: title(page) != before)
    page.wait_for_selector("#back:enabled")


def chips(page: Page, off: bool = False) -> list[str]:
    found = page.locator(".chip.off" if off else ".chip:not(.off)").all_inner_texts()
    return [text.lstrip("123456789 \n")[:-2] for text in found]


def test_one_key_accepts_others_take_away_and_add(served: Served, person: Callable[[str], Page]) -> None:
    page = person("anna")
    page.click("header a")
    page.click("header a[href=label]")
    page.wait_for_selector("article")
    shown, given = title(page), chips(page)
    assert page.locator("article mark").count() > 0
    assert given
    page.locator(".chip").first.hover()
    assert page.locator("article.picked mark.for, article.picked mark.evidence").count() > 0
    go(page, "Enter")
    first = served.rows()[-1]
    assert (first["title"], first["by"], len(first["topics"]) + len(first["regions"])) == (shown, "anna", len(given))

    names = chips(page)
    page.keyboard.press("1")
    assert chips(page, off=True)[0] == names[0]
    page.keyboard.press("1")
    assert chips(page) == names
    page.keyboard.press("c")
    for _ in names:
        page.keyboard.press("Backspace")
    assert chips(page) == []
    page.keyboard.type("storms")
    page.wait_for_selector("#found li[aria-selected=true]")
    page.keyboard.press("Enter")
    assert sorted(chips(page)) == ["nature", "storms and floods"], "a topic brings along the one above it"
    go(page, "Enter")  # in the empty box
    assert (sorted(served.rows()[-1]["topics"]), served.rows()[-1]["regions"]) == (["nature", "storm"], [])
    assert "2 of 8 labelled, 2 by you" in page.locator("#progress").inner_text()


def test_skip_and_back(served: Served, person: Callable[[str], Page]) -> None:
    page = person("anna")
    first = title(page)
    go(page, "Enter")
    second = title(page)
    go(page, "s")
    third = title(page)
    go(page, "b")
    assert title(page) == second
    go(page, "b")
    assert title(page) == first
    assert "You labelled this one" in page.locator("#told").inner_text()
    page.keyboard.press("1")
    taken = chips(page, off=True)[0]
    go(page, "Enter")
    assert title(page) == third
    assert len(served.rows()) == 2
    go(page, "b")
    go(page, "b")
    assert taken in chips(page, off=True), "what was said last is shown"
    go(page, "s")
    assert [("topics" in row, row["by"]) for row in served.rows()] == [(True, "anna"), (True, "anna"), (False, "anna")]
    assert "0 of 8 labelled" in page.locator("#progress").inner_text()


def test_two_people_at_once_and_a_reload_in_the_middle(served: Served, person: Callable[[str], Page]) -> None:
    anna, ben = person("anna"), person("ben")
    assert title(anna) != title(ben)
    before = title(anna)
    anna.reload()
    anna.wait_for_selector("article")
    assert title(anna) == before, "the name is kept, and so is the article"
    open_ = [anna, ben]
    while open_:
        for page in open_:
            page.keyboard.press("Enter")
        for page in open_:
            page.wait_for_selector("#back:enabled")
        open_ = [one for one in open_ if one.locator("article").count()]
    rows = served.rows()
    assert sorted(row["id"] for row in rows) == sorted(map(str, range(COUNT)))
    assert {row["by"] for row in rows} == {"anna", "ben"}


def test_labels_that_cannot_be_kept_are_not_lost_from_the_page(served: Served, person: Callable[[str], Page]) -> None:
    page = person("anna")
    before = title(page)
    served.process.kill()
    served.process.wait()
    page.keyboard.press("Enter")
    page.wait_for_selector("#told.error")
    assert "the service does not answer" in page.locator("#told").inner_text()
    assert (title(page), served.rows()) == (before, [])
