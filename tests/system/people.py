"""Users whom commands have added, and what they send."""

from __future__ import annotations

from typing import Any

from tests.system.command import Client

_names = iter(f"PERSON{i}" for i in range(1000))


def new_name() -> str:
    """The name of a user that no other test has."""
    return next(_names)


def send(client: Client, name: str = "a.txt") -> dict[str, Any]:
    """Sends a document, and returns it."""
    client.file(name, "content")
    done = client("send", name, "--json")
    assert done.status == 0, done.err
    return done.documents[0]
