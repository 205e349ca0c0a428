"""The page of a link, its form and its headers, as browsers, scanners and curl see them (L2, S3, S5, S7, S12, S24)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.support.publish import publish
from tests.support.recipient import FORM, HTML, act, events, names_of, path_of, seen
from tests.support.server import ServerProcess
from tui.server.firm import Firm
from tui.server.http.disposition import ascii_fallback, attachment
from tui.server.http.visitor import network_of
from tui.server.pages.languages import choose, language
from tui.server.pages.render import link_page
from tui.server.pages.view import View, look_of
from tui.server.share.links import Link

ENGLISH = language("en")
PASSWORD = "Näher-als-7 & mehr=gut"
CONTENT = b"%PDF-1.4 content"
# An unusual length, so that its size can't be mistaken for a time of day or another number on a page.
SECRET = b"s" * 40_961
CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15"
CRIOS = "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1"


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

    def test_a_name_stays_text(self) -> None:
        """S12: names of documents and senders are treated as hostile in HTML, whatever the rules let through."""
        hostile = '"><script>alert(1)</script><img src=x onerror=y>'
        link = Link("1", hostile + ".html", 1, hostile, 1, None, None, None)
        view = View(ENGLISH, Firm(), look_of(Firm(), ""), datetime.now(UTC))
        html = bytes(link_page(view, link).body).decode()
        page = Page(html)
        assert page.all("script") == page.all("img") == []
        # The name is in the title, heading and button; the sender in a sentence and a row.
        assert page.text.count(hostile) == 5

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
        assert [a.status_code for a in answers] == [200, 200, 200, 403, 403, 200]
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


class TestPress:
    def test_the_answer_is_a_path_to_a_grant(self, server: ServerProcess, plain: dict[str, Any]) -> None:
        """``curl -d ''`` sends an empty body; its content type doesn't matter."""
        with server.guest() as guest:
            for headers in (FORM, {"Content-Type": "application/json"}, {"Content-Type": "nonsense"}, {}):
                answer = guest.post(path_of(plain), headers=headers)
                assert answer.status_code == 303
                assert answer.headers["location"].startswith("/g/")
            assert guest.post(path_of(plain), data={"password": "not asked for"}).status_code == 303

    @pytest.mark.parametrize(
        ("agent", "fetch", "status"),
        [
            # A person on our page, by mouse or keyboard
            (CHROME, {"Site": "same-origin", "Mode": "navigate", "User": "?1"}, 303),
            (FIREFOX, {"Site": "same-origin", "Mode": "navigate", "User": "?1"}, 303),
            # A robot that drives such a browser
            (CHROME, {"Site": "same-origin", "Mode": "navigate"}, 200),
            (FIREFOX, {"Site": "same-origin", "Mode": "navigate"}, 200),
            (CHROME, {"Site": "none", "Mode": "navigate", "User": "?0"}, 200),
            # WebKit never says whether a user acted
            (SAFARI, {"Site": "same-origin", "Mode": "navigate"}, 303),
            (CRIOS, {"Site": "same-origin", "Mode": "navigate"}, 303),
            # Browsers send no such headers over plain http to another host; programs never do
            (CHROME, {}, 303),
            ("curl/8.14.1", {}, 303),
            # A form on another site
            (CHROME, {"Site": "cross-site", "Mode": "navigate", "User": "?1"}, 200),
            (SAFARI, {"Site": "cross-site", "Mode": "navigate"}, 200),
            (SAFARI, {"Site": "same-site", "Mode": "navigate"}, 200),
            ("curl/8.14.1", {"Site": "cross-site"}, 200),
        ],
    )
    def test_only_a_person_counts(
        self, server: ServerProcess, plain: dict[str, Any], agent: str, fetch: dict[str, str], status: int
    ) -> None:
        """S3, S24, decision 2."""
        before = seen(server, plain)["downloads"]
        headers = {"User-Agent": agent, **{f"Sec-Fetch-{name}": value for name, value in fetch.items()}}
        with server.guest() as guest:
            answer = guest.post(path_of(plain), headers=headers)
        assert answer.status_code == status
        assert seen(server, plain)["downloads"] - before == (status == 303)
        if status == 200:
            assert "Press the button to download" in answer.text

    def test_the_prefix_of_a_public_address_is_kept(self, tmp_path: Path) -> None:
        arguments = ("--public-url", "https://files.example.com/links/")
        with ServerProcess(tmp_path / "data", arguments=arguments) as server, server.guest() as guest:
            document = publish(server, CONTENT, "a.pdf")
            assert document["url"].startswith("https://files.example.com/links/s/")
            answer = guest.post(path_of(document).removeprefix("/links"))
        assert answer.headers["location"].startswith("/links/g/")


class TestOpenings:
    def test_viewed_once_a_minute_for_each_network(self, fresh_server: ServerProcess) -> None:
        """P3, L6: a HEAD request is not a view; requests for dead links leave no trace."""
        document = publish(fresh_server, CONTENT, "seen.pdf")
        path = path_of(document)
        with fresh_server.guest() as guest:
            guest.head(path)
            for _ in range(5):
                guest.get(path, headers={"User-Agent": FIREFOX})
            assert names_of(events(fresh_server, document["id"])) == ["viewed"]
            fresh_server.turn_clock(61)
            guest.get(path)
            act(fresh_server, document, "unpublish")
            fresh_server.turn_clock(122)
            guest.get(path)
        rows = events(fresh_server, document["id"])
        assert names_of(rows) == ["viewed", "viewed", "unpublished"]
        first = next(row for row in rows if row["event"] == "viewed")
        assert (first["actor"], first["address"], first["agent"]) == (None, "127.0.0.1", FIREFOX)

    def test_scanners_are_recognised(self, fresh_server: ServerProcess) -> None:
        """Decision 2: recognised by their user agent, and by what their browser's headers say about the request."""
        document = publish(fresh_server, CONTENT, "scan.pdf")
        robots = [
            ("GET", {"User-Agent": "Mozilla/5.0 (compatible; SafeLinks)"}),
            ("GET", {"User-Agent": FIREFOX, "Sec-Purpose": "prefetch;prerender"}),
            ("GET", {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}),
            ("POST", {"User-Agent": CHROME, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}),
        ]
        with fresh_server.guest() as guest:
            for minute, (method, headers) in enumerate(robots):
                fresh_server.turn_clock(61 * minute)
                guest.request(method, path_of(document), headers=headers)
        assert names_of(events(fresh_server, document["id"])) == ["scanned"] * 4
        assert seen(fresh_server, document)["downloads"] == 0

    def test_an_agent_is_bounded(self, fresh_server: ServerProcess) -> None:
        document = publish(fresh_server, CONTENT, "agent.pdf")
        with fresh_server.guest() as guest:
            guest.get(path_of(document), headers={"User-Agent": "a" * 20_000})
            guest.post(path_of(document), headers={"User-Agent": "a" * 20_000})
        for row in events(fresh_server, document["id"]):
            assert len(row["agent"]) <= 400


class TestCurl:
    @pytest.mark.skipif(
        not shutil.which("curl") and os.environ.get("CI") != "true", reason="curl is not installed"
    )
    def test_the_two_commands(self, server: ServerProcess, tmp_path: Path) -> None:
        """L2, interface: both save the file under its name."""
        plain = publish(server, CONTENT, "Vertrag – Müller.pdf")
        guarded = publish(server, CONTENT * 2, "Offer (final).pdf", password=PASSWORD)
        file = tmp_path / "password"
        file.write_text(PASSWORD + "\n")
        for arguments in (
            ["-d", "", plain["url"]],
            ["--data-urlencode", f"password@{file}", guarded["url"]],
        ):
            subprocess.run(["curl", "-sSfOJL", *arguments], cwd=tmp_path, check=True)
        assert (tmp_path / "Vertrag - Muller.pdf").read_bytes() == CONTENT
        assert (tmp_path / "Offer (final).pdf").read_bytes() == CONTENT * 2

    @pytest.mark.skipif(
        not shutil.which("curl") and os.environ.get("CI") != "true", reason="curl is not installed"
    )
    @pytest.mark.parametrize("name", ["-report.pdf", "--output", "-o x.txt", "-", "–dash.pdf", "@file.txt"])
    def test_a_name_is_no_option(self, server: ServerProcess, tmp_path: Path, name: str) -> None:
        """Both printed commands save the file, and warn of nothing; the second one also resumes it."""
        document = publish(server, CONTENT, name)
        with server.guest() as guest:
            (first,) = re.findall("^curl .*$", guest.get(path_of(document)).text, re.MULTILINE)
            (second,) = re.findall("^curl .*$", guest.post(path_of(document)).text, re.MULTILINE)
        (saved,) = shelled(first, tmp_path / "first")
        assert (saved.name, saved.read_bytes()) == (name.replace("–", "-"), CONTENT)
        (again,) = shelled(second, tmp_path / "second")
        assert (again.name[0], again.read_bytes()) == (saved.name[0], CONTENT)
        again.write_bytes(CONTENT[:1])
        assert shelled(second, again.parent) == [again]
        assert again.read_bytes() == CONTENT


def shelled(command: str, folder: Path) -> list[Path]:
    """Runs a printed command in a folder, and returns what is there then."""
    folder.mkdir(exist_ok=True)
    # Silent, it would not warn either.
    quiet = command.replace("curl ", "curl --no-progress-meter ", 1)
    done = subprocess.run(quiet, shell=True, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return list(folder.iterdir())


class TestRules:
    @pytest.mark.parametrize(
        ("address", "network"),
        [
            ("192.0.2.7", "192.0.2.7/32"),
            ("::ffff:192.0.2.7", "192.0.2.7/32"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
            ("fe80::1%eth0", "fe80::/64"),
            (None, "local"),
            ("", "local"),
        ],
    )
    def test_networks(self, address: str | None, network: str) -> None:
        assert network_of(address) == network

    @pytest.mark.parametrize(
        ("name", "fallback"),
        [
            ("Offer.pdf", "Offer.pdf"),
            ("Übersicht ß – “x”.pdf", "Ubersicht ss - 'x'.pdf"),
            ("契約書.pdf", "document.pdf"),
            ("契約書 (2).pdf", "document.pdf"),
            ("2024-03-01.pdf", "2024-03-01.pdf"),
            ("契約 Halyard.pdf", "__ Halyard.pdf"),
            ("100%25 done.pdf", "100_25 done.pdf"),
            ("100% done.pdf", "100% done.pdf"),
            ("a\r\nX: y.pdf", "a__X_ y.pdf"),
            ("：／.pdf", "document.pdf"),
            ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
            (".bash_profile", "_bash_profile"),
            # Letters with a dot as their plain form, and an accent on nothing before a dot.
            ("．bash_profile", "_bash_profile"),
            ("…bashrc", "_bashrc"),
            ("\u0301.bash.profile", "_bash.profile"),
        ],
    )
    def test_fallback_names(self, name: str, fallback: str) -> None:
        """S12, S34: printable ASCII without quotes, separators or escapes, and no hidden file."""
        assert ascii_fallback(name) == fallback
        assert attachment(name).isascii()
        assert attachment(name).isprintable()

    def test_languages(self) -> None:
        for accepted in (None, "", "en-GB", "xx;q=1, en;q=0.1", "de;q=high", ",;,q=", "*", "q" * 10_000):
            assert choose(accepted) is ENGLISH

    @pytest.mark.parametrize(
        ("size", "written"),
        [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1000, "1.0 kB (1,000 bytes)"),
            (1_234_567, "1.2 MB (1,234,567 bytes)"),
            (999_999, "1.0 MB (999,999 bytes)"),
            (48_600_000_000, "49 GB (48,600,000,000 bytes)"),
        ],
    )
    def test_english_sizes(self, size: int, written: str) -> None:
        assert ENGLISH.write_size(size) == written

    def test_english_waits(self) -> None:
        waits = [ENGLISH.write_when(seconds) for seconds in (1, 2, 59, 60, 61, 3600, 3601)]
        assert waits == [
            *("in 1 second", "in 2 seconds", "in 59 seconds", "in 60 seconds", "in 61 seconds"),
            *("in 60 minutes", "in 61 minutes"),
        ]
