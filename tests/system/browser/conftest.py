"""The browser of these tests: the system's Chromium. It is started once for all of them, since that takes longer than
most."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.system.browser.recipient import NewContext, desktop

_CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not _CHROMIUM.exists() and os.environ.get("CI") != "true":
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(_CHROMIUM), args=_FLAGS)
        yield browser
        browser.close()


def _options(browser: Browser) -> dict[str, Any]:
    return {"java_script_enabled": False, "locale": "en-GB", "user_agent": desktop(browser)}


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """Creates contexts for recipients at a desktop, without JavaScript unless requested."""
    contexts = []

    def make(**options: Any) -> BrowserContext:
        contexts.append(browser.new_context(**_options(browser) | options))
        return contexts[-1]

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="package")
def recipients(browser: Browser) -> Iterator[BrowserContext]:
    """The context of all recipients who are at a desktop and have no JavaScript: one costs as much as some pages."""
    with browser.new_context(**_options(browser)) as context:
        yield context


@pytest.fixture
def page(recipients: BrowserContext) -> Iterator[Page]:
    with recipients.new_page() as page:
        yield page
    recipients.clear_cookies()
