"""Fields whose text has no room: what is shown of it doesn't look like all of it."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import said, screen_text, sent_folder, until
from tests.support.pictures.scene_start import about_to_send
from tests.tui.conftest import MakeApp
from tui.locations.location import Location
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field

MADE = "batch-dance-july-niece-boxer-cake-pasta"


def shown(dialog: SendDialog, name: str) -> str:
    """What a field shows."""
    field = dialog.query_one(f"#{name}", Field)
    return field.render_line(0).crop(0, field.size.width).text.rstrip()


async def typed_password(pilot: Pilot[Any], files: Location) -> SendDialog:
    dialog = await about_to_send(pilot, await sent_folder(pilot), files)
    dialog.query_one("#password", Field).value = MADE
    await pilot.pause()
    await pilot.press("ctrl+r")
    await pilot.pause()
    return dialog


async def test_a_password_that_is_shown_gets_the_room_that_it_needs(
    make_app: MakeApp, files: Location
) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        dialog = await typed_password(pilot, files)
        assert shown(dialog, "password") == MADE
        dialog.query_one("#expires", Field).focus()
        await pilot.press(*"2 weeks")
        assert shown(dialog, "password") == MADE, "whatever is typed next"
        assert "strong" in screen_text(pilot)
        # Masked, it is as wide as the other fields again; a longer one gets more.
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert dialog.query_one("#password", Field).size == dialog.query_one("#expires", Field).size
        await pilot.press("ctrl+r")
        dialog.query_one("#password", Field).value = f"{MADE}-x"
        await pilot.pause()
        assert shown(dialog, "password") == f"{MADE}-x"


async def test_where_there_is_no_room_it_is_seen_to_go_on(make_app: MakeApp, files: Location) -> None:
    async with make_app().run_test(size=(50, 24)) as pilot:
        dialog = await typed_password(pilot, files)
        field = dialog.query_one("#password", Field)
        width = field.size.width
        assert shown(dialog, "password") == f"{MADE[: width - 1]}…"
        assert said(dialog, "#overall") == f"Password: {MADE}"
        field.focus()
        await pilot.press("end")
        await pilot.pause()
        assert shown(dialog, "password").startswith("…")
        await pilot.press("tab")
        await pilot.pause()
        assert shown(dialog, "password").startswith("…"), "also when it is left"
        # What the caret is on is the character itself.
        field.focus()
        await pilot.press("home")
        await pilot.pause()
        assert shown(dialog, "password").startswith(MADE[0])


async def test_all_that_is_odd_about_recipients_is_said_while_they_are_typed(
    make_app: MakeApp, files: Location
) -> None:
    """Beside the field there is room for one thing only."""
    async with make_app().run_test(size=(80, 24)) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        field = dialog.query_one("#to", Field)
        field.focus()
        field.value = "bob@gmial.com, anna@halyard.example, carol@hotmial.com"
        await until(pilot, lambda: "gmail.com" in said(dialog, "#overall"), "what is odd")
        told = said(dialog, "#overall")
        for part in ("bob@gmial.com is one letter off gmail.com.", "hotmail.com.", "3 firms"):
            assert part in told
            assert part.split()[0] in " ".join(screen_text(pilot).split()), "in full on the screen"
        await pilot.press("tab")
        assert "gmail.com" not in said(dialog, "#overall"), "they are beside the field, one of them"
