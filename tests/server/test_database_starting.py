"""A PostgreSQL server that is started together with this one: it is waited for, unless waiting doesn't help."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers.database_proxy import gate_to
from tests.support.servers.postgres import Postgres
from tui.rules.errors import Failed
from tui.server.database import outages
from tui.server.database.engine import open_database
from tui.server.database.outages import DatabaseAway

WAITING = "waiting up to 30 s for the database to start: "


def waiting(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line for line in caplog.messages if line.startswith("waiting up to")]


async def test_it_is_waited_for(postgres: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The log says so once."""
    with gate_to(postgres.database()) as gate:
        gate.close()
        opening = asyncio.create_task(open_database(gate.url, tmp_path))
        while not waiting(caplog):
            assert not opening.done()
            await asyncio.sleep(0.01)
        gate.open()
        await (await opening).close()
    (said,) = waiting(caplog)
    assert said.startswith(WAITING)
    assert "Connect call failed" in said


class Refusing:
    """Refuses every client with an error of PostgreSQL; ``clients`` is their number so far."""

    def __init__(self, code: str, message: str) -> None:
        fields = f"SFATAL\0VFATAL\0C{code}\0M{message}\0\0".encode()
        self._answer = b"E" + struct.pack("!i", 4 + len(fields)) + fields
        self.clients = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.clients += 1
        (length,) = struct.unpack("!i", await reader.readexactly(4))
        asked = await reader.readexactly(length - 4)
        if length == 8:
            # The request for TLS.
            writer.write(b"N")
            (length,) = struct.unpack("!i", await reader.readexactly(4))
            asked = await reader.readexactly(length - 4)
        assert b"user\0anna\0" in asked
        writer.write(self._answer)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def refusing(code: str, message: str) -> AsyncIterator[tuple[Refusing, str]]:
    """Such a server, and the address of a database there."""
    found = Refusing(code, message)
    async with await asyncio.start_server(found.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield found, f"postgresql://anna:secret@127.0.0.1:{port}/links"


async def test_one_that_does_not_get_ready_is_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "PATIENCE", 1.0)
    async with refusing("57P03", "the database system is starting up") as (server, url):
        with pytest.raises(Failed, match=r"cannot be used: .*starting up"):
            await open_database(url, tmp_path)
    assert server.clients > 1
    (said,) = waiting(caplog)
    assert said.endswith("the database system is starting up")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("28P01", 'password authentication failed for user "anna"'),
        ("3D000", 'database "links" does not exist'),
    ],
)
async def test_what_will_not_change_fails_at_once(
    code: str, message: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with refusing(code, message) as (server, url):
        with pytest.raises(Failed, match=message) as caught:
            await open_database(url, tmp_path)
    assert caught.value.code == "database.unusable"
    assert (server.clients, waiting(caplog)) == (1, [])


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://anna:sec@ret:w/1@db.example.com/links", "in a password, write signs such as"),
        ("postgresql://anna:secret@db.example.com:port/links", "in a password, write signs such as"),
        ("postgresql://anna:secret@db.example.com:99999/links", "in a password, write signs such as"),
        ("postgresql://anna:secret@one:5432,two:5432/links", "in a password, write signs such as"),
        ("postgresql://anna:secret@db.example.com/links?foo=1", "has the option foo, which isn't known"),
        ("postgresql://anna:secret@db.example.com/links?timeout=1", "has the option timeout, which isn't"),
        ("sqlite://", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
async def test_addresses_that_cannot_be_used(address: str, said: str, tmp_path: Path) -> None:
    """They are told in a sentence, which doesn't repeat the password."""
    with pytest.raises(Failed) as caught:
        await open_database(address, tmp_path)
    assert caught.value.code == "database.unknown"
    assert said in caught.value.message
    assert "secret" not in caught.value.message
    assert "ret" not in str(caught.value.__cause__)


async def test_a_database_that_is_read_only_fails_at_once(
    postgres: Postgres, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Such as a replica; also one that had been made."""
    url = postgres.database()
    postgres.tell(f"ALTER DATABASE {url.rpartition('/')[2]} SET default_transaction_read_only = on")
    with pytest.raises(Failed, match="takes no changes, as it was made read-only") as caught:
        await open_database(url, tmp_path)
    assert (caught.value.code, waiting(caplog)) == ("database.unusable", [])


async def test_libpqs_name_for_tls(postgres: Postgres, tmp_path: Path) -> None:
    """What providers give has it."""
    await (await open_database(f"{postgres.database()}?sslmode=prefer", tmp_path)).close()
    with pytest.raises(Failed, match="sslmode"):
        await open_database(f"{postgres.database()}?sslmode=none", tmp_path)


async def test_too_few_connections_are_an_outage(postgres: Postgres, tmp_path: Path) -> None:
    """Also for the second one of who already has one; it used to be an internal error."""
    postgres.tell("CREATE ROLE few LOGIN CONNECTION LIMIT 1")
    url = postgres.empty_database("OWNER few").replace("postgres@", "few@")
    database = await open_database(url, tmp_path)
    try:
        async with database.read():
            with pytest.raises(DatabaseAway) as caught:
                async with database.read_committed():
                    pass
        assert caught.value.untouched
    finally:
        await database.close()


async def test_an_unknown_host_fails_at_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Failed, match="The database cannot be reached") as caught:
        await open_database("postgresql://anna@no.such.host.invalid/links", tmp_path)
    assert (caught.value.code, waiting(caplog)) == ("database.unreachable", [])
