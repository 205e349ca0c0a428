"""The draft in the mailbox's Drafts folder (M2): what is asked and said, also while the mailbox doesn't respond."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import screen_of, settled, until
from tests.support.app.draft_screen import command, drafted, open_draft, said, says, types_password
from tests.support.checks.long import more
from tests.support.mail import keyring, mail_trouble
from tests.support.mail.mail_accounts import PASSWORD, TOKEN, USER, Dovecot
from tests.support.mail.mail_server import Sent
from tests.support.mail.mail_trouble import Trouble, troubled
from tests.support.pictures.scene_start import typed
from tests.support.servers.certificates import Authority
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tui.ui.base.question import Question
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.mail_choice import MailChoice
from tui.ui.draft.mail_password import MailPassword
from tui.ui.main.main import MainScreen
from tui.ui.widgets.body_area import BodyArea
from tui.ui.widgets.checkbox import Checkbox
from tui.ui.widgets.footer import Footer
from tui.ui.widgets.status_line import StatusLine

pytestmark = pytest.mark.usefixtures("trusted", "no_mail_programs")

# ---------------------------------------------------------------- passwords and tokens


async def test_a_draft_goes_into_the_mailbox(
    sample_server: ServerProcess, mailbox: Dovecot, tmp_path: Path
) -> None:
    """A wrong password is asked for again with the server's words; then the draft is there, and closing it asks
    nothing. A link that was stopped since is refused before anything else, until it is taken out of the text."""
    before = {path for path, _ in mailbox.messages()}
    async with drafted(sample_server, tmp_path, mail_imap_url=mailbox.url(tls=True), mail_from=USER) as (
        pilot,
        draft,
    ):
        await typed(pilot, "Jörg <joerg@example.com>")
        await pilot.press("ctrl+d")
        await screen_of(pilot, MailPassword)
        await pilot.press("escape")
        await says(pilot, draft, "")
        await pilot.press("ctrl+d")
        asked = await types_password(pilot, "wrong")
        assert not asked.query(Checkbox)
        await pilot.press("enter")
        await until(
            pilot, lambda: pilot.app.screen is not asked and isinstance(pilot.app.screen, MailPassword)
        )
        await until(pilot, lambda: "AUTHENTICATIONFAILED" in said(pilot.app.screen), "the server's words")
        # It isn't given after all.
        await pilot.press("escape")
        await says(pilot, draft, "AUTHENTICATIONFAILED")
        assert {path for path, _ in mailbox.messages()} == before
        await pilot.press("ctrl+d")
        await types_password(pilot, PASSWORD)
        await pilot.press("enter")
        await says(pilot, draft, "The draft is in the folder Entwürfe & mehr at localhost.")
        ((path, content),) = [found for found in mailbox.messages() if found[0] not in before]
        assert path.name.endswith(":2,DS")
        message = Sent("", [], content).message
        assert (message["To"], message["From"]) == ("Jörg <joerg@example.com>", USER)
        part = message.get_body(("plain",))
        assert part is not None
        assert part.get_content() == draft.draft.body
        # The same draft again: the password is known as long as the draft is open.
        await pilot.press("ctrl+d")
        await until(pilot, lambda: len(mailbox.messages()) == len(before) + 2, "the second draft")
        await says(pilot, draft, "The draft is in the folder")
        (document,) = draft.documents
        with Sender(sample_server) as me:
            me.post(f"/documents/{document.id}/resend", {"new_address": True})
        await pilot.press("ctrl+d")
        await says(pilot, draft, f"The link of “{document.name}” no longer works (replaced by a new one).")
        text = draft.query_one(BodyArea)
        assert (text.selected_text, draft.focused) == (document.url, text)
        await pilot.press("delete", "ctrl+d")
        await says(pilot, draft, "The draft is in the folder")
        assert len(mailbox.messages()) == len(before) + 3
        await pilot.press("escape")
        await screen_of(pilot, MainScreen)


async def test_a_password_that_is_kept_in_the_keyring(
    sample_server: ServerProcess, mailbox: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S17: it is in the system's keyring and in no file; with it, nothing is asked."""
    monkeypatch.undo()
    keyring.want()
    monkeypatch.setenv("SSL_CERT_FILE", str(mailbox.authority))
    state = tmp_path / "state"
    with keyring.session(tmp_path / "desk") as desk:
        for name, value in desk.environ.items():
            monkeypatch.setenv(name, value)
        before = len(mailbox.messages())
        async with drafted(sample_server, state, keyring=True, mail_imap_url=mailbox.url(tls=True)) as (
            pilot,
            draft,
        ):
            await pilot.press("ctrl+d")
            await types_password(pilot, PASSWORD)
            await pilot.press("tab", "space", "ctrl+s")
            await says(pilot, draft, "The draft is in the folder")
            assert PASSWORD in desk.items()
            await pilot.press("escape")
            await screen_of(pilot, MainScreen)
            again = await open_draft(pilot)
            await pilot.press("ctrl+d")
            await says(pilot, again, "The draft is in the folder")
        assert len(mailbox.messages()) == before + 2
        assert not any(PASSWORD.encode() in path.read_bytes() for path in state.rglob("*") if path.is_file())


# ---------------------------------------------------------------- which mailbox, and waiting for it


@dataclass
class Ground:
    """The mailbox, whose certificate is from the authority, and a folder for what is written."""

    mailbox: Dovecot
    authority: Authority
    folder: Path


def prefers(draft: DraftScreen, **values: str) -> None:
    """Changes settings of the running app."""
    for name, value in values.items():
        draft.app.preferences = draft.app.preferences.with_value(name, value)


async def chooses_among_what_is_there(pilot: Pilot[Any], draft: DraftScreen, on: Ground) -> None:
    # No mailbox is set up.
    await pilot.press("ctrl+d")
    await says(pilot, draft, "No mailbox is set up.")
    assert "The settings (, in the list) have it under Mailbox." in said(draft)
    assert "^s saves it as a file" in said(draft)
    await pilot.press("ctrl+n")
    choice = await screen_of(pilot, MailChoice)
    await settled(pilot)
    assert "esc Close" in choice.query_one(Footer)._shown, "even if what there is to choose is short"
    await pilot.press("escape")
    await screen_of(pilot, DraftScreen)
    prefers(draft, mail_imap_url=on.mailbox.url(tls=True), mail_smtp_url="nonsense", mail_program="aerc")
    await pilot.press("ctrl+n")
    choice = await screen_of(pilot, MailChoice)
    assert [way.id for way in choice._ways.ways] == ["drafts"]
    assert choice.query_one(StatusLine).text.startswith("mail_smtp_url is not the address of an account.")
    await pilot.press("escape")
    await screen_of(pilot, DraftScreen)
    await pilot.press("ctrl+n")
    await screen_of(pilot, MailChoice)
    await pilot.press("enter")
    await types_password(pilot, PASSWORD)
    await pilot.press("enter")
    await says(pilot, draft, "The draft is in the folder")
    # Another mailbox takes a token, which only a command prints.
    prefers(draft, mail_imap_url=on.mailbox.url(tls=False, oauth=True))
    await pilot.press("ctrl+d")
    await says(pilot, draft, "needs a command that prints one: set mail_imap_password_command")
    prefers(draft, mail_imap_password_command=command(on.folder, TOKEN))
    await pilot.press("ctrl+d")
    await says(pilot, draft, "The draft is in the folder Entwürfe & mehr at localhost.")


async def cancels_what_it_waits_for(pilot: Pilot[Any], draft: DraftScreen, on: Ground) -> None:
    """At once, and it is said what may have happened. The draft stays, and can be given to the server again."""
    prefers(draft, mail_imap_password_command=command(on.folder, PASSWORD))
    for step, key in ((mail_trouble.GREETING, "escape"), (mail_trouble.CONTENT, "ctrl+c")):
        before = len(on.mailbox.messages())
        with troubled(on.authority, on.mailbox.tls_port, Trouble(step, hangs=True)) as trouble:
            prefers(draft, mail_imap_url=f"imaps://{USER}@localhost:{trouble.port}")
            await pilot.press("ctrl+d")
            if step == mail_trouble.GREETING:
                waits = "Putting the draft into the Drafts folder at localhost… (esc cancels)"
            else:
                waits = "Waiting for the answer of localhost: "
            await says(pilot, draft, waits)
            await until(pilot, trouble.reached.is_set, "the step")
            await pilot.press(key)
            await says(pilot, draft, "Cancelled.")
            assert ("It isn't known whether the draft was stored" in said(draft)) == (step != b"")
            assert ("The draft wasn't stored." in said(draft)) == (step == b"")
            assert not draft.changes.under_way
            assert len(on.mailbox.messages()) == before
            prefers(draft, mail_imap_url=on.mailbox.url(tls=True))
            await pilot.press("ctrl+d")
            await says(pilot, draft, "The draft is in the folder Entwürfe & mehr at localhost.")
            assert len(on.mailbox.messages()) == before + 1


async def quits_while_it_waits(pilot: Pilot[Any], draft: DraftScreen, silent: socket.socket) -> None:
    prefers(draft, mail_imap_url=f"imaps://anna@127.0.0.1:{silent.getsockname()[1]}")
    await pilot.press("ctrl+d")
    await until(pilot, lambda: draft.changes.under_way)
    await pilot.press("ctrl+q")
    question = await screen_of(pilot, Question)
    assert question.text[0] == "Quit while something is being changed?"
    await pilot.press("y")


@more
async def test_the_user_chooses_and_need_not_wait(
    sample_server: ServerProcess, mailbox: Dovecot, authority: Authority, tmp_path: Path
) -> None:
    """A server that doesn't respond doesn't keep the app from ending: while it is waited for, quitting asks; the
    program's end doesn't wait."""
    on = Ground(mailbox, authority, tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with drafted(sample_server, tmp_path) as (pilot, draft):
            await chooses_among_what_is_there(pilot, draft, on)
            await cancels_what_it_waits_for(pilot, draft, on)
            await quits_while_it_waits(pilot, draft, silent)
        # The thread is still waiting for the server; the event loop has no thread to wait for.
        waiting = [thread for thread in threading.enumerate() if thread.name == "in-own-thread"]
        assert waiting
        assert all(thread.daemon for thread in waiting)
    for thread in waiting:
        thread.join(60)
