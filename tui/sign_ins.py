"""The stored sign-ins: a token for each server that gave one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .private import locked, private_folder, write_private
from .rules.errors import Failed
from .rules.text import printable

#: The stored sign-in of the local server, whose address may change.
LOCAL = "local"


@dataclass(frozen=True, slots=True)
class SignIn:
    """A token that a server gave to ``user``."""

    user: str
    token: str


def normalized(url: str) -> str:
    """A server's address in the one spelling under which its sign-in is kept."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return url.strip()
    if ":" in host:
        host = f"[{host}]"
    if port is not None and port != {"http": 80, "https": 443}.get(parts.scheme):
        host += f":{port}"
    return f"{parts.scheme}://{host}{parts.path.rstrip('/')}"


class SignIns:
    """The stored sign-ins: a file of mode 0600, one token a server."""

    def __init__(self, state: Path) -> None:
        self._path = state / "sign-ins.json"

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            found = {}
        except (OSError, ValueError) as error:
            raise Failed(
                "sign_ins.unreadable",
                f"The stored sign-ins in {printable(str(self._path))} cannot be read; "
                "remove that file and sign in again.",
            ) from error
        kept = found.get("servers") if isinstance(found, dict) else None
        return {
            "current": found.get("current") if isinstance(found, dict) else None,
            "servers": {
                key: value
                for key, value in (kept if isinstance(kept, dict) else {}).items()
                if isinstance(value, dict)
                and isinstance(value.get("token"), str)
                and isinstance(value.get("user"), str)
            },
        }

    @property
    def current(self) -> str | None:
        """The server last signed in to: an address, or :data:`LOCAL`."""
        kept = self._read()
        return kept["current"] if kept["current"] in kept["servers"] else None

    def of(self, server: str) -> SignIn | None:
        """The sign-in that ``server`` (an address, or :data:`LOCAL`) gave."""
        kept = self._read()["servers"].get(server_key(server))
        return SignIn(kept["user"], kept["token"]) if kept else None

    def keep(self, server: str, sign_in: SignIn) -> None:
        """Keeps a sign-in; later commands use its server where nothing else is said."""
        with self._change() as kept:
            kept["servers"][server_key(server)] = {"user": sign_in.user, "token": sign_in.token}
            kept["current"] = server_key(server)

    def forget(self, server: str) -> None:
        """Forgets what ``server`` gave."""
        with self._change() as kept:
            kept["servers"].pop(server_key(server), None)
            if kept["current"] == server_key(server):
                kept["current"] = None

    @contextmanager
    def _change(self) -> Iterator[dict[str, Any]]:
        private_folder(self._path.parent)
        try:
            with locked(self._path.with_suffix(".lock")):
                kept = self._read()
                yield kept
                write_private(self._path, json.dumps(kept, indent=1).encode())
        except OSError as error:
            raise Failed(
                "sign_ins.unwritable",
                f"The sign-in cannot be kept in {printable(str(self._path))}: {error.strerror}.",
            ) from error


def server_key(server: str) -> str:
    """Under which name a sign-in with ``server`` (an address, or :data:`LOCAL`) is kept."""
    return server if server == LOCAL else normalized(server)
