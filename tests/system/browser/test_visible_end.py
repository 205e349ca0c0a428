"""What is inserted where the visible text of an HTML message ends is seen in a browser, with and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.support.checks.long import some
from tests.support.mail.html_bodies import BODIES
from tui.mail.smart.visible_end import visible_end


@pytest.mark.parametrize("scripts", [True, False])
def test_it_is_seen(page: Page, headless: Page, scripts: bool) -> None:
    tab = headless if scripts else page
    unseen = []
    for name, (text, rest) in some(12, BODIES.items()):
        if rest is None or (scripts and "script" not in name):
            continue
        place = visible_end(text)
        tab.goto("about:blank")
        tab.set_content(f"{text[:place]}<p>Here it is</p>{text[place:]}", wait_until="commit")
        if not tab.get_by_text("Here it is", exact=True).is_visible():
            unseen.append(name)
    assert unseen == []
