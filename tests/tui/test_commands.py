"""Every command is run by each of its keys, from the palette and with the mouse, where it is available."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from tests.support.app import (
    app_for,
    main_screen,
    open_sent_folder,
    put_cursor_on,
    said,
    screen_of,
    sent_documents,
    sent_folder,
    settled,
    until,
)
from tests.support.misbehave import Misbehaving, Say
from tests.support.played import Played
from tests.support.publish import publish
from tests.support.scenes import add_shortcut
from tests.support.server import ServerProcess
from tests.support.share import PASSWORD, database
from tui.commands import COMMANDS
from tui.locations.work_kinds import found_location
from tui.screens.draft import DraftScreen
from tui.screens.help import Help
from tui.screens.links import LinksScreen
from tui.screens.members import Members
from tui.screens.menu import offered, refused
from tui.screens.policy import PolicyScreen
from tui.screens.prompt import Prompt
from tui.screens.qr_code import QrCodeScreen
from tui.screens.question import Question
from tui.screens.recipients import Matches
from tui.screens.resend import ResendDialog
from tui.screens.screen_commands import ScreenCommand
from tui.screens.send import SendDialog
from tui.screens.sessions import SessionsScreen
from tui.screens.settings import SettingsScreen
from tui.screens.sign_in import SignInScreen
from tui.screens.timeline import TimelineScreen
from tui.screens.versions import VersionQuestion
from tui.widgets.footer import Footer
from tui.widgets.table import Table

Scene = Callable[[Pilot[Any], Played], Awaitable[None]]


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with documents in the folder (one locked) and in the trash, and with a member."""
    with ServerProcess(tmp_path_factory.mktemp("stocked") / "data", sample=True) as server:
        add_shortcut(server)
        for name in ("Offer.pdf", "Terms.pdf", "Old.pdf"):
            document = publish(server, b"content", name, password="Blue-Harbour7")
            with server.client() as client:
                if name == "Old.pdf":
                    client.delete(f"/share/v1/documents/{document['id']}").raise_for_status()
                folder = document["folder"]["id"]
                client.post(
                    f"/share/v1/folders/{folder}/members", json={"name": "MKELLER"}
                ).raise_for_status()
        with server.client() as client:
            # A session elsewhere, so that there is one to sign out.
            password = {"password": PASSWORD}
            client.put("/share/v1/users/DJONES/password", json=password).raise_for_status()
            client.post("/share/v1/login", json={"user": "DJONES", **password}).raise_for_status()
        with database(server) as rows:
            rows.execute(
                "UPDATE sent_documents SET locked_at = ? WHERE name = 'Offer.pdf'", (int(time.time() * 1e6),)
            )
        yield server


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take longer to ask the address book than a user would wait."""
    monkeypatch.setattr("tui.mail.query.SECONDS", 60.0)


# ---------------------------------------------------------------- scenes


async def in_picker(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    put_cursor_on(main, "Closing Checklist.xlsx")
    await pilot.press("space", "up")
    await played.all()
    main.places.focus()
    main.places.move_cursor(main.places.find("folder"))
    await played.all()


async def in_filter(pilot: Pilot[Any], played: Played) -> None:
    await main_screen(pilot)
    await settled(pilot)
    await pilot.press("slash", "e")
    await played.all()


async def in_folder(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await open_sent_folder(pilot, main)
    await settled(pilot)
    put_cursor_on(main, "Offer.pdf")
    await played.all()
    put_cursor_on(main, "Terms.pdf")
    await pilot.press("u")
    await until(pilot, lambda: main.disabled_reason("undo_unpublish") is None and not main.changing_documents)
    await settled(pilot)
    await played.all()
    await pilot.press("z")
    await settled(pilot)


async def in_trash(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await open_sent_folder(pilot, main)
    await pilot.press("t")
    await until(pilot, lambda: main.kind == "trash" and main.table.rows)
    await played.all()


async def in_found(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    main.open_place(found_location("share"))
    await until(pilot, lambda: main.kind == "found" and main.table.rows)
    await played.all()


async def in_versions(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    put_cursor_on(main, "Share Purchase Agreement.docx")
    await pilot.press("v")
    await screen_of(pilot, VersionQuestion)
    await played.all()


async def in_send_dialog(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    for name in ("Closing Checklist.xlsx", "Letter of Intent.pdf"):
        put_cursor_on(main, name)
        await pilot.press("space")
    await pilot.press("s")
    dialog = await screen_of(pilot, SendDialog)
    await pilot.press("J")
    await played.all()
    await pilot.press("e")
    await played.all()
    await pilot.press("escape", "z", "escape")
    await screen_of(pilot, type(main))
    assert not dialog.is_attached


async def in_failed_send(pilot: Pilot[Any], played: Played, proxy: Misbehaving) -> None:
    main = await main_screen(pilot)
    for name in ("Closing Checklist.xlsx", "Letter of Intent.pdf"):
        put_cursor_on(main, name)
        await pilot.press("space")
    await pilot.press("s")
    dialog = await screen_of(pilot, SendDialog)
    proxy.take_one_by_one()
    proxy.spoil("POST", Say(403), path="/versions")
    with proxy.holding("GET", "/policy"):
        await pilot.press("ctrl+y")
        await until(pilot, lambda: dialog.busy)
        await played.all()
    await screen_of(pilot, LinksScreen)
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is dialog and dialog.disabled_reason("retry") is None)
    await played.all()


async def in_resend(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await open_sent_folder(pilot, main)
    put_cursor_on(main, "Terms.pdf")
    await pilot.press("s")
    await screen_of(pilot, ResendDialog)
    await played.all()


async def in_draft(pilot: Pilot[Any], played: Played) -> None:
    await _send_to_draft(pilot)
    await played.all()


async def in_recipients(pilot: Pilot[Any], played: Played) -> None:
    app: Any = pilot.app
    app.preferences = app.preferences.with_value("mail_query_command", "printf 'anna@example.com\\n'")
    await _send_to_draft(pilot)
    draft = await screen_of(pilot, DraftScreen)
    await pilot.press("a", "n")
    await until(pilot, lambda: draft.query_one(Matches).display)
    await played.all()
    await pilot.press("down")
    await played.all()


async def in_codes(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await open_sent_folder(pilot, main)
    await settled(pilot)
    for name in ("Offer.pdf", "Terms.pdf"):
        put_cursor_on(main, name)
        await pilot.press("space")
    await pilot.press("x")
    await screen_of(pilot, QrCodeScreen)
    await played.all()


async def in_unseen_links(pilot: Pilot[Any], played: Played) -> None:
    main = await sent_folder(pilot)
    documents = await sent_documents(main)

    async def make_draft() -> DraftScreen:
        return DraftScreen(main.session, documents)

    main.open(LinksScreen(main.session, documents, make_draft=make_draft))
    await screen_of(pilot, LinksScreen)
    await played.all()


async def _send_to_draft(pilot: Pilot[Any]) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    put_cursor_on(main, "Data Room Index.csv")
    await pilot.press("s")
    await screen_of(pilot, SendDialog)
    await pilot.press("ctrl+g", "ctrl+s")
    await screen_of(pilot, DraftScreen)


async def in_question(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await open_sent_folder(pilot, main)
    await pilot.press("d")
    await screen_of(pilot, Question)
    await played.all()


async def in_leaving_question(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    main.open(Question("Quit while documents are being sent?", yes="Quit", no="Stay", can_leave=True))
    await screen_of(pilot, Question)
    await played.all()


async def in_members(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await open_sent_folder(pilot, main)
    await settled(pilot)
    await pilot.press("p")
    dialog = await screen_of(pilot, Members)
    dialog.table.focus()
    await played.all()


async def _dialog(pilot: Pilot[Any], key: str, kind: type[Screen[Any]]) -> None:
    await main_screen(pilot)
    await settled(pilot)
    await pilot.press(key)
    await settled(pilot, await screen_of(pilot, kind))


async def in_timeline(pilot: Pilot[Any], played: Played) -> None:
    await _dialog(pilot, "A", TimelineScreen)
    await played.all()


async def in_timeline_filter(pilot: Pilot[Any], played: Played) -> None:
    await _dialog(pilot, "A", TimelineScreen)
    await pilot.press("slash", "s", "enter")
    await played.all()


async def in_policy(pilot: Pilot[Any], played: Played) -> None:
    await _dialog(pilot, "P", PolicyScreen)
    await pilot.press("space")
    await played.all()


async def in_settings(pilot: Pilot[Any], played: Played) -> None:
    await _dialog(pilot, "comma", SettingsScreen)
    await played.all()


async def in_sessions(pilot: Pilot[Any], played: Played) -> None:
    await _dialog(pilot, "M", SessionsScreen)
    table = pilot.app.screen.query_one(Table)
    table.move_to(next(index for index, row in enumerate(table.rows) if not row.data.current))
    await played.all()


async def in_sign_in(pilot: Pilot[Any], played: Played) -> None:
    await _dialog(pilot, "L", SignInScreen)
    await played.all()


async def in_ask(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    main.places.focus()
    main.places.move_cursor(main.places.find("folder"))
    await pilot.press("e")
    await screen_of(pilot, Prompt)
    await played.all()


#: The scenes, with the names or patterns of the commands that each one runs.
PLAYS: dict[Scene, str] = {
    in_picker: "everywhere.* outside_fields.* lists.* main.[!u]* picker.* tree.* places.*_favorite",
    in_filter: "filter.*",
    in_folder: "folder.* places.members places.delete_folder",
    in_trash: "trash.*",
    in_found: "found.*",
    in_versions: "versions.* dialogs.*",
    in_send_dialog: "send.[!cr]* send.copy_now send.reveal send_rows.* editing.*",
    in_resend: "resend.*",
    in_draft: "draft.*",
    in_codes: "codes.*",
    in_unseen_links: "links.*",
    in_recipients: "recipients.* matches.*",
    in_question: "questions.yes questions.no",
    in_leaving_question: "questions.in_background",
    in_members: "members.*",
    in_timeline: "timeline.filter_events timeline.reload_events",
    in_timeline_filter: "timeline.end_filter",
    in_policy: "policy.*",
    in_settings: "settings.*",
    in_sessions: "sessions.*",
    in_sign_in: "sign_in.*",
    in_ask: "ask.*",
}
FAILED_SEND = "send.retry send.cancel_sending"
UNSEEN = "main.unseen_links"


def named(patterns: str) -> set[str]:
    """The names of the commands that match these patterns."""
    return {
        command.name
        for command in COMMANDS
        if any(fnmatchcase(command.name, pattern) for pattern in patterns.split())
    }


@pytest.mark.parametrize("scene", PLAYS, ids=lambda scene: scene.__name__)
async def test_by_key_palette_and_mouse(
    scene: Scene, stocked: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A pilot has no terminal that the app could suspend to.
    monkeypatch.setattr("tui.screens.screen_commands.can_suspend", lambda app: True)
    app = app_for(stocked, tmp_path)
    async with app.run_test(size=(100, 34)) as pilot:
        played = Played(pilot, named(PLAYS[scene]))
        await scene(pilot, played)
        assert played.left == set()


async def test_sending_the_failed_rows_again(stocked: ServerProcess, tmp_path: Path) -> None:
    with Misbehaving(stocked.url) as proxy:
        app = app_for(stocked, tmp_path, url=proxy.url)
        async with app.run_test(size=(100, 34)) as pilot:
            played = Played(pilot, named(FAILED_SEND))
            await in_failed_send(pilot, played, proxy)
            assert played.left == set()


async def test_links_that_were_not_seen(stocked: ServerProcess, tmp_path: Path) -> None:
    app = app_for(stocked, tmp_path)
    async with app.run_test(size=(100, 34)) as pilot:
        await _send_to_draft(pilot)
        app._end(129)
    async with app_for(stocked, tmp_path).run_test(size=(100, 34)) as pilot:
        main = await main_screen(pilot)
        await until(pilot, lambda: main.disabled_reason("unseen_links") is None)
        played = Played(pilot, named(UNSEEN))
        await played.all()
        assert played.left == set()


async def test_what_cannot_be_done_is_not_offered(
    stocked: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Footer, palette and menu don't show the command; its key, and the help, only say why."""
    app = app_for(stocked, tmp_path)
    async with app.run_test(size=(140, 40)) as pilot:
        main = await main_screen(pilot)
        await open_sent_folder(pilot, main)
        await settled(pilot)
        put_cursor_on(main, "Terms.pdf")
        await pilot.pause()
        reason = "No recipient has to wait after wrong passwords."
        assert reason in [why for command, why in refused(main) if command.name == "folder.unlock"]
        assert "Unlock" not in main.query_one(Footer)._shown
        assert "folder.unlock" not in [offer.command.name for offer in offered(main)]
        assert not any("Unlock" in command.title for command in app.get_system_commands(main))
        called: list[str] = []
        unlock = main.register["unlock"]
        patched = ScreenCommand(lambda: called.append("unlock"), unlock.disabled_reason)
        monkeypatch.setitem(main.register, "unlock", patched)
        await pilot.press("U")
        assert not called
        assert said(main) == reason
        await pilot.press("f1")
        shown = await screen_of(pilot, Help)
        assert reason in [why for _, why in shown._refused]
        assert not {command.id for command, _ in shown._refused} & {o.command.id for o in shown._commands}


def test_no_command_is_left_out() -> None:
    """Every declared command is run by one of the scenes above."""
    assert {command.name for command in COMMANDS} - named(
        " ".join([*PLAYS.values(), FAILED_SEND, UNSEEN])
    ) == set()
    hidden = {command.name for command in COMMANDS if not command.palette and not command.footer}
    assert {name.partition(".")[0] for name in hidden} == {"everywhere", "outside_fields", "lists", "tree"}
