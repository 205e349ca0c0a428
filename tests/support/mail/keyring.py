"""A real keyring in a session of its own: a message bus with the GNOME keyring on it, without a desktop."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.real_parts import need

_LOCK = """
import secretstorage
connection = secretstorage.dbus_init()
secretstorage.Collection(connection).lock()
"""
_LIST = """
import secretstorage
for item in secretstorage.Collection(secretstorage.dbus_init()).get_all_items():
    print(item.get_attributes().get("username"), item.get_secret().decode())
"""
#: Asks the bus first who has the name: a call to the keyring itself would have the bus start another one.
_WAIT = """
import time
import secretstorage
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import Proxy
connection = secretstorage.dbus_init()
while not Proxy(message_bus, connection).NameHasOwner("org.freedesktop.secrets")[0]:
    time.sleep(0.01)
while True:
    try:
        if not secretstorage.Collection(connection).is_locked():
            break
    except secretstorage.exceptions.SecretStorageException:
        pass
    time.sleep(0.01)
"""
_MARK = """
import secretstorage
list(secretstorage.search_items(secretstorage.dbus_init(), {"mark": "x"}))
"""


class Session:
    """``environ`` is the environment for its programs."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def lock(self) -> None:
        """Locks the keyring, as a locked screen does."""
        self._python(_LOCK)

    def wait_until_usable(self) -> None:
        """Waits until the keyring is on the bus and unlocked. On a busy machine it may take longer than a program that
        uses it, for which the bus would start another keyring, with nothing in it."""
        self._python(_WAIT)

    def items(self) -> str:
        """All names and secrets in the keyring, one per line."""
        return self._python(_LIST)

    @contextmanager
    def asked_to_unlock(self) -> Iterator[list[str]]:
        """Fills the list, by the end of the block, with the calls that tried to unlock the keyring."""
        rules = [f"interface='org.freedesktop.Secret.{name}'" for name in ("Service", "Prompt")]
        watching = subprocess.Popen(
            ["dbus-monitor", "--session", *rules], env={**os.environ, **self.environ}, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        with watching:
            assert watching.stdout is not None
            found: list[str] = []
            try:
                # Its first line is about itself; from then on it misses nothing.
                watching.stdout.readline()
                yield found
                # This call comes last, so it is also reported last.
                self._python(_MARK)
                while "member=SearchItems" not in (line := watching.stdout.readline()):
                    found.append(line)
            finally:
                watching.terminate()
        found[:] = [line for line in found if "member=Unlock" in line or "member=Prompt" in line]

    def _python(self, code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, **self.environ}, capture_output=True, text=True,
            check=True, timeout=60,
        )  # fmt: skip
        return done.stdout


def want() -> None:
    """Skips the test if a program that a session needs is missing; on CI (``CI=true``) it fails."""
    need("dbus-daemon", "dbus-monitor", "gnome-keyring-daemon")


@contextmanager
def session(folder: Path, *, password: str | None = "pw") -> Iterator[Session]:
    """A session whose keyring is unlocked; without ``password``, one with a bus but no keyring."""
    folder.mkdir(parents=True)
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    daemon: subprocess.Popen[bytes] | None = None
    try:
        assert bus.stdout is not None
        environ = {
            "DBUS_SESSION_BUS_ADDRESS": bus.stdout.readline().strip(),
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "XDG_DATA_HOME": str(folder / "data"),
            "DISPLAY": "",
        }
        if password is not None:
            daemon = _keyring(environ, password)
        started = Session(environ)
        if daemon is not None:
            started.wait_until_usable()
        yield started
    finally:
        for process in (daemon, bus):
            if process is not None:
                process.terminate()
                process.wait(30)
        assert bus.stdout is not None
        bus.stdout.close()


def _keyring(environ: Mapping[str, str], password: str) -> subprocess.Popen[bytes]:
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
        env={**os.environ, **environ}, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert daemon.stdin is not None
    daemon.stdin.write(password.encode())
    daemon.stdin.close()
    return daemon
