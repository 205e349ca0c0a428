"""Sends that something happens to in the middle."""

from __future__ import annotations

from tests.system.command import Client

#: The size of a file that isn't sent at once: more than connections hold that no one reads from.
LARGE = 20_000_000
#: How many bytes of the file have been sent when something happens.
PART = 3_000_000


def names(client: Client) -> list[str]:
    """The names of all sent documents that are visible anywhere."""
    return [d["name"] for command in (["links", "--all"], ["trash", "list"]) for d in
            client(*command, "--json").documents]  # fmt: skip


def through(client: Client, url: str) -> Client:
    """The same client, reaching its server at another URL."""
    return Client(url, client.environ["SENTLINKS_TOKEN"], client.cwd)
