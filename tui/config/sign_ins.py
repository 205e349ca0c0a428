"""The stored sign-ins: the tokens of each server that issued some.

They are kept in the system's keyring if there is one that can be used, else in the file itself, of mode 0600. The file
always lists which sign-ins there are, so the keyring is asked only for what is in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..files.trusted_paths import open_own
from ..rules.errors import Failed, NotSignedIn
from ..rules.text import printable
from . import keyrings
from .private import locked, private_folder

#: The stored sign-in of the local server, whose address may change.
LOCAL = "local"


class StoredSignIn(NamedTuple):
    """A token that a server issued to ``user``, and what refreshes it, if it can be refreshed.

    ``expires_at`` is in seconds since 1970. The last three fields are how the program was registered there.
    """

    user: str
    token: str
    refresh_token: str | None = None
    expires_at: float | None = None
    client_id: str | None = None
    client_secret: str | None = None
    scope: str | None = None

    def __repr__(self) -> str:
        # Tokens and the secret never get into a log.
        return f"StoredSignIn(user={self.user!r}, expires_at={self.expires_at!r})"


class StoredWhere(NamedTuple):
    """Where a sign-in is stored, in words; ``note`` says why it isn't in the keyring, if there is one."""

    where: str
    note: str = ""


def normalized(url: str) -> str:
    """A server's address in the one spelling under which its sign-in is stored."""
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
    """The stored sign-ins with servers of one kind, one per server.

    ``use_keyring`` is called when one is stored.
    """

    def __init__(
        self, state: Path, name: str = "sign-ins", use_keyring: Callable[[], bool] = lambda: False
    ) -> None:
        self._name = name
        self._path = state / f"{name}.json"
        self._use_keyring = use_keyring
        #: What was read from the keyring, by the stamp of its sign-in.
        self._known: dict[str, dict[str, Any]] = {}

    def _read(self) -> dict[str, Any]:
        try:
            with os.fdopen(open_own(self._path), "rb") as file:
                found = json.loads(file.read())
        except (FileNotFoundError, NotADirectoryError):
            # Nothing can be stored where a folder should be and isn't one: keeping a sign-in says so.
            found = {}
        except (OSError, ValueError, RecursionError) as error:
            raise _unreadable(self._path, error) from error
        kept = found.get("servers") if isinstance(found, dict) else None
        return {
            "current": found.get("current") if isinstance(found, dict) else None,
            "servers": {
                key: value
                for key, value in (kept if isinstance(kept, dict) else {}).items()
                if isinstance(value, dict)
                and isinstance(value.get("token", value.get("keyring")), str)
                and isinstance(value.get("user"), str)
            },
        }

    @property
    def current(self) -> str | None:
        """The server last signed in to: an address, or :data:`LOCAL`."""
        kept = self._read()
        return kept["current"] if kept["current"] in kept["servers"] else None

    def of(self, server: str) -> StoredSignIn | None:
        """The sign-in with ``server`` (an address, or :data:`LOCAL`), or ``None``.

        Raises :class:`NotSignedIn` if it is in the keyring and can't be read.
        """
        key = server_key(server)
        kept = self._read()["servers"].get(key)
        if kept is None:
            return None
        return _sign_in(kept if "token" in kept else kept | self._secret(key, kept["keyring"]))

    def _secret(self, key: str, stamp: str) -> dict[str, Any]:
        if stamp not in self._known:
            try:
                text = keyrings.get(self._name_of(key))
            except Failed as problem:
                raise NotSignedIn(
                    problem.code, f"Can't read the sign-in for {printable(key)}. {problem.message}"
                ) from problem
            self._known[stamp] = _json(text)
        return self._known[stamp]

    def _name_of(self, key: str) -> str:
        return f"{self._name} {key}"

    def check_writable(self) -> None:
        """Raise :class:`Failed` if no sign-in can be stored now: a server's token would be lost, or its sign-in stay
        open without anyone knowing."""
        with self._writing() as kept:
            probe = self._path.with_suffix(".probe")
            self._write(probe, kept)
            probe.unlink()

    def keep(self, server: str, sign_in: StoredSignIn, *, current: bool = True) -> StoredWhere:
        """Store a sign-in. If it is the ``current`` one, later commands use its server by default."""
        key = server_key(server)
        with self._change() as kept:
            entry, location = self._stored(key, sign_in, kept["servers"].get(key, {}))
            kept["servers"][key] = entry
            if current:
                kept["current"] = key
        return location

    def _stored(
        self, key: str, sign_in: StoredSignIn, before: dict[str, Any]
    ) -> tuple[dict[str, Any], StoredWhere]:
        """The sign-in's entry in the file, with its secrets unless the keyring has them, and where they are."""
        values = {name: value for name, value in sign_in._asdict().items() if value is not None}
        note = ""
        if self._use_keyring():
            secret = {name: values[name] for name in _SECRET if name in values}
            try:
                keyrings.put(self._name_of(key), json.dumps(secret))
                stamp = os.urandom(8).hex()
                self._known[stamp] = secret
                entry = {name: value for name, value in values.items() if name not in _SECRET}
                return entry | {"keyring": stamp}, StoredWhere("the system's keyring")
            except Failed as problem:
                note = "" if problem.code == "keyring.none" else problem.message
        if "keyring" in before:
            self._remove(key)
        return values, StoredWhere(str(self._path), note)

    def _remove(self, key: str) -> None:
        # If the keyring can't be used now, what is left in it is overwritten by the next sign-in.
        with suppress(Failed):
            keyrings.remove(self._name_of(key))

    def forget(self, server: str) -> None:
        """Delete the sign-in with ``server``."""
        key = server_key(server)
        with self._change() as kept:
            if "keyring" in kept["servers"].pop(key, {}):
                self._remove(key)
            if kept["current"] == key:
                kept["current"] = None

    def renewing(self) -> AbstractContextManager[object]:
        """The lock of the one process that refreshes tokens: a refresh token may be good for a single use.

        Raises :class:`BlockingIOError` if another process holds it.
        """
        private_folder(self._path.parent)
        return locked(self._path.with_suffix(".renewal"), wait=False)

    @contextmanager
    def _change(self) -> Iterator[dict[str, Any]]:
        with self._writing() as kept:
            yield kept
            self._write(self._path, kept)

    def _write(self, path: Path, kept: dict[str, Any]) -> None:
        # Imported late: the app appears sooner without it.
        from ..files.private_files import write_private

        write_private(path, json.dumps(kept, indent=1).encode())

    @contextmanager
    def _writing(self) -> Iterator[dict[str, Any]]:
        """What is stored, which no other process changes in the block. Raises :class:`Failed` if the block can't write
        a file."""
        private_folder(self._path.parent)
        try:
            with locked(self._path.with_suffix(".lock")):
                yield self._read()
        except OSError as error:
            raise Failed(
                "sign_ins.unwritable",
                f"Can't save the sign-in in {printable(str(self._path))}: {error.strerror}.",
            ) from error


def _unreadable(path: Path, error: Exception) -> Failed:
    message = f"The stored sign-ins in {printable(str(path))} cannot be read"
    if isinstance(error, OSError):
        message += f": {error.strerror or os.strerror(error.errno or 0)}."
    else:
        message += "; remove that file and sign in again."
    return Failed("sign_ins.unreadable", message)


_SECRET = ("token", "refresh_token", "client_secret")
_FIELDS = frozenset(StoredSignIn._fields)


def _json(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "")
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def _sign_in(stored: dict[str, Any]) -> StoredSignIn | None:
    """The sign-in, without values of the wrong type; ``None`` if it has no token."""
    values = {name: value for name, value in stored.items() if name in _FIELDS}
    expires = values.pop("expires_at", None)
    values = {name: value for name, value in values.items() if isinstance(value, str)}
    if not values.get("token"):
        return None
    return StoredSignIn(**values, expires_at=float(expires) if isinstance(expires, int | float) else None)


def server_key(server: str) -> str:
    """The key under which a sign-in with ``server`` (an address, or :data:`LOCAL`) is stored."""
    return server if server == LOCAL else normalized(server)
