"""What a dialog waits for comes when it has been closed, and leaves it alone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.worker import WorkerState

from tests.support.app.app import PATIENCE, screen_of, sent_folder
from tests.support.pictures.scene_start import about_to_send
from tests.tui.conftest import MakeApp
from tui.config.preferences import Preferences
from tui.locations.location import Location
from tui.mail import query
from tui.rules.carried import Report
from tui.sending import carried
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.send.send_rows import SendRows


class Closing:
    """Stops what is closing when it has lost its parts, before its work is cancelled."""

    def __init__(self, patch: pytest.MonkeyPatch, kind: type[DOMNode]) -> None:
        self._reached, self._go_on = asyncio.Event(), asyncio.Event()
        self._go_on.set()
        handle: Any = kind.on_event

        async def on_event(node: Any, event: events.Event) -> None:
            if isinstance(event, events.Unmount) and isinstance(node, kind):
                self._reached.set()
                await self._go_on.wait()
            await handle(node, event)

        patch.setattr(kind, "on_event", on_event)

    async def comes(
        self, pilot: Pilot[Any], node: DOMNode, group: str, come: Callable[[], object], *keys: str
    ) -> None:
        """Closes the dialog with ``keys``; at that moment comes what the work of a node waits for, and the program goes
        on."""
        workers = [each for each in node.workers if each.node is node and each.group == group]
        assert len(workers) == 1
        assert not workers[0].is_finished
        self._go_on.clear()
        # The app waits for a screen that closes, and so does a pilot.
        closed = asyncio.create_task(pilot.press(*(keys or ("escape",))))
        try:
            await asyncio.wait_for(self._reached.wait(), PATIENCE)
            come()
            await asyncio.wait_for(workers[0].wait(), PATIENCE)
            assert workers[0].state is WorkerState.SUCCESS
        finally:
            self._go_on.set()
            await closed
        await screen_of(pilot, MainScreen)


async def test_addresses_that_are_found_too_late(
    make_app: MakeApp, files: Location, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "book"
    os.mkfifo(pipe)
    monkeypatch.setattr(query, "SECONDS", PATIENCE)
    book = Preferences(mail_values={"mail_query_command": f"sh -c 'cat {pipe}' %s"})
    closing = Closing(monkeypatch, SendDialog)
    async with make_app(preferences=book).run_test(size=(80, 24)) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files, "space")
        dialog.query_one("#to").focus()
        await pilot.press("a", "n")
        # Closing asks about what was typed.
        found = partial(pipe.write_text, "anna@halyard.example\tAnna\n")
        await closing.comes(pilot, dialog, "recipients", found, "escape", "y")


async def test_what_a_document_carries_is_known_too_late(
    make_app: MakeApp, files: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, look = asyncio.Event(), carried.inspect

    async def inspect(*args: Any, **more: Any) -> Report:
        found = await look(*args, **more)
        await known.wait()
        return found

    monkeypatch.setattr(carried, "inspect", inspect)
    closing = Closing(monkeypatch, SendRows)
    async with make_app(preferences=Preferences(carries="warn")).run_test(size=(80, 24)) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files, "space")
        await closing.comes(pilot, dialog.query_one(SendRows), "carries", known.set)
