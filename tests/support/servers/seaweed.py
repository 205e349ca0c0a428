"""An S3 store for the tests: SeaweedFS in one process.

If it isn't installed, the tests that need it are skipped; on CI (``CI=true``) they fail.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.support.memory import memory
from tests.support.real_parts import lacks, need
from tests.support.servers.postgres import free_port

_HOST = "127.0.0.1"
_START_SECONDS = 60
_TRIES = 5
#: Ports, each with another one for gRPC.
_PARTS = ("master", "volume", "filer", "s3")
ACCESS_KEY, SECRET_KEY, REGION = "tests", "secret-of-the-tests", "us-east-1"


class Answer(NamedTuple):
    """What a request brought: its status, and the body."""

    status: int
    body: bytes


def program_of_seaweed() -> str | None:
    """``weed``, which is installed beside Python."""
    return shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")


def environment_at(endpoint: str) -> dict[str, str]:
    """What tells a program of the store at that endpoint."""
    return {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint,
    }


class Seaweed:
    """A store with its own data; stopped at first. :meth:`bucket` makes a new bucket for each caller.

    What was stored is there again when it was killed and started."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._ports: dict[str, int] = {}
        self._made = 0
        for name in ("data", "log"):
            (folder / name).mkdir()
        credentials = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
        actions = ["Admin", "Read", "List", "Tagging", "Write"]
        identities = [{"name": "tests", "credentials": credentials, "actions": actions}]
        (folder / "s3.json").write_text(json.dumps({"identities": identities}))

    @property
    def volumes(self) -> Path:
        """The folder with its own files, in which it keeps what is stored there by whomever."""
        return self._folder / "data"

    @property
    def url(self) -> str:
        """The endpoint; the bucket is in the path."""
        return f"http://{_HOST}:{self._ports['s3']}"

    @property
    def environment(self) -> dict[str, str]:
        """What tells a program of the store, as it is usual."""
        return environment_at(self.url)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the store was stopped"
        return self._process

    def start(self) -> None:
        """Start it, at the same ports as before; ready when this returns."""
        # Another program may take a port that was free a moment ago.
        for left in reversed(range(_TRIES)):
            is_new = not self._ports
            if is_new:
                self._ports = {part + kind: free_port() for part in _PARTS for kind in ("", ".grpc")}
            self._process = self._begun()
            if self._is_ready():
                break
            self.kill()
            assert left, self.log
            if is_new:
                self._ports = {}

    def bucket(self) -> str:
        """The name of a new bucket."""
        self._made += 1
        name = f"test-{self._made}"
        assert self.request("PUT", name).status == 200, self.log
        return name

    def _begun(self) -> subprocess.Popen[bytes]:
        folder, ports = self._folder, self._ports
        settings = {
            "dir": folder / "data",
            "ip": _HOST,
            "ip.bind": _HOST,
            "master.telemetry": "false",
            # Started again, it first waits so long for others that there might be.
            "master.electionTimeout": "500ms",
            "master.heartbeatInterval": "50ms",
            "master.port": ports["master"],
            "master.port.grpc": ports["master.grpc"],
            "master.volumeSizeLimitMB": 1024,
            "volume.port": ports["volume"],
            "volume.port.grpc": ports["volume.grpc"],
            "volume.max": 50,
            "volume.preStopSeconds": 0,
            "filer": "true",
            "filer.port": ports["filer"],
            "filer.port.grpc": ports["filer.grpc"],
            "filer.localSocket": folder / "filer.sock",
            "s3": "true",
            "s3.port": ports["s3"],
            "s3.port.grpc": ports["s3.grpc"],
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            "s3.localSocket": folder / "s3.sock",
            "s3.config": folder / "s3.json",
        }
        given = [f"-{name}={value}" for name, value in settings.items()]
        # It ends with the process that started it.
        command = ["setpriv", "--pdeathsig", "KILL", self._program, f"-logdir={folder / 'log'}", "server"]
        with (folder / "output").open("ab") as log:
            return subprocess.Popen(
                [*command, *given], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _is_ready(self) -> bool:
        """Waits until it takes requests; false if it has ended instead."""
        deadline = time.monotonic() + _START_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"SeaweedFS doesn't start:\n{self.log}"
            try:
                # Also the part that keeps bytes has to be known to the one that gives out places.
                if self._assigns() and httpx.get(self.url, timeout=5).status_code == 403:
                    return True
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        return False

    def _assigns(self) -> bool:
        found = httpx.get(f"http://{_HOST}:{self._ports['master']}/dir/assign", timeout=5)
        return "fid" in found.json()

    @property
    def log(self) -> str:
        return (self._folder / "output").read_text("utf-8", "replace")[-4000:]

    def kill(self) -> None:
        """End it at once: asked to, it takes 20 seconds."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            for part in _PARTS:
                # It makes them there whatever it is told.
                Path(f"/tmp/seaweedfs-{part}-grpc-{self._ports[part + '.grpc']}.sock").unlink(missing_ok=True)

    def request(self, method: str, path: str, body: bytes | None = None, *headers: str) -> Answer:
        """A signed request for a bucket, or for an object (``bucket/key``)."""
        need("curl")
        signed = ["--aws-sigv4", f"aws:amz:{REGION}:s3", "--user", f"{ACCESS_KEY}:{SECRET_KEY}"]
        given = [part for header in headers for part in ("-H", header)]
        if body is not None:
            given += ["-H", "Content-Type: application/octet-stream", "--data-binary", "@-"]
        command = ["curl", "-q", "-sS", "-X", method, *signed, *given, "-w", "%{stderr}%{http_code}"]
        done = subprocess.run([*command, f"{self.url}/{path}"], input=body, capture_output=True, check=True)
        return Answer(int(done.stderr), done.stdout)


@contextmanager
def seaweed() -> Iterator[Seaweed]:
    """A store that is running; skips the test if it isn't installed."""
    program = program_of_seaweed()
    if program is None:
        lacks("SeaweedFS (weed)")
    folder = Path(tempfile.mkdtemp(prefix="sentlinks-seaweed-", dir=memory()))
    store = Seaweed(program, folder)
    try:
        store.start()
        yield store
    finally:
        store.kill()
        shutil.rmtree(folder, ignore_errors=True)
