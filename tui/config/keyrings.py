"""Secrets in the system's keyring, which is never waited for long, and never asks for a password.

Whatever keeps it from being used (there is none, it is locked, it does not answer) is a :class:`Failed` with the
code ``keyring.none``, ``keyring.locked``, ``keyring.silent`` or ``keyring.failed``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ..rules.errors import Failed

_PROCESS = Path(__file__).with_name("keyring_process.py")
#: A keyring that has to be started first takes a moment.
SECONDS = 8.0
_SENTENCES = {
    "none": "This machine has no keyring that can be used.",
    "locked": "The system's keyring is locked; unlock it, and try again.",
    "silent": "The system's keyring does not answer; check whether it needs to be unlocked.",
}


def get(name: str) -> str | None:
    """The secret called ``name``, where there is one."""
    found = _ask({"act": "get", "name": name})
    return found if isinstance(found, str) else None


def put(name: str, secret: str) -> None:
    """Keeps a secret, in the place of an older one of that name."""
    _ask({"act": "set", "name": name, "secret": secret})


def remove(name: str) -> None:
    """Removes a secret; one that is not there is gone already."""
    _ask({"act": "delete", "name": name})


def _ask(what: dict[str, Any]) -> Any:
    try:
        done = subprocess.run(
            # -P: nothing of the folder that it is in, or that the command runs in, is taken for the library.
            [sys.executable, "-P", str(_PROCESS)],
            input=json.dumps(what),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            start_new_session=True,
            check=False,
        )
        said = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise _trouble("silent") from None
    except (OSError, ValueError):
        raise _trouble("failed") from None
    if "error" in said:
        raise _trouble(said["error"], str(said.get("why", "")))
    return said.get("secret")


def _trouble(kind: str, why: str = "") -> Failed:
    sentence = _SENTENCES.get(kind)
    told = f" ({why})" if why else ""
    return Failed(f"keyring.{kind}", sentence or f"The system's keyring cannot be used{told}.")
