"""Robots that drive a real browser are never counted, and a person's press counts once (S3, S24, decision 2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


def an_init_script(page: Page, url: str) -> None:
    page.add_init_script(AT_ONCE)
    posts(page, lambda: page.goto(url))


def by(act: Robot) -> Callable[[Page, str], None]:
    """A robot that opens the page and acts."""

    def opened(page: Page, url: str) -> None:
        page.goto(url)
        posts(page, lambda: act(page))

    return opened


#: The last one leaves its script in the page.
ROBOTS = {name: by(act) for name, act in {**NAMED, **TOLD}.items()} | {"an init script": an_init_script}


def test_under_its_own_name_nothing_counts(server: ServerProcess, new_context: NewContext) -> None:
    """Nothing that a headless browser does is counted, and a person after it still has the full download limit."""
    robot = new_context(java_script_enabled=True, bypass_csp=True, user_agent=None).new_page()
    guarded = publish(server, CONTENT, "guarded.bin", downloads_permitted=1, password=PASSWORD)
    robot.goto(guarded["url"])
    assert "HeadlessChrome/" in robot.evaluate("navigator.userAgent")
    robot.get_by_label("Password").fill(PASSWORD)
    posts(robot, lambda: NAMED["a trusted click"](robot))
    scanned = [guarded]
    for act in ROBOTS.values():
        scanned.append(publish(server, CONTENT, "robot.bin", downloads_permitted=1))
        act(robot, scanned[-1]["url"])
    for name, one in zip(("guarded", *ROBOTS), scanned, strict=True):
        after = seen(server, one)
        assert (after["downloads"], after["published"]) == (0, True), name
        assert names_of(events(server, one["id"])) == ["scanned"], name
    page = new_context().new_page()
    for one, password in ((guarded, PASSWORD), (scanned[-1], None)):
        assert by_a_person(page, one, password) == CONTENT
        assert seen(server, one)["downloads"] == 1


def test_under_a_desktops_name_what_the_browser_tells_counts_nothing(
    server: ServerProcess, new_context: NewContext
) -> None:
    page = new_context(java_script_enabled=True, bypass_csp=True).new_page()
    for name in (*TOLD, "an init script"):
        document = publish(server, CONTENT, "robot.bin", downloads_permitted=1)
        ROBOTS[name](page, document["url"])
        assert seen(server, document)["downloads"] == 0, name
        assert "scanned" in names_of(events(server, document["id"])), name


def test_a_person_counts_once(server: ServerProcess, new_context: NewContext) -> None:
    """Also with scripts; the recipient of all other tests has none."""
    page = new_context(java_script_enabled=True).new_page()
    document = publish(server, CONTENT, "person.bin", downloads_permitted=2)
    for count, key in enumerate(("", "Enter"), 1):
        assert by_a_person(page, document, key=key) == CONTENT, key
        assert seen(server, document)["downloads"] == count, key
    assert "scanned" not in names_of(events(server, document["id"]))


def by_a_person(page: Page, document: dict[str, Any], password: str | None = None, key: str = "") -> bytes:
    """The file, downloaded with a click or a key."""
    page.goto(document["url"])
    if password:
        page.get_by_label("Password").fill(password)
    button = page.get_by_role("button")
    return download(page, (lambda: button.press(key)) if key else button.click)[1]
