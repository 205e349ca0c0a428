"""Makes the pictures of the README: ``python -m tests.support.pictures.screenshots [FOLDER]``.

Those of the app are frames of the program's own tour, played at one size in both backgrounds in real time, which takes
three minutes; the recipients' pages beside them are what Chromium shows.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Route, sync_playwright

from tests.support.pages.recipient_pages import LOGO, STATES, view
from tests.support.pictures.scene_start import ARGUMENTS, STANDS_AT
from tests.support.servers.server import ROOT, ServerProcess
from tests.support.terminal.tours import own_script
from tui.clients.target import Target
from tui.config.preferences import Preferences
from tui.session import Session
from tui.tour.bar import ROWS
from tui.tour.frames import Shot
from tui.tour.player import Player
from tui.tour.recording import Recording
from tui.tour.svg import svg_of
from tui.ui.app import SentlinksApp
from tui.ui.tour.tour import Tour

#: The size of the terminal in all pictures, and its backgrounds.
SIZE = (100, 30)
BACKGROUNDS = ("dark", "light")
#: What recipients see, by the state of :mod:`tests.support.pages.recipient_pages`.
RECIPIENTS = {"recipient-password": "password", "recipient-started": "started"}


async def take(background: str, folder: Path) -> None:
    """Plays the tour, and saves it with the pictures that its steps take."""
    with tempfile.TemporaryDirectory() as temporary:
        data = Path(temporary) / "data"
        # A clock that stood would leave no time for undoing anything.
        ahead = (datetime.fromisoformat(STANDS_AT) - datetime.now(UTC)).total_seconds()
        data.with_name(f"{data.name}.clock").write_text(str(ahead))
        with ServerProcess(data, sample=True, arguments=ARGUMENTS) as server:
            recording, player = Recording(), Player(own_script())
            session = Session(Target(server.url, server.token), demo=True, state=Path(temporary) / "state")
            session.leaves_clipboard = True
            app = SentlinksApp(session, Preferences(theme=background, carries="warn"))
            tour = Tour(app, player, recording)
            async with app.run_test(size=(SIZE[0], SIZE[1] - ROWS)):
                await tour.play()
    if tour.ended is None or tour.ended.why:
        raise SystemExit(tour.ended.why if tour.ended else "The tour was ended.")
    title = player.script.title
    recording.write(_free(folder / f"tour-{background}.svg"), title, light=background == "light")
    for name, frame in tour.pictures.items():
        path = folder / f"{name}-{background}.svg"
        path.write_bytes(svg_of([Shot(0.0, frame)], title, 0.0, light=background == "light"))
        sys.stdout.write(f"{path}\n")


def _free(path: Path) -> Path:
    path.unlink(missing_ok=True)
    return path


def _giving(body: bytes) -> Callable[[Route], None]:
    return lambda route: route.fulfill(
        content_type="text/html", body=body.replace(b"http-equiv", b"data-was")
    )


def take_recipients(folder: Path) -> None:
    """Saves the pictures of the recipients' pages, as Chromium shows them on a narrow screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, state in RECIPIENTS.items():
            for background in BACKGROUNDS:
                page = browser.new_page(viewport={"width": 420, "height": 640})
                page.emulate_media(color_scheme="dark" if background == "dark" else "light")
                page.route(
                    "**/logo*", lambda route: route.fulfill(content_type=LOGO.media_type, body=LOGO.content)
                )
                page.route("**/s/*", _giving(bytes(STATES[state](view("en")).body)))
                page.goto("https://links.example.com/s/secret")
                page.screenshot(path=str(folder / f"{name}-{background}.png"), full_page=True)
        browser.close()


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "screenshots"
    target.mkdir(exist_ok=True)
    take_recipients(target)
    os.environ["TZ"] = "UTC"
    os.environ.update({"TERM": "xterm-256color", "COLORTERM": "truecolor"})
    time.tzset()
    for name in ("TMUX", "STY", "DISPLAY", "WAYLAND_DISPLAY", "SSH_TTY", "SSH_CONNECTION", "NO_COLOR"):
        os.environ.pop(name, None)
    for background in BACKGROUNDS:
        asyncio.run(take(background, target))


if __name__ == "__main__":
    main()
