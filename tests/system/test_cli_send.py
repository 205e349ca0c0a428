"""``sentlinks send``: what it sends and prints, in which order; passwords, expiry and the draft."""

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

from tests.system.command import Client, run
from tests.system.links import fetch

FIELDS = {
    "id", "name", "folder", "url", "status", "error", "size", "sha256", "published", "reason", "has_password",
    "locked", "expires_at", "downloads_permitted", "downloads", "sent_at", "source",
}  # fmt: skip


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


# ---------------------------------------------------------------- the program


def result_names(done: Any) -> list[str]:
    return [document["name"] for document in done.documents]


def test_module_and_script_are_one_command(client: Client) -> None:
    import sys

    client.file("a.txt")
    done = run(
        "send", client.cwd / "a.txt", "--json", program=[sys.executable, "-m", "tui"], **client.environ
    )
    assert result_names(done) == ["a.txt"]
