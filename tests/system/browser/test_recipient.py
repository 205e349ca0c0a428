"""What a recipient does in a real browser, the system's Chromium (L2, L3, L5, S3, S24)."""

from __future__ import annotations

import itertools
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Literal

from playwright.sync_api import Page

from tests.support.publish import publish
from tests.support.recipient import events, names_of, seen
from tests.support.server import ServerProcess
from tests.system.browser.recipient import CONTENT, PASSWORD, NewContext, download

NAME = "Vertrag – Müller & 契約.pdf"
#: The page's, in each colour scheme.
BACKGROUNDS: dict[Literal["light", "dark"], str] = {"light": "rgb(238, 241, 246)", "dark": "rgb(16, 20, 27)"}


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
    """S3, S24, decision 2: Chromium itself reports that another site sent the form."""

    def test_another_sites_form_counts_nothing(self, server: ServerProcess, page: Page) -> None:
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


def test_on_a_phone_and_a_desktop_in_light_and_in_dark(
    server: ServerProcess, new_context: NewContext
) -> None:
    """L2: nothing overflows the screen, and all text has enough contrast (WCAG AA: 4.5 to 1)."""
    plain = publish(server, CONTENT, "A" * 120 + " long name.pdf")
    guarded = publish(server, CONTENT, "b.pdf", password=PASSWORD)
    page = new_context(java_script_enabled=True).new_page()

    def looks_right(state: str) -> None:
        for width, (scheme, background) in itertools.product((320, 1100), BACKGROUNDS.items()):
            page.set_viewport_size({"width": width, "height": 640})
            page.emulate_media(color_scheme=scheme)
            where = state, width, scheme
            assert page.evaluate("document.documentElement.scrollWidth") <= width, where
            assert [found for found in page.evaluate(_CONTRAST) if found[1] < 4.5] == [], where
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == background, where

    page.goto(plain["url"])
    looks_right("a link")
    download(page, page.get_by_role("button").click)
    page.goto(page.url)
    looks_right("started")
    page.goto(guarded["url"])
    looks_right("a password")
    # The field gets the focus by itself when the page has loaded.
    page.locator("input[type=password]:focus").wait_for()
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    looks_right("a wrong password")
    page.goto(server.url + "/s/unknown")
    looks_right("not found")
