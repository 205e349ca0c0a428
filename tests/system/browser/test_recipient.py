"""What a recipient does in a real browser, the system's Chromium (L2, L3, L5, S3, S24)."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from playwright.sync_api import Page

from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import events, names_of, seen, take
from tests.system.browser.recipient import CONTENT, PASSWORD, download

NAME = "Vertrag – Müller & 契約.pdf"


class TestDownload:
    @more
    def test_by_the_keyboard(self, server: ServerProcess, page: Page) -> None:
        """The file arrives under its full name and counts once, and the console stays empty."""
        document = publish(server, CONTENT, NAME)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(document["url"])
        assert page.get_by_role("heading", level=1).inner_text() == NAME
        assert seen(server, document)["downloads"] == 0
        page.keyboard.press("Tab")
        assert download(page, lambda: page.keyboard.press("Enter")) == (NAME, CONTENT)
        assert seen(server, document)["downloads"] == 1
        assert complaints == []
        assert page.title() == "Download started · Secure Sent Links"
        assert NAME in page.get_by_role("main").inner_text()

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

    def test_downloading_again_until_it_ends(self, server: ServerProcess, page: Page) -> None:
        """Three more times, and then no button leads to *Not Found*: the one of the page left open says what happened,
        and the page itself has none any more."""
        document = publish(server, CONTENT, NAME, downloads_permitted=1)
        page.goto(document["url"])
        assert download(page, page.get_by_role("button").click) == (NAME, CONTENT)
        started = page.url
        again = page.get_by_role("link", name="Download again")
        for _ in range(3):
            assert download(page, again.click) == (NAME, CONTENT)
        again.click()
        page.get_by_role("heading", name="You have downloaded this").wait_for()
        answer = page.goto(started)
        assert answer is not None
        assert answer.status == 200
        assert page.get_by_role("heading", level=1).inner_text() == "You have downloaded this"
        assert page.get_by_role("main").get_by_role("link").or_(page.get_by_role("button")).count() == 0
        after = seen(server, document)
        assert (after["downloads"], after["delivered"]) == (1, 1)

    def test_the_limit_is_reached_while_a_page_is_open(self, server: ServerProcess, page: Page) -> None:
        document = publish(server, CONTENT, "once.bin", downloads_permitted=1)
        page.goto(document["url"])
        with server.guest() as other:
            take(other, document)
        page.get_by_role("button").click()
        page.get_by_role("heading", name="Not Found").wait_for()
        for address in (document["url"], server.url + "/s/" + "0" * 48, server.url + "/g/unknown"):
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == 404
            assert page.get_by_role("heading", level=1).inner_text() == "Not Found"
            assert "It may have been deleted" in page.get_by_role("main").inner_text()


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
