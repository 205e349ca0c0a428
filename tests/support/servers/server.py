"""A real server in a process of its own, for tests."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import httpx

from tests.support.servers import forking
from tui.server.base.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
#: As ``/proc/net/tcp`` writes it.
_ESTABLISHED = "01"
#: Not used to check certificates: loading those of all authorities for each client takes longer than most requests.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _started(
    module: str, arguments: Sequence[str], log: Path
) -> tuple[subprocess.Popen[bytes] | forking.Forked, TextIO]:
    """The process, and what it prints."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SENTLINKS_")}
    reading, writing = os.pipe()
    with log.open("ab") as errors, open(os.devnull, "rb") as nothing, open(writing, "wb") as printed:
        process = forking.session.process(
            module, arguments, cwd=ROOT, env=environment, streams=(nothing, printed, errors)
        )
    return process, open(reading, encoding="utf-8")


class Reachable:
    """A server that accepts requests at ``url``, with the data folder ``data``."""

    def __init__(self, url: str, data: Path) -> None:
        self.url = url
        self.data = data
        self.token = (data / "token").read_text().strip()

    def client(self, token: str | None = None) -> httpx.Client:
        """A client that carries the first administrator's token, or ``token``."""
        client = self.guest()
        client.headers["X-Auth-Token"] = token or self.token
        return client

    def guest(self) -> httpx.Client:
        """A client without an account. Redirects are not followed."""
        return httpx.Client(base_url=self.url, timeout=30, trust_env=False, verify=_NO_TLS)


class ServerProcess(Reachable):
    """Starts on creation and is then ready; ``url``, ``token``, ``data`` say how to reach it."""

    #: Passwords take as long to hash as in production.
    dear_passwords = True
    #: Seconds that a request waits for a place in a pool (``None``: as in production).
    patience: float | None = None

    def __init__(
        self,
        data: Path,
        *,
        sample: bool = False,
        arguments: tuple[str, ...] = (),
        port: int = 0,
        stands_at: str = "",
        database_url: str | None = None,
    ) -> None:
        self.data = data
        self.database_url = self._database(database_url)
        if self.database_url:
            arguments = (*arguments, "--database-url", self.database_url)
        if stands_at:
            data.with_name(data.name + ".clock").write_text(f"@{stands_at}")
        words = [str(data), "--port", str(port), *arguments, *(("--sample",) if sample else ())]
        if not self.dear_passwords:
            words.append("--cheap-passwords")
        if self.patience is not None:
            words += ["--patience", str(self.patience)]
        self.log = data.with_name(data.name + ".log")
        self.process, self.stdout = _started("tests.support.servers.serve", words, self.log)
        line = self.stdout.readline()
        if not line.startswith("sentlinks: serving on "):
            self.process.wait()
            self.stdout.close()
            raise AssertionError(f"the server did not start: {line}\n{self.log.read_text()}")
        super().__init__(line.split()[-1], data)

    def _database(self, url: str | None) -> str | None:
        """All processes of a data folder use the database that the first one was given."""
        kept = self.data.with_name(self.data.name + ".database")
        if url is not None:
            kept.write_text(url)
        return kept.read_text() if kept.exists() else None

    @property
    def settings(self) -> Settings:
        """Settings that open the server's data alongside it (``open_context``)."""
        return Settings(data=self.data, database_url=self.database_url)

    @property
    def connections(self) -> int:
        """How many connections the server has now."""
        return len(self._rows_of_connections())

    def unacknowledged(self, client: socket.socket) -> int:
        """Number of bytes that the server has sent on a client's connection, and the client's system has not taken."""
        port = f":{client.getsockname()[1]:04X}"
        return sum(int(row[4][:8], 16) for row in self._rows_of_connections() if row[2].endswith(port))

    def _rows_of_connections(self) -> list[list[str]]:
        """Of ``/proc/net/tcp``: the columns are the number, both addresses, the state, the queues."""
        port = f":{httpx.URL(self.url).port or 0:04X}"
        lines = Path(f"/proc/{self.process.pid}/net/tcp").read_text().splitlines()[1:]
        rows = [line.split() for line in lines]
        return [row for row in rows if row[1].endswith(port) and row[3] == _ESTABLISHED]

    def turn_clock(self, seconds: float) -> None:
        """Sets the server's clock this many seconds ahead of (or, if negative, behind) the system's."""
        self._write_clock(str(seconds))

    def stop_clock(self, moment: datetime) -> None:
        """Stops the server's clock at ``moment``."""
        self._write_clock(f"@{moment.isoformat()}")

    def _write_clock(self, text: str) -> None:
        path = self.data.with_name(self.data.name + ".clock")
        temporary = path.with_suffix(".new")
        temporary.write_text(text)
        temporary.replace(path)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends the server and returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout=30)
        self.stdout.close()
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # No test looks at this end. A quarter of a server's time would go into closing down; that is tested on its own.
        self.stop(signal.SIGKILL)
