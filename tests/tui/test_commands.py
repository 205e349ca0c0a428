"""Every command is run by each of its keys, from the palette and with the mouse, where it is available."""

from __future__ import annotations

import time
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.support.app.app import (
    app_for,
    main_screen,
    open_sent_folder,
    put_cursor_on,
    said,
    screen_of,
    settled,
    until,
)
from tests.support.app.played import Played
from tests.support.checks.long import telling
from tests.support.network.misbehave import Misbehaving
from tests.support.pictures.command_scenes import FAILED_SEND, PLAYS, UNSEEN, in_failed_send, send_to_draft
from tests.support.pictures.scene_start import add_shortcut, close_all
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.share import PASSWORD, database
from tui.commands.declared import COMMANDS
from tui.ui.base.app_screen import AppScreen
from tui.ui.base.help import Help
from tui.ui.base.menu import offered, refused
from tui.ui.base.screen_commands import ScreenCommand
from tui.ui.base.unavailable import say_why_unavailable
from tui.ui.textual_patches.keys import sign_of
from tui.ui.widgets.footer import Footer
from tui.ui.widgets.status_line import StatusLine


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


def named(patterns: str) -> set[str]:
    """The names of the commands that match these patterns."""
    return {
        command.name
        for command in COMMANDS
        if any(fnmatchcase(command.name, pattern) for pattern in patterns.split())
    }


@pytest.mark.parametrize("scenes", PLAYS)
async def test_by_key_palette_and_mouse(
    scenes: str, stocked: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A pilot has no terminal that the app could suspend to.
    monkeypatch.setattr("tui.ui.base.screen_commands.can_suspend", lambda app: True)
    app = app_for(stocked, tmp_path)
    async with app.run_test(size=(100, 34)) as pilot:
        played = Played(pilot)
        for scene, patterns in PLAYS[scenes].items():
            played.left = named(patterns)
            await scene(pilot, played)
            assert played.left == set(), scene.__name__
            await close_all(pilot)


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
        await send_to_draft(pilot)
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


class Unused(Played):
    """Presses, in place of the commands of the top screen, every key that does nothing there."""

    async def all(self) -> None:
        await self.pilot.pause()
        screen = self.pilot.app.screen
        assert isinstance(screen, AppScreen)
        keys = {key for command in COMMANDS for key in command.keys.split(",")}
        focused = screen.focused
        for key in sorted(keys | {"y", "Y", "plus", "ctrl+e", "f12", "g x", "alt+q"}):
            if focused is not None and focused.check_consume_key(key, key if len(key) == 1 else sign_of(key)):
                continue
            if key not in screen.active_bindings:
                for line in screen.query(StatusLine):
                    line.say("")
                say_why_unavailable(screen, key)
                assert any(line.text for line in screen.query(StatusLine)), (screen, key)


@pytest.mark.parametrize("scenes", telling(PLAYS, "dialogs about documents"))
async def test_every_key_that_does_nothing_says_why(
    scenes: str, stocked: ServerProcess, tmp_path: Path
) -> None:
    """On the screens, in all of the states in which commands are played."""
    app = app_for(stocked, tmp_path)
    async with app.run_test(size=(100, 34)) as pilot:
        for scene in PLAYS[scenes]:
            await scene(pilot, Unused(pilot))
            await close_all(pilot)


def test_no_command_is_left_out() -> None:
    """Every declared command is run by one of the scenes."""
    played = [patterns for scenes in PLAYS.values() for patterns in scenes.values()]
    assert {command.name for command in COMMANDS} - named(" ".join([*played, FAILED_SEND, UNSEEN])) == set()
    hidden = {command.name for command in COMMANDS if not command.palette and not command.footer}
    assert {name.partition(".")[0] for name in hidden} == {
        "everywhere",
        "outside_fields",
        "lists",
        "main",
        "tree",
        "text",
        "draft",
        "guides",
        "choices",
        "options",
        "scrolled",
        "matches",
    }
