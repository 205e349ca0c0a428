"""Versions, settings and where they come from, and the keyring."""

from __future__ import annotations

import platform
from collections.abc import Iterator

from ... import __version__, config
from ...rules.errors import Failed, Problem
from ...rules.text import printable
from .check import Check, bad, ok, warn

#: Only that these are set is shown.
_SECRET = ("token", "notify_password", "work_token", "work_client_secret")


def checks(settings: config.Config) -> Iterator[Check]:
    yield ok("versions", f"sentlinks {__version__}, Python {platform.python_version()}, {platform.system()}.")
    yield _file(settings)
    yield from _values(settings)
    yield _keyring(settings)


def _file(settings: config.Config) -> Check:
    place = printable(str(settings.places.config))
    if not settings.places.config.exists():
        return ok("configuration", f"There is no {place}; the defaults apply, except for what follows.")
    return ok("configuration", f"Settings are read from {place}.")


def _values(settings: config.Config) -> Iterator[Check]:
    for key in config.KEYS:
        try:
            found = settings.setting(key)
        except Problem as problem:
            yield bad(f"setting {key}", problem.message, "Correct it there.")
            continue
        if found is not None:
            value = "set" if key in _SECRET else printable(str(found.value))
            yield ok(f"setting {key}", f"{value}, from {printable(found.origin)}.")


def _keyring(settings: config.Config) -> Check:
    from ...config import keyrings

    if not settings.uses_keyring:
        return ok(
            "keyring",
            f"Sign-ins are kept in files in {printable(str(settings.places.state))} that only you can read.",
        )
    try:
        keyrings.get("doctor")
    except Failed as problem:
        if problem.code == "keyring.none":
            return ok("keyring", f"{problem.message} Sign-ins are kept in files that only you can read.")
        return warn("keyring", problem.message, "Unlock it, or set keyring = false in the configuration.")
    return ok("keyring", "Sign-ins are kept in the system's keyring, which is unlocked.")
