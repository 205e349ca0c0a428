"""Accessibility of the recipients' pages: axe-core in every state, large text, narrow screens, print, right to left."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from fastapi import Response
from playwright.sync_api import Page, Route, ViewportSize, expect

from tests.support.checks.long import some
from tests.support.pages.recipient_pages import FIRM, GRANT, LOGO, LONG, MIRRORED, SHA256, STATES, view
from tui.server.base.firm import Firm
from tui.server.pages.language import Language
from tui.server.pages.languages import NAMES
from tui.server.pages.view import PageView

ADDRESS = "https://links.example.com/s/secret"
NARROW, WIDE = ViewportSize(width=320, height=800), ViewportSize(width=1280, height=800)
#: What depends on colours alone.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
#: Colours, the width, and which rules are checked. The style has no rule for both the colours and the width, and none
#: for colours that moves or hides anything, so that not each combination is another page.
LOOKS: tuple[tuple[dict[str, Any], ViewportSize, dict[str, Any]], ...] = (
    ({"color_scheme": "light", "forced_colors": "none"}, NARROW, {}),
    ({"color_scheme": "dark", "forced_colors": "none"}, WIDE, {}),
    ({"color_scheme": "light", "forced_colors": "active"}, NARROW, COLOURS),
)
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
#: Writes a page in place of the one that is shown: loading each would take longer than most checks. Scripts stay.
WRITE = """async written => {
    document.open();
    document.write(written);
    document.close();
    await Promise.all([...document.images].map(image => image.decode()));
}"""
#: What is wrong with a written page, and what it says.
CHECKED = f"""async ([written, rules]) => {{
    await ({WRITE})(written);
    const texts = selector => [...document.querySelectorAll(selector)].map(e => e.innerText);
    const found = await axe.run({{resultTypes: ['violations'], ...rules}});
    return {{
        violations: found.violations.map(v => [v.id, v.nodes.map(n => n.html)]),
        wider: ({WIDER})(),
        background: getComputedStyle(document.body).backgroundColor,
        title: document.title,
        icon: document.querySelector('link[rel=icon]').href,
        headings: texts('h1'),
        said: texts('[role=status], [role=alert]'),
        texts: texts('main :is(h1, p, dt, label)'),
    }};
}}"""
#: These have the longest words and labels.
FITTING = (
    "link with a limit",
    "wrong password and a wait",
    "started",
    "has arrived",
    "downloaded",
    "not found",
)
FITS = f"""async written => {{
    await ({WRITE})(written);
    const boxes = [...document.querySelectorAll('button, .button')].map(e => e.getBoundingClientRect().height);
    const wider = ({WIDER})();
    document.documentElement.style.fontSize = '200%';
    return [boxes, [...wider, ...({WIDER})()], ({BROKEN_WORDS})()];
}}"""
BACKGROUNDS = {"light": "rgb(238, 241, 246)", "dark": "rgb(16, 20, 27)"}


@cache
def axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def staying(answer: Response) -> bytes:
    """The page without its redirect, which would have it gone before it is checked."""
    return bytes(answer.body).replace(b'http-equiv="refresh"', b'data-refresh="1"')


class Shown:
    """The tab, and what it has asked for."""

    def __init__(self, tab: Page) -> None:
        self.tab = tab
        self.asked: list[str] = []
        self.policy = ""
        tab.set_viewport_size(NARROW)

    def open(self, state: str, written: PageView | None = None) -> Page:
        """Opens the page of a state with the headers that the server sends; any other request gets the logo."""
        answer = STATES[state](written or view())
        body = staying(answer)
        self.policy = answer.headers["content-security-policy"]

        def give(route: Route) -> None:
            self.asked.append(route.request.url)
            if route.request.url.startswith(ADDRESS):
                headers = dict(answer.headers) | {"content-length": str(len(body))}
                route.fulfill(status=200, headers=headers, body=body)
            else:
                route.fulfill(status=200, content_type=LOGO.media_type, body=LOGO.content)

        self.tab.unroute_all()
        self.tab.route("**/*", give)
        self.asked.clear()
        self.tab.goto(ADDRESS)
        return self.tab

    def page_of(self, state: str, written: PageView | None = None) -> str:
        """A page to be written in place of one that is open: it could have been opened with the same policy."""
        answer = STATES[state](written or view())
        assert answer.headers["content-security-policy"] == self.policy, state
        assert len(answer.body) < MOST_BYTES
        return staying(answer).decode()


@pytest.fixture
def shown(headless: Page) -> Iterator[Shown]:
    yield Shown(headless)
    headless.unroute_all()
    headless.emulate_media(media="null", color_scheme="null", forced_colors="null")


def test_each_state(shown: Shown) -> None:
    """WCAG 2.2 AA and best practices, in light, dark and forced colours, on a phone and on a desktop. The heading comes
    first, or after the sender of a document, then the message, which also begins the title."""
    page = shown.open("link")
    page.evaluate(axe())
    for number, (colours, size, rules) in enumerate(LOOKS):
        page.emulate_media(**colours)
        page.set_viewport_size(size)
        # The first of the looks shows all states.
        for state in some(4, STATES) if number else STATES:
            found = page.evaluate(CHECKED, [shown.page_of(state), rules])
            where = (state, colours, size)
            assert found["violations"] == [], where
            assert found["wider"] == [], where
            if colours["forced_colors"] == "none":
                assert found["background"] == BACKGROUNDS[colours["color_scheme"]], where
            before = [text for text in found["texts"][:1] if text.endswith(" has sent you a document")]
            assert found["headings"] == found["texts"][len(before) : len(before) + 1], where
            assert found["said"] in ([], [found["texts"][len(before) + 1]]), where
            assert found["title"].startswith("".join(found["said"])), where
            assert found["title"].endswith(" · " + FIRM.name), where
            assert found["icon"].startswith("data:"), where
            if state == "link with a long name":
                assert found["headings"] == [LONG.name]


def test_every_language_fits(shown: Shown) -> None:
    """At 320 pixels a button's label fits on one line, and even at twice the text size no word is broken and nothing
    scrolls sideways."""
    page = shown.open("link")
    tags: list[str | Language] = [*some(5, NAMES), MIRRORED]
    for tag in tags:
        for state in FITTING:
            heights, wider, broken = page.evaluate(FITS, shown.page_of(state, view(tag)))
            assert page.evaluate("document.documentElement.lang") == (tag if isinstance(tag, str) else "ar")
            assert all(height < 60 for height in heights), f"two lines: {state}, {tag}"
            assert wider == [], (state, tag)
            if isinstance(tag, Language) or tag[:2] not in ("ja", "zh"):
                assert broken == [], (state, tag)


def test_a_page_is_one_request(shown: Shown) -> None:
    """And a logo another."""
    shown.open("link")
    assert len(shown.asked) == 2
    page = shown.open("link", view(firm=Firm()))
    for state in STATES:
        page.evaluate(WRITE, shown.page_of(state, view(firm=Firm())))
        assert page.locator("header").count() == 1
    assert shown.asked == [ADDRESS]


def test_right_to_left(shown: Shown) -> None:
    """The page is mirrored, and names keep their own direction."""
    page = shown.open("wrong password", view(MIRRORED))
    style = "e => [getComputedStyle(e).borderRightWidth, getComputedStyle(e).borderLeftWidth]"
    assert page.get_by_role("alert").evaluate(style) == ["4px", "0px"]
    page.evaluate(WRITE, shown.page_of("link with a hostile name", view(MIRRORED)))
    page.set_viewport_size(WIDE)
    sheet, heading = page.locator(".sheet").bounding_box(), page.locator("h1").bounding_box()
    assert sheet is not None
    assert heading is not None
    assert sheet["x"] > heading["x"]
    assert page.locator("script, main img").count() == 0


def test_by_the_keyboard_by_ear_and_on_paper(shown: Shown) -> None:
    """The button comes first, the languages last. The button's name begins with its visible label and says what it
    downloads; the hint before it describes it. The printed page has the address and the date, and no controls, which
    are useless on paper."""
    page = shown.open("link")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    for told in ("+44 20 7946 0000", "law@halyard.example", "Language", "Questions?"):
        page.keyboard.press("Tab")
        if told == "Language":
            page.keyboard.press("Enter")
        elif told == "Questions?":
            assert page.evaluate("document.activeElement.lang") == "de"
        else:
            assert page.evaluate("document.activeElement.textContent") == told
    button = page.get_by_role("button", name="Download offer.pdf, PDF, 3.0 MB", exact=True)
    expect(button).to_have_accessible_description("Each download is counted.")
    assert button.evaluate("e => e.previousElementSibling.id") == "counts"
    address = page.get_by_text("https://links.example.com/s/0123")
    assert not address.is_visible()
    page.emulate_media(media="print")
    assert address.is_visible()
    assert page.get_by_text("27 November 2026, 13:00 (Berlin) · 12:00 UTC").is_visible()
    for gone in ("button", "nav", "form .hint"):
        assert not page.locator(gone).first.is_visible()


#: The pages that have an address of their own.
PRINTED = ("link with a limit", "wrong password", "started")
PAPER = """() => [...document.querySelectorAll('body, body *')]
    .map(e => getComputedStyle(e)).filter(style => style.display != 'none')
    .map(style => style.backgroundColor).filter(colour => !/, 0\\)$/.test(colour))"""


def test_paper_is_white(shown: Shown) -> None:
    """Also for those who have dark screens. The page has its address and the date; that of a dead link has neither, as
    all are the same."""
    page = shown.open("link")
    page.emulate_media(media="print", color_scheme="dark")
    for state in (*PRINTED, "not found"):
        page.evaluate(WRITE, shown.page_of(state))
        assert set(page.evaluate(PAPER)) <= {"rgb(255, 255, 255)"}, state
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        printed = page.locator(".print")
        assert printed.is_visible() if state in PRINTED else printed.count() == 0
        assert not page.locator("input, button, .button, summary").first.is_visible()
    assert "November" not in page.inner_text("body")


def test_languages_are_behind_one_word_on_a_phone(shown: Shown) -> None:
    page = shown.open("link")
    languages = page.get_by_role("navigation", name="Language")
    assert languages.inner_text() == "Language"
    page.get_by_text("Language", exact=True).click()
    assert languages.get_by_role("link").count() == len(NAMES) - 1
    assert languages.get_by_role("link", name="Français").get_attribute("href") == "?lang=fr"
    page = shown.open("link")
    page.set_viewport_size(WIDE)
    assert not page.get_by_text("Language", exact=True).is_visible()
    assert languages.get_by_role("link", name="日本語").is_visible()


def test_the_sender_and_the_firm_are_above_the_name_and_nowhere_else(shown: Shown) -> None:
    page = shown.open("link")
    lines = page.inner_text("body").split("\n")
    for once in ("Dana Jones", "Halyard & Stone LLP"):
        (line,) = (number for number, text in enumerate(lines) if once in text)
        assert line < lines.index("offer.pdf"), lines
    assert "Sender" not in lines


def test_the_expiry_has_two_lines(shown: Shown) -> None:
    """In every language: there and then, and in UTC with the time that is left. Some of them need three lines if there
    are only 320 pixels."""
    page = shown.open("link")
    page.set_viewport_size({"width": 390, "height": 800})
    rows = (
        "() => [...document.querySelectorAll('time bdi, dd .soft bdi')].map(e => e.getClientRects().length)"
    )
    for tag in NAMES:
        page.evaluate(WRITE, shown.page_of("link", view(tag)))
        assert page.evaluate(rows) == [1, 1], tag
    page.evaluate(WRITE, shown.page_of("link"))
    assert page.locator("dd").last.inner_text().split("\n") == [
        "4 December 2026, 13:00 (Berlin)",
        "12:00 UTC, in 7 days",
    ]


def test_how_often_it_can_be_downloaded(shown: Shown) -> None:
    page = shown.open("link with a limit")
    expect(page.get_by_role("button")).to_have_accessible_description(
        "You can download it 2 more times. Each download is counted."
    )
    assert page.get_by_text("You can download it 2 more times.").is_visible()
    page.evaluate(WRITE, shown.page_of("link"))
    assert "more time" not in page.content()


def test_words_for_the_ear_are_words_of_their_own(shown: Shown) -> None:
    """What is hidden from the eye has a blank before it, whatever reads it."""
    page = shown.open("link")
    for state in ("link", "started"):
        page.evaluate(WRITE, shown.page_of(state))
        for text in page.locator(":has(> .hidden)").evaluate_all("all => all.map(e => e.textContent)"):
            assert text.split()[-4:] == [text.split()[-4], "PDF,", "3.0", "MB"]
            assert text.split()[-4] == "offer.pdf,"


def test_the_contact_can_be_called_and_written_to(shown: Shown) -> None:
    page = shown.open("not found")
    contact = page.get_by_text("Questions?")
    found = contact.get_by_role("link").evaluate_all("all => all.map(e => [e.href, e.textContent])")
    assert found == [
        ["tel:+442079460000", "+44 20 7946 0000"],
        ["mailto:law@halyard.example", "law@halyard.example"],
    ]
    assert contact.inner_text() == FIRM.contact


def test_downloading_again(shown: Shown) -> None:
    page = shown.open("started")
    link = page.get_by_role("link", name="Download again offer.pdf, PDF, 3.0 MB", exact=True)
    expect(link).to_have_accessible_description(
        "Downloading it again is not counted. If it breaks off, you can repeat it until "
        + view().moment(GRANT.expires_at)
        + ". Once it has arrived, ten minutes and at most three more downloads remain."
    )
    assert page.get_by_text("Look in your Downloads folder.").is_visible()
    assert page.get_by_text("PDF document, 3.0 MB (3,000,000 bytes)").is_visible()
    page.get_by_text("Check that the file").click()
    for system, command in (
        ("Linux", "sha256sum offer.pdf"),
        ("Mac", "shasum -a 256 offer.pdf"),
        ("Windows PowerShell", "Get-FileHash 'offer.pdf'"),
    ):
        row = page.locator("dl > div", has=page.get_by_text(system, exact=True))
        assert row.get_by_text(command, exact=True).is_visible()
    assert page.get_by_text(SHA256).is_visible()


def test_what_has_arrived(shown: Shown) -> None:
    """The page says how often it can be downloaded again; and when it can't, it has no button."""
    page = shown.open("has arrived")
    page.get_by_text("You can download it 1 more time.").wait_for()
    assert page.get_by_role("link", name="Download again").count() == 1
    page = shown.open("downloaded")
    assert page.get_by_role("heading", level=1).inner_text() == "You have downloaded this"
    assert page.get_by_role("main").get_by_role("link").or_(page.get_by_role("button")).count() == 0


def test_a_password_field_has_the_focus(shown: Shown) -> None:
    page = shown.open("password")
    assert page.evaluate("document.activeElement.id") == "password"
