"""The process that accesses the system's keyring; run as a script, since it needs nothing from this package.

It is a separate process, without a terminal, because a keyring may have to be unlocked: that would block, or prompt in
the middle of a screen. It reads one JSON object from standard input (``act``: ``get``, ``set`` or ``delete``; ``name``;
``secret``) and writes one to standard output: ``secret``, or ``error`` with ``none``, ``locked`` or ``failed``.
"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import Any

SERVICE = "sentlinks"
#: The least priority at which the library chooses a backend by itself; those below keep secrets in its own files.
_LEAST_PRIORITY = 1


def _backend() -> Any:
    """The system's keyring, or the one that the user has chosen for the keyring library; ``None`` if there is none."""
    from keyring import core
    from keyring.backends import chainer, fail, null

    chosen = core.load_env() or core.load_config()
    found: Any = chosen or core.get_keyring()
    if isinstance(found, chainer.ChainerBackend):
        found = next(iter(found.backends), None)
    if found is None or isinstance(found, fail.Keyring | null.Keyring):
        return None
    return found if chosen or found.priority >= _LEAST_PRIORITY else None


def _unusable(backend: Any) -> str | None:
    """Why the keyring can't be used without prompting (``locked`` or ``none``); ``None`` if it can."""
    from keyring.backends import SecretService

    if not isinstance(backend, SecretService.Keyring):
        return None
    import secretstorage

    with closing(secretstorage.dbus_init()) as connection:
        path = getattr(backend, "preferred_collection", None)
        try:
            # Not the library's own way, which creates a missing collection and prompts for a password.
            place = (
                secretstorage.Collection(connection, path) if path else secretstorage.Collection(connection)
            )
            return "locked" if place.is_locked() else None
        except secretstorage.exceptions.SecretStorageException:
            return "none"


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Carry out a request and return the response."""
    from keyring.errors import KeyringLocked, PasswordDeleteError

    backend = _backend()
    error = "none" if backend is None else _unusable(backend)
    if error is not None:
        return {"error": error}
    try:
        if request["act"] == "set":
            backend.set_password(SERVICE, request["name"], request["secret"])
        elif request["act"] == "delete":
            backend.delete_password(SERVICE, request["name"])
        else:
            return {"secret": backend.get_password(SERVICE, request["name"])}
    except KeyringLocked:
        return {"error": "locked"}
    except PasswordDeleteError:
        pass  # Already deleted.
    return {"secret": None}


def main() -> None:
    """Answer the one request on standard input, a JSON object, with another on standard output."""
    request = json.load(sys.stdin)
    try:
        response = answer(request)
    except Exception as error:
        # Backends may raise anything.
        response = {"error": "failed", "why": type(error).__name__}
    json.dump(response, sys.stdout)


if __name__ == "__main__":
    main()
