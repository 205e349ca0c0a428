"""Makes the pictures of the README from the running app: ``python -m tests.support.pictures.screenshots [FOLDER]``."""

from __future__ import annotations

import asyncio
import html
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Route, sync_playwright
from rich.cells import cell_len

from tests.support.app.app import app_for
from tests.support.pages.recipient_pages import LOGO, STATES, view
from tests.support.pictures.scene_start import ARGUMENTS, STANDS_AT, send_some
from tests.support.pictures.scenes import SCENES
from tests.support.servers.server import ROOT, ServerProcess
from tui.ui.main.details_pane import DetailsText

#: The last one sends, which would show in the others.
SHOWN = {
    "picker": (120, 32),
    "send": (100, 26),
    "folder": (120, 24),
    "versions": (100, 24),
    "draft": (100, 28),
}
# The pictures must not load fonts from elsewhere.
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_TEXT = re.compile(r'textLength="([\d.]+)"([^>]*>)([^<]*)<')


def _in_cells(found: re.Match[str]) -> str:
    """The export counts characters, but a terminal counts cells: text after wide characters would be out of place."""
    text = html.unescape(found[3])
    length = float(found[1]) * cell_len(text) / max(len(text), 1)
    return f'textLength="{length:g}"{found[2]}{found[3]}<'


async def take(name: str, size: tuple[int, int], server: ServerProcess, folder: Path) -> Path:
    """Plays a scene and saves its picture."""
    app = app_for(server, folder / "state")
    app.session.state = None
    async with app.run_test(size=size) as pilot:
        await SCENES[name](pilot)
        # The pane would wait for the cursor to rest.
        for details in app.screen.query(DetailsText):
            details.refresh()
        await pilot.pause()
        picture = app.export_screenshot(title="Secure Sent Links")
    path = folder / f"{name}.svg"
    path.write_text(_TEXT.sub(_in_cells, _FONTS.sub("", picture)))
    return path


#: What recipients see, by the state of :mod:`tests.support.pages.recipient_pages`, the language and the colours.
RECIPIENTS = {
    "recipient-link": ("link", "en", "light"),
    "recipient-password": ("wrong password", "de", "light"),
    "recipient-started": ("started", "fr", "dark"),
    "recipient-not-found": ("not found", "es", "dark"),
}


def _giving(body: bytes) -> Callable[[Route], None]:
    return lambda route: route.fulfill(
        content_type="text/html", body=body.replace(b"http-equiv", b"data-was")
    )


def take_recipients(folder: Path) -> None:
    """Saves the pictures of the recipients' pages, as Chromium shows them on a narrow screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, (state, tag, colours) in RECIPIENTS.items():
            page = browser.new_page(viewport={"width": 420, "height": 640})
            page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
            page.route(
                "**/logo*", lambda route: route.fulfill(content_type=LOGO.media_type, body=LOGO.content)
            )
            page.route("**/s/*", _giving(bytes(STATES[state](view(tag)).body)))
            page.goto("https://links.example.com/s/secret")
            page.screenshot(path=str(folder / f"{name}.png"), full_page=True)
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
    with tempfile.TemporaryDirectory() as temporary:
        data = Path(temporary) / "data"
        with ServerProcess(data, sample=True, arguments=ARGUMENTS, stands_at=STANDS_AT) as server:
            send_some(server)
            names = SCENES if "--all" in sys.argv else SHOWN
            for name in names:
                sys.stdout.write(f"{asyncio.run(take(name, SHOWN.get(name, (80, 24)), server, target))}\n")


if __name__ == "__main__":
    main()
