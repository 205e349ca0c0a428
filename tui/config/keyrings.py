"""Secrets in the system's keyring, with a timeout and without ever prompting for a password.

If the keyring can't be used (there is none, it is locked, it doesn't respond), :class:`Failed` is raised with the code
``keyring.none``, ``keyring.locked``, ``keyring.silent`` or ``keyring.failed``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ..rules.errors import Failed

_PROCESS = Path(__file__).with_name("keyring_process.py")
#: The timeout; a keyring that has to be started first takes a moment.
SECONDS = 8.0
_SENTENCES = {
    "none": "This machine has no usable keyring.",
    "locked": "The system's keyring is locked; unlock it and try again.",
    "silent": "The system's keyring does not respond; check whether it needs to be unlocked.",
}


def get(name: str) -> str | None:
    """The secret called ``name``, or ``None`` if there is none."""
    found = _request({"act": "get", "name": name})
    return found if isinstance(found, str) else None


def put(name: str, secret: str) -> None:
    """Store a secret, replacing an older one of that name."""
    _request({"act": "set", "name": name, "secret": secret})


def remove(name: str) -> None:
    """Remove a secret, if there is one of that name."""
    _request({"act": "delete", "name": name})


def _request(request: dict[str, Any]) -> Any:
    try:
        done = subprocess.run(
            # -P: don't import modules from the script's folder or the current one in place of the library.
            [sys.executable, "-P", str(_PROCESS)],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            start_new_session=True,
            check=False,
        )
        response = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise _failure("silent") from None
    except (OSError, ValueError):
        raise _failure("failed") from None
    if "error" in response:
        raise _failure(response["error"], str(response.get("why", "")))
    return response.get("secret")


def _failure(kind: str, why: str = "") -> Failed:
    sentence = _SENTENCES.get(kind)
    detail = f" ({why})" if why else ""
    return Failed(f"keyring.{kind}", sentence or f"The system's keyring cannot be used{detail}.")
