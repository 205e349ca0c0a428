"""The program's own tour on the real app and a real server, and what viewers do meanwhile."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.support.checks.long import few, more
from tests.support.servers.server import ServerProcess
from tests.support.terminal.tours import own_script
from tui.clients.target import Target
from tui.config.preferences import Preferences
from tui.session import Session
from tui.tour.bar import ROWS
from tui.tour.frames import ScreenFrame, text_of
from tui.tour.player import LEAST, Player
from tui.tour.recording import Recording
from tui.tour.script import Script, TourStep
from tui.ui.app import SentlinksApp
from tui.ui.main.main import MainScreen
from tui.ui.tour.tour import Tour

MOST_CAST, MOST_SVG = 400_000, 1_500_000


def tour_of(
    server: ServerProcess,
    state: Path,
    script: Script,
    *,
    hurried: bool = True,
    recording: Recording | None = None,
) -> Tour:
    """A tour as it is played, without pauses, and looking at the screen more often."""
    session = Session(Target(server.url, server.token), demo=True, state=state)
    session.leaves_clipboard = True
    app = SentlinksApp(session, Preferences(carries="warn"))
    return Tour(app, Player(script, hurried=hurried), recording, look_seconds=0.01)


def shown(frame: ScreenFrame) -> str:
    return "\n".join(text_of(row).rstrip() for row in frame.rows)


@few(1)
@pytest.mark.parametrize("size", [LEAST, (80, 24), (120, 40)], ids=["60x20", "80x24", "120x40"])
async def test_it_plays_to_its_end(tmp_path: Path, size: tuple[int, int]) -> None:
    recording = Recording()
    with ServerProcess(tmp_path / "data", sample=True) as server:
        tour = tour_of(server, tmp_path / "state", own_script(), recording=recording)
        async with tour.app.run_test(size=(size[0], size[1] - ROWS)):
            await tour.play()
    assert tour.ended is not None
    assert tour.ended.why == ""
    assert tour.app.return_value == 0
    names = [step.picture for step in tour.player.script.steps if step.picture]
    assert list(tour.pictures) == names
    for frame in tour.pictures.values():
        assert (frame.columns, len(frame.rows)) == size
    assert "3 selected" in shown(tour.pictures["selected"])
    assert "◐ On" in shown(tour.pictures["folder"])
    seen = "\n".join(shown(shot.frame) for shot in recording.shots)
    assert "1 hidden sheet" in seen
    assert "Recipient presses Download at http://127.0.0.1:" in seen
    if size > LEAST:
        # The least of all has no row for it.
        assert "200: Enter the password" in seen
        assert "200: Download started" in seen
        assert "404: Not Found · Could not find the item you are looking for.\n" in seen
    captions = tour.player.script.captions
    assert all(f"Tour {number}/{captions} ─" in seen for number in range(1, captions + 1))
    assert "To       amberley@amberley.example" in seen
    # With pauses, the frames are the same.
    cast = recording.content(".cast", "A tour", light=False)
    assert len(cast) <= MOST_CAST
    times = [json.loads(line)[0] for line in cast.decode().splitlines()[1:]]
    assert times == sorted(times)
    assert len(recording.content(".svg", "A tour", light=False)) <= MOST_SVG


CHOOSING = Script(
    "mine.toml",
    "Choosing",
    (
        TourStep(1, "First.", until=("Letter of Intent.pdf", "Brightmere")),
        TourStep(2, "Then.", keys=("j", "space"), until=("1 selected",)),
        TourStep(3, "Last."),
    ),
)


@more
async def test_a_viewers_keys_do_nothing_but_hurry(sample_server: ServerProcess, tmp_path: Path) -> None:
    tour = tour_of(sample_server, tmp_path / "state", CHOOSING, hurried=False)
    async with tour.app.run_test(size=(80, 20)):
        playing = asyncio.create_task(tour.play())
        while not playing.done():
            for key in ("d", "s", "tab", "ctrl+a", "f1", "space", "question_mark", "U", "enter"):
                tour.viewer_typed(key)
            await asyncio.sleep(0.01)
        await playing
        assert isinstance(tour.app.screen, MainScreen)
        assert len(tour.app.screen.table.selected) == 1
    assert tour.ended is not None
    assert tour.ended.why == ""


@few(1)
@pytest.mark.parametrize("key", ["q", "escape", "ctrl+c", "ctrl+q"])
async def test_a_viewer_can_end_it(sample_server: ServerProcess, tmp_path: Path, key: str) -> None:
    tour = tour_of(sample_server, tmp_path / "state", CHOOSING, hurried=False)
    async with tour.app.run_test(size=(80, 20)):
        tour.viewer_typed(key)
        await tour.play()
    assert tour.ended is None
    assert tour.app.return_value == 0


@more
async def test_it_waits_while_the_terminal_is_too_small(sample_server: ServerProcess, tmp_path: Path) -> None:
    tour = tour_of(sample_server, tmp_path / "state", CHOOSING)
    async with tour.app.run_test(size=(LEAST[0] - 1, LEAST[1] - ROWS)) as pilot:
        playing = asyncio.create_task(tour.play())
        while "Make the terminal larger" not in shown(tour.frame):
            await asyncio.sleep(0.01)
        assert tour.player.number == 1
        await pilot.resize_terminal(LEAST[0], LEAST[1] - ROWS)
        await playing
    assert tour.ended is not None
    assert tour.ended.why == ""


@more
async def test_what_never_comes_is_said(sample_server: ServerProcess, tmp_path: Path) -> None:
    steps = (
        TourStep(3, "First.", until=("Cap Table",)),
        TourStep(5, keys=("j",), until=("no such text",)),
    )
    tour = tour_of(sample_server, tmp_path / "state", Script("mine.toml", "", steps))
    clock = 0.0

    def late() -> float:
        # Time goes on only when the second step waits.
        nonlocal clock
        clock += 30.0 if tour.player.number > 1 else 0.0
        return clock

    tour = Tour(tour.app, tour.player, clock=late, look_seconds=0.01)
    async with tour.app.run_test(size=(80, 20)):
        await tour.play()
    assert tour.ended is not None
    assert tour.ended.why == (
        "The tour stopped at step 2, line 5 of mine.toml: the screen never showed “no such text”."
    )
    assert tour.app.return_value == 1


@more
async def test_a_tour_can_end_the_app_itself(sample_server: ServerProcess, tmp_path: Path) -> None:
    """Its file may say anything."""
    script = Script(
        "mine.toml", "", (TourStep(1, "End.", keys=("q",)), TourStep(2, "x", until=("no such text",)))
    )
    tour = tour_of(sample_server, tmp_path / "state", script)
    async with tour.app.run_test(size=(80, 20)):
        await tour.play()
    assert tour.ended is None
    assert tour.app.return_value == 0
