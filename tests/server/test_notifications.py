"""The e-mails that tell senders which of their documents were delivered."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.checks.intruder import tamper
from tests.support.mail.mail_server import MailServer, mail_server
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import ensure_folder, publish
from tests.support.users.recipient import act, seen, take
from tests.support.users.share import database, until
from tui.server.base.mailer import Mailer
from tui.server.base.settings import Settings
from tui.server.installation.installation import open_context
from tui.server.notifications import outbox

SENDER = "links@firm.example"


@pytest.fixture
def mailbox() -> Iterator[MailServer]:
    with mail_server() as found:
        yield found


def started(folder: Path, *, smtp_url: str, **options: Any) -> ServerProcess:
    """A server on its own data, with that mail server."""
    return ServerProcess(folder / "data", arguments=("--smtp-url", smtp_url), **options)


def set_address(server: ServerProcess, address: str) -> None:
    with server.client() as client:
        client.patch("/share/v1/users/DJONES", json={"email": address}).raise_for_status()


def waiting(server: ServerProcess) -> list[Any]:
    """The deliveries that no e-mail has been sent about."""
    with database(server) as connection:
        return list(connection.execute("SELECT * FROM notifications").fetchall())


def fetch(server: ServerProcess, document: dict[str, Any]) -> None:
    """Downloads all of the document, and waits until that is recorded."""
    before = seen(server, document)["delivered"]
    with server.guest() as guest:
        guest.get(take(guest, document)).raise_for_status()
    until(lambda: bool(seen(server, document)["delivered"] == before + 1))


def test_the_sender_is_told_of_deliveries(mailbox: MailServer, tmp_path: Path) -> None:
    """The first at once; those of the next ten minutes together, after them."""
    with started(tmp_path, smtp_url=f"smtp://127.0.0.1:{mailbox.port}") as server:
        set_address(server, "djones@firm.example")
        document = publish(server, b"x" * 1000, "Offer Größe.pdf", notify=True)
        other = publish(server, b"y" * 1000, "other.pdf", notify=True)
        quiet = publish(server, b"z" * 1000, "quiet.pdf")
        assert (document["notify"], quiet["notify"]) == (True, False)
        fetch(server, quiet)
        fetch(server, document)
        until(lambda: len(mailbox.sent) == 1)
        fetch(server, other)
        fetch(server, other)
        # A new e-mail isn't due yet, however often the job runs.
        asyncio.run(send_due(server, mailbox))
        assert len(mailbox.sent) == 1
        server.turn_clock(601)
        until(lambda: len(mailbox.sent) == 2)
        until(lambda: not waiting(server))
        secret = urlsplit(document["url"]).path.rpartition("/")[2]
    first, second = (each.message for each in mailbox.sent)
    recipients = mailbox.sent[0].recipients
    assert recipients == ["djones@firm.example"]
    assert (first["To"], first["From"]) == ("djones@firm.example", SENDER)
    assert first["Subject"] == "Delivered: Offer Größe.pdf"
    assert first["Auto-Submitted"] == "auto-generated"
    text = first.get_content()
    assert "Offer Größe.pdf" in text
    assert "(UTC), from 127.0.0.1" in text
    assert secret not in first.as_string()
    assert second["Subject"] == "Delivered: other.pdf and 1 more"
    assert second.get_content().count("other.pdf") == 2


async def send_due(server: ServerProcess, mailbox: MailServer, ahead: float = 0) -> None:
    """Runs the job once, with the clock ``ahead`` by that many seconds."""
    settings = Settings(
        data=server.data,
        database_url=server.database_url,
        mailer=Mailer("127.0.0.1", mailbox.port, tls=False, sender=SENDER),
    )
    context = await open_context(settings, lambda: datetime.now(UTC) + timedelta(seconds=ahead))
    try:
        await outbox.send_due(context)
    finally:
        await context.close()


@pytest.fixture
def unreachable() -> str:
    """The address of a mail server that isn't running."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"smtp://127.0.0.1:{free.getsockname()[1]}"


def test_what_could_not_be_sent_is_tried_again(mailbox: MailServer, unreachable: str, tmp_path: Path) -> None:
    """After ten minutes, for two days."""
    with started(tmp_path, smtp_url=unreachable) as server:
        set_address(server, "djones@firm.example")
        document = publish(server, b"x", "offer.pdf", notify=True)
        fetch(server, document)
        until(lambda: "notifications could not be sent" in server.log.read_text())
        asyncio.run(send_due(server, mailbox, ahead=60))
        assert mailbox.sent == []
        asyncio.run(send_due(server, mailbox, ahead=700))
        assert [each.message["Subject"] for each in mailbox.sent] == ["Delivered: offer.pdf"]
        fetch(server, document)
        asyncio.run(send_due(server, mailbox, ahead=3 * 86400))
        assert len(mailbox.sent) == 1


def test_no_email_waits_until_a_clock_that_was_put_back_has_caught_up(
    mailbox: MailServer, unreachable: str, tmp_path: Path
) -> None:
    with started(tmp_path, smtp_url=unreachable) as server:
        set_address(server, "djones@firm.example")
        document = publish(server, b"x", "offer.pdf", notify=True)
        # The moment of the last e-mail, by a clock that was a day ahead.
        tomorrow = int((datetime.now(UTC) + timedelta(days=1)).timestamp() * 1_000_000)
        tamper(server, ("UPDATE users SET notified_at = ?", tomorrow))
        fetch(server, document)
        asyncio.run(send_due(server, mailbox, ahead=700))
        assert [each.message["Subject"] for each in mailbox.sent] == ["Delivered: offer.pdf"]


def test_a_refused_address_does_not_hold_up_the_others(
    mailbox: MailServer, unreachable: str, tmp_path: Path
) -> None:
    with started(tmp_path, smtp_url=unreachable) as server:
        set_address(server, "djones@firm.example")
        with server.client() as client:
            body = {"name": "BSMITH", "password": "a quiet harbour", "email": "bsmith@firm.example"}
            client.post("/share/v1/users", json=body).raise_for_status()
            signed_in = client.post("/share/v1/login", json={"user": "BSMITH", "password": "a quiet harbour"})
            token = signed_in.raise_for_status().json()["token"]
        fetch(server, publish(server, b"x", "refused.pdf", notify=True))
        document = publish(server, b"x", "sent.pdf", token=token, notify=True)
        with server.guest() as guest:
            guest.get(take(guest, document)).raise_for_status()
        until(lambda: len(waiting(server)) == 2)
        mailbox.refused.add("djones@firm.example")
        asyncio.run(send_due(server, mailbox, ahead=700))
        assert [each.message["Subject"] for each in mailbox.sent] == ["Delivered: sent.pdf"]
        mailbox.refused.clear()
        asyncio.run(send_due(server, mailbox, ahead=1400))
        assert [each.message["Subject"] for each in mailbox.sent][1:] == ["Delivered: refused.pdf"]


def test_it_is_refused_where_it_can_not_be_done(
    server: ServerProcess, tmp_path: Path, unreachable: str
) -> None:
    def opened(at: ServerProcess) -> tuple[int, str]:
        with at.client() as client:
            answer = client.post("/share/v1/sends", json={"folder": ensure_folder(client), "notify": True})
            return answer.status_code, answer.json()["code"]

    assert opened(server) == (422, "notify.no_mail_server")
    with started(tmp_path, smtp_url=unreachable) as mailing, mailing.client() as client:
        assert opened(mailing) == (422, "notify.no_address")
        assert client.get("/share/v1/me").json()["notifications"] is False
        set_address(mailing, "djones@firm.example")
        assert client.get("/share/v1/me").json()["notifications"] is True
        document = publish(mailing, b"x", "offer.pdf", notify=True)
        set_address(mailing, "")
        path = f"/share/v1/documents/{document['id']}"
        answer = client.post(f"{path}/resend", json={"notify": True})
        assert (answer.status_code, answer.json()["code"]) == (422, "notify.no_address")


def test_the_policy_decides_for_those_who_do_not_say(tmp_path: Path, unreachable: str) -> None:
    with started(tmp_path, smtp_url=unreachable) as server, server.client() as client:
        client.patch("/share/v1/policy", json={"notify_default": True}).raise_for_status()
        # Without an address it isn't an error.
        assert publish(server, b"x", "before.pdf")["notify"] is False
        set_address(server, "djones@firm.example")
        assert publish(server, b"x", "no.pdf", notify=False)["notify"] is False
        document = publish(server, b"x", "offer.pdf")
        assert document["notify"] is True
        # Sent again, it keeps what it has.
        assert act(server, document, "resend")["notify"] is True
        changed = client.post(f"/share/v1/documents/{document['id']}/resend", json={"notify": False})
        assert changed.json()["notify"] is False


@pytest.mark.parametrize("address", ["not one", "Dora <d@firm.example>", "a@b\nBcc: c@d.example"])
def test_an_address_is_one(server: ServerProcess, address: str) -> None:
    with server.client() as client:
        answer = client.patch("/share/v1/users/DJONES", json={"email": address})
        assert answer.status_code == 422
        assert client.get("/share/v1/users").json()["users"][0]["email"] is None
