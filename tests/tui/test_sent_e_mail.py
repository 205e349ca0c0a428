"""The e-mail sent by a server (M2), with a copy in the mailbox: what is asked, and what is said."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.app.app import screen_of, until
from tests.support.app.draft_screen import command, drafted, said, says, types_password
from tests.support.checks.long import more
from tests.support.mail.mail_accounts import PASSWORD, USER, Dovecot
from tests.support.mail.mail_server import mail_server
from tests.support.mail.mail_trouble import CONTENT, Trouble, troubled
from tests.support.pictures.scene_start import typed
from tests.support.servers.certificates import Authority
from tests.support.servers.server import ServerProcess
from tui.mail.handed_over import HandOver
from tui.ui.base.question import Question
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.mail_password import MailPassword
from tui.ui.main.main import MainScreen

pytestmark = pytest.mark.usefixtures("trusted", "no_mail_programs")


def prefers(draft: DraftScreen, name: str, value: str | bool) -> None:
    """Changes a setting of the running app."""
    draft.app.preferences = draft.app.preferences.with_value(name, value)


def _has_changed(draft: DraftScreen, before: str) -> bool:
    return said(draft) != before


async def test_an_e_mail_is_sent_after_a_question(
    sample_server: ServerProcess, authority: Authority, tmp_path: Path
) -> None:
    """The question names the recipients and the sender, without whose address nothing is sent; what is sent is the
    draft as it was edited, in text and HTML."""
    secret = command(tmp_path, PASSWORD)
    with mail_server(authority, tls=True) as server:
        mail: dict[str, Any] = {
            "mail_smtp_url": server.url(),
            "mail_smtp_password_command": secret,
            "mail_program": "smtp",
        }
        async with drafted(sample_server, tmp_path, **mail) as (pilot, draft):
            await pilot.press("ctrl+o")
            await says(pilot, draft, "Give at least one recipient first.")
            await typed(pilot, "Jörg <joerg@example.com>, bob@example.com")
            await pilot.press("ctrl+o")
            await says(pilot, draft, "Give your own e-mail address first, in the settings")
            prefers(draft, "mail_from", "Anna Arp <anna@example.com>")
            await pilot.press("ctrl+o")
            question = await screen_of(pilot, Question)
            assert question.text[0] == "Send the e-mail to 2 recipients now?"
            assert question.text[1].split("\n")[:3] == [
                "Jörg <joerg@example.com>",
                "bob@example.com",
                "From Anna Arp <anna@example.com>, through localhost.",
            ]
            assert "work for anyone who has them" in question.text[1]
            # What is preset changes nothing.
            await pilot.press("enter")
            await says(pilot, draft, "Nothing was sent.")
            assert server.sent == []
            await pilot.press("ctrl+o")
            await screen_of(pilot, Question)
            await pilot.press("y")
            await says(pilot, draft, "localhost accepted the e-mail for 2 recipients.")
            (sent,) = server.sent
            assert (sent.sender, sent.recipients) == (USER, ["joerg@example.com", "bob@example.com"])
            for kind in ("plain", "html"):
                part = sent.message.get_body((kind,))
                assert part is not None
                assert (draft.documents[0].url or "-") in part.get_content()
            # The second time it says so.
            await pilot.press("ctrl+o")
            question = await screen_of(pilot, Question)
            assert question.text[1].startswith("You have sent this e-mail already.")
            await pilot.press("n")
            await says(pilot, draft, "Nothing was sent.")
            # A program that was killed may have sent it; once it is told what came of it, that is over.
            people = ("bob@example.com", "joerg@example.com")
            HandOver(draft.app.session.state, replace(draft.draft, to=people)).write()
            for perhaps in (True, False):
                await pilot.press("ctrl+o")
                question = await screen_of(pilot, Question)
                assert ("It may have been sent already, on " in question.text[1]) is perhaps
                await pilot.press("y")
                await until(pilot, lambda sent=server.sent, perhaps=perhaps: len(sent) == 3 - perhaps)
                await says(pilot, draft, "localhost accepted the e-mail for 2 recipients.")
            await pilot.press("escape")
            await screen_of(pilot, MainScreen)


@more
async def test_how_long_a_mail_server_has_been_waited_for(
    sample_server: ServerProcess, authority: Authority, tmp_path: Path
) -> None:
    """It is said while it lasts, and escape ends it: then it isn't known whether the e-mail was sent."""
    held = threading.Event()
    with (
        mail_server(authority, tls=True) as server,
        troubled(authority, server.port, Trouble(CONTENT, held=held)) as trouble,
    ):
        mail: dict[str, Any] = {
            "mail_smtp_url": f"smtps://{USER}@localhost:{trouble.port}",
            "mail_smtp_password_command": command(tmp_path, PASSWORD),
            "mail_program": "smtp",
            "mail_from": USER,
        }
        async with drafted(sample_server, tmp_path, **mail) as (pilot, draft):
            await typed(pilot, "bob@example.com")
            for end in ("escape", "answer"):
                held.clear()
                await pilot.press("ctrl+o")
                await screen_of(pilot, Question)
                await pilot.press("y")
                await says(pilot, draft, "Waiting for the answer of localhost: ")
                before = said(draft)
                assert before.endswith(" s. (esc cancels)")
                await until(pilot, partial(_has_changed, draft, before), "it goes on")
                assert "Waiting for the answer of localhost: " in said(draft)
                if end == "escape":
                    await pilot.press("escape")
                    await says(pilot, draft, "Cancelled. It isn't known whether the e-mail was sent;")
                held.set()
            await says(pilot, draft, "localhost accepted the e-mail for bob@example.com.")
        assert len(server.sent) == 2


@more
async def test_a_copy_of_a_sent_e_mail_is_in_the_mailbox(
    sample_server: ServerProcess, mailbox: Dovecot, authority: Authority, tmp_path: Path
) -> None:
    """The same message that the recipients get. Whatever goes wrong with it, the e-mail was sent: also if no password
    is given for the mailbox."""
    secret = command(tmp_path, PASSWORD)
    with mail_server(authority, tls=True) as server:
        mail: dict[str, Any] = {
            "mail_smtp_url": server.url(),
            "mail_smtp_password_command": secret,
            "mail_imap_url": mailbox.url(tls=True),
            "mail_program": "smtp",
            "mail_from": USER,
        }
        async with drafted(sample_server, tmp_path, **mail) as (pilot, draft):
            await typed(pilot, "bob@example.com")

            async def send() -> None:
                await pilot.press("ctrl+o")
                await screen_of(pilot, Question)
                await pilot.press("y")

            await send()
            await screen_of(pilot, MailPassword)
            await pilot.press("escape")
            await says(pilot, draft, "no copy of it in your mailbox. You didn't sign in to it.")
            assert said(draft).startswith("localhost accepted the e-mail for bob@example.com.")
            await send()
            await types_password(pilot, PASSWORD)
            assert len(server.sent) == 2
            await pilot.press("enter")
            await says(
                pilot, draft, "localhost accepted the e-mail for bob@example.com. A copy is in the folder"
            )
            assert mailbox.fetch_last("Gesendet") == (server.sent[1].content, {r"\Seen"})
            copies = len(mailbox.messages())
            # A folder that isn't there.
            prefers(draft, "mail_sent_folder", "Nowhere")
            await send()
            await says(pilot, draft, "The e-mail was sent, but there is no copy of it in your mailbox.")
            assert "has no folder Nowhere" in said(draft)
            assert "mail_copy_sent = false" in said(draft)
            # None is wanted.
            prefers(draft, "mail_copy_sent", False)
            await send()
            await says(pilot, draft, "localhost accepted the e-mail for bob@example.com.")
            assert "copy" not in said(draft)
            assert len(server.sent) == 4
            assert len(mailbox.messages()) == copies


async def test_whatever_fails_the_draft_stays_and_the_next_way_is_offered(
    sample_server: ServerProcess, mailbox: Dovecot, authority: Authority, tmp_path: Path
) -> None:
    """A wrong token can't be typed: the server's words are shown, and the other server is offered."""
    mail: dict[str, Any] = {
        "mail_imap_url": mailbox.url(tls=True, oauth=True),
        "mail_imap_password_command": command(tmp_path, "an old token"),
        "mail_program": "drafts",
        "mail_from": USER,
    }
    before = mailbox.messages()
    with mail_server(authority) as server:
        mail |= {
            "mail_smtp_url": server.url(),
            "mail_smtp_password_command": "/bin/sh -c 'exit 3'",
        }
        async with drafted(sample_server, tmp_path, **mail) as (pilot, draft):
            await typed(pilot, "bob@example.com")
            await pilot.press("ctrl+o")
            await says(pilot, draft, "didn't accept the access token")
            assert "AUTHENTICATIONFAILED" in said(draft)
            assert "^o sends the e-mail through localhost" in said(draft)
            assert "an old token" not in said(draft)
            # The other one asks first, and fails too.
            await pilot.press("ctrl+o")
            question = await screen_of(pilot, Question)
            assert "bob@example.com" in question.text[1]
            await pilot.press("y")
            await says(pilot, draft, "mail_smtp_password_command ended with status 3")
            assert "^o puts the draft into the Drafts folder at localhost" in said(draft)
            assert draft.text.to == "bob@example.com"
            await pilot.press("escape")
            closing = await screen_of(pilot, Question)
            assert closing.text == (
                "Close the draft without saving it?",
                "Your changes will be lost, and To is not kept with the links.",
            )
            # As it was composed, nothing is lost: it can be had again.
            await pilot.press("n", "home", "ctrl+k", "escape")
            await until(pilot, lambda: not draft.is_attached, "that it closes unasked")
        assert server.sent == []
    assert mailbox.messages() == before
