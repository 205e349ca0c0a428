"""Sends that something happens to in the middle."""

from __future__ import annotations

import os
import signal
import subprocess

from tests.system.command import SCRIPT, Client

#: The size of a file that isn't sent at once.
LARGE = 40_000_000
#: How many bytes of the file have been sent when something happens.
PART = 3_000_000


def names(client: Client) -> list[str]:
    """The names of all sent documents that are visible anywhere."""
    return [d["name"] for command in (["links", "--all"], ["trash", "list"]) for d in
            client(*command, "--json").documents]  # fmt: skip


def through(client: Client, url: str) -> Client:
    """The same client, reaching its server at another URL."""
    return Client(url, client.environ["SENTLINKS_TOKEN"], client.cwd)


def sending(client: Client, *items: str, program: list[str] = SCRIPT) -> subprocess.Popen[str]:
    """Starts a send, which ctrl+c ends as it does in a terminal."""
    return subprocess.Popen(
        [*program, "send", *items, "--json"], cwd=client.cwd, env={**os.environ, **client.environ},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # Tests run in the background of a shell ignore Ctrl+C, and so would this process.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
