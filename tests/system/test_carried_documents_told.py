"""What a command found in documents, and its user was told, is in the audit; the policy says what is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.carried.office import docx, paragraph, run
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.system.command import Client

HIDDEN = docx(paragraph(run("seen")) + paragraph(run("secret", "<w:vanish/>")))


@pytest.fixture
def client(fresh_server: ServerProcess, tmp_path: Path) -> Client:
    made = Client(fresh_server.url, fresh_server.token, tmp_path)
    made.environ = {**made.environ, "SENTLINKS_HOME": str(tmp_path / "home")}
    made.file("offer.docx", HIDDEN)
    made.file("large.docx", HIDDEN + b"\0" * (9 << 20))
    return made


def details(server: ServerProcess, ident: str) -> dict[str, Any]:
    with Sender(server) as me:
        found: dict[str, Any] = me.get(f"/documents/{ident}/audit")["events"][-1]["details"]
    return found


def test_what_was_told_is_in_the_audit(client: Client, fresh_server: ServerProcess) -> None:
    """With small and large documents alike; without a look nothing is said."""
    done = client("send", "offer.docx", "large.docx", "--carries", "warn", "--json")
    assert "offer.docx carries 1 hidden text." in done.err
    first = details(fresh_server, done.documents[0]["id"])
    assert (first["looked"], first["carries"], first["overruled"]) == (
        "whole", {"hidden_text": 1}, ["hidden_text"],
    )  # fmt: skip
    assert "looked" in details(fresh_server, done.documents[1]["id"])
    history = client("audit", done.documents[0]["id"]).out
    assert "sent although it carries 1 hidden text" in history
    plain = client("send", "offer.docx", "--anew", "--json")
    assert "looked" not in details(fresh_server, plain.documents[0]["id"])


def test_the_policy_says_what_is_told_and_refused(client: Client, fresh_server: ServerProcess) -> None:
    client("policy", "set", "carries_warn=comments")
    done = client("send", "offer.docx", "--json")
    assert (done.status, done.err) == (0, ""), "hidden text is off"
    assert details(fresh_server, done.documents[0]["id"])["carries"] == {"hidden_text": 1}
    client("policy", "set", "carries_warn=hidden_text")
    assert "offer.docx carries 1 hidden text." in client("send", "offer.docx", "--anew").err
    client("policy", "set", "carries_refuse=hidden_text")
    refused = client("send", "offer.docx", "--anew", "--carries", "off", "--json")
    assert (refused.status, refused.error) == (3, "policy.carries")
    assert "offer.docx carries 1 hidden text. Nothing was sent." in refused.err
