"""A machine so busy that the app stalls just as it starts to wait for something."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from textual.geometry import Region

from tests.support.app.app import app_for, cell_of, main_screen, resized, screen_of, sent_folder, until
from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tui.ui.base.help import Help
from tui.ui.widgets.footer import Footer


@pytest.fixture(autouse=True)
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds pass between the first two clock readings of each timer."""
    read: Counter[Any] = Counter()

    def now() -> float:
        task = asyncio.current_task()
        read[task] += 1
        return monotonic() + (2 if read[task] == 2 else 0)

    monkeypatch.setattr("textual.timer._time", SimpleNamespace(get_time=now))


async def test_what_a_screen_or_dialog_waits_for_comes(sample_server: ServerProcess, tmp_path: Path) -> None:
    """Also the size of a terminal that has become another."""
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await main_screen(pilot)
        await pilot.press("f1")
        done = set()
        for waiting in (app, screen, await screen_of(pilot, Help)):
            waiting.set_timer(0.001, lambda waiting=waiting: done.add(waiting))
        await until(pilot, lambda: len(done) == 3, "all three")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        keys = screen.query_one(Footer)
        for width, height in ((100, 30), (61, 17)):
            await resized(pilot, width, height)
            last = Region(0, height - 1, width, 1)
            await until(pilot, lambda last=last: keys.region == last, f"the keys at {last}")


@more
async def test_the_folder_goes_on_following(fresh_server: ServerProcess, tmp_path: Path) -> None:
    link = publish(fresh_server, b"content", "First.pdf", downloads_permitted=2)
    app = app_for(fresh_server, tmp_path, demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        for count in (1, 2):
            httpx.post(link["url"], trust_env=False)
            await until(
                pilot,
                lambda count=count: cell_of(main, "First.pdf", "Downloads") == f"{count} of 2",
                f"download {count}",
            )
