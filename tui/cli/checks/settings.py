"""Versions, settings and where they come from, and the keyring."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ... import __version__, config
from ...config import hooks, keys, preferences
from ...rules.check_results import Check, bad, ok, warn
from ...rules.errors import Failed, Problem
from ...rules.text import printable, without_password

#: Only that these are set is shown.
_SECRET = ("token", "notify_password", "work_token", "work_client_secret")


def _check_sender(settings: config.Config) -> None:
    from ...rules.addresses import check_address

    check_address(settings.value("mail_from"))


def _check_theme(settings: config.Config) -> None:
    from ...ui.theme_file import read_theme

    name, folder = preferences.theme_name(settings), preferences.of(settings).themes_folder
    if name not in (*preferences.THEMES, *preferences.TEXTUAL_THEMES) and folder is not None:
        read_theme(folder, name)


#: Settings of which not every value of the right type means something.
_MEANINGS: Mapping[str, Callable[[config.Config], object]] = {
    "theme": _check_theme,
    "copy_format": preferences.copy_format,
    "alerts": lambda settings: settings.one_of("alerts", preferences.ALERTS),
    "mail_from": _check_sender,
    "keys": preferences.checked_keys,
    "presets": preferences.checked_presets,
    "hooks": hooks.checked_hooks,
}


def checks(settings: config.Config) -> Iterator[Check]:
    """Rows about what is read without a server."""
    yield ok("versions", f"sentlinks {__version__}, Python {platform.python_version()}, {platform.system()}.")
    yield _file(settings)
    yield from _values(settings)
    yield _state(settings.places.state)
    yield _keyring(settings)


def _state(folder: Path) -> Check:
    """Whether the state folder can be used, or made."""
    shown = printable(str(folder))
    nearest = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    if not nearest.is_dir():
        why = f"{printable(str(nearest))} is no folder"
    elif not os.access(nearest, os.W_OK | os.X_OK):
        why = f"you can't write to {printable(str(nearest))}"
    elif _is_full(nearest):
        return bad(
            "state folder",
            f"Nothing can be kept in {shown}: its disk is full. You can't sign in, and no send can be resumed.",
            "Free some space there, or set SENTLINKS_HOME to another place.",
        )
    else:
        return ok("state folder", f"Sign-ins, unfinished sends and logs are kept in {shown}.")
    return bad(
        "state folder",
        f"Nothing can be kept in {shown}: {why}. You can't sign in, and no send can be resumed.",
        "Make it a folder that you can write to, or set SENTLINKS_HOME to another one.",
    )


def _is_full(folder: Path) -> bool:
    facts = os.statvfs(folder)
    # Some of it is kept for root; and not every file system counts its files.
    blocks, files = (facts.f_bavail, facts.f_favail) if os.geteuid() else (facts.f_bfree, facts.f_ffree)
    return not blocks or (facts.f_files > 0 and not files)


def _file(settings: config.Config) -> Check:
    place = printable(str(settings.places.config))
    if not settings.places.config.exists():
        return ok("configuration", f"There is no {place}, so the defaults apply, and what is set elsewhere.")
    return ok("configuration", f"Settings are read from {place}.")


def _values(settings: config.Config) -> Iterator[Check]:
    for key in keys.KEYS:
        try:
            found = settings.setting(key)
            if found is not None and (check := _MEANINGS.get(key)):
                check(settings)
        except Problem as problem:
            yield bad(f"setting {key}", problem.message, f"Correct {key} {_place(settings, key)}.")
            continue
        if found is not None:
            value = "set" if key in _SECRET else without_password(_shown(found.value))
            yield ok(f"setting {key}", f"{value}, from {printable(found.origin)}.")


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, dict) else str(value)


def _place(settings: config.Config, key: str) -> str:
    name = f"SENTLINKS_{key.upper()}"
    try:
        of_environment = settings.from_environment(key) is not None
    except Problem:
        of_environment = True
    return (
        f"in the environment ({name})" if of_environment else f"in {printable(str(settings.places.config))}"
    )


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
