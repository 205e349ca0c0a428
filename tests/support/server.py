"""A real server in a process of its own, for tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from tui.server.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


class ServerProcess:
    """Starts at once and is ready when made; ``url``, ``token``, ``data`` say how to reach it."""

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
        command = [sys.executable, "-m", "tests.support.serve", str(data), "--port", str(port), *arguments]
        if sample:
            command.append("--sample")
        self.log = data.with_name(data.name + ".log")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SENTLINKS_")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, env=environment
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.startswith("sentlinks: serving on "):
            self.process.wait()
            self.process.stdout.close()
            raise AssertionError(f"the server did not start: {line}\n{self.log.read_text()}")
        self.url = line.split()[-1]
        self.token = (data / "token").read_text().strip()

    def _database(self, url: str | None) -> str | None:
        """The database that the first process of the data folder was given is that of the others too."""
        kept = self.data.with_name(self.data.name + ".database")
        if url is not None:
            kept.write_text(url)
        return kept.read_text() if kept.exists() else None

    @property
    def settings(self) -> Settings:
        """What opens its data beside it (``open_context``)."""
        return Settings(data=self.data, database_url=self.database_url)

    def client(self, token: str | None = None) -> httpx.Client:
        """A client that carries the first administrator's token, or ``token``."""
        return httpx.Client(
            base_url=self.url, headers={"X-Auth-Token": token or self.token}, timeout=30, trust_env=False
        )

    def guest(self) -> httpx.Client:
        """A client of somebody without an account. Redirects are not followed."""
        return httpx.Client(base_url=self.url, timeout=30, trust_env=False)

    def turn_clock(self, seconds: float) -> None:
        """Puts the server's clock so many seconds before (or, negative, behind) the system's."""
        self._write_clock(str(seconds))

    def stop_clock(self, moment: datetime) -> None:
        """Lets the server's clock stand at ``moment``."""
        self._write_clock(f"@{moment.isoformat()}")

    def _write_clock(self, text: str) -> None:
        path = self.data.with_name(self.data.name + ".clock")
        temporary = path.with_suffix(".new")
        temporary.write_text(text)
        temporary.replace(path)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends it and answers its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout=30)
        if self.process.stdout:
            self.process.stdout.close()
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
