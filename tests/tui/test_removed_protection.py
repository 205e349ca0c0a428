"""What protects a link isn't removed by a blank that was meant for a field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.app.app import put_cursor_on, said, screen_of, screen_text, sent_folder, settled, until
from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.share import PASSWORD, Sender, fetch, later
from tests.tui.conftest import MakeApp
from tui.ui.actions.sent_documents import sent_again
from tui.ui.base.question import Question
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.send.resend import ResendDialog
from tui.ui.widgets.checkbox import Checkbox
from tui.ui.widgets.field import Field
from tui.wire.share import Document


@few(1)
@pytest.mark.parametrize("selected", [1, 2])
async def test_it_is_asked_for_and_told(selected: int, three_sent: ServerProcess, make_app: MakeApp) -> None:
    publish(three_sent, b"x", "Offer.pdf", password="Blue-Harbour7")
    async with make_app().run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Offer.pdf")
        if selected > 1:
            await pilot.press("space", "up" if main.table.cursor else "down", "space")
        await pilot.press("s")
        dialog = await screen_of(pilot, ResendDialog)
        # A blank that is typed on the way from field to field removes nothing.
        await pilot.press(*"30d 12h")
        assert dialog.query_one("#expires", Field).value == "30d 12h"
        assert not dialog.query_one("#no_password", Checkbox).checked
        await pilot.press(*["tab"] * 3, "space")
        await pilot.press("ctrl+s")
        question = await screen_of(pilot, Question)
        assert question.text[0] == "Send again without the password?"
        # The answer that changes nothing has the focus.
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is dialog)
        with Sender(three_sent) as me:
            assert _has_password(me)
        await pilot.press("ctrl+s")
        await screen_of(pilot, Question)
        await pilot.press("y")
        await until(pilot, lambda: pilot.app.screen is main)
        told = ", without its password, " if selected == 1 else "restart. 1 without a password now."
        await until(pilot, lambda: told in said(main))
    with Sender(three_sent) as me:
        assert not _has_password(me)


async def test_what_is_not_there_is_not_asked_for(three_sent: ServerProcess, make_app: MakeApp) -> None:
    async with make_app().run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        await pilot.press("s")
        await screen_of(pilot, ResendDialog)
        await pilot.press(*["tab"] * 3, "space", "ctrl+s")
        await until(pilot, lambda: pilot.app.screen is main)
        assert "was sent again, " in said(main)


@few(1)
@pytest.mark.parametrize("new", ["", "Grey-Harbour8"])
async def test_what_is_typed_at_once_is_the_date_and_not_the_password(
    three_sent: ServerProcess, make_app: MakeApp, new: str
) -> None:
    """A new password is one that was typed as such, and it is said. Empty fields say what they keep."""
    sent = publish(three_sent, b"x", "Offer.pdf", password=PASSWORD, expires_at=later(days=9))
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Offer.pdf")
        await pilot.press("s")
        dialog = await screen_of(pilot, ResendDialog)
        await settled(pilot, dialog)
        assert screen_text(pilot).count("unchanged (") == 3
        await pilot.press(*"in 3 weeks", *(("shift+tab", *new) if new else ()), "ctrl+s")
        if new:
            await screen_of(pilot, LinksScreen)
            await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main)
        assert f"was sent again{' with a new password' if new else ''}, 0 downloads, until " in said(main)
    assert fetch(three_sent, sent["url"], new or PASSWORD) == b"x"


def test_nothing_is_told_of_what_is_kept() -> None:
    """The order in which they were sent again is another one, if one had failed at first."""
    bare, protected = _document("a"), _document("b", has_password=True, expires_at=datetime.now(UTC))
    kept = sent_again([bare, protected], [protected, bare])
    assert kept == "2 documents were sent again; their download counts restart."
    lost = " 1 without a password and 1 without an expiration date now."
    assert sent_again([_document("b"), bare], [protected, bare]) == f"{kept}{lost}"
    renewed = sent_again([protected, bare], [protected, bare], ["b"])
    assert renewed == f"{kept} 1 has a new password."
    assert (
        sent_again([protected, bare], [protected, bare], ["a", "b"]) == f"{kept} Their password is a new one."
    )
    # So it is if others failed.
    assert sent_again([_document("b")], [protected, bare]) == f"1 of 2 documents were sent again.{lost}"


@pytest.mark.parametrize(
    ("removed", "told"),
    [
        ({"expires_at": None}, ", without its expiration date, 0 of 2 downloads."),
        ({"downloads_permitted": None}, ", without its download limit, 0 downloads, until "),
        (
            {"has_password": False, "expires_at": None, "downloads_permitted": None},
            ", without its password, expiration date and download limit, 0 downloads.",
        ),
    ],
)
def test_all_that_was_removed_is_told(removed: dict[str, Any], told: str) -> None:
    before = {"has_password": True, "expires_at": datetime.now(UTC), "downloads_permitted": 2}
    assert told in sent_again([_document("a", **before | removed)], [_document("a", **before)])


def _document(identity: str, **settings: Any) -> Document:
    given = {"has_password": False, "expires_at": None, "downloads_permitted": None, **settings}
    return Document.model_construct(id=identity, name="a.pdf", published=True, url="x", downloads=0, **given)


def _has_password(me: Sender) -> bool:
    documents = me.get(f"/folders/{me.folder}/documents")["documents"]
    (found,) = [each["has_password"] for each in documents if each["name"] == "Offer.pdf"]
    return bool(found)
