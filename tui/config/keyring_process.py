"""The process that speaks with the system's keyring: run as a script, since it needs nothing of this package.

It is a process of its own, without a terminal, because a keyring may want to be unlocked: that would block, or ask
in the middle of a screen. One JSON object on standard input (``act``: ``get``, ``set`` or ``delete``; ``name``;
``secret``), one on standard output: ``secret``, or ``error`` with ``none``, ``locked`` or ``failed``.
"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import Any

SERVICE = "sentlinks"
#: Those that the library itself would take without being told to; below are files of its own making.
_LEAST_PRIORITY = 1


def _backend() -> Any:
    """The system's keyring, or the one that this person has chosen for the keyring library; ``None``: there is none."""
    from keyring import core
    from keyring.backends import chainer, fail, null

    chosen = core.load_env() or core.load_config()
    found: Any = chosen or core.get_keyring()
    if isinstance(found, chainer.ChainerBackend):
        found = next(iter(found.backends), None)
    if found is None or isinstance(found, fail.Keyring | null.Keyring):
        return None
    return found if chosen or found.priority >= _LEAST_PRIORITY else None


def _state(backend: Any) -> str | None:
    """What keeps it from being used without asking anybody; ``None`` where nothing does."""
    from keyring.backends import SecretService

    if not isinstance(backend, SecretService.Keyring):
        return None
    import secretstorage

    with closing(secretstorage.dbus_init()) as connection:
        path = getattr(backend, "preferred_collection", None)
        try:
            # Not the library's own way, which makes a collection where there is none, and asks for a password.
            place = (
                secretstorage.Collection(connection, path) if path else secretstorage.Collection(connection)
            )
            return "locked" if place.is_locked() else None
        except secretstorage.exceptions.SecretStorageException:
            return "none"


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Does what is asked, and says what came of it."""
    from keyring.errors import KeyringLocked, PasswordDeleteError

    backend = _backend()
    error = "none" if backend is None else _state(backend)
    if error is not None:
        return {"error": error}
    try:
        if asked["act"] == "set":
            backend.set_password(SERVICE, asked["name"], asked["secret"])
        elif asked["act"] == "delete":
            backend.delete_password(SERVICE, asked["name"])
        else:
            return {"secret": backend.get_password(SERVICE, asked["name"])}
    except KeyringLocked:
        return {"error": "locked"}
    except PasswordDeleteError:
        pass  # It was gone already.
    return {"secret": None}


def main() -> None:
    asked = json.load(sys.stdin)
    try:
        said = answer(asked)
    except Exception as error:
        # Backends raise what they like.
        said = {"error": "failed", "why": type(error).__name__}
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
