"""An S3 store of several processes for the tests: three volume servers, each file on two of them, and two gateways."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support.memory import memory
from tests.support.real_parts import lacks, need
from tests.support.servers.postgres import free_port
from tests.support.servers.seaweed import ACCESS_KEY, REGION, SECRET_KEY, environment_at, program_of_seaweed

_HOST = "127.0.0.1"
_START_SECONDS = 60
_GATEWAYS, _VOLUMES = 2, 3
_SECOND_PORT = re.compile(r"(:\d+)\.\d+")


class SeaweedCluster:
    """Running since it was made; ``gateways`` are its endpoints."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        credentials = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
        actions = ["Admin", "Read", "List", "Tagging", "Write"]
        identities = [{"name": "tests", "credentials": credentials, "actions": actions}]
        (folder / "s3.json").write_text(json.dumps({"identities": identities}))
        self._master = self._start("master", {"mdir": folder, "defaultReplication": "001"}, telemetry="false")
        self._wait(f"{self._master}/cluster/status")
        for number in range(_VOLUMES):
            data = folder / f"volume{number}"
            data.mkdir()
            where = {"dataCenter": "one", "rack": "one", "max": 20, "preStopSeconds": 0}
            self._start("volume", {"dir": data, "master": self._at(self._master), **where}, f"volume{number}")
        # Both copies need a place.
        self._wait(f"{self._master}/dir/assign?replication=001", "fid")
        store = {
            "master": self._at(self._master),
            "defaultReplicaPlacement": "001",
            "defaultStoreDir": folder,
        }
        filer = self._start("filer", store)
        self._wait(filer)
        self.gateways = [
            self._start(
                "s3",
                {"filer": self._at(filer), "config": folder / "s3.json", "port.iceberg": 0, "port.lance": 0},
                f"gateway{number}",
            )
            for number in range(_GATEWAYS)
        ]
        for gateway in self.gateways:
            self._wait(gateway)

    @property
    def environment(self) -> dict[str, str]:
        """What tells a program of the store; the endpoint is the first gateway's."""
        return environment_at(self.gateways[0])

    @staticmethod
    def _at(url: str) -> str:
        return url.removeprefix("http://")

    def _start(self, part: str, settings: dict[str, object], name: str = "", **more: str) -> str:
        """Start a process, and return its address."""
        name = name or part
        port, grpc = free_port(), free_port()
        ip = {} if part == "s3" else {"ip": _HOST}
        given = {"ip.bind": _HOST, "port": port, "port.grpc": grpc, **ip, **settings, **more}
        words = [f"-{key}={value}" for key, value in given.items()]
        command = ["setpriv", "--pdeathsig", "KILL", self._program, f"-logdir={self._folder}", part, *words]
        with (self._folder / f"{name}.out").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        # With the port for others of its kind, as they are told of each other.
        return f"http://{_HOST}:{port}" if part in ("volume", "s3") else f"http://{_HOST}:{port}.{grpc}"

    def _wait(self, url: str, word: str = "") -> None:
        deadline = time.monotonic() + _START_SECONDS
        # Without the second port.
        asked = _SECOND_PORT.sub(r"\1", url)
        while True:
            try:
                answer = httpx.get(asked, timeout=5)
                if answer.status_code < 500 and word in answer.text:
                    return
            except httpx.HTTPError:
                pass
            assert time.monotonic() < deadline, f"{asked} doesn't answer: {self.log}"
            time.sleep(0.1)

    @property
    def log(self) -> str:
        return "\n".join(each.read_text("utf-8", "replace")[-1500:] for each in self._folder.glob("*.out"))

    def make_bucket(self, name: str) -> None:
        need("curl")
        signed = ["--aws-sigv4", f"aws:amz:{REGION}:s3", "--user", f"{ACCESS_KEY}:{SECRET_KEY}"]
        command = ["curl", "-q", "-fsS", "-X", "PUT", *signed, f"{self.gateways[0]}/{name}"]
        subprocess.run(command, check=True)

    def kill(self, name: str) -> None:
        """End one of its processes at once, such as ``volume1`` or ``gateway0``."""
        process = self._processes.pop(name)
        process.kill()
        process.wait()

    def kill_all(self) -> None:
        """End all of it."""
        for name in list(self._processes):
            self.kill(name)


@contextmanager
def seaweed_cluster() -> Iterator[SeaweedCluster]:
    """A cluster that is running; skips the test if it isn't installed."""
    program = program_of_seaweed()
    if program is None:
        lacks("SeaweedFS (weed)")
    folder = Path(tempfile.mkdtemp(prefix="sentlinks-cluster-", dir=memory()))
    cluster: SeaweedCluster | None = None
    try:
        cluster = SeaweedCluster(program, folder)
        yield cluster
    finally:
        if cluster is not None:
            cluster.kill_all()
        shutil.rmtree(folder, ignore_errors=True)
