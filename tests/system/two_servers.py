"""A user of two servers, at a terminal: one that publishes, and one for Work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.servers.server import ServerProcess
from tests.support.users.work import PASSWORD
from tests.system.command import Done, run


class Person:
    """A user at a terminal, with a home folder of their own."""

    def __init__(self, home: Path, share: ServerProcess) -> None:
        self.home = home
        self.cwd = home / "here"
        self.cwd.mkdir(parents=True)
        self.environ = {
            "SENTLINKS_HOME": str(home),
            "SENTLINKS_SERVER": share.url,
            "SENTLINKS_TOKEN": share.token,
            "BROWSER": "",
            "DISPLAY": "",
            "WAYLAND_DISPLAY": "",
        }

    def __call__(self, *arguments: str | Path, given: str = "", **environ: str) -> Done:
        return run(*arguments, given=given, cwd=self.cwd, **{**self.environ, **environ})

    def configure(self, **values: str) -> None:
        lines = [f"{key} = {json.dumps(value)}\n" for key, value in values.items()]
        (self.home / "config.toml").write_text("".join(lines))

    @property
    def kept(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "state" / "work-sign-ins.json").read_text())
        return found


def sign_in(person: Person, server: str) -> Done:
    done = person(
        "login", "--work", "WORKER", "--password-stdin", "--server", server, "--json", given=PASSWORD
    )
    assert done.status == 0, done.err
    return done
