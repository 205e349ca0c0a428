"""The draft in the mailbox's Drafts folder, and sent by a server: what is asked, and what is said (M2)."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support import certificates, keyring, mail_trouble
from tests.support.app import app_for, main_screen, screen_of, until
from tests.support.certificates import Authority
from tests.support.mail_accounts import PASSWORD, TOKEN, USER, Dovecot, dovecot
from tests.support.mail_server import Sent, mail_server
from tests.support.mail_trouble import Trouble, troubled
from tests.support.server import ServerProcess
from tests.support.stage import typed
from tui.config.preferences import Preferences
from tui.screens.draft import DraftScreen
from tui.screens.mail_choice import MailChoice
from tui.screens.mail_password import MailPassword
from tui.screens.main import MainScreen
from tui.screens.question import Question
from tui.screens.send import SendDialog
from tui.widgets.checkbox import Checkbox
from tui.widgets.status_line import StatusLine


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return certificates.make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's authorities are replaced with the test's own; there are no mail programs."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    monkeypatch.setenv("PATH", "/nowhere")
    for name in ("VISUAL", "EDITOR", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def mailbox(authority: Authority) -> Iterator[Dovecot]:
    with dovecot(authority) as found:
        yield found


@asynccontextmanager
async def drafted(
    server: ServerProcess, state: Path, *, keyring: bool = False, **mail: Any
) -> AsyncIterator[tuple[Pilot[Any], DraftScreen]]:
    """The app with the draft for one sent document."""
    preferences = Preferences(mail_values=mail, keyring=keyring)
    app = app_for(server, state, demo=False, preferences=preferences)
    async with app.run_test(size=(100, 40)) as pilot:
        await main_screen(pilot)
        yield pilot, await open_draft(pilot)


async def open_draft(pilot: Pilot[Any]) -> DraftScreen:
    await pilot.press("s")
    await screen_of(pilot, SendDialog)
    await pilot.press("ctrl+s")
    return await screen_of(pilot, DraftScreen)


def said(screen: Any) -> str:
    found: StatusLine = screen.query_one("#done" if isinstance(screen, DraftScreen) else "#said", StatusLine)
    return found.text


async def says(pilot: Pilot[Any], draft: DraftScreen, words: str) -> None:
    await until(pilot, lambda: words in said(draft) and pilot.app.screen is draft, words)


async def types_password(pilot: Pilot[Any], password: str) -> MailPassword:
    asked = await screen_of(pilot, MailPassword)
    await typed(pilot, password)
    return asked


def command(folder: Path, secret: str) -> str:
    """A command that prints a secret."""
    file = folder / "print.py"
    file.write_text(f"print({secret!r})")
    return f"{sys.executable} {file}"


async def test_a_draft_goes_into_the_mailbox(
    sample_server: ServerProcess, mailbox: Dovecot, tmp_path: Path
) -> None:
    """A wrong password is asked for again with the server's words; then the draft is there, and closing it asks
    nothing."""
    before = {path for path, _ in mailbox.messages()}
    async with drafted(sample_server, tmp_path, mail_imap_url=mailbox.url(tls=True), mail_from=USER) as (
        pilot,
        draft,
    ):
        await typed(pilot, "Jörg <joerg@example.com>")
        await pilot.press("ctrl+d")
        asked = await types_password(pilot, "wrong")
        assert not asked.query(Checkbox)
        await pilot.press("enter")
        await until(
            pilot, lambda: pilot.app.screen is not asked and isinstance(pilot.app.screen, MailPassword)
        )
        await until(pilot, lambda: "AUTHENTICATIONFAILED" in said(pilot.app.screen), "the server's words")
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
        await pilot.press("escape")
        await screen_of(pilot, MainScreen)


async def test_a_password_that_is_not_given(
    sample_server: ServerProcess, mailbox: Dovecot, tmp_path: Path
) -> None:
    before = mailbox.messages()
    async with drafted(sample_server, tmp_path, mail_imap_url=mailbox.url(tls=False)) as (pilot, draft):
        await pilot.press("ctrl+d")
        await screen_of(pilot, MailPassword)
        await pilot.press("escape")
        await says(pilot, draft, "")
        await pilot.press("ctrl+d")
        asked = await types_password(pilot, "wrong")
        await pilot.press("enter")
        await until(
            pilot, lambda: pilot.app.screen is not asked and isinstance(pilot.app.screen, MailPassword)
        )
        await pilot.press("escape")
        await says(pilot, draft, "AUTHENTICATIONFAILED")
        assert mailbox.messages() == before


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
            "mail_smtp_password_command": f"{sys.executable} -c 'raise SystemExit(3)'",
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
            assert closing.text[0] == "Close the draft without saving it?"
        assert server.sent == []
    assert mailbox.messages() == before


async def test_a_token_by_a_command(sample_server: ServerProcess, mailbox: Dovecot, tmp_path: Path) -> None:
    token = command(tmp_path, TOKEN)
    url = mailbox.url(tls=False, oauth=True)
    async with drafted(sample_server, tmp_path, mail_imap_url=url, mail_imap_password_command=token) as (
        pilot,
        draft,
    ):
        await pilot.press("ctrl+d")
        await says(pilot, draft, "The draft is in the folder Entwürfe & mehr at localhost.")
    async with drafted(sample_server, tmp_path, mail_imap_url=url) as (pilot, draft):
        await pilot.press("ctrl+d")
        await says(pilot, draft, "needs a command that prints one: set mail_imap_password_command")


async def test_an_e_mail_is_sent_after_a_question(
    sample_server: ServerProcess, authority: Authority, tmp_path: Path
) -> None:
    """The question names the recipients; what is sent is the draft as it was edited, in text and HTML."""
    secret = command(tmp_path, PASSWORD)
    with mail_server(authority, tls=True) as server:
        mail: dict[str, Any] = {
            "mail_smtp_url": server.url(),
            "mail_smtp_password_command": secret,
            "mail_program": "smtp",
        }
        async with drafted(sample_server, tmp_path, mail_from="Anna Arp <anna@example.com>", **mail) as (
            pilot,
            draft,
        ):
            await pilot.press("ctrl+o")
            await says(pilot, draft, "Give at least one recipient first.")
            await typed(pilot, "Jörg <joerg@example.com>, bob@example.com")
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
            await pilot.press("escape")
            await screen_of(pilot, MainScreen)


async def test_a_copy_of_a_sent_e_mail_is_in_the_mailbox(
    sample_server: ServerProcess, mailbox: Dovecot, authority: Authority, tmp_path: Path
) -> None:
    """The same message that the recipients get. Whatever goes wrong with it, the e-mail was sent."""
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
            await types_password(pilot, PASSWORD)
            assert len(server.sent) == 1
            await pilot.press("enter")
            await says(
                pilot, draft, "localhost accepted the e-mail for bob@example.com. A copy is in the folder"
            )
            assert mailbox.fetch_last("Gesendet") == (server.sent[0].content, {r"\Seen"})
            copies = len(mailbox.messages())
            # A folder that isn't there.
            draft.app.preferences = draft.app.preferences.with_value("mail_sent_folder", "Nowhere")
            await send()
            await says(pilot, draft, "The e-mail was sent, but there is no copy of it in your mailbox.")
            assert "has no folder Nowhere" in said(draft)
            assert "mail_copy_sent = false" in said(draft)
            # None is wanted.
            draft.app.preferences = draft.app.preferences.with_value("mail_copy_sent", False)
            await send()
            await says(pilot, draft, "localhost accepted the e-mail for bob@example.com.")
            assert "copy" not in said(draft)
            assert len(server.sent) == 3
            assert len(mailbox.messages()) == copies


async def test_an_e_mail_is_sent_although_no_password_is_given_for_its_copy(
    sample_server: ServerProcess, mailbox: Dovecot, authority: Authority, tmp_path: Path
) -> None:
    with mail_server(authority, tls=True) as server:
        mail: dict[str, Any] = {
            "mail_smtp_url": server.url(),
            "mail_smtp_password_command": command(tmp_path, PASSWORD),
            "mail_imap_url": mailbox.url(tls=True),
            "mail_program": "smtp",
            "mail_from": USER,
        }
        async with drafted(sample_server, tmp_path, **mail) as (pilot, draft):
            await typed(pilot, "bob@example.com")
            await pilot.press("ctrl+o")
            await screen_of(pilot, Question)
            await pilot.press("y")
            await screen_of(pilot, MailPassword)
            await pilot.press("escape")
            await says(pilot, draft, "no copy of it in your mailbox. You didn't sign in to it.")
            assert said(draft).startswith("localhost accepted the e-mail for bob@example.com.")
        assert len(server.sent) == 1


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
@pytest.mark.parametrize("step", [mail_trouble.GREETING, mail_trouble.CONTENT], ids=["greeting", "content"])
async def test_waiting_for_a_server_is_cancelled(
    step: bytes,
    key: str,
    sample_server: ServerProcess,
    mailbox: Dovecot,
    authority: Authority,
    tmp_path: Path,
) -> None:
    """At once, and it is said what may have happened. The draft stays, and can be given to the server again."""
    before = len(mailbox.messages())
    with troubled(authority, mailbox.tls_port, Trouble(step, hangs=True)) as trouble:
        mail: dict[str, Any] = {
            "mail_imap_url": f"imaps://{USER}@localhost:{trouble.port}",
            "mail_imap_password_command": command(tmp_path, PASSWORD),
        }
        async with drafted(sample_server, tmp_path, **mail) as (pilot, draft):
            await pilot.press("ctrl+d")
            await says(pilot, draft, "Putting the draft into the Drafts folder at localhost… (esc cancels)")
            await until(pilot, trouble.reached.is_set, "the step")
            await pilot.press(key)
            await says(pilot, draft, "Cancelled.")
            assert ("It isn't known whether the draft was stored" in said(draft)) == (step != b"")
            assert ("The draft wasn't stored." in said(draft)) == (step == b"")
            assert not draft.changes.under_way
            assert len(mailbox.messages()) == before
            draft.app.preferences = draft.app.preferences.with_value("mail_imap_url", mailbox.url(tls=True))
            await pilot.press("ctrl+d")
            await says(pilot, draft, "The draft is in the folder Entwürfe & mehr at localhost.")
            assert len(mailbox.messages()) == before + 1


async def test_no_e_mail_without_a_senders_address(
    sample_server: ServerProcess, authority: Authority, tmp_path: Path
) -> None:
    with mail_server(authority) as server:
        async with drafted(sample_server, tmp_path, mail_smtp_url=server.url(), mail_program="smtp") as (
            pilot,
            draft,
        ):
            await typed(pilot, "bob@example.com")
            await pilot.press("ctrl+o")
            await says(pilot, draft, "Give your own e-mail address first, in the settings")


async def test_the_user_chooses_among_what_is_there(
    sample_server: ServerProcess, mailbox: Dovecot, tmp_path: Path
) -> None:
    mail: dict[str, Any] = {
        "mail_imap_url": mailbox.url(tls=True),
        "mail_smtp_url": "nonsense",
        "mail_program": "aerc",
    }
    async with drafted(sample_server, tmp_path, **mail) as (pilot, draft):
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


async def test_no_mailbox_is_set_up(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with drafted(sample_server, tmp_path) as (pilot, draft):
        await pilot.press("ctrl+d")
        await says(pilot, draft, "No mailbox is set up.")
        assert "^s saves it as a file" in said(draft)


async def test_a_server_that_does_not_respond_does_not_keep_the_app_from_ending(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """While it is waited for, quitting asks; the program's end doesn't wait."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"imaps://anna@127.0.0.1:{silent.getsockname()[1]}"
        secret = command(tmp_path, PASSWORD)
        async with drafted(sample_server, tmp_path, mail_imap_url=url, mail_imap_password_command=secret) as (
            pilot,
            draft,
        ):
            await pilot.press("ctrl+d")
            await until(pilot, lambda: draft.changes.under_way)
            await pilot.press("ctrl+q")
            question = await screen_of(pilot, Question)
            assert question.text[0] == "Quit while something is being changed?"
            await pilot.press("y")
        # The thread is still waiting for the server; the event loop has no thread to wait for.
        waiting = [thread for thread in threading.enumerate() if thread.name == "in-own-thread"]
        assert waiting
        assert all(thread.daemon for thread in waiting)
    for thread in waiting:
        thread.join(60)
