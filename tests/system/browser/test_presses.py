"""A recipient in a real browser presses twice, reloads and goes back: nothing is lost, and nothing is counted again."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Download, Page

from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.servers.put_back import put_back
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import events, guess, names_of, path_of, seen
from tests.support.users.share import until
from tests.system.browser.recipient import CHROMIUM, CONTENT, FLAGS, PASSWORD, desktop, download
from tui.server.limits.backoff import FREE

_NEW_TAB: tuple[Literal["Control", "Shift"], ...] = ("Control", "Shift")


class Recipient:
    """One tab and the files it has saved."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.files: list[Download] = []
        self.page.on("download", lambda file: self.files.append(file))

    def middle_of_the_button(self) -> tuple[float, float]:
        box = self.page.get_by_role("button", name="Download").bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def keys(self, *keys: str) -> None:
        """Presses keys without waiting for their effect."""
        session = self.page.context.new_cdp_session(self.page)
        for key in keys:
            assert key == "Enter"
            code = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
            session.send("Input.dispatchKeyEvent", {**code, "type": "keyDown", "text": "\r"})
            session.send("Input.dispatchKeyEvent", {**code, "type": "keyUp"})

    def tap(self, x: float, y: float) -> None:
        """Taps as with a finger."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def type_password(self, password: str) -> None:
        self.page.locator("input[type=password]:focus").wait_for()
        self.page.keyboard.type(password)

    def has_got(self, content: bytes) -> None:
        """Checks that the tab ends on the page for a started download, and that the file is complete."""
        self.page.get_by_role("heading", name="Download started").wait_for()
        if not self.files:
            self.page.wait_for_event("download")
        assert Path(self.files[0].path()).read_bytes() == content


@pytest.fixture
def recipient(page: Page) -> Recipient:
    return Recipient(page)


def counted(server: ServerProcess, document: dict[str, Any]) -> int:
    return int(seen(server, document)["downloads"])


class TestTwice:
    def test_enter_twice(self, server: ServerProcess, recipient: Recipient) -> None:
        """A wrong password submitted twice counts as one attempt, and the right one as one download."""
        document = publish(server, CONTENT, "twice.bin", password=PASSWORD, downloads_permitted=1)
        recipient.page.goto(document["url"])
        recipient.type_password("something else")
        recipient.keys("Enter", "Enter")
        recipient.page.get_by_role("alert").wait_for()
        until(lambda: "wrong password" in names_of(events(server, document["id"])))
        recipient.type_password(PASSWORD)
        recipient.keys("Enter", "Enter")
        recipient.has_got(CONTENT)
        assert names_of(events(server, document["id"])).count("wrong password") == 1
        assert counted(server, document) == 1

    @more
    def test_in_a_new_tab(self, server: ServerProcess, browser: Browser) -> None:
        """With ctrl or shift the new tab gets the file; the button in the old one is still the same press. The browser
        sends the name of a desktop itself: the first request of a new tab comes before it could be given another."""
        options = [*FLAGS, f"--user-agent={desktop(browser)}"]
        with browser.browser_type.launch(executable_path=CHROMIUM, args=options) as named:
            for key in _NEW_TAB:
                document = publish(server, CONTENT, "tab.bin", downloads_permitted=1)
                tabs: list[Recipient] = []

                def opened(tab: Page, tabs: list[Recipient] = tabs) -> None:
                    tabs.append(Recipient(tab))

                with named.new_context(java_script_enabled=False) as context:
                    context.on("page", opened)
                    context.new_page().goto(document["url"])
                    with context.expect_page():
                        tabs[0].page.get_by_role("button").click(modifiers=[key])
                    tabs[1].has_got(CONTENT)
                    tabs[0].page.get_by_role("button").click()
                    tabs[0].page.get_by_role("heading", name="Download started").wait_for()
                    assert counted(server, document) == 1

    def test_clicks(self, server: ServerProcess, recipient: Recipient) -> None:
        """A double click, and one more click where the button was, count once."""
        document = publish(server, CONTENT, "clicks.bin", downloads_permitted=1)
        recipient.page.goto(document["url"])
        place = recipient.middle_of_the_button()
        recipient.page.mouse.dblclick(*place)
        recipient.has_got(CONTENT)
        recipient.page.mouse.click(*place)
        recipient.page.get_by_role("heading", name="Download started").wait_for()
        assert counted(server, document) == 1

    def test_taps_on_a_slow_line(self, server: ServerProcess, recipient: Recipient) -> None:
        """Three taps count once even if the first two get no response before the third."""
        document = publish(server, CONTENT, "taps.bin", downloads_permitted=5)
        with Misbehaving(server.url) as proxy:
            recipient.page.goto(proxy.url + path_of(document))
            place = recipient.middle_of_the_button()
            with ExitStack() as held:
                for tap in range(1, 4):
                    held.enter_context(proxy.holding("POST", "/s/", answer=True))
                    recipient.tap(*place)
                    until(lambda tap=tap: sum(seen.held for seen in proxy.seen) == tap)
                assert counted(server, document) == 1
            recipient.has_got(CONTENT)
        assert counted(server, document) == 1


class TestAfterwards:
    @more
    def test_reloading_and_going_back(self, server: ServerProcess, recipient: Recipient) -> None:
        """The page starts the download once, and offers it again; none of this is counted again. The page of the link
        allows another press after a reload, which counts."""
        document = publish(server, CONTENT, "after.bin")
        page = recipient.page
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(document["url"])
        page.get_by_role("button").click()
        recipient.has_got(CONTENT)
        started = page.url
        page.reload()
        page.get_by_role("heading", name="Download started").wait_for()
        page.go_back()
        page.get_by_role("heading", name="after.bin").wait_for()
        page.go_forward()
        page.get_by_role("heading", name="Download started").wait_for()
        assert page.url == started
        assert len(recipient.files) == 1
        again = page.get_by_role("link", name="Download again")
        page.keyboard.press("Tab")
        assert again.evaluate("link => link === document.activeElement")
        assert download(page, lambda: page.keyboard.press("Enter")) == ("after.bin", CONTENT)
        assert counted(server, document) == 1
        page.go_back()
        page.get_by_role("button", name="Download").wait_for()
        page.reload()
        assert download(page, page.get_by_role("button", name="Download").click) == ("after.bin", CONTENT)
        page.get_by_role("heading", name="Download started").wait_for()
        assert complaints == []
        assert counted(server, document) == 2


class TestReloading:
    """Reloading a page that gave no file neither repeats the attempt nor counts a download."""

    def test_wrong_and_too_many(self, server: ServerProcess, recipient: Recipient) -> None:
        document = publish(server, CONTENT, "wrong.bin", password=PASSWORD, downloads_permitted=1)
        page = recipient.page
        page.goto(document["url"])
        for tries in (1, FREE + 1):
            if tries > 1:
                with server.guest() as guest:
                    guess(server, guest, document, FREE - 1)
            before = page.locator("input[name=press]").get_attribute("value")
            recipient.type_password(f"guess {tries}")
            recipient.keys("Enter")
            page.locator(f"input[name=press]:not([value='{before}'])").wait_for(state="attached")
            page.get_by_role("alert").wait_for()
            if tries == 1:
                answer = page.reload()
                assert answer is not None
                assert answer.request.method == "GET"
            assert "The password is not correct." in page.get_by_role("alert").inner_text()
            assert names_of(events(server, document["id"])).count("wrong password") == tries
        with put_back(server):
            server.turn_clock(-1)
            recipient.type_password(PASSWORD)
            recipient.keys("Enter")
            page.get_by_text("This password was not checked.").wait_for()
            answer = page.reload()
            assert answer is not None
            assert answer.status == 429
            assert re.search("[Tt]ry again in [1-5] seconds?", page.get_by_role("alert").inner_text())
            server.turn_clock(30)
            page.reload()
            assert page.get_by_role("alert").count() == 0
            assert counted(server, document) == 0
            recipient.type_password(PASSWORD)
            recipient.keys("Enter")
            recipient.has_got(CONTENT)
            assert names_of(events(server, document["id"])).count("wrong password") == FREE + 1
