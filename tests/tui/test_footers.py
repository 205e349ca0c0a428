"""The footer of each screen shows what is needed most there, however little room there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import resized, running, screen_of, until
from tests.support.checks.long import few, more
from tests.support.pictures.scene_start import close_all, picker
from tests.support.servers.server import ServerProcess
from tui.ui.draft.draft import DraftScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets.footer import Footer

SIZES = ((200, 60), (120, 40), (80, 24), (60, 20), (40, 12))


def bar(pilot: Pilot[Any]) -> str:
    return str(pilot.app.screen.query_one(Footer).render().plain)


def parts(pilot: Pilot[Any]) -> list[str]:
    return bar(pilot).split("  ")


async def shows(pilot: Pilot[Any], *beginnings: tuple[int, str]) -> None:
    for width, beginning in beginnings:
        await resized(pilot, width, {120: 40, 80: 24, 60: 20, 40: 12}[width])
        await until(
            pilot, lambda text=beginning: bar(pilot).startswith(f" {text}  "), f"{width}: {beginning}"
        )


async def test_the_send_dialog_shows_how_to_rename_move_send_and_close(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, _):
        await picker(pilot)
        await pilot.press("s")
        dialog = await screen_of(pilot, SendDialog)
        await shows(
            pilot,
            (120, "^s Send  e Rename  K J Move  ^y Copy  ^g Make password  ^o Presets  d Remove  esc Close"),
            (80, "^s Send  e Rename  K J Move  ^y Copy  esc Close"),
            (60, "^s Send  e Rename  K J Move  esc Close"),
            (40, "^s Send  esc Close"),
        )
        # In a field, letters are typed; what it is about comes first.
        await pilot.press("tab")
        await shows(
            pilot,
            (120, "^s Send  ^y Copy  ^g Make password  ^o Presets"),
            (80, "^s Send  ^y Copy  ^g Make password  esc Close"),
            (60, "^s Send  ^y Copy  ^g Make password  esc Close"),
            (40, "^s Send  esc Close"),
        )
        await pilot.press("shift+tab")
        await shows(pilot, (80, "^s Send  e Rename"))
        first, second = (row.link_name for row in dialog.state.plan.rows)
        # Each of two keys that are shown as one can be clicked.
        await pilot.click(Footer, offset=(bar(pilot).index("J Move"), 0))
        await until(pilot, lambda: [row.link_name for row in dialog.state.plan.rows] == [second, first])
        await pilot.click(Footer, offset=(bar(pilot).index("K J"), 0))
        await until(pilot, lambda: [row.link_name for row in dialog.state.plan.rows] == [first, second])


@more
async def test_the_picker_shows_how_to_select_send_filter_and_go(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, _):
        await shows(
            pilot,
            (120, "s Secure Sent Links…  space Select  / Filter  g Go  ^f Find  q Quit  v Versions"),
            (80, "s Secure Sent Links…  space Select  / Filter  g Go"),
            (60, "s Secure Sent Links…  space Select"),
            (40, "s Secure Sent Links…"),
        )


@few(1)
@pytest.mark.parametrize("size", SIZES)
async def test_every_dialog_says_how_it_is_closed(
    size: tuple[int, int], sample_server: ServerProcess, tmp_path: Path
) -> None:
    """And where help is."""
    async with running(sample_server, tmp_path, size=size) as (pilot, main):
        await picker(pilot)
        for key in ("f1", "f3", "comma", "A", "i", "a", "P", "M", "f8", "s"):
            await pilot.press(key)
            await until(pilot, lambda: pilot.app.screen is not main, f"what {key} opens")
            await until(
                pilot, lambda: {"esc Close", " esc Close"} & set(parts(pilot)), f"{key}: {bar(pilot)}"
            )
            assert "f1 Help" in [part.strip() for part in parts(pilot)] or key == "f1", bar(pilot)
            if key == "s":
                await pilot.press("ctrl+s")
                await screen_of(pilot, DraftScreen)
                await until(pilot, lambda: "esc Close" in parts(pilot), bar(pilot))
            await close_all(pilot)
            await screen_of(pilot, MainScreen)
            await picker(pilot) if key == "f8" else None
