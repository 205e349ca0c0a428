"""Steps that one running app goes through: each begins where the one before has begun."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import app_for, open_sent_folder, sent_folder, settled
from tests.support.network.misbehave import Misbehaving
from tests.support.pictures.scene_start import back
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish_all
from tests.support.users.share import Sender
from tui.locations.location import Location
from tui.ui.app import SentlinksApp
from tui.ui.main.main import MainScreen

NAMES = ("First.pdf", "Second.pdf", "Third.pdf")


@dataclass
class Ground:
    """The app, and what it runs on: the server, the proxy in front of it, and a folder of this machine."""

    app: SentlinksApp
    pilot: Pilot[Any]
    main: MainScreen
    server: ServerProcess
    proxy: Misbehaving
    folder: Path
    names: Sequence[str] = NAMES

    @property
    def files(self) -> Location:
        """What the fixture of that name makes."""
        return Location("local", "files", str(self.folder / "files"))

    async def begin(self) -> None:
        """Closes everything, leaves nothing to undo, publishes again what is off, and opens the folder."""
        self.proxy.behave()
        await back(self.pilot)
        self.main.changes.forget()
        with Sender(self.server) as me:
            there = {d["name"]: d for d in me.get(f"/folders/{me.folder}/documents")["documents"]}
            for name in self.names:
                if name not in there:
                    publish_all(self.server, [name])
                elif not there[name]["published"] or there[name]["downloads_permitted"]:
                    me.resend(there[name], downloads_permitted=None)
            for name in there.keys() - set(self.names):
                me.delete(f"/documents/{there[name]['id']}")
        await open_sent_folder(self.pilot, self.main)
        await settled(self.pilot)
        self.main.say("")
        self.proxy.seen.clear()


Step = Callable[[Ground], Awaitable[None]]


async def play(
    steps: Sequence[Step],
    server: ServerProcess,
    proxy: Misbehaving,
    folder: Path,
    size: tuple[int, int] = (120, 30),
    names: Sequence[str] = NAMES,
) -> None:
    """Runs the app through the proxy, and each step with the folder open that has documents of these names published,
    nothing selected, and no request counted."""
    app = app_for(server, folder, demo=False, url=proxy.url)
    async with app.run_test(size=size) as pilot:
        main = await sent_folder(pilot)
        ground = Ground(app, pilot, main, server, proxy, folder, names)
        proxy.seen.clear()
        for number, step in enumerate(steps):
            if number:
                await ground.begin()
            await step(ground)
