"""Work documents from the command line: versions, check-outs, and both sides of the audit."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.checks.long import more
from tests.support.real_parts import need
from tests.support.servers.server import ServerProcess
from tests.system.command import SCRIPT, Client
from tests.system.proxy import wait_until

#: A name that nothing is special about.
PLAIN = re.compile(r"[A-Za-z0-9 .,()&–-]+")
LIBRARY = "/work/api/v2/customers/1/libraries/ACTIVE"


@pytest.fixture
def client(sample_server: ServerProcess, tmp_path: Path) -> Client:
    folder = tmp_path / "work"
    folder.mkdir()
    return Client(sample_server.url, sample_server.token, folder)


@pytest.fixture
def documents(sample_server: ServerProcess) -> list[dict[str, Any]]:
    """Every version of every document in the sample."""
    with sample_server.client() as http:
        answer = http.get(f"{LIBRARY}/documents", params={"limit": 1000, "latest": "false"})
        found: list[dict[str, Any]] = answer.json()["data"]["results"]
        return found


def content(server: ServerProcess, identity: str) -> bytes:
    with server.client() as http:
        return http.get(f"{LIBRARY}/documents/{identity}/download").content


def fetch(url: str) -> bytes:
    return httpx.post(url, follow_redirects=True, trust_env=False, timeout=30).content


def many_versions(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The versions, oldest first, of a document that has three or more."""
    last = next(d for d in documents if d["version"] >= 3)
    return sorted(
        (d for d in documents if d["document_number"] == last["document_number"]),
        key=lambda d: int(d["version"]),
    )


def test_a_version_and_the_latest(client: Client, sample_server: ServerProcess, documents: Any) -> None:
    """ACTIVE!453.1 is that version, ACTIVE!453 the latest; a later version is mentioned, without a question."""
    versions = many_versions(documents)
    first, last = versions[0]["id"], versions[-1]["id"]
    number = first.rpartition(".")[0]
    done = client("send", first, number, "--json")
    assert done.status == 0, done.err
    assert [d["source"] for d in done.documents] == [first, last]
    for document, source in zip(done.documents, (first, last), strict=True):
        assert fetch(document["url"]) == content(sample_server, source)
        assert document["name"].endswith(f".{versions[0]['extension']}")
    assert f"{first} is not the latest version; version {versions[-1]['version']} is" in done.err
    assert f"{last} is not the latest" not in done.err


def test_a_check_out_is_told(client: Client, documents: Any) -> None:
    held = next(d for d in documents if d.get("is_checked_out") and d.get("in_use_by") != "DJONES")
    done = client("send", held["id"], "--json")
    assert done.status == 0, done.err
    assert f"{held['id']} is checked out by {held['in_use_by_description']} since " in done.err


def test_forbidden_characters_are_replaced_and_names_can_be_typed(client: Client, documents: Any) -> None:
    odd = [d for d in documents if set(d["name"]) & set('\\/:*?"<>|\x1b\u202e')][:5]
    assert len(odd) >= 3
    done = client("send", *[d["id"] for d in odd], "--name", f"{odd[0]['id']}=Plain", "--json")
    assert done.status == 0, done.err
    assert done.documents[0]["name"] == f"Plain.{odd[0]['extension']}"
    for document in done.documents:
        assert not set(document["name"]) & set('\\/:*?"<>|\x1b\u202e')
    assert "\x1b" not in done.err + client("links").out


def test_what_is_odd_in_the_sample_can_be_sent_at_once(client: Client, documents: Any) -> None:
    """All names of more than letters, those that are equal, and a few others."""
    first = [d for d in documents if d["version"] == 1]
    times = Counter(d["name"].casefold() for d in first)
    odd = [d for d in first if not PLAIN.fullmatch(d["name"]) or times[d["name"].casefold()] > 1]
    assert len(odd) >= 20
    ids = [d["id"] for d in first if d in odd or d in first[::10]]
    done = client("send", *ids, "--json")
    assert done.status == 0, done.err
    assert [d["source"] for d in done.documents] == ids
    assert len({d["name"].casefold() for d in done.documents}) == len(ids)


@more
def test_a_file_of_that_spelling_wins(client: Client, documents: Any) -> None:
    identity = documents[0]["id"]
    client.file(identity, "my own")
    done = client("send", identity, "--json")
    assert done.documents[0]["source"] == f"file:{identity}"
    assert fetch(done.documents[0]["url"]) == b"my own"


def test_documents_that_there_are_not(client: Client) -> None:
    """Nothing is sent, not even the item that exists."""
    client.file("a.txt")
    before = client("links", "--all", "--json").documents
    for item, status in (
        ("ACTIVE!999999.1", 5), ("ACTIVE!999999", 5), ("ACTIVE!1.99", 5), ("NOWHERE!1.1", 5), ("ACTIVE!x", 2),
        ("ACTIVE!1.1.1", 2), ("a/b!1.1", 2),
    ):  # fmt: skip
        done = client("send", "a.txt", item, "--json")
        assert done.status == status, (item, done.err)
        assert done.error
    assert client("links", "--all", "--json").documents == before


def test_files_and_documents_in_one_send_keep_their_order(client: Client, documents: Any) -> None:
    client.file("mine.txt", "mine")
    identity = documents[0]["id"]
    done = client("send", "mine.txt", identity, "mine.txt", "--json")
    assert [d["source"] for d in done.documents] == ["file:mine.txt", identity, "file:mine.txt"]


def test_the_audit_tells_both_sides(client: Client, documents: Any) -> None:
    """P3: Work's history shows what was sent, under which name, with which settings, and never the password."""
    identity = documents[-1]["id"]
    sent = client(
        "send", identity, "--downloads", "3", "--password-stdin", "--json", given="geheim-99"
    ).documents[0]
    done = client("audit", sent["id"], "--json")
    events = done.json["events"]
    assert {"work", "share"} == {event["side"] for event in events}
    shared = next(e for e in events if e["side"] == "work" and e["event"] == "SHARED")
    assert shared["actor"] == "DJONES"
    assert sent["name"] in shared["details"]["comments"]
    assert "geheim-99" not in done.out
    at = [datetime.fromisoformat(event["at"]) for event in events]
    assert at == sorted(at, reverse=True)
    everything = client("audit", "--json").json["events"]
    assert {event["actor"] for event in everything if event["side"] == "work"} == {"DJONES"}
    assert len({event["id"] for event in events}) == len(events)


# ---------------------------------------------------------------- the clipboard


@pytest.fixture
def tmux() -> Iterator[list[str]]:
    need("tmux")
    with tempfile.TemporaryDirectory(prefix="sl-") as folder:
        command = ["tmux", "-S", str(Path(folder) / "s"), "-f", "/dev/null"]
        yield command
        subprocess.run([*command, "kill-server"], capture_output=True, check=False)


def test_copy_puts_the_links_on_the_clipboard(client: Client, tmux: list[str]) -> None:
    """In tmux, the buffer holds the links in order; the message claims no more than is known."""
    client.file("one.txt")
    client.file("two.txt")
    environ = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "TMUX")}
    script = f"{SCRIPT[0]} send two.txt one.txt --copy >out.txt 2>err.txt; status=$?; "
    script += f"{' '.join(tmux)} show-buffer >buffer.txt; echo $status >status.txt"
    subprocess.run(
        [*tmux, "new-session", "-d", "-x", "100", "-y", "30", script],
        cwd=client.cwd, env={**environ, **client.environ}, check=True, timeout=60,
    )  # fmt: skip
    wait_until(lambda: (client.cwd / "status.txt").exists() and bool((client.cwd / "status.txt").read_text()))
    assert (client.cwd / "status.txt").read_text() == "0\n", (client.cwd / "err.txt").read_text()
    links = (client.cwd / "out.txt").read_text().split()
    assert len(links) == 2
    assert (client.cwd / "buffer.txt").read_text().split() == links
    message = (client.cwd / "err.txt").read_text()
    assert "Copied to tmux" in message
    kept = Path(os.environ["SENTLINKS_HOME"]) / "state" / "links.txt"
    assert kept.read_text().split() == links
    assert kept.stat().st_mode & 0o777 == 0o600


def test_links_that_an_earlier_command_kept_are_forgotten_after_a_day(client: Client) -> None:
    state = Path(os.environ["SENTLINKS_HOME"]) / "state"
    state.mkdir(parents=True)
    kept = state / "links.txt"
    for age, there in ((3600, True), (86401, False)):
        kept.write_text("https://links.example/s/1")
        os.utime(kept, (time.time() - age,) * 2)
        assert client("whoami").status == 0
        assert kept.exists() is there


@more
def test_links_are_copied_in_the_users_format(client: Client) -> None:
    """A format that is none is found before anything is sent."""
    client.file("a.txt")
    before = client("links", "--json").documents
    done = client("send", "a.txt", "--copy", "--json", SENTLINKS_COPY_FORMAT="html")
    assert (done.status, done.error) == (2, "config.value")
    assert client("links", "--json").documents == before
    environ = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "TMUX", "STY", "SSH_CONNECTION", "SSH_TTY"), "")
    done = client("send", "a.txt", "--copy", "--json", SENTLINKS_COPY_FORMAT="[$name]: $url", **environ)
    kept = Path(done.err.partition("Backup until the next copy (24 h): ")[2].splitlines()[0])
    assert kept.read_text() == f"[a.txt]: {done.documents[0]['url']}\n"


def test_copy_without_any_clipboard_says_so(client: Client) -> None:
    client.file("a.txt")
    environ = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "TMUX", "STY", "SSH_CONNECTION", "SSH_TTY"), "")
    done = subprocess.run(
        ["setsid", *SCRIPT, "send", "a.txt", "--copy"], cwd=client.cwd, capture_output=True, text=True,
        env={**os.environ, **client.environ, **environ}, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout.count("/s/") == 1
    assert "No clipboard can be reached" in done.stderr
