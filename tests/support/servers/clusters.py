"""PostgreSQL servers that a test has for itself: with checksums, restarted, killed, with replicas that take over."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.support.memory import memory
from tests.support.real_parts import lacks, small_disk
from tests.support.servers.postgres import as_postgres, free_port, programs_of_postgres

_SECONDS = 60


class Node:
    """A server with its own data; stopped at first. ``source`` is the one that it is a replica of."""

    def __init__(
        self, programs: Path, folder: Path, *, checksums: bool = False, source: Node | None = None
    ) -> None:
        self._programs = programs
        self.data = folder / "data"
        self.folder = self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        if source is not None:
            self._run("pg_basebackup", "-D", self.data, "-R", "-c", "fast", "-d", source.url())
            return
        given = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._run("initdb", "-D", self.data, *given, *(["--data-checksums"] if checksums else []))

    def _run(self, program: str, *words: str | Path) -> None:
        subprocess.run(
            as_postgres(self._programs / program, *words), cwd=self._folder, check=True, capture_output=True
        )

    def start(self) -> None:
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self._folder,
            "fsync": "off",
            # A replica that was away finds what it lacks.
            "wal_keep_size": "64MB",
        }
        given = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                as_postgres(self._programs / "postgres", "-D", self.data, *given),
                cwd=self._folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        deadline = time.monotonic() + _SECONDS
        while subprocess.run(
            [self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False
        ).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self._folder / "log").read_text())
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGINT) -> None:
        """SIGINT ends all connections and stops cleanly, SIGQUIT is a crash."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(_SECONDS)
            self._process = None

    def promote(self) -> None:
        """The replica becomes a server that takes writes."""
        assert self.tell("SELECT pg_promote()") == "t"

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def tell(self, sql: str) -> str:
        """The bare output of ``sql``, run as the superuser."""
        words = ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, self.url()]
        done = subprocess.run([self._programs / "psql", *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


class Cluster:
    """Makes nodes, and removes them at the end."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._nodes: list[Node] = []
        self._disks = ExitStack()

    def node(
        self, *, checksums: bool = False, source: Node | None = None, megabytes: int | None = None
    ) -> Node:
        """A node that is running. What ``source`` commits from now on, this one has by then, if it is ``source``'s
        replica and is named in its ``synchronous_standby_names``. With ``megabytes`` it has a disk of its own, of that
        size."""
        folder = self._folder / str(len(self._nodes))
        if megabytes is None:
            folder.mkdir()
        else:
            self._disks.enter_context(small_disk(folder, f"size={megabytes}m"))
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        made = Node(self._programs, folder, checksums=checksums, source=source)
        self._nodes.append(made)
        made.start()
        return made

    def close(self) -> None:
        for each in self._nodes:
            each.stop(signal.SIGQUIT)
        self._disks.close()


@contextmanager
def cluster() -> Iterator[Cluster]:
    """No nodes yet; skips the test if PostgreSQL isn't installed."""
    programs = programs_of_postgres()
    if programs is None:
        lacks("PostgreSQL")
    folder = Path(tempfile.mkdtemp(prefix="sentlinks-cluster-", dir=memory()))
    folder.chmod(0o755)
    made = Cluster(programs, folder)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)
