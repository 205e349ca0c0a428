"""Links that commands have made, and what their recipients get."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from tests.system.command import Client, Done

#: The ID of no document.
UNKNOWN = "0123456789abcdef" * 2
#: Sends a small document with the given options.
Sent = Callable[..., dict[str, Any]]


def fetch(url: str, password: str | None = None) -> httpx.Response:
    """Fetches the document as its recipient does."""
    form = {} if password is None else {"password": password}
    with httpx.Client(trust_env=False, follow_redirects=True, timeout=30) as http:
        return http.post(url, data=form)


def works(document: dict[str, Any]) -> bool:
    """Whether its link gives the document."""
    return fetch(document["url"]).status_code == 200


def failed(done: Done) -> tuple[int, str]:
    """Status and error code of a command on one document, which must have failed as a whole."""
    assert done.documents[0]["status"] == "failed"
    assert done.documents[0]["error"] == done.json["error"]
    return done.status, done.json["error"]["code"]


def count(client: Client) -> int:
    """How many documents there are in all folders."""
    headers = {"X-Auth-Token": client.environ["SENTLINKS_TOKEN"]}
    address = f"{client.environ['SENTLINKS_SERVER']}/share/v1/documents"
    return int(httpx.get(address, headers=headers, trust_env=False, timeout=30).json()["total"])
