"""Requests for a link as browsers, scanners and curl make them: which press counts, which opening is recorded, and what
curl saves (L2, S3, S24)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import FORM, act, events, names_of, path_of, seen

PASSWORD = "Näher-als-7 & mehr=gut"
CONTENT = b"%PDF-1.4 content"
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


class TestPress:
    def test_the_answer_is_a_path_to_a_grant(self, server: ServerProcess, plain: dict[str, Any]) -> None:
        """``curl -d ''`` sends an empty body; its content type doesn't matter."""
        with server.guest() as guest:
            for headers in (FORM, {"Content-Type": "application/json"}, {"Content-Type": "nonsense"}, {}):
                answer = guest.post(path_of(plain), headers=headers)
                assert answer.status_code == 303
                assert answer.headers["location"].startswith("/g/")
            assert guest.post(path_of(plain), data={"password": "not asked for"}).status_code == 303

    @few(5)
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
    def test_viewed_once_a_minute_for_each_network(self, restored_server: ServerProcess) -> None:
        """P3, L6: a HEAD request is not a view; requests for dead links leave no trace."""
        document = publish(restored_server, CONTENT, "seen.pdf")
        path = path_of(document)
        with restored_server.guest() as guest:
            guest.head(path)
            for _ in range(5):
                guest.get(path, headers={"User-Agent": FIREFOX})
            assert names_of(events(restored_server, document["id"])) == ["viewed"]
            restored_server.turn_clock(61)
            guest.get(path)
            act(restored_server, document, "unpublish")
            restored_server.turn_clock(122)
            guest.get(path)
        rows = events(restored_server, document["id"])
        assert names_of(rows) == ["viewed", "viewed", "unpublished"]
        first = next(row for row in rows if row["event"] == "viewed")
        assert (first["actor"], first["address"], first["agent"]) == (None, "127.0.0.1", FIREFOX)

    def test_scanners_are_recognised(self, restored_server: ServerProcess) -> None:
        """Decision 2: recognised by their user agent, and by what their browser's headers say about the request."""
        document = publish(restored_server, CONTENT, "scan.pdf")
        robots = [
            ("GET", {"User-Agent": "Mozilla/5.0 (compatible; SafeLinks)"}),
            ("GET", {"User-Agent": FIREFOX, "Sec-Purpose": "prefetch;prerender"}),
            ("GET", {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}),
            ("POST", {"User-Agent": CHROME, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}),
        ]
        with restored_server.guest() as guest:
            for minute, (method, headers) in enumerate(robots):
                restored_server.turn_clock(61 * minute)
                guest.request(method, path_of(document), headers=headers)
        assert names_of(events(restored_server, document["id"])) == ["scanned"] * 4
        assert seen(restored_server, document)["downloads"] == 0

    def test_an_agent_is_bounded(self, restored_server: ServerProcess) -> None:
        document = publish(restored_server, CONTENT, "agent.pdf")
        with restored_server.guest() as guest:
            guest.get(path_of(document), headers={"User-Agent": "a" * 20_000})
            guest.post(path_of(document), headers={"User-Agent": "a" * 20_000})
        for row in events(restored_server, document["id"]):
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
