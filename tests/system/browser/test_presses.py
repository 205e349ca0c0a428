"""A recipient in a real browser presses twice, reloads and goes back: nothing is lost, and nothing is counted again."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Download, Page

from tests.support.misbehave import Misbehaving
from tests.support.publish import publish
from tests.support.recipient import events, names_of, path_of, seen
from tests.support.server import ServerProcess
from tests.support.share import until
from tests.system.browser.recipient import CONTENT, PASSWORD, NewContext, download


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
    @pytest.mark.parametrize("run", range(2))
    def test_enter_twice(self, server: ServerProcess, recipient: Recipient, run: int) -> None:
        document = publish(server, CONTENT, f"{run}.bin", password=PASSWORD, downloads_permitted=1)
        recipient.page.goto(document["url"])
        recipient.type_password(PASSWORD)
        recipient.keys("Enter", "Enter")
        recipient.has_got(CONTENT)
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

    def test_taps_on_a_slow_line(self, server: ServerProcess, new_context: NewContext) -> None:
        """Three taps count once even if the first two get no response before the third."""
        document = publish(server, CONTENT, "taps.bin", downloads_permitted=5)
        recipient = Recipient(new_context(has_touch=True).new_page())
        with Misbehaving(server.url) as proxy:
            recipient.page.goto(proxy.url + path_of(document))
            place = recipient.middle_of_the_button()
            with ExitStack() as held:
                for tap in range(1, 4):
                    held.enter_context(proxy.holding("POST", "/s/", answer=True))
                    recipient.page.touchscreen.tap(*place)
                    until(lambda tap=tap: sum(seen.held for seen in proxy.seen) == tap)
                assert counted(server, document) == 1
            recipient.has_got(CONTENT)
        assert counted(server, document) == 1

    def test_a_wrong_password(self, server: ServerProcess, recipient: Recipient) -> None:
        """A wrong password submitted twice counts as one attempt."""
        document = publish(server, CONTENT, "wrong.bin", password=PASSWORD)
        recipient.page.goto(document["url"])
        recipient.type_password("something else")
        recipient.keys("Enter", "Enter")
        recipient.page.get_by_role("alert").wait_for()
        until(lambda: "wrong password" in names_of(events(server, document["id"])))
        recipient.type_password(PASSWORD)
        recipient.keys("Enter")
        recipient.has_got(CONTENT)
        assert names_of(events(server, document["id"])).count("wrong password") == 1


class TestAfterwards:
    def test_reloading_and_going_back(self, server: ServerProcess, recipient: Recipient) -> None:
        """The page starts the download once, and offers it again; none of this is counted again."""
        document = publish(server, CONTENT, "after.bin")
        page = recipient.page
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(document["url"])
        page.get_by_role("button").click()
        recipient.has_got(CONTENT)
        started = page.url
        for _ in range(2):
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
        assert complaints == []
        assert counted(server, document) == 1

    def test_a_page_that_is_gone_back_to(self, server: ServerProcess, recipient: Recipient) -> None:
        """After a reload the page allows another press, which counts."""
        document = publish(server, CONTENT, "back.bin")
        page = recipient.page
        page.goto(document["url"])
        page.get_by_role("button").click()
        recipient.has_got(CONTENT)
        page.go_back()
        page.get_by_role("button", name="Download").wait_for()
        page.reload()
        page.get_by_role("button", name="Download").click()
        page.get_by_role("heading", name="Download started").wait_for()
        assert counted(server, document) == 2


class TestReloading:
    """Reloading a page that gave no file neither repeats the attempt nor counts a download."""

    def test_wrong_and_too_many(self, fresh_server: ServerProcess, recipient: Recipient) -> None:
        document = publish(fresh_server, CONTENT, "wrong.bin", password=PASSWORD, downloads_permitted=1)
        page = recipient.page
        page.goto(document["url"])
        for tries in range(1, 7):
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
            assert names_of(events(fresh_server, document["id"])).count("wrong password") == tries
        fresh_server.turn_clock(-1)
        recipient.type_password(PASSWORD)
        recipient.keys("Enter")
        page.get_by_text("This password was not checked.").wait_for()
        answer = page.reload()
        assert answer is not None
        assert answer.status == 429
        assert re.search("[Tt]ry again in [1-5] seconds", page.get_by_role("alert").inner_text())
        fresh_server.turn_clock(30)
        page.reload()
        assert page.get_by_role("alert").count() == 0
        assert counted(fresh_server, document) == 0
        recipient.type_password(PASSWORD)
        recipient.keys("Enter")
        recipient.has_got(CONTENT)
        assert names_of(events(fresh_server, document["id"])).count("wrong password") == 6

    def test_the_notice(self, server: ServerProcess, new_context: NewContext) -> None:
        document = publish(server, CONTENT, "notice.bin")
        page = new_context(java_script_enabled=True).new_page()
        page.add_init_script(
            "addEventListener('load', () => document.querySelector('[role=status]')"
            " || document.querySelector('form').submit())"
        )
        page.goto(document["url"])
        page.get_by_role("status").wait_for()
        for _ in range(2):
            answer = page.reload()
            assert answer is not None
            assert (answer.status, answer.request.method) == (200, "GET")
            assert "Press the button to download" in page.get_by_role("status").inner_text()
        assert counted(server, document) == 0
        assert download(page, page.get_by_role("button").click)[1] == CONTENT
        assert counted(server, document) == 1
