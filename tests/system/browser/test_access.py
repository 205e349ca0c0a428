"""Accessibility of the recipients' pages: axe-core in every state, large text, narrow screens, print, right to left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from fastapi import Response
from playwright.sync_api import Browser, Page, Request, Route, ViewportSize, expect

from tests.support.recipient_pages import FIRM, LOGO, LONG, MIRRORED, NOW, SHA256, STATES, view
from tui.server.firm import Firm
from tui.server.pages.language import Language
from tui.server.pages.languages import NAMES
from tui.server.pages.view import View

ADDRESS = "https://links.example.com/s/secret"
NARROW, WIDE = ViewportSize(width=320, height=800), ViewportSize(width=1280, height=800)
#: The style has no rule for both the colours and the width, so that not each combination is another page.
LOOKS: tuple[tuple[dict[str, Any], ViewportSize], ...] = (
    ({"color_scheme": "light", "forced_colors": "none"}, NARROW),
    ({"color_scheme": "light", "forced_colors": "none"}, WIDE),
    ({"color_scheme": "dark", "forced_colors": "none"}, WIDE),
    ({"color_scheme": "light", "forced_colors": "active"}, NARROW),
)
AXE = """() => axe.run({resultTypes: ['violations']})
    .then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"""
MOST_BYTES = 10_000
#: Words broken across lines although they have fewer than 12 letters. Bidirectional isolates are not words.
BROKEN_WORDS = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
    for (let node; node = walker.nextNode();) {
        if (node.parentElement.closest('.hidden, script, style')) continue;
        for (const word of node.textContent.matchAll(/[\\p{L}\\p{N}]+/gu)) {
            const range = document.createRange();
            range.setStart(node, word.index);
            range.setEnd(node, word.index + word[0].length);
            const lines = new Set([...range.getClientRects()].map(box => Math.round(box.top)));
            if (lines.size > 1 && word[0].length < 12) found.push(word[0]);
        }
    }
    return found;
}"""
WIDER = """() => [...document.querySelectorAll('body, main, button, .button, input, h1')]
    .filter(e => e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth)
    .map(e => e.tagName)"""
#: These have the longest words and labels.
FITTING = ("link", "wrong password and a wait", "started", "not found")
#: Measures a page that is written in place of the one that is shown: loading each would take longer than the rest.
FITS = f"""async written => {{
    document.open();
    document.write(written);
    document.close();
    await Promise.all([...document.images].map(image => image.decode()));
    const boxes = [...document.querySelectorAll('button, .button')].map(e => e.getBoundingClientRect().height);
    const wider = ({WIDER})();
    document.documentElement.style.fontSize = '200%';
    return [boxes, [...wider, ...({WIDER})()], ({BROKEN_WORDS})()];
}}"""
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
BACKGROUNDS = {"light": "rgb(238, 241, 246)", "dark": "rgb(16, 20, 27)"}


@cache
def axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def staying(answer: Response) -> bytes:
    """The page without its redirect, which would have it gone before it is checked."""
    return bytes(answer.body).replace(b'http-equiv="refresh"', b'data-refresh="1"')


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    with browser.new_page() as page:
        yield page


Show = Callable[..., Page]


@pytest.fixture
def show(tab: Page) -> Iterator[Show]:
    """Opens the page of a state with the headers that the server sends; any other request gets the logo."""
    page = tab
    page.set_viewport_size(NARROW)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))

    def opened(state: str, written: View | None = None) -> Page:
        answer = STATES[state](written or view())
        body = staying(answer)

        def give(route: Route) -> None:
            if route.request.url.startswith(ADDRESS):
                route.fulfill(
                    status=200, headers=dict(answer.headers) | {"content-length": str(len(body))}, body=body
                )
            else:
                route.fulfill(status=200, content_type=LOGO.media_type, body=LOGO.content)

        page.unroute_all()
        page.route("**/*", give)
        asked.clear()
        page.goto(ADDRESS)
        page.evaluate("asked => window.asked = asked", len(asked))
        return page

    yield opened
    page.emulate_media(media="null", color_scheme="null", forced_colors="null")


@pytest.mark.parametrize("state", STATES)
def test_each_state(show: Show, state: str) -> None:
    """WCAG 2.2 AA and best practices, in light, dark and forced colours, on a phone and on a desktop. The heading comes
    first, then the message, which also begins the title."""
    page = show(state)
    texts = page.locator("main :is(h1, p, dt, label)").all_inner_texts()
    assert texts[0] == page.get_by_role("heading", level=1).inner_text()
    said = page.locator("[role=status], [role=alert]").all_inner_texts()
    assert said in ([], [texts[1]])
    assert page.title().startswith("".join(said))
    assert page.title().endswith(" · " + FIRM.name)
    assert page.evaluate("document.querySelector('link[rel=icon]').href.startsWith('data:')")
    page.evaluate(axe())
    for colours, size in LOOKS:
        page.emulate_media(**colours)
        page.set_viewport_size(size)
        assert page.evaluate(AXE) == [], (colours, size)
        assert page.evaluate(WIDER) == [], (colours, size)
        if colours["forced_colors"] == "none":
            assert page.evaluate(BACKGROUND) == BACKGROUNDS[colours["color_scheme"]]


@pytest.mark.parametrize("tag", [*NAMES, MIRRORED], ids=[*NAMES, "mirrored"])
def test_every_language_fits(show: Show, tag: str | Language) -> None:
    """At 320 pixels a button's label fits on one line, and even at twice the text size no word is broken and nothing
    scrolls sideways. Each page is one request, and the logo another."""
    states = {state: staying(STATES[state](view(tag))).decode() for state in FITTING}
    page = show(next(iter(states)), view(tag))
    assert page.evaluate("window.asked") == 2
    assert page.locator("html").get_attribute("lang") == (tag if isinstance(tag, str) else "ar")
    for state, written in states.items():
        assert len(written.encode()) < MOST_BYTES
        heights, wider, broken = page.evaluate(FITS, written)
        assert all(height < 60 for height in heights), f"two lines: {state}"
        assert wider == [], state
        if isinstance(tag, Language) or tag[:2] not in ("ja", "zh"):
            assert broken == [], state


def test_a_page_without_a_logo_is_one_request(show: Show) -> None:
    for state in ("link", "password", "started", "not found"):
        page = show(state, view(firm=Firm()))
        assert page.evaluate("window.asked") == 1, state
    for written in STATES.values():
        assert len(written(view()).body) < MOST_BYTES


def test_right_to_left(show: Show) -> None:
    """The page is mirrored, and names keep their own direction."""
    page = show("wrong password", view(MIRRORED))
    style = "e => [getComputedStyle(e).borderRightWidth, getComputedStyle(e).borderLeftWidth]"
    assert page.get_by_role("alert").evaluate(style) == ["4px", "0px"]
    page = show("link with a hostile name", view(MIRRORED))
    page.set_viewport_size(WIDE)
    sheet, heading = page.locator(".sheet").bounding_box(), page.locator("h1").bounding_box()
    assert sheet is not None
    assert heading is not None
    assert sheet["x"] > heading["x"]
    assert page.locator("script, main img").count() == 0


def test_what_the_button_is_called(show: Show) -> None:
    """The button's name begins with its visible label and says what it downloads; the hint before it describes it."""
    page = show("link")
    button = page.get_by_role("button", name="Download offer.pdf, PDF, 3.0 MB", exact=True)
    expect(button).to_have_accessible_description("Each download is counted.")
    assert button.evaluate("e => e.previousElementSibling.id") == "counts"
    page = show("started")
    link = page.get_by_role("link", name="Download again offer.pdf, PDF, 3.0 MB", exact=True)
    expect(link).to_have_accessible_description(
        "Downloading it again is not counted. Available until "
        + view().moment(NOW + timedelta(minutes=10))
        + "."
    )
    page.get_by_text("Check that the file").click()
    assert page.get_by_text("sha256sum offer.pdf", exact=True).is_visible()
    assert page.get_by_text(SHA256).is_visible()


def test_print(show: Show) -> None:
    """The printed page has the address and the date, and no controls, which are useless on paper."""
    page = show("link")
    assert not page.get_by_text("https://links.example.com/s/0123").is_visible()
    page.emulate_media(media="print")
    assert page.get_by_text("https://links.example.com/s/0123").is_visible()
    assert page.get_by_text("27 November 2026, 12:00 UTC").is_visible()
    for gone in ("button", "nav", "form .hint"):
        assert not page.locator(gone).first.is_visible()


def test_by_the_keyboard(show: Show) -> None:
    """The button comes first, the languages last; a password field has the focus from the start."""
    page = show("link")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.lang") == "de"
    page = show("password")
    assert page.evaluate("document.activeElement.id") == "password"


def test_a_long_name_is_whole(show: Show) -> None:
    page = show("link with a long name")
    assert page.get_by_role("heading", level=1).inner_text() == LONG.name
    assert page.evaluate(WIDER) == []
