"""A send of three files whose app is closed in the middle."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.network.misbehave import Misbehaving
from tests.support.servers.server import ServerProcess
from tests.support.terminal.drafting import send_now
from tests.support.terminal.terminal import Sentlinks, Terminal
from tests.support.users.share import Sender, fetch
from tests.system.command import Client
from tests.system.interrupted import unfinished
from tests.system.proxy import wait_until

#: More than fits in the request that creates an upload, so that there is a PATCH.
MIDDLE = 9 * 1024 * 1024
LEFT = "The send continues in the background; sentlinks sends shows its progress."


class Desk:
    """A folder with three files, in which the app and commands run. The server is reached through ``proxy``."""

    def __init__(self, server: ServerProcess, proxy: Misbehaving, tmp_path: Path) -> None:
        self.server = server
        self.proxy = proxy
        self.client = Client(proxy.url, server.token, tmp_path / "work")
        self.state = tmp_path / "home" / "state"
        self.contents: dict[str, bytes] = {}
        for name, size in (("a.txt", 10), ("b.txt", 2000), ("c.bin", MIDDLE)):
            self.add(name, size)

    def add(self, name: str, size: int) -> None:
        name = f"{os.urandom(3).hex()}-{name}"
        self.contents[name] = os.urandom(size)
        self.client.file(name, self.contents[name])

    def app(self) -> Terminal:
        return Sentlinks([], self.client.environ, 100, 40, cwd=self.client.cwd)

    def begin(self, terminal: Terminal, password: str = "", *, generate: bool = False) -> None:
        """Opens the send dialog with all files and sends them."""
        terminal.wait_for("New here?")
        terminal.press("gl")
        terminal.wait_for(next(iter(self.contents)))
        terminal.press("ctrl+a")
        terminal.wait_for(f"{len(self.contents)} selected")
        terminal.press("s")
        terminal.wait_for("Rename Secure Link")
        if password:
            terminal.press("tab")
            terminal.press(*password)
        if generate:
            terminal.press("ctrl+g")
        send_now(terminal)

    def leave(self, terminal: Terminal) -> None:
        """Closes the app in the middle of the send."""
        terminal.type("\x11")
        terminal.wait_for("In background (b)")
        terminal.type("b")
        assert terminal.wait() == 0
        assert LEFT.encode() in terminal.written
        assert b"Traceback" not in terminal.written

    @property
    def sends(self) -> list[dict[str, Any]]:
        return list(self.client("sends", "--json").json["sends"])

    def wait_for(self, state: str) -> None:
        """Waits until the first send is in that state."""
        wait_for_state(state, self.state, lambda: self.sends)

    @property
    def process(self) -> int:
        return process_of(self.state)

    @property
    def unfinished(self) -> int:
        """The number of files whose uploads are not documents."""
        return unfinished(self.server, self.contents)

    @property
    def documents(self) -> list[dict[str, Any]]:
        """The files that are documents of the server, which has those of other tests as well."""
        with Sender(self.server) as me:
            return [d for d in me.get("/documents", limit=500)["documents"] if d["name"] in self.contents]

    def check_all(self) -> list[str]:
        """Checks that each file was published once and its link gives its content; returns the links."""
        documents = self.documents
        assert sorted(d["name"] for d in documents) == sorted(self.contents)
        for document in documents:
            if not document["has_password"]:
                assert fetch(self.server, document["url"]) == self.contents[document["name"]]
        assert self.unfinished == 0
        return [d["url"] for d in documents]


def _journal(state: Path) -> bytes:
    (journal,) = (state / "sends").iterdir()
    return journal.read_bytes()


def process_of(state: Path) -> int:
    """The ID of the process that is sending in the background."""
    lines = [json.loads(line) for line in _journal(state).splitlines() if line]
    found = [line["process"] for line in lines if "process" in line][-1]
    assert found["in_background"]
    return int(found["id"])


def wait_for_state(state: str, folder: Path, sends: Callable[[], list[dict[str, Any]]]) -> None:
    """Waits until the first of the ``sends`` is in that state. They are asked for by a command, which takes longer than
    most sends: only when the journal in ``folder`` has changed, or a process that is named in it has ended."""
    seen: object = None

    def is_reached() -> bool:
        nonlocal seen
        journal = _journal(folder)
        processes = re.findall(rb'"process": {"id": (\d+)', journal)
        now = journal, [Path(f"/proc/{int(process)}").exists() for process in processes]
        if now == seen:
            return False
        seen = now
        found = sends()
        return bool(found) and found[0]["state"] == state

    wait_until(is_reached)


def links_in(text: str) -> list[str]:
    return re.findall(r"http://127\.0\.0\.1:\d+/s/\w+", text)
