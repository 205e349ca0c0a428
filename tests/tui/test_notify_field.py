"""*Notify me* in the dialogs that send: shown where the server can notify the sender, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import app_for, screen_of, sent_folder, until
from tests.support.checks.long import more
from tests.support.pictures.scene_start import about_to_send, add_shortcut, opened
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.share import Sender
from tests.tui.conftest import MakeApp
from tui.locations.location import Location
from tui.ui.draft.draft import DraftScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.resend import ResendDialog
from tui.ui.widgets.checkbox import Checkbox

#: Of :func:`three_sent`.
SERVER = "shared"

SIZE = (100, 40)


@pytest.fixture
def mailing(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server whose mail server isn't running; DJONES has an address on it."""
    arguments = ("--smtp-url", "smtp://127.0.0.1:9")
    with ServerProcess(tmp_path / "mailing", arguments=arguments) as server:
        add_shortcut(server)
        publish(server, b"content", "First.pdf")
        with Sender(server) as me:
            me.request("PATCH", "/users/DJONES", json={"email": "djones@firm.example"}).raise_for_status()
        yield server


async def send(pilot: Pilot[Any], files: Location, *, toggle: bool) -> None:
    """Sends two files; with ``toggle``, after a press on the checkbox."""
    dialog = await about_to_send(pilot, await sent_folder(pilot), files, "space", "space")
    if toggle:
        await pilot.press("tab", "tab", "tab", "tab")
        assert pilot.app.focused is dialog.query_one("#notify", Checkbox)
        await pilot.press("space")
    await pilot.press("ctrl+s")
    await screen_of(pilot, DraftScreen)


def notified(server: ServerProcess) -> dict[str, bool]:
    with Sender(server) as me:
        documents = me.get(f"/folders/{me.folder}/documents")["documents"]
    return {document["name"]: document["notify"] for document in documents}


async def test_a_new_send_notifies_if_the_box_is_checked(
    mailing: ServerProcess, tmp_path: Path, files: Location
) -> None:
    """The box shows what the policy says, until it is pressed."""
    async with app_for(mailing, tmp_path, demo=False).run_test(size=SIZE) as pilot:
        await send(pilot, files, toggle=True)
        assert notified(mailing) == {"First.pdf": False, "Minutes 0.txt": True, "Minutes 1.txt": True}
        with Sender(mailing) as me:
            me.request("PATCH", "/policy", json={"notify_default": True}).raise_for_status()
        for toggle in (True, False):
            with Sender(mailing) as me:
                for document in me.get(f"/folders/{me.folder}/documents")["documents"]:
                    me.delete(f"/documents/{document['id']}")
            await pilot.press("escape")
            await screen_of(pilot, MainScreen)
            await send(pilot, files, toggle=toggle)
            assert notified(mailing)["Minutes 0.txt"] is not toggle


@more
async def test_sending_again_keeps_or_changes_it(mailing: ServerProcess, tmp_path: Path) -> None:
    async with app_for(mailing, tmp_path, demo=False).run_test(size=SIZE) as pilot:
        for press, expected in ((True, True), (False, True), (True, False)):
            dialog = await opened(pilot, "s", ResendDialog)
            box = dialog.query_one("#notify", Checkbox)
            assert box.checked is notified(mailing)["First.pdf"]
            if press:
                box.focus()
                await pilot.press("space")
            await pilot.press("ctrl+s")
            await until(pilot, lambda: not isinstance(pilot.app.screen, ResendDialog))
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(pilot.app.screen, MainScreen))
            assert notified(mailing)["First.pdf"] is expected


async def test_without_a_mail_server_there_is_no_box(make_app: MakeApp, files: Location) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        assert not dialog.query("#notify")
