"""An administrator stops another person's link, by the ID of its document."""

from __future__ import annotations

from pathlib import Path

from tests.support.app.app import app_for, main_screen, said, screen_of, settled, until
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import seen
from tests.support.users.share import PASSWORD, Sender
from tui.ui.base.menu import refused
from tui.ui.base.prompt import Prompt


async def test_a_link_is_stopped(server: ServerProcess, tmp_path: Path) -> None:
    with Sender(server) as admin, admin.add_user("ANNA") as anna:
        document = anna.send()
        async with app_for(server, tmp_path).run_test(size=(80, 24)) as pilot:
            main = await main_screen(pilot)
            await settled(pilot, main)
            await pilot.press("B")
            prompt = await screen_of(pilot, Prompt)
            await pilot.press(*document["id"][:6], "enter")
            await until(pilot, lambda: "32 digits" in said(prompt, "#said"))
            await pilot.press(*document["id"][6:], "enter")
            await until(pilot, lambda: said(main) == "Stopped the link: a document of ANNA.")
            assert anna.get(f"/documents/{document['id']}")["published"] is False
            await pilot.press("B", *document["id"], "enter")
            await until(pilot, lambda: said(main) == "It was off already: a document of ANNA.")
            await pilot.press("B", *("0" * 32), "enter")
            await until(pilot, lambda: "No such document." in said(main))
        assert seen(server, admin.send())["published"]


async def test_it_is_for_administrators(server: ServerProcess, tmp_path: Path) -> None:
    with Sender(server) as admin:
        admin.post("/users", {"name": "BERTA", "password": PASSWORD}, 201)
        token = admin.sign_in("BERTA")["token"]
    async with app_for(server, tmp_path, demo=False, token=token).run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot, main)
        await pilot.press("B")
        await until(pilot, lambda: said(main) == "Only administrators can stop other people's links.")
        assert "stop_link" in {command.id for command, _ in refused(main)}
