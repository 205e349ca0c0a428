"""Sends killed at random moments: ``python -m tests.bench.kills [--seed N] [--rounds N]``.

In each round the command, the app, its process in the background or the server is killed (SIGKILL) while files are
sent, with SQLite or PostgreSQL. Then the send is resumed as a user would. Each file must have been published exactly
once, with its own bytes, all links must have been shown, and no upload may be left. Rounds that fail are printed with
their seed; the exit status is their number.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.support.servers import postgres
from tests.support.servers.server import ServerProcess
from tests.support.terminal.terminal import Terminal
from tests.support.users.share import Sender, database, fetch
from tests.system.command import SCRIPT, Client

VICTIMS = ("command", "server", "app", "background")
_WAIT = 300
#: After so many rounds there are new servers: each round leaves some 200 MB.
_ROUNDS_A_SERVER = 16


class Round:
    """One send: its files, on a server that can be killed and started again on the same port."""

    def __init__(self, server: ServerProcess, folder: Path, options: argparse.Namespace, seed: int) -> None:
        self.chance = random.Random(seed)
        self.server = server
        self.port = int(server.url.rpartition(":")[2])
        self.client = Client(server.url, server.token, folder / "files")
        self.home = folder / "home"
        self.client.environ = {**self.client.environ, "SENTLINKS_HOME": str(self.home)}
        sizes = [self.chance.randrange(40_000) for _ in range(options.small)]
        sizes[options.small // 2 : options.small // 2] = [options.large] * 2
        #: The links of sends that were listed as sent.
        self.listed: set[str] = set()
        self.contents: dict[str, bytes] = {}
        for index, size in enumerate(sizes):
            name = f"{seed:05}-{index:02}.bin"
            self.contents[name] = os.urandom(size)
            self.client.file(name, self.contents[name])

    # ------------------------------------------------------------ what is killed

    def command(self, moment: float) -> str:
        """Returns what the command printed."""
        process = self._start("send", *self.contents)
        time.sleep(moment)
        process.kill()
        return process.communicate(timeout=_WAIT)[0]

    def server_killed(self, moment: float) -> str:
        """The command goes on by itself when the server is back."""
        process = self._start("send", *self.contents, "--patience", "5m")
        time.sleep(moment)
        self.server.stop(9)
        self.server = ServerProcess(self.server.data, port=self.port)
        return process.communicate(timeout=_WAIT)[0]

    def app(self, moment: float) -> str:
        with self._app() as terminal:
            self._begin(terminal)
            time.sleep(moment)
            terminal.process.kill()
            terminal.process.wait()
        return ""

    def background(self, moment: float) -> str:
        with self._app() as terminal:
            self._begin(terminal)
            terminal.type("\x11b")
            terminal.wait()
        if pid := self._background_process():
            time.sleep(moment)
            subprocess.run(["kill", "-9", str(pid)], check=False, capture_output=True)
        return ""

    def _start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*SCRIPT, *words, "--json"], cwd=self.client.cwd, env={**os.environ, **self.client.environ},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def _app(self) -> Terminal:
        return Terminal(SCRIPT, self.client.environ, 100, 40, cwd=self.client.cwd)

    def _begin(self, terminal: Terminal) -> None:
        terminal.wait_for("New here?")
        terminal.press("gl")
        terminal.wait_for(next(iter(self.contents))[:9])
        terminal.press("ctrl+a")
        terminal.wait_for(f"{len(self.contents)} selected")
        terminal.press("s")
        terminal.wait_for("Rename Secure Link")
        terminal.type("\x13")

    def _background_process(self) -> int | None:
        for journal in self._journals():
            for line in reversed(journal.read_bytes().splitlines()):
                if line and (process := json.loads(line).get("process")):
                    return int(process["id"])
        return None

    def _journals(self) -> list[Path]:
        folder = self.home / "state" / "sends"
        return sorted(folder.iterdir()) if folder.is_dir() else []

    # ------------------------------------------------------------ afterwards

    def finish(self, out: str) -> None:
        """Does what a user does next, and checks the outcome."""
        shown = self._shown(out)
        left = self._left()
        # Of a send that was published whole, listing it shows the links, also one whose answer was lost.
        shown |= self.listed
        if left:
            done = self.client("send", "--resume", left[0]["id"], "--json")
            assert done.status == 0, done.err
            shown |= {document["url"] for document in done.documents}
        elif not self._documents():
            done = self.client("send", *self.contents, "--json")
            assert done.status == 0, done.err
            shown |= {document["url"] for document in done.documents}
        documents = self._documents()
        names = Counter(document["name"] for document in documents)
        assert names == Counter(dict.fromkeys(self.contents, 1)), names
        for document in documents:
            content = self.contents[document["name"]]
            assert document["sha256"] == hashlib.sha256(content).hexdigest(), document["name"]
        # The app has kept its links in a file, the process in the background in its journal.
        shown |= set(self._kept_links())
        missing = [document["name"] for document in documents if document["url"] not in shown]
        assert not missing, f"links not shown: {missing}"
        for document in self.chance.sample(documents, 4):
            assert fetch(self.server, document["url"]) == self.contents[document["name"]], document["name"]
        assert self._left() == []
        assert self._unfinished() == 0

    def _left(self) -> list[dict[str, Any]]:
        """The interrupted sends; one that finished in the background is awaited and shown by this."""
        deadline = time.monotonic() + _WAIT
        while True:
            sends = self.client("sends", "--json").json["sends"]
            if not any(each["state"] == "sending" for each in sends):
                break
            assert time.monotonic() < deadline, "it is still being sent"
            time.sleep(0.2)
        self.listed |= {d["url"] for each in sends if each["state"] == "sent" for d in each["documents"]}
        return [each for each in sends if each["state"] == "interrupted"]

    def _documents(self) -> list[dict[str, Any]]:
        with Sender(self.server) as me:
            found, cursor = [], None
            while True:
                page = me.get("/documents", limit=500, **({"cursor": cursor} if cursor else {}))
                found += [d for d in page["documents"] if d["name"] in self.contents]
                if not (cursor := page.get("cursor")):
                    return found

    @staticmethod
    def _shown(out: str) -> set[str]:
        try:
            return {document["url"] for document in json.loads(out)["documents"]}
        except ValueError:
            return set()

    def _kept_links(self) -> list[str]:
        texts = [file.read_text() for file in self._journals()]
        links = self.home / "state" / "links.txt"
        if links.exists():
            texts.append(links.read_text())
        return [d["url"] for d in self._documents() if any(d["url"] in text for text in texts)]

    def _unfinished(self) -> int:
        with database(self.server) as connection:
            found = connection.execute("SELECT COUNT(*) FROM uploads WHERE published_as IS NULL").fetchone()
        assert found is not None
        return int(found[0])


def _run(rounds: range, options: argparse.Namespace, database_url: str, done: Counter[str]) -> int:
    """Runs these rounds on servers of their own, and returns how many failed."""
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        servers = {
            "sqlite": ServerProcess(folder / "sqlite"),
            "postgresql": ServerProcess(folder / "postgresql", database_url=database_url),
        }
        try:
            for number in rounds:
                seed = options.seed * 1000 + number
                victim = options.victims[number % len(options.victims)]
                engine = list(servers)[number // len(options.victims) % 2]
                with tempfile.TemporaryDirectory() as work:
                    here = Round(servers[engine], Path(work), options, seed)
                    moment = here.chance.uniform(0, 6.0)
                    act = {"server": here.server_killed}.get(victim) or getattr(here, victim)
                    try:
                        here.finish(act(moment))
                    except Exception as error:
                        failed += 1
                        print(
                            f"seed {seed}, {victim} on {engine} after {moment:.2f} s: {str(error)[:300]!r}",
                            flush=True,
                        )
                    servers[engine] = here.server
                    done[f"{victim} on {engine}"] += 1
        finally:
            for server in servers.values():
                server.stop()
    return failed


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--small", type=int, default=50)
    parser.add_argument("--large", type=int, default=100_000_000)
    parser.add_argument("--victims", nargs="+", choices=VICTIMS, default=VICTIMS)
    options = parser.parse_args()
    failed, done = 0, Counter[str]()
    with postgres.running() as firm:
        for first in range(0, options.rounds, _ROUNDS_A_SERVER):
            rounds = range(first, min(first + _ROUNDS_A_SERVER, options.rounds))
            failed += _run(rounds, options, firm.database(), done)
    print(dict(done), f"{failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
