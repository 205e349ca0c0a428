"""Files that change while the app sends them: the row, the draft and the next start say what went out."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.support.app.app import app_for, asked, said, screen_of, screen_text, settled, until
from tests.support.checks.long import more
from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Call, HoldAnswer, Say
from tests.support.sends.killed_sends import again, end, offered, open_dialog, press_button
from tests.support.servers.server import ServerProcess
from tui.locations.rows import cell_text
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.send.send import SendDialog


def change(path: Path, proxy: Misbehaving) -> str:
    """Has the file change when the send has begun; returns what is said of it."""
    content = path.read_bytes() + b"more"
    proxy.spoil("POST", Call(lambda: path.write_bytes(content)), "/sends")
    digest = hashlib.sha256(content).hexdigest()
    return f"changed while it was sent: what went out has {len(content)} bytes and the SHA-256 {digest}."


async def test_the_row_and_the_draft_say_it(server: ServerProcess, paths: list[Path], state: Path) -> None:
    """The large file fails, so that the dialog stays."""
    path = next(path for path in paths if path.name.endswith("a.txt"))
    index = paths.index(path)
    with Misbehaving(server.url) as proxy:
        what = change(path, proxy)
        proxy.spoil("POST", Say(422), "/uploads", times=ALWAYS)
        app = app_for(server, state, url=proxy.url)
        async with app.run_test(size=(120, 40)) as pilot:
            dialog = await open_dialog(pilot, paths)
            await pilot.press("ctrl+s")
            draft = await screen_of(pilot, DraftScreen)
            assert said(draft, "#done").startswith(f"{path.name} {what} 1 document was not sent")
            await pilot.press("escape")
            await screen_of(pilot, SendDialog)
            await settled(pilot)
            await pilot.press("home", *["down"] * index)
            await until(pilot, lambda: said(dialog, "#cause") == f"It {what}")
            cells = [cell_text(cell) for cell in dialog.table.rows[index].cells]
            assert cells[-2:] == ["14 B", "✓ changed"]


@more
async def test_the_next_start_says_it(server: ServerProcess, paths: list[Path], state: Path) -> None:
    path = next(path for path in paths if path.name.endswith("a.txt"))
    with Misbehaving(server.url) as proxy:
        what = change(path, proxy)
        app = app_for(server, state, url=proxy.url)
        async with app.run_test(size=(80, 24)) as pilot:
            dialog = await open_dialog(pilot, paths)
            proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
            await pilot.press("ctrl+s")
            await asked(pilot, proxy, "PATCH", "")
            await until(pilot, lambda: len(dialog.state.documents) == 2, "the small ones")
            await end(pilot, app)
        proxy.behave()
        async with again(server, proxy, state) as (pilot, _):
            interrupted = await offered(pilot)
            rows = screen_text(pilot)
            assert rows.count("✓ changed") == 1
            assert rows.count("✓ published") == 1
            await press_button(pilot, "keep")
            links = await screen_of(pilot, LinksScreen)
            assert said(links, "#done") == f"{path.name} {what}"
            assert interrupted.status.changed
