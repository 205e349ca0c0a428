"""A recipient at a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CONTENT = bytes(range(256)) * 500
PASSWORD = "Grüner-Reiher-42"


def desktop(browser: Browser) -> str:
    """The user agent of ``browser`` with a screen; headless, its name says so, and its presses do not count."""
    return (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{browser.version.partition('.')[0]}.0.0.0 Safari/537.36"
    )


def download(page: Page, act: Callable[[], None]) -> tuple[str, bytes]:
    """The name and the bytes of the file that ``act`` makes the browser save."""
    with page.expect_download() as waiting:
        act()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()
