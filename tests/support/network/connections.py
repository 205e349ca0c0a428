"""What a client's connection meets: a port that no one listens on, a page of another server, and its failures."""

from __future__ import annotations

import socket

import httpx
import pytest

from tui.clients.connection import call
from tui.rules.errors import Problem

HTML = b"<!doctype html><title>Sign in</title><h1>Welcome to the wifi</h1>"
JSON = "application/json"
PROBLEM = "application/problem+json"


def free_port() -> int:
    """A port that no one listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def problem_from(http: httpx.AsyncClient, method: str = "GET") -> Problem:
    """What a request fails with; it has a sentence that can be shown."""
    with pytest.raises(Problem) as caught:
        await call(http, method, "/share/v1/me")
    message = caught.value.message
    assert message.endswith("."), message
    assert "\n" not in message
    assert "\x1b" not in message
    return caught.value
