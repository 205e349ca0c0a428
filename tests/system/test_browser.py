"""What a recipient does in a real browser, the system's Chromium (L2, L3, L5, S3, S24)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.publish import publish
from tests.support.recipient import events, names_of, seen
from tests.support.server import ServerProcess

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CONTENT = bytes(range(256)) * 5000
NAME = "Vertrag – Müller & 契約.pdf"
PASSWORD = "Grüner-Reiher-42"

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists() and os.environ.get("CI") != "true", reason="Chromium is not installed"
)


def desktop(browser: Browser) -> str:
    """The user agent of ``browser`` with a screen; headless, its name says so, and its presses do not count."""
    return (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{browser.version.partition('.')[0]}.0.0.0 Safari/537.36"
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


NewContext = Callable[..., BrowserContext]


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """Creates contexts for recipients at a desktop, without JavaScript unless requested."""
    contexts = []

    def make(**options: Any) -> BrowserContext:
        options = {"java_script_enabled": False, "locale": "en-GB", "user_agent": desktop(browser), **options}
        contexts.append(browser.new_context(**options))
        return contexts[-1]

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_context: NewContext) -> Page:
    return new_context().new_page()


def download(page: Page, act: Callable[[], None]) -> tuple[str, bytes]:
    """The name and the bytes of the file that ``act`` makes the browser save."""
    with page.expect_download() as waiting:
        act()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


class TestDownload:
    def test_by_the_button(self, server: ServerProcess, page: Page) -> None:
        """The file arrives under its full name and counts once, and the console stays empty."""
        document = publish(server, CONTENT, NAME)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(document["url"])
        assert page.get_by_role("heading", level=1).inner_text() == NAME
        assert seen(server, document)["downloads"] == 0
        assert download(page, page.get_by_role("button", name="Download").click) == (NAME, CONTENT)
        assert seen(server, document)["downloads"] == 1
        assert complaints == []
        assert page.title() == "Download started · Secure Sent Links"
        assert NAME in page.get_by_role("main").inner_text()

    def test_by_the_keyboard(self, server: ServerProcess, page: Page) -> None:
        document = publish(server, CONTENT, "keys.bin")
        page.goto(document["url"])
        page.keyboard.press("Tab")
        assert download(page, lambda: page.keyboard.press("Enter")) == ("keys.bin", CONTENT)

    def test_with_a_password(self, server: ServerProcess, page: Page) -> None:
        """The field has the focus; a wrong password shows an error there, the right one gives the file."""
        document = publish(server, CONTENT, NAME, password=PASSWORD)
        page.goto(document["url"])
        assert NAME not in page.content()
        page.locator("input[type=password]:focus").wait_for()
        page.keyboard.type("something else")
        page.keyboard.press("Enter")
        assert "The password is not correct" in page.get_by_role("alert").inner_text()
        field = page.get_by_label("Password")
        assert field.input_value() == ""
        page.locator("input[type=password]:focus").wait_for()
        page.keyboard.type(PASSWORD)
        assert download(page, lambda: page.keyboard.press("Enter")) == (NAME, CONTENT)
        after = names_of(events(server, document["id"]))
        assert after == ["viewed", "wrong password", "downloaded"]

    def test_not_found(self, server: ServerProcess, page: Page) -> None:
        document = publish(server, CONTENT, "once.bin", downloads_permitted=1)
        page.goto(document["url"])
        download(page, page.get_by_role("button").click)
        for address in (document["url"], server.url + "/s/" + "0" * 48, server.url + "/g/unknown"):
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == 404
            assert page.get_by_role("heading", level=1).inner_text() == "Not Found"
            assert "It may have been deleted" in page.get_by_role("main").inner_text()

    def test_the_limit_is_reached_while_the_page_is_open(self, server: ServerProcess, page: Page) -> None:
        document = publish(server, CONTENT, "late.bin", downloads_permitted=1)
        late = page.context.new_page()
        for one in (page, late):
            one.goto(document["url"])
        download(page, page.get_by_role("button").click)
        late.get_by_role("button").click()
        late.get_by_role("heading", name="Not Found").wait_for()


class TestRobots:
    """S3, S24, decision 2: Chromium itself reports that no user pressed, or that another site sent the form."""

    def test_a_script_that_submits_counts_nothing(
        self, server: ServerProcess, new_context: NewContext
    ) -> None:
        document = publish(server, CONTENT, "robot.bin")
        page = new_context(java_script_enabled=True).new_page()
        page.add_init_script(
            "addEventListener('load', () => document.querySelector('[role=status]')"
            " || document.querySelector('form').submit())"
        )
        page.goto(document["url"])
        assert "Press the button to download" in page.get_by_role("status").inner_text()
        assert seen(server, document)["downloads"] == 0
        assert "scanned" in names_of(events(server, document["id"]))
        assert download(page, page.get_by_role("button").click)[1] == CONTENT

    def test_another_sites_form_counts_nothing(self, server: ServerProcess, new_context: NewContext) -> None:
        document = publish(server, CONTENT, "cross.bin")
        form = f'<form method="post" action="{document["url"]}"><button>Win a prize</button></form>'

        class Other(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(form.encode())

            def log_message(self, *_: object) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Other) as other:
            thread = threading.Thread(target=other.serve_forever)
            thread.start()
            try:
                page = new_context().new_page()
                page.goto(f"http://localhost:{other.server_port}/")
                page.get_by_role("button").click()
                page.get_by_role("button", name="Download").wait_for()
            finally:
                other.shutdown()
                thread.join()
        assert seen(server, document)["downloads"] == 0


_CONTRAST = """
() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const color = rgb(getComputedStyle(e).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
  };
  return [...document.querySelectorAll('body *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => {
      const [a, b] = [light(rgb(getComputedStyle(e).color)), light(behind(e))];
      return [e.tagName + '.' + e.className, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
    });
}
"""


class TestLooks:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [320, 1100])
    def test_on_a_phone_in_light_and_in_dark(
        self, server: ServerProcess, new_context: NewContext, scheme: str, width: int
    ) -> None:
        """L2: nothing overflows the screen, and all text has enough contrast (WCAG AA: 4.5 to 1)."""
        plain = publish(server, CONTENT, "A" * 120 + " long name.pdf")
        guarded = publish(server, CONTENT, "b.pdf", password=PASSWORD)
        page = new_context(
            java_script_enabled=True, color_scheme=scheme, viewport={"width": width, "height": 640}
        ).new_page()
        backgrounds = set()
        page.goto(plain["url"])
        download(page, page.get_by_role("button").click)
        for address, wrong in (
            (page.url, False),
            (plain["url"], False),
            (guarded["url"], False),
            (guarded["url"], True),
            (server.url + "/s/unknown", False),
        ):
            page.goto(address)
            if wrong:
                # The field gets the focus by itself when the page has loaded.
                page.locator("input[type=password]:focus").wait_for()
                page.keyboard.type("wrong")
                page.keyboard.press("Enter")
                page.get_by_role("alert").wait_for()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            weak = [found for found in page.evaluate(_CONTRAST) if found[1] < 4.5]
            assert weak == []
            backgrounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert backgrounds == {"rgb(238, 241, 246)" if scheme == "light" else "rgb(16, 20, 27)"}
