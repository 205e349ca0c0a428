"""What is said of documents that failed where the links of the others are shown: an e-mail without them may be sent."""

from __future__ import annotations

from tests.support.app.app import main_screen, resized, said, screen_of, screen_text, settled, until
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say as Answer
from tests.tui.conftest import MakeApp
from tui.locations.location import Location
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.send.send import SendDialog

#: Of :func:`three_sent`.
SERVER = "shared"


async def test_the_draft_and_the_links_say_what_is_missing(
    make_app: MakeApp, files: Location, proxy: Misbehaving
) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        main.open_place(files)
        await until(pilot, lambda: main.kind == "local", "the files")
        proxy.take_one_by_one()
        small, large = (60, 20), (80, 24)
        screens: list[tuple[str, type[DraftScreen | LinksScreen], list[tuple[int, int]]]] = [
            ("ctrl+s", DraftScreen, [large, small]),
            ("ctrl+y", LinksScreen, [small, large]),
        ]
        for key, screen, sizes in screens:
            await settled(pilot)
            await pilot.press("space", "space", "space", "s")
            dialog = await screen_of(pilot, SendDialog)
            proxy.spoil("POST", Answer(403), "/uploads", times=2)
            await pilot.press(key)
            await screen_of(pilot, screen)
            for size in sizes:
                if pilot.app.size != size:
                    await resized(pilot, *size)
                await until(
                    pilot, lambda: "2 documents were not sent" in screen_text(pilot), "what is missing"
                )
            await pilot.press("escape")
            await until(pilot, lambda dialog=dialog: pilot.app.screen is dialog, "the dialog")
            await pilot.press("ctrl+t")
            shown = await screen_of(pilot, screen)
            assert len(shown.documents) == 3
            assert "not sent" not in screen_text(pilot)
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is main, "the list")
            main.table.clear_selection()


@more
async def test_enter_on_what_was_sent_goes_to_its_folder(
    make_app: MakeApp, files: Location, proxy: Misbehaving
) -> None:
    """On a row that failed it says why it does nothing."""
    async with make_app().run_test(size=(100, 30)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        main.open_place(files)
        await until(pilot, lambda: main.kind == "local", "the files")
        proxy.take_one_by_one()
        await pilot.press("V", "2", "j", "V", "s")
        dialog = await screen_of(pilot, SendDialog)
        proxy.spoil("POST", Answer(403), "/uploads", times=2)
        await pilot.press("ctrl+y")
        await screen_of(pilot, LinksScreen)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is dialog, "the dialog")
        assert dialog.state.job is not None
        sent = [row.document is not None for row in dialog.state.job.rows]
        assert sent.count(True) == 1
        dialog.table.move_to(sent.index(False))
        await pilot.press("enter")
        why = "What was not sent can only be sent again as it is."
        await until(pilot, lambda: said(dialog, "#overall") == why, "why")
        assert pilot.app.screen is dialog
        name = dialog.state.job.rows[sent.index(True)].link_name
        dialog.table.move_to(sent.index(True))
        await pilot.press("enter")
        await until(pilot, lambda: main.kind == "sent", "the folder")
        await settled(pilot)
        assert main.table.has_focus
        assert main.table.current is not None
        assert main.table.current.name == name
