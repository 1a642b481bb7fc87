"""The report as a reader meets it: in Chromium, at the width of a phone and of a desk."""

import os
import shutil
import warnings

import pytest

try:
    from axe_playwright_python.sync_playwright import Axe
    from playwright import sync_api
except ImportError:
    sync_api = None

WIDTHS = (375, 1280)
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_SERIOUS = ("serious", "critical")


def missing(what: str) -> None:
    """Fail where the browser is required, else skip for all to hear."""
    if os.environ.get("TOLLGATE_REQUIRE_BROWSER"):
        pytest.fail(f"{what}, and TOLLGATE_REQUIRE_BROWSER is set")
    warnings.warn(f"{what}: the report is not tried in a browser", stacklevel=2)
    pytest.skip(what)


@pytest.fixture(scope="module")
def browser():
    if _CHROMIUM is None:
        missing("there is no chromium (Debian package chromium)")
    if sync_api is None:
        missing("playwright or axe-playwright-python is not installed")
    with sync_api.sync_playwright() as playwright:
        # Root, as in containers, has no sandbox; the page is our own.
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        opened = playwright.chromium.launch(executable_path=_CHROMIUM, args=options)
        yield opened
        opened.close()


@pytest.fixture
def path(report_with_tables):
    return report_with_tables


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def visit(request, browser, path):
    """A page that was opened, what it asked for, and what it complained about."""
    page = browser.new_page(viewport={"width": request.param, "height": 900})
    asked, complaints = [], []
    page.on("request", lambda r: asked.append(r.url))
    page.on("console", lambda m: complaints.append(m.text) if m.type != "log" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda r: complaints.append(r.url[:100]))
    page.goto(path.as_uri())
    page.wait_for_load_state("load")
    yield page, asked, complaints
    page.close()


def test_nothing_leaves_the_page_and_nothing_is_complained_about(visit, path):
    _, asked, complaints = visit
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert complaints == []


def test_every_picture_is_there_with_words_for_it(visit):
    page, _, _ = visit
    pictures = page.evaluate(
        "[...document.images].map(i => ({width: i.naturalWidth, shown: i.clientWidth, alt: i.alt}))"
    )
    assert len(pictures) >= 8
    for picture in pictures:
        assert picture["width"] > 0
        assert picture["shown"] > 200
        assert len(picture["alt"]) > 20


def test_the_phone_gets_pictures_of_its_own(visit):
    page, _, _ = visit
    narrow = page.evaluate("Math.max(...[...document.images].map(i => i.naturalWidth))") < 600
    assert narrow == (page.viewport_size["width"] == min(WIDTHS))


def test_nothing_overflows_sideways(visit):
    page, _, _ = visit
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # What is wider than the page scrolls in a box of its own, which the keyboard reaches.
    outside = page.evaluate(
        """w => [...document.querySelectorAll('main *')]
             .filter(e => !e.closest('.scroll') && e.getBoundingClientRect().right > w + 1)
             .map(e => e.tagName)""",
        width,
    )
    assert outside == []


def test_text_is_large_enough_to_read(visit):
    page, _, _ = visit
    sizes = page.evaluate(
        """[...document.querySelectorAll('p, td, th, li, summary, figcaption')]
             .filter(e => e.textContent.trim())
             .map(e => parseFloat(getComputedStyle(e).fontSize))"""
    )
    assert min(sizes) >= 13


def test_axe_finds_no_serious_fault(visit):
    page, _, _ = visit
    # The longest tables are like the others, and would only take their time.
    page.evaluate("document.querySelectorAll('details:not(.long)').forEach(d => d.open = true)")
    found = Axe().run(page).response["violations"]
    serious = [
        (fault["id"], fault["nodes"][0]["html"][:200])
        for fault in found
        if fault["impact"] in _SERIOUS
    ]
    assert serious == []


def test_it_prints(browser, path):
    page = browser.new_page()
    page.goto(path.as_uri())
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    page.emulate_media(media="print")
    # Tables that are folded on the screen are on paper, but for the longest.
    heights = page.evaluate(
        """[...document.querySelectorAll('details:not(.long) table')]
             .map(t => t.getBoundingClientRect().height)"""
    )
    assert heights
    assert min(heights) > 20
    page.close()
