"""The page of a link, its form and its headers, as browsers see them (L2, S5, S7, S12, S24)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import FORM, HTML, path_of, take
from tui.server.base.firm import Firm
from tui.server.pages.languages import language
from tui.server.pages.notices import Notice
from tui.server.pages.render import link_page
from tui.server.pages.view import PageView, look_of
from tui.server.share.links import Link

ENGLISH = language("en")
PASSWORD = "Näher-als-7 & mehr=gut"
CONTENT = b"%PDF-1.4 content"
# An unusual length, so that its size can't be mistaken for a time of day or another number on a page.
SECRET = b"s" * 40_961


@pytest.fixture(scope="module")
def plain(server: ServerProcess) -> dict[str, Any]:
    expires = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    return publish(server, CONTENT, "Offer &lt;b&gt; & 'terms'.pdf", expires_at=expires.isoformat())


@pytest.fixture(scope="module")
def guarded(server: ServerProcess) -> dict[str, Any]:
    return publish(server, SECRET, "Confidential.pdf", password=PASSWORD)


class Page(HTMLParser):
    """The parts of a page that the tests look at."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = [("", {})]
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags[-1][0] != "style":
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def typed(page: Page) -> list[dict[str, str | None]]:
    """The fields that a user sees."""
    return [field for field in page.all("input") if field["type"] != "hidden"]


class TestPage:
    def test_it_shows_the_file_and_one_button(self, server: ServerProcess, plain: dict[str, Any]) -> None:
        """L2: name, size, type, sender and expiry."""
        with server.guest() as guest:
            answer = guest.get(path_of(plain), headers=HTML)
        assert answer.status_code == 200
        page = Page(answer.text)
        expires = datetime.fromisoformat(plain["expires_at"])
        for shown in (
            "Offer &lt;b&gt; & 'terms'.pdf",
            "16 bytes",
            "PDF document",
            "DJONES",
            ENGLISH.write_moment(expires),
            "in 3 days",
        ):
            assert shown in page.text
        assert [form["method"] for form in page.all("form")] == ["post"]
        assert len(page.all("button")) == 1
        assert [field["type"] for field in page.all("input")] == ["hidden"]

    def test_downloads_left_are_told(
        self, server: ServerProcess, plain: dict[str, Any], guarded: dict[str, Any]
    ) -> None:
        """To browsers and programs; nothing where there is no limit, and not before the password."""
        document = publish(server, CONTENT, "thrice.pdf", downloads_permitted=3)
        path, german = path_of(document), {"Accept-Language": "de"}
        with server.guest() as guest:
            for left in ("3 more times", "2 more times", "1 more time"):
                for headers in (HTML, {}):
                    assert f"You can download it {left}." in guest.get(path, headers=headers).text
                noch = f"noch {left[0]}-mal herunterladen."
                assert noch in guest.get(path, headers=german).text
                take(guest, document)
            assert guest.get(path).status_code == 404
            for other in (path_of(plain), path_of(guarded)):
                for headers in (HTML, {}):
                    assert "more time" not in guest.get(other, headers=headers).text

    def test_a_program_is_told_the_same(self, server: ServerProcess, plain: dict[str, Any]) -> None:
        """The sender first, as on the page."""
        with server.guest() as guest:
            lines = guest.get(path_of(plain)).text.splitlines()
        assert [line.partition(":")[0] for line in lines[:6]] == [
            *("Sender", "Name", "Type", "Size", "Expiration date", "SHA-256"),
        ]
        expires = ENGLISH.write_moment(datetime.fromisoformat(plain["expires_at"]))
        assert lines[4] == f"Expiration date: {expires}, in 3 days"

    def test_a_name_stays_text(self) -> None:
        """S12: names of documents and senders are treated as hostile in HTML, whatever the rules let through."""
        hostile = '"><script>alert(1)</script><img src=x onerror=y>'
        link = Link("1", hostile + ".html", 1, hostile, 1, None, None, None)
        view = PageView(ENGLISH, Firm(), look_of(Firm(), ""), datetime.now(UTC))
        html = bytes(link_page(view, link).body).decode()
        page = Page(html)
        assert page.all("script") == page.all("img") == []
        # The name is in the title, heading and button; the sender in a sentence.
        assert page.text.count(hostile) == 4

    def test_it_can_be_read_and_used_by_everybody(
        self, server: ServerProcess, plain: dict[str, Any], guarded: dict[str, Any]
    ) -> None:
        """L2: no script, a language, one heading, labels, a viewport, light and dark."""
        with server.guest() as guest:
            pages = [
                guest.get(path, headers=HTML) for path in (path_of(plain), path_of(guarded), "/s/unknown")
            ]
        for answer in pages:
            page = Page(answer.text)
            assert page.all("html")[0]["lang"] == "en"
            assert len(page.all("h1")) == len(page.all("main")) == 1
            assert page.all("script") == []
            assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
            assert {"name": "color-scheme", "content": "light dark"} in page.all("meta")
            assert "prefers-color-scheme:dark" in answer.text
            labelled = {label["for"] for label in page.all("label")}
            ids = {attributes.get("id") for _, attributes in page.tags}
            for field in typed(page):
                assert field["id"] in labelled
                assert set((field["aria-describedby"] or "").split()) <= ids

    def test_the_headers_of_every_answer(
        self, server: ServerProcess, plain: dict[str, Any], guarded: dict[str, Any]
    ) -> None:
        """S13, S24, S27: nothing may run, or be framed, cached, indexed or sent as a referrer; no cookie is set."""
        with server.guest() as guest:
            answers = [
                guest.get(path_of(plain), headers=HTML),
                guest.get(path_of(guarded), headers=HTML),
                guest.get(path_of(plain)),
                guest.post(path_of(guarded), data={"password": "wrong"}),
                guest.post(path_of(plain), headers=HTML),
                guest.post(path_of(plain)),
                guest.get("/s/unknown", headers=HTML),
                guest.get("/g/unknown"),
            ]
            answers.append(guest.get(answers[4].headers["location"], headers=HTML))
        assert [a.status_code for a in answers] == [200, 200, 200, 403, 303, 303, 404, 404, 200]
        for answer in answers:
            headers = answer.headers
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "private, no-store"
            assert headers["x-robots-tag"] == "noindex"
            assert headers["x-content-type-options"] == "nosniff"
            assert "set-cookie" not in headers
            if answer.status_code != 303:
                assert headers["vary"] == "Accept, Accept-Language"
            if headers.get("content-type", "").startswith("text/html"):
                assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
                assert "frame-ancestors 'none'" in headers["content-security-policy"]
                assert "'unsafe" not in headers["content-security-policy"]

    @pytest.mark.parametrize("place", ["/s/unknown", "/g/unknown", None])
    def test_head_is_get_without_the_body(
        self, server: ServerProcess, plain: dict[str, Any], place: str | None
    ) -> None:
        with server.guest() as guest:
            got, head = guest.get(place or path_of(plain)), guest.head(place or path_of(plain))
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert dict(head.headers) | {"date": ""} == dict(got.headers) | {"date": ""}

    def test_other_methods_and_shapes_are_not_found(
        self, server: ServerProcess, plain: dict[str, Any]
    ) -> None:
        path = path_of(plain)
        with server.guest() as guest:
            unknown = guest.get("/s/unknown").content
            for method, place in (
                *((method, path) for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND")),
                *(("GET", place) for place in ("/s", "/g", "/s/", "/", path + "/", path + "x", path.upper())),
                ("POST", "/g/unknown"),
            ):
                answer = guest.request(method, place)
                assert (answer.status_code, answer.content) == (404, unknown), (method, place)
            assert guest.get(path + "?utm_source=mail").status_code == 200


class TestPassword:
    def test_before_the_unlock_nothing_is_revealed(
        self, server: ServerProcess, guarded: dict[str, Any]
    ) -> None:
        """S5, S7, L2: neither name, size, sender nor expiry, whatever the request."""
        path = path_of(guarded)
        with server.guest() as guest:
            answers = [
                guest.get(path),
                guest.head(path),
                guest.get(path, headers={"Range": "bytes=0-9"}),
                guest.post(path),
                guest.post(path, data={"password": "wrong"}),
                guest.post(path, headers={"Sec-Fetch-Site": "cross-site"}),
            ]
            pages = [guest.get(f"{path}?notice={notice}", headers=HTML) for notice in Notice]
        assert [a.status_code for a in answers] == [200, 200, 200, 403, 403, 200]
        answers += pages
        for answer in answers:
            for secret in ("Confidential", "DJONES", "40961", "40,961", "41 kB", guarded["sha256"]):
                assert secret not in answer.text, secret
                assert secret not in str(answer.headers.multi_items()), secret

    def test_a_wrong_one_shows_the_page_again(self, server: ServerProcess, guarded: dict[str, Any]) -> None:
        with server.guest() as guest:
            missing = guest.post(path_of(guarded), data={"password": ""})
            wrong = guest.post(path_of(guarded), data={"password": "wrong"})
            assert missing.text == "Enter the password to download the document.\n"
            assert wrong.text == "The password is not correct. Check it, and try again.\n"
            path = path_of(guarded)
            shown = [guest.get(f"{path}?notice={n}", headers=HTML) for n in ("missing", "wrong")]
        assert missing.status_code == wrong.status_code == 403
        for answer, said in zip(shown, (missing.text, wrong.text), strict=True):
            page = Page(answer.text)
            assert answer.status_code == 403
            (field,) = typed(page)
            assert field["aria-invalid"] == "true"
            assert "error" in (field["aria-describedby"] or "").split()
            assert page.text.strip().startswith(said.strip())
            assert "value" not in field

    @few(2)
    @pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\r"])
    def test_both_kinds_of_form(self, server: ServerProcess, guarded: dict[str, Any], ending: str) -> None:
        """One trailing line break is dropped, as ``curl --data-urlencode password@FILE`` adds one."""
        field = {"password": PASSWORD + ending}
        with server.guest() as guest:
            path = path_of(guarded)
            assert guest.post(path, data=field).status_code == 303
            assert guest.post(path, files={"password": (None, field["password"])}).status_code == 303
            assert guest.post(path, files={"password": ("p.txt", field["password"])}).status_code == 303
            assert guest.post(path, data={"password": PASSWORD + ending + "\n\n"}).status_code == 403
            assert guest.post(path, data=field).status_code == 303

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("application/json", b'{"password": "x"}'),
            ("text/plain", b"password=x"),
            ("application/x-www-form-urlencoded", b"%FF=%FE&&=;"),
            ("application/x-www-form-urlencoded", b"&".join(b"a=b" for _ in range(5000))),
            ("multipart/form-data", b"no boundary"),
            ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
            ("multipart/form-data; boundary=" + "y" * 300, b"--y"),
        ],
    )
    def test_what_is_no_form_holds_no_password(
        self, server: ServerProcess, guarded: dict[str, Any], kind: str, body: bytes
    ) -> None:
        with server.guest() as guest:
            answer = guest.post(path_of(guarded), content=body, headers={"Content-Type": kind})
        assert answer.status_code == 403
        assert "Enter the password" in answer.text

    def test_a_body_is_bounded(self, server: ServerProcess, guarded: dict[str, Any]) -> None:
        """S20."""
        body = b"password=" + b"x" * 70_000
        with server.guest() as guest:
            answer = guest.post(path_of(guarded), content=body, headers=FORM)
        assert answer.status_code == 413
        assert answer.text == "The password is too long: Go back and try again.\n"
