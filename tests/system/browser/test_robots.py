"""Robots that drive a real browser are never counted, and a person's press counts once (S3, S24, decision 2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.publish import publish
from tests.support.recipient import events, names_of, seen
from tests.support.server import ServerProcess
from tests.system.browser.recipient import CONTENT, NewContext, download

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
#: Robots recognised by their user agent alone.
NAMED: dict[str, Robot] = {
    "evaluate(submit)": lambda page: page.evaluate(SUBMIT),
    "evaluate(requestSubmit)": lambda page: page.evaluate("document.forms[0].requestSubmit()"),
    "evaluate(click)": lambda page: page.evaluate("document.querySelector('button').click()"),
    "dispatch_event": lambda page: page.dispatch_event("button", "click"),
    "a trusted click": lambda page: page.get_by_role("button").click(),
    "Enter": lambda page: page.get_by_role("button").press("Enter"),
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
    else:
        assert answer.status == 200


def an_init_script(page: Page, url: str, password: str | None) -> None:
    page.add_init_script(AT_ONCE)
    posts(page, lambda: page.goto(url))


def by(act: Robot) -> Callable[[Page, str, str | None], None]:
    """A robot that opens the page, fills in the password, and acts."""

    def opened(page: Page, url: str, password: str | None) -> None:
        page.goto(url)
        if password:
            page.get_by_label("Password").fill(password)
        posts(page, lambda: act(page))

    return opened


ROBOTS = {name: by(act) for name, act in {**NAMED, **TOLD}.items()} | {"an init script": an_init_script}


@pytest.mark.parametrize("password", [None, PASSWORD])
def test_under_its_own_name_nothing_counts(
    server: ServerProcess, new_context: NewContext, password: str | None
) -> None:
    """Nothing that a headless browser does is counted, and a person after it still has the full download limit."""
    page = new_context().new_page()
    robots = new_context(java_script_enabled=True, bypass_csp=True, user_agent=None)
    for name, act in ROBOTS.items():
        document = publish(server, CONTENT, "robot.bin", downloads_permitted=1, password=password)
        robot = robots.new_page()
        assert "HeadlessChrome/" in robot.evaluate("navigator.userAgent")
        act(robot, document["url"], password)
        after = seen(server, document)
        assert (after["downloads"], after["published"]) == (0, True), name
        assert names_of(events(server, document["id"])) == ["scanned"], name
        assert by_a_person(page, document, password) == CONTENT, name
        assert seen(server, document)["downloads"] == 1, name


def test_under_a_desktops_name_what_the_browser_tells_counts_nothing(
    server: ServerProcess, new_context: NewContext
) -> None:
    robots = new_context(java_script_enabled=True, bypass_csp=True)
    for name in (*TOLD, "an init script"):
        document = publish(server, CONTENT, "robot.bin", downloads_permitted=1)
        ROBOTS[name](robots.new_page(), document["url"], None)
        assert seen(server, document)["downloads"] == 0, name
        assert "scanned" in names_of(events(server, document["id"])), name


@pytest.mark.parametrize("script", [False, True])
def test_a_person_counts_once(server: ServerProcess, new_context: NewContext, script: bool) -> None:
    page = new_context(java_script_enabled=script).new_page()
    for key in ("", "Enter"):
        document = publish(server, CONTENT, "person.bin", downloads_permitted=2)
        assert by_a_person(page, document, key=key) == CONTENT, key
        assert seen(server, document)["downloads"] == 1, key
        assert "scanned" not in names_of(events(server, document["id"])), key


def by_a_person(page: Page, document: dict[str, Any], password: str | None = None, key: str = "") -> bytes:
    """The file, downloaded with a click or a key."""
    page.goto(document["url"])
    if password:
        page.get_by_label("Password").fill(password)
    button = page.get_by_role("button")
    return download(page, (lambda: button.press(key)) if key else button.click)[1]
