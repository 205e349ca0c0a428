"""The PostgreSQL server that the tests start for themselves."""

from __future__ import annotations

import socket

import pytest

from tests.support.servers import postgres


def test_a_port_that_was_taken_in_the_meantime(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken, free = other.getsockname()[1], postgres.free_port
        ports = [taken]
        monkeypatch.setattr(postgres, "free_port", lambda: ports.pop() if ports else free())
        with postgres.running() as started:
            assert started.tell("SELECT 1") == "1"
            assert f":{taken}/" not in started.url()
