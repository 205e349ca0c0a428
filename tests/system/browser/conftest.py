"""The browser of these tests: the system's Chromium. It is started once for all of them, since that takes longer than
most."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.real_parts import lacks
from tests.system.browser.recipient import CHROMIUM, FLAGS, desktop


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        lacks("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def tab(browser: Browser) -> Iterator[Page]:
    """The tab of all recipients who are at a desktop and have no JavaScript: a new one costs as much as some pages."""
    with browser.new_context(
        java_script_enabled=False, locale="en-GB", user_agent=desktop(browser)
    ) as context:
        yield context.new_page()


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    yield tab
    tab.context.clear_cookies()


@pytest.fixture(scope="package")
def headless(browser: Browser) -> Iterator[Page]:
    """A tab of the browser as it is, with JavaScript and under its own name."""
    with browser.new_page() as page:
        yield page
