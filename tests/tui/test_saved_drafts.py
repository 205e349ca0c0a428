"""Saving a draft as a file says where it is, and replaces nothing."""

from __future__ import annotations

from email import message_from_bytes
from pathlib import Path

import pytest

from tests.support.app.app import (
    app_for,
    put_cursor_on,
    said,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tui.ui.draft.draft import DraftScreen


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_where_it_was_saved_can_be_read(
    server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    """Also in a folder with a long name; what is there stays, even a link that leads nowhere."""
    folder = tmp_path / "Halyard - Share Sale" / "Correspondence with the other side, first round"
    folder.mkdir(parents=True)
    (folder / "secure-links.eml").write_text("mine")
    (folder / "secure-links-2.eml").symlink_to(folder / "nowhere.eml")
    monkeypatch.chdir(folder)
    document = publish(server, b"content", "Saved.pdf")
    app = app_for(server, tmp_path / "state", demo=False)
    async with app.run_test(size=size) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Saved.pdf")
        await settled(pilot)
        await pilot.press("w")
        draft = await screen_of(pilot, DraftScreen)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: said(draft, "#done").startswith("Saved as "), "it to be saved")
        assert said(draft, "#done") == f"Saved as secure-links-3.eml in {folder}."
        await settled(pilot, draft)
        assert "✓ Saved as secure-links-3.eml in" in screen_text(pilot)
    assert (folder / "secure-links.eml").read_text() == "mine"
    assert not (folder / "nowhere.eml").exists()
    assert document["url"] in message_from_bytes((folder / "secure-links-3.eml").read_bytes()).as_string()
