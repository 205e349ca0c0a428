"""What is said of documents that failed where the links of the others are shown: an e-mail without them may be sent."""

from __future__ import annotations

from tests.support.app import screen_of, screen_text, sent_folder, until
from tests.support.misbehave import Misbehaving
from tests.support.spoiling import Say as Answer
from tests.support.stage import about_to_send
from tests.tui.conftest import MakeApp
from tui.locations.location import Location
from tui.screens.draft import DraftScreen
from tui.screens.links import LinksScreen

#: Of :func:`three_sent`.
SERVER = "shared"


async def test_the_draft_and_the_links_say_what_is_missing(
    make_app: MakeApp, files: Location, proxy: Misbehaving
) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        proxy.take_one_by_one()
        screens: list[tuple[str, type[DraftScreen | LinksScreen]]] = [
            ("ctrl+s", DraftScreen),
            ("ctrl+y", LinksScreen),
        ]
        for key, screen in screens:
            dialog = await about_to_send(pilot, main, files)
            proxy.spoil("POST", Answer(403), "/uploads", times=2)
            await pilot.press(key)
            await screen_of(pilot, screen)
            for size in ((80, 24), (60, 20)):
                await pilot.resize_terminal(*size)
                await until(
                    pilot, lambda: "2 documents were not sent" in screen_text(pilot), "what is missing"
                )
            await pilot.press("escape")
            await until(pilot, lambda dialog=dialog: pilot.app.screen is dialog, "the dialog")
            await pilot.press("ctrl+t")
            shown = await screen_of(pilot, screen)
            assert len(shown.documents) == 6
            assert "not sent" not in screen_text(pilot)
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is main, "the list")
            main.table.clear_selection()
