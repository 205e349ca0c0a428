"""Robots that drive a real browser are never counted, and a person's press counts once (S3, S24, decision 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import events, names_of, seen
from tests.support.users.share import Sender
from tests.system.browser.recipient import CONTENT, desktop, download

PASSWORD = "Blue-Heron-42"
SUBMIT = "document.forms[0].submit()"
#: Submits only once, since the response is the page again.
AT_ONCE = f"addEventListener('load', () => document.querySelector('[role=status]') || {SUBMIT})"


def no_gesture(page: Page) -> None:
    """Submits as DevTools can: without a user gesture."""
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": SUBMIT, "userGesture": False})


def by_fetch(page: Page) -> None:
    page.evaluate("void fetch(location.href, {method: 'POST', redirect: 'manual'})")


def by_beacon(page: Page) -> None:
    page.evaluate("navigator.sendBeacon(location.href)")


Robot = Callable[[Page], Any]

#: Robots recognised by what Chromium reports about the request, whatever their user agent.
TOLD: dict[str, Robot] = {"CDP without a gesture": no_gesture, "fetch": by_fetch, "beacon": by_beacon}
#: Robots recognised by their user agent alone: one that Chromium reports no gesture of, and one that it does of.
NAMED: dict[str, Robot] = {
    "evaluate(submit)": lambda page: page.evaluate(SUBMIT),
    "a trusted click": lambda page: page.get_by_role("button").click(),
}


def posts(page: Page, act: Callable[[], Any]) -> None:
    """Runs ``act``, which must make the page send a POST, and checks that the response leads back to the page."""
    with page.expect_response(lambda answer: answer.request.method == "POST") as waiting:
        act()
    answer = waiting.value
    if answer.request.is_navigation_request():
        # A redirect to the page, so that reloading it submits nothing.
        assert answer.status == 303
        assert "notice=press" in answer.headers["location"]
        page.get_by_role("status").wait_for()
    else:
        assert answer.status == 200


def opens(page: Page, document: dict[str, Any], act: Robot) -> None:
    """A robot opens the page and acts."""
    page.goto(document["url"])
    posts(page, lambda: act(page))


def many(server: ServerProcess, *names: str) -> dict[str, dict[str, Any]]:
    """Documents of these names, each of which may be downloaded once."""
    with Sender(server) as me:
        return dict(zip(names, me.publish_together(me.open(downloads_permitted=1)["id"], names), strict=True))


def test_under_its_own_name_nothing_counts(server: ServerProcess, headless: Page, page: Page) -> None:
    """Nothing that a headless browser does is counted, and a person after it still has the full download limit."""
    scanned = many(server, *NAMED)
    guarded = publish(server, CONTENT, "guarded.bin", downloads_permitted=1, password=PASSWORD)
    headless.goto(guarded["url"])
    assert "HeadlessChrome/" in headless.evaluate("navigator.userAgent")
    headless.get_by_label("Password").fill(PASSWORD)
    posts(headless, lambda: NAMED["a trusted click"](headless))
    for name, act in NAMED.items():
        opens(headless, scanned[name], act)
    for name, one in {"guarded": guarded, **scanned}.items():
        after = seen(server, one)
        assert (after["downloads"], after["published"]) == (0, True), name
        assert names_of(events(server, one["id"])) == ["scanned"], name
    assert by_a_person(page, guarded, PASSWORD) == CONTENT
    assert by_a_person(page, scanned[name]) == b"x"
    for one in (guarded, scanned[name]):
        assert seen(server, one)["downloads"] == 1


@pytest.fixture
def devtools(browser: Browser, headless: Page) -> Iterator[CDPSession]:
    """What gives the headless browser the name of a desktop's, and its pages scripts, while the test runs."""
    session = headless.context.new_cdp_session(headless)
    session.send("Emulation.setUserAgentOverride", {"userAgent": desktop(browser)})
    session.send("Page.enable")
    session.send("Page.setBypassCSP", {"enabled": True})
    yield session
    session.detach()


@more
def test_under_a_desktops_name(server: ServerProcess, headless: Page, devtools: CDPSession) -> None:
    """A person counts also with scripts; the recipient of all other tests has none. What the browser tells about robots
    counts nothing, and reloading the page that they get neither repeats the attempt nor counts."""
    page = headless
    person = publish(server, CONTENT, "person.bin")
    assert by_a_person(page, person) == CONTENT
    assert "HeadlessChrome/" not in page.evaluate("navigator.userAgent")
    assert seen(server, person)["downloads"] == 1
    assert "scanned" not in names_of(events(server, person["id"]))
    scanned = many(server, *TOLD, "an init script")
    for name, act in TOLD.items():
        opens(page, scanned[name], act)
    devtools.send("Page.addScriptToEvaluateOnNewDocument", {"source": AT_ONCE})
    posts(page, lambda: page.goto(scanned["an init script"]["url"]))
    for _ in range(2):
        answer = page.reload()
        assert answer is not None
        assert (answer.status, answer.request.method) == (200, "GET")
        assert "Press the button to download" in page.get_by_role("status").inner_text()
    for name, one in scanned.items():
        assert seen(server, one)["downloads"] == 0, name
        assert "scanned" in names_of(events(server, one["id"])), name
    assert download(page, page.get_by_role("button").click)[1] == b"x"
    assert seen(server, one)["downloads"] == 1


def by_a_person(page: Page, document: dict[str, Any], password: str | None = None) -> bytes:
    page.goto(document["url"])
    if password:
        page.get_by_label("Password").fill(password)
    return download(page, page.get_by_role("button").click)[1]
