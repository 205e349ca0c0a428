"""``sentlinks send``: what it prints, in which order, under which names; and what it refuses."""

from __future__ import annotations

import email
import email.policy
import hashlib
import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.server import ServerProcess
from tests.system.command import Client, run

FIELDS = {
    "id", "name", "folder", "url", "status", "error", "size", "sha256", "published", "reason", "has_password",
    "locked", "expires_at", "downloads_permitted", "downloads", "sent_at", "source",
}  # fmt: skip


def count(client: Client) -> int:
    """How many documents there are in all folders."""
    headers = {"X-Auth-Token": client.environ["SENTLINKS_TOKEN"]}
    address = f"{client.environ['SENTLINKS_SERVER']}/share/v1/documents"
    return int(httpx.get(address, headers=headers, trust_env=False, timeout=30).json()["total"])


def fetch(url: str, password: str | None = None) -> httpx.Response:
    form = {} if password is None else {"password": password}
    with httpx.Client(trust_env=False, follow_redirects=True, timeout=30) as http:
        return http.post(url, data=form)


# ---------------------------------------------------------------- what is printed


def test_two_documents_with_a_name_a_limit_and_an_expiry(client: Client, tmp_path: Path) -> None:
    """With the printed link curl gets the same bytes twice, and not a third time."""
    contents = {"a.pdf": os.urandom(70_000), "b.docx": os.urandom(3)}
    for name, content in contents.items():
        client.file(name, content)
    before = datetime.now(UTC)
    done = client(
        "send",
        "a.pdf",
        "b.docx",
        "--name",
        "a.pdf=Offer.pdf",
        "--downloads",
        "2",
        "--expires",
        "7d",
        "--json",
    )
    assert (done.status, done.err) == (0, "")
    assert list(done.json) == ["documents"]
    first, second = done.documents
    assert (first["name"], second["name"]) == ("Offer.pdf", "b.docx")
    for document, (name, content) in zip((first, second), contents.items(), strict=True):
        assert set(document) >= FIELDS
        assert re.fullmatch(r"[0-9a-f]{32}", document["id"])
        assert set(document["folder"]) == {"id", "name"}
        assert document["folder"]["name"].endswith(" - Secure Sent Links")
        assert document["url"].startswith(f"{client.environ['SENTLINKS_SERVER']}/s/")
        assert (document["status"], document["error"]) == ("succeeded", None)
        assert document["size"] == len(content)
        assert document["sha256"] == hashlib.sha256(content).hexdigest()
        assert (document["published"], document["reason"]) == (True, None)
        assert (document["has_password"], document["locked"]) == (False, False)
        assert (document["downloads_permitted"], document["downloads"]) == (2, 0)
        assert document["source"] == f"file:{name}"
        expires = datetime.fromisoformat(document["expires_at"])
        assert document["expires_at"].endswith("Z")
        assert timedelta(days=7) <= expires - before <= timedelta(days=7, minutes=1)
        assert abs(datetime.fromisoformat(document["sent_at"]) - before) < timedelta(minutes=1)

    with httpx.Client(trust_env=False) as http:
        for _ in range(3):
            assert http.get(first["url"]).status_code == 200
            assert http.head(first["url"]).status_code == 200
    assert client("links", "--json").documents[1]["downloads"] == 0
    for place in ("one", "two"):
        folder = tmp_path / place
        folder.mkdir()
        curl = ["curl", "-sS", "--noproxy", "*", "-OJL", "-d", "", first["url"]]
        subprocess.run(curl, cwd=folder, check=True, timeout=30)
        assert [p.name for p in folder.iterdir()] == ["Offer.pdf"]
        assert (folder / "Offer.pdf").read_bytes() == contents["a.pdf"]
    third = subprocess.run(
        ["curl", "-sS", "--noproxy", "*", "-L", "-d", "", "-w", "\n%{http_code}", first["url"]],
        capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    assert third.stdout.splitlines()[-1] == "404"
    assert "Not Found" in third.stdout

    assert fetch(second["url"]).content == contents["b.docx"]
    assert client("unpublish", second["id"]).status == 0
    assert fetch(second["url"]).status_code == 404


def test_links_are_printed_one_a_line_in_the_order_given(client: Client) -> None:
    for name in ("z.txt", "a.txt", "m.txt"):
        client.file(name, name)
    done = client("send", "z.txt", "a.txt", "m.txt")
    assert (done.status, done.err) == (0, "")
    urls = done.out.splitlines()
    assert [fetch(url).text for url in urls] == ["z.txt", "a.txt", "m.txt"]


def test_a_document_of_no_bytes(client: Client) -> None:
    client.file("empty.txt", b"")
    done = client("send", "empty.txt", "--json")
    assert done.documents[0]["size"] == 0
    assert done.documents[0]["sha256"] == hashlib.sha256(b"").hexdigest()
    assert fetch(done.documents[0]["url"]).content == b""


def test_a_large_document_arrives_whole(client: Client) -> None:
    content = os.urandom(1024) * 20_000
    client.file("large.bin", content)
    done = client("send", "large.bin", "--json")
    assert done.status == 0, done.err
    assert (
        hashlib.sha256(fetch(done.documents[0]["url"]).content).digest() == hashlib.sha256(content).digest()
    )


def test_the_same_file_twice_gets_a_number(client: Client) -> None:
    client.file("a.txt", "a")
    assert [d["name"] for d in client("send", "a.txt", "a.txt", "--json").documents] == ["a.txt", "a (2).txt"]


def test_a_path_may_be_absolute_or_in_a_folder_or_begin_with_a_dash(client: Client) -> None:
    absolute = client.file("a.txt", "a")
    client.file("-b.txt", "b")
    client.file("sub/c.txt", "c")
    done = client("send", "--json", "--", absolute, "-b.txt", "sub/c.txt")
    assert [d["name"] for d in done.documents] == ["a.txt", "-b.txt", "c.txt"]
    assert [d["source"] for d in done.documents] == ["file:a.txt", "file:-b.txt", "file:c.txt"]


def test_a_hostile_name_is_made_harmless(client: Client) -> None:
    """A file name that breaks the naming rules is treated like one from Work; nothing controls the terminal."""
    client.file("evil\x1b[31m\nname?.txt", "x")
    done = client("send", "evil\x1b[31m\nname?.txt", "--json")
    assert done.documents[0]["name"] == "evil_[31m_name_.txt"
    assert "\x1b" not in done.out + done.err
    table = client("links")
    assert "\x1b" not in table.out
    missing = client("send", "no\x1b[31m.txt")
    assert missing.status == 2
    assert "\x1b" not in missing.err


def test_a_name_of_bytes_that_are_no_text(client: Client) -> None:
    path = os.path.join(os.fsencode(client.cwd), b"caf\xe9.txt")
    with open(path, "wb") as file:
        file.write(b"x")
    done = client("send", os.fsdecode(path), "--json")
    assert done.status == 0, done.err
    assert done.documents[0]["name"] == "caf_.txt"


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("items", "typed", "expected"),
    [
        (["a.txt", "b.txt"], ["b.txt=Offer"], ["a.txt", "Offer.txt"]),
        (["a.txt", "b.txt"], ["a.txt=b.txt", "b.txt=a.txt"], ["b.txt", "a.txt"]),
        (["a.txt", "a.txt"], ["a.txt=one", "a.txt=two"], ["one.txt", "two.txt"]),
        (["a.txt", "a.txt"], ["a.txt=one"], ["one.txt", "a.txt"]),
        (["sub/a.txt", "a.txt"], ["sub/a.txt=one"], ["one.txt", "a.txt"]),
        (["a", "a=b"], ["a=b=x"], ["a", "x"]),
        (["a", "a=b"], ["a=x=y"], ["x=y", "a=b"]),
        (["a.txt"], ["a.txt=Übersicht 2026.txt"], ["Übersicht 2026.txt"]),
    ],
)
def test_names_typed(client: Client, items: list[str], typed: list[str], expected: list[str]) -> None:
    """A name goes to the longest item that matches; the n-th name for an item goes to its n-th mention."""
    for name in items:
        client.file(name, name)
    names = [part for value in typed for part in ("--name", value)]
    done = client("send", *items, *names, "--json")
    assert done.status == 0, done.err
    assert [d["name"] for d in done.documents] == expected


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("a.txt=x/y", "the character /"),
        ("a.txt=x:y", "the character :"),
        ("a.txt=", "empty"),
        ("a.txt=...", "needs a letter or a digit"),
        ("a.txt=b.txt", "twice"),
        ("a.txt=B.TXT", "twice"),
        ("a.txt=" + "x" * 300, "bytes long"),
        ("c.txt=x", "matches no item"),
        ("a.txt", "matches no item"),
    ],
)
def test_names_refused(client: Client, typed: str, words: str) -> None:
    client.file("a.txt")
    client.file("b.txt")
    before = count(client)
    done = client("send", "a.txt", "b.txt", "--name", typed, "--json")
    assert done.status == 2
    assert done.error.startswith("name.")
    assert words in done.err
    assert count(client) == before


def test_more_names_than_mentions(client: Client) -> None:
    client.file("a.txt")
    done = client("send", "a.txt", "--name", "a.txt=x", "--name", "a.txt=y", "--json")
    assert (done.status, done.error) == (2, "name.too_many")


# ---------------------------------------------------------------- values refused


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--downloads", "0"], "0 downloads are out of range"),
        (["--downloads", "-1"], "-1 downloads are out of range"),
        (["--downloads", "1.5"], "1.5 can't be read as a number of downloads"),
        (["--downloads", "1000000000000"], "1,000,000,000,000 downloads are"),
        (["--downloads", "10^12"], "10^12 can't be read as a number"),
        (["--downloads", "1000001"], "1,000,001 downloads"),
        (["--downloads", "many"], "many can't be read as a number"),
        (["--downloads", ""], "can't be read as a number of downloads"),
        (["--expires", "2020-01-01"], "2020-01-01 is in the past"),
        (["--expires", "2020-01-01T00:00:00Z"], "is in the past"),
        (["--expires", "0m"], "0m is in the past"),
        (["--expires", "2026-02-30"], "a date that doesn't exist"),
        (["--expires", "soon"], "soon can't be read as a date"),
        (["--expires", "11w11"], "can't be read as a date"),
        (["--expires", "5000d"], "over 10 years"),
        (["--expires", ""], "An empty value can't be read as a date"),
        (["--expires", "7d", "--no-expires"], "not both"),
        (["--downloads", "1", "--no-downloads"], "not both"),
        (["--password-stdin", "--generate-password"], "not both"),
        (["--to", "no address", "--mail", "x.eml"], "not an e-mail address"),
        (["--to", "a@example.com\nBcc: b@example.com", "--mail", "x.eml"], "control character"),
        (["--mail", "nowhere/x.eml"], "doesn't exist"),
        (["--mail", "."], "is a folder"),
        (["--mail", "a.txt"], "already exists"),
        (["--frobnicate"], "--frobnicate"),
        (["--password", "secret"], "--password"),
    ],
)
def test_wrong_values(client: Client, arguments: list[str], words: str) -> None:
    client.file("a.txt")
    before = count(client)
    done = client("send", "a.txt", *arguments, "--json")
    assert done.status == 2, done.err
    assert words in done.err
    assert done.error
    assert count(client) == before


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"a\nb", "control character"),
        (b"a\x00b", "control character"),
        (b"a\n\n", "control character"),
        (b"\xff\xfe", "not in UTF-8"),
        (b"x" * 2000, "over 1024 bytes"),
    ],
)
def test_passwords_refused(client: Client, given: bytes, words: str) -> None:
    client.file("a.txt")
    before = count(client)
    done = client("send", "a.txt", "--password-stdin", given=given)
    assert done.status == 2
    assert words in done.err
    assert count(client) == before


def test_nothing_named_is_a_wrong_command_line(client: Client) -> None:
    done = client("send", "--json")
    assert (done.status, done.error) == (2, "usage")


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("missing.txt", "There is no file missing.txt"),
        ("folder", "folder is a folder"),
        ("", "is a folder"),
        ("a.txt/b.txt", "There is no file"),
        ("loop", "back to itself"),
        ("fifo", "not a regular file"),
        ("/dev/zero", "not a regular file"),
        ("x" * 300, "There is no file"),
        ("dangling", "There is no file"),
    ],
)
def test_paths_refused(client: Client, item: str, words: str) -> None:
    """With one bad item among good ones, none of the others is sent."""
    client.file("a.txt")
    (client.cwd / "folder").mkdir()
    (client.cwd / "loop").symlink_to("loop")
    (client.cwd / "dangling").symlink_to("nowhere")
    os.mkfifo(client.cwd / "fifo")
    before = count(client)
    done = client("send", "a.txt", item, "--json")
    assert done.status == 2
    assert done.error.startswith("file.")
    assert words in done.err
    assert count(client) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator of a machine may read everything")
def test_a_file_that_may_not_be_read(client: Client) -> None:
    client.file("a.txt").chmod(0)
    done = client("send", "a.txt", "--json")
    assert (done.status, done.error) == (2, "file.unreadable")


def test_a_file_that_cannot_be_read(client: Client) -> None:
    """A file that opens but can't be read fails with status 1 or 2, or is sent without any bytes."""
    client.file("a.txt", "a")
    done = client("send", "/proc/self/mem", "a.txt", "--json")
    if done.status == 0:
        # Its reported size is 0, so nothing is read.
        assert done.documents[0]["size"] == 0
    else:
        assert done.status in (1, 2)


# ---------------------------------------------------------------- passwords and drafts


def test_a_password_from_standard_input(client: Client) -> None:
    """One trailing line break is dropped, a space is kept."""
    client.file("a.txt", "a")
    done = client("send", "a.txt", "--password-stdin", "--json", given="geheim 1 \n")
    assert done.status == 0, done.err
    assert done.documents[0]["has_password"] is True
    assert "geheim" not in done.out + done.err
    url = done.documents[0]["url"]
    assert fetch(url).status_code == 403
    assert fetch(url, "geheim 1").status_code == 403
    assert fetch(url, "geheim 1 ").text == "a"


def test_a_password_that_is_made_is_told_once(client: Client) -> None:
    client.file("a.txt", "a")
    done = client("send", "a.txt", "--generate-password", "--json")
    assert list(done.json) == ["documents", "password"]
    assert len(done.json["password"]) >= 20
    assert fetch(done.documents[0]["url"], done.json["password"]).text == "a"
    human = client("send", "a.txt", "--generate-password")
    password = re.search(r"The password is (\S+) ", human.err)
    assert password
    assert password[1] not in human.out
    assert fetch(human.out.strip(), password[1]).text == "a"


def test_a_draft_with_the_links_in_order(client: Client) -> None:
    """The draft has the recipients and each link under its name, but not the password."""
    client.file("a.txt")
    client.file("b.txt")
    done = client(
        "send", "b.txt", "a.txt", "--mail", "draft.eml", "--to", "anna@example.com",
        "--to", "Ben <ben@example.com>", "--password-stdin", "--json", given="geheim-12345",
    )  # fmt: skip
    assert done.status == 0, done.err
    path = client.cwd / "draft.eml"
    assert path.stat().st_mode & 0o777 == 0o600
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert message["X-Unsent"] == "1"
    assert message["To"] == "anna@example.com, Ben <ben@example.com>"
    part = message.get_body(("plain",))
    assert part is not None
    body = part.get_content()
    places = [body.index(d["url"]) for d in done.documents]
    assert places == sorted(places)
    assert body.index("b.txt") < places[0] < body.index("a.txt") < places[1]
    assert "geheim-12345" not in path.read_text()


def test_the_fields_say_none(client: Client) -> None:
    client.file("a.txt")
    done = client("send", "a.txt", "--no-expires", "--no-downloads", "--json")
    assert (done.documents[0]["expires_at"], done.documents[0]["downloads_permitted"]) == (None, None)


def test_a_date_is_the_end_of_its_day_here(client: Client) -> None:
    client.file("a.txt")
    day = (datetime.now() + timedelta(days=40)).date()
    done = client("send", "a.txt", "--expires", day.isoformat(), "--json", TZ="America/New_York")
    expires = datetime.fromisoformat(done.documents[0]["expires_at"])
    local = subprocess.run(
        ["date", "-u", "-d", f'TZ="America/New_York" {day} 23:59:59', "+%Y-%m-%dT%H:%M:%S+00:00"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert expires == datetime.fromisoformat(local.stdout.strip())


# ---------------------------------------------------------------- the policy


@pytest.fixture
def strict(fresh_server: ServerProcess, tmp_path: Path) -> Client:
    folder = tmp_path / "work"
    folder.mkdir()
    client = Client(fresh_server.url, fresh_server.token, folder)
    client.file("a.txt", "a")
    return client


@pytest.mark.parametrize(
    ("policy", "arguments", "given", "code"),
    [
        ("password_required=true", [], "", "policy.password_required"),
        ("password_min_length=12", ["--password-stdin"], "short", "policy.password_too_short"),
        ("password_classes=4", ["--password-stdin"], "abcdefghijkl1", "policy.password_too_plain"),
        ("expires_required=true", [], "", "policy.expires_required"),
        ("expires_max=7d", ["--expires", "9d"], "", "policy.expires_too_far"),
        ("downloads_required=true", [], "", "policy.downloads_required"),
        ("downloads_max=5", ["--downloads", "6"], "", "policy.downloads_too_many"),
    ],
)
def test_the_policy_refuses(strict: Client, policy: str, arguments: list[str], given: str, code: str) -> None:
    """A send that the policy refuses creates nothing, not even a folder."""
    assert strict("policy", "set", policy).status == 0
    done = strict("send", "a.txt", *arguments, "--json", given=given)
    assert (done.status, done.error) == (3, code)
    assert strict("folders", "list", "--json").json == {"folders": []}


def test_the_policys_defaults_are_taken_and_can_be_declined(strict: Client) -> None:
    assert strict("policy", "set", "expires_default=3d", "downloads_default=4").status == 0
    taken = strict("send", "a.txt", "--json").documents[0]
    assert taken["downloads_permitted"] == 4
    expires = datetime.fromisoformat(taken["expires_at"]) - datetime.fromisoformat(taken["sent_at"])
    assert timedelta(days=2, hours=23) < expires <= timedelta(days=3, minutes=1)
    declined = strict("send", "a.txt", "--no-expires", "--no-downloads", "--json").documents[0]
    assert (declined["downloads_permitted"], declined["expires_at"]) == (None, None)


def test_a_password_that_is_made_meets_the_policy(strict: Client) -> None:
    assert strict("policy", "set", "password_min_length=40", "password_classes=4").status == 0
    done = strict("send", "a.txt", "--generate-password", "--json")
    assert done.status == 0, done.err
    assert len(done.json["password"]) >= 40


def test_spans_count_from_the_servers_clock(strict: Client, fresh_server: ServerProcess) -> None:
    fresh_server.turn_clock(-86400 * 3)
    done = strict("send", "a.txt", "--expires", "2d", "--json")
    assert done.status == 0, done.err
    sent, expires = (datetime.fromisoformat(done.documents[0][key]) for key in ("sent_at", "expires_at"))
    assert timedelta(days=1, hours=23) < expires - sent <= timedelta(days=2, minutes=1)


# ---------------------------------------------------------------- permissions


def test_without_a_good_token_nothing_is_sent(client: Client) -> None:
    client.file("a.txt")
    for token in ("", "0" * 48, "not a token\x7f"):
        done = client("send", "a.txt", "--json", SENTLINKS_TOKEN=token)
        assert done.status == 4
        assert done.error
        assert "token" in done.err


def test_plain_http_to_another_machine_is_refused(client: Client) -> None:
    client.file("a.txt")
    done = client("send", "a.txt", "--json", "--server", "http://links.example")
    assert (done.status, done.error) == (2, "server.plain_http")


def result_names(done: Any) -> list[str]:
    return [document["name"] for document in done.documents]


def test_module_and_script_are_one_command(client: Client) -> None:
    import sys

    client.file("a.txt")
    done = run(
        "send", client.cwd / "a.txt", "--json", program=[sys.executable, "-m", "tui"], **client.environ
    )
    assert result_names(done) == ["a.txt"]
