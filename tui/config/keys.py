"""Every key of the configuration, the type of its value, and how that is read from a text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..rules.errors import InvalidValue

_TEXT, _NUMBER, _FLAG, _PATH = "text", "number", "flag", "path"
_TABLE, _PRESETS, _HOOKS = "table", "presets", "hooks"
#: Every key of the file, and the type of its value.
KEYS = {
    "server": _TEXT,
    "token": _TEXT,
    "allow_plain": _FLAG,
    "host": _TEXT,
    "port": _NUMBER,
    "data": _PATH,
    "database_url": _TEXT,
    "store": _TEXT,
    "public_url": _TEXT,
    "user": _TEXT,
    "full_name": _TEXT,
    "proxies": _TEXT,
    "connections_per_address": _NUMBER,
    "presses_per_hour": _NUMBER,
    "kept_bytes": _NUMBER,
    "unfinished_bytes": _NUMBER,
    # The mail server for notifying senders; its password is SENTLINKS_NOTIFY_PASSWORD.
    "notify_smtp_url": _TEXT,
    "notify_from": _TEXT,
    "notify_password": _TEXT,
    # What recipients see of the firm
    "firm_name": _TEXT,
    "firm_contact": _TEXT,
    "firm_logo": _PATH,
    "firm_color": _TEXT,
    "firm_color_dark": _TEXT,
    "time_zone": _TEXT,
    # The templates of their e-mail, for everyone on the server
    "firm_mail_template": _PATH,
    "firm_mail_html": _PATH,
    # A separate Work server, next to the one that publishes
    "work_server": _TEXT,
    "work_token": _TEXT,
    "work_user": _TEXT,
    "work_client_id": _TEXT,
    "work_client_secret": _TEXT,
    "work_scope": _TEXT,
    "work_redirect": _TEXT,
    "keyring": _FLAG,
    # The app's own settings
    "theme": _TEXT,
    "cell_diff": _FLAG,
    "animation": _FLAG,
    "live": _FLAG,
    "mouse": _FLAG,
    "copy_format": _TEXT,
    "alerts": _TEXT,
    # Whether documents are looked into before they are sent
    "carries": _TEXT,
    # The user's e-mail
    "mail_program": _TEXT,
    "mail_from": _TEXT,
    "mail_template": _PATH,
    "mail_html": _PATH,
    "mail_with_html": _FLAG,
    "mail_first_person": _FLAG,
    "mail_query_command": _TEXT,
    "mail_imap_url": _TEXT,
    "mail_imap_password_command": _TEXT,
    "mail_drafts_folder": _TEXT,
    "mail_sent_folder": _TEXT,
    "mail_copy_sent": _FLAG,
    "mail_smtp_url": _TEXT,
    "mail_smtp_password_command": _TEXT,
    "keys": _TABLE,
    # Settings of links under a name
    "presets": _PRESETS,
    # Programs that "sentlinks watch" runs
    "hooks": _HOOKS,
}
#: What the keys about the user's own e-mail begin with.
MAIL_PREFIX = "mail_"
#: The values of ``mail_program``: where a draft is opened. ``auto`` is the first that is there.
MAIL_PROGRAMS = (
    "auto", "neomutt", "mutt", "aerc", "thunderbird", "desktop", "editor", "drafts", "smtp",
)  # fmt: skip
#: The values of ``carries``; the first is the app's own.
CARRIES = ("warn", "off", "refuse")
#: The largest number: what a database can store.
_MOST = 2**63 - 1
_FLAGS = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(("false", "no", "off", "0"), False)
_TYPES = {_TEXT: str, _NUMBER: int, _FLAG: bool, _PATH: Path, _TABLE: dict, _PRESETS: dict, _HOOKS: dict}
_WANTS = {
    _TEXT: "text in quotes",
    _NUMBER: "a whole number",
    _FLAG: "true or false",
    _PATH: "a path",
    _TABLE: 'a table of commands and keys, like "folder.unpublish" = "u"',
    _PRESETS: 'a table for each preset, like [presets.client] with expires = "7d"',
    _HOOKS: 'a table of events and programs, like delivered = ["notify-send", "Delivered"]',
}

#: How a key says that there is no limit.
_MORE = {"presses_per_hour": " (0 for any number)"}


def typed(key: str, value: object, name: str, base: Callable[[], Path]) -> Any:
    """``value`` of ``name`` in the environment or the file, converted to the type of ``key``; paths are relative to
    ``base``. Raises :class:`InvalidValue` for what isn't of that type."""
    kind = KEYS[key]
    found = _parsed(kind, value, base) if isinstance(value, str) else value
    if isinstance(found, int) and abs(found) > _MOST:
        found = None
    if isinstance(found, _TYPES[kind]) and (kind == _FLAG or not isinstance(found, bool)):
        return found
    if found == "":
        return ""
    raise InvalidValue("config.value", f"{name} must be {_WANTS[kind]}{_MORE.get(key, '')}.", key)


def _parsed(kind: str, text: str, base: Callable[[], Path]) -> object:
    if kind == _TEXT or not text.strip():
        return text.strip()
    text = text.strip()
    if kind == _NUMBER:
        return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(_MOST)) else None
    if kind == _FLAG:
        return _FLAGS.get(text.lower())
    if kind == _TABLE:
        return _pairs(text)
    if kind == _PRESETS:
        from ..rules.preset_lines import read_lines

        return read_lines(text)
    if kind == _HOOKS:
        return _table_of(text)
    try:
        return (base() / Path(text).expanduser()).absolute()
    except RuntimeError:
        # ~ and the name of a user who doesn't exist.
        return None


def _table_of(text: str) -> dict[str, Any] | None:
    """What lines of TOML say; ``None`` if they are malformed."""
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _pairs(text: str) -> dict[str, str] | None:
    """Return the names and values of ``name=value name=value``; a value may have several words. ``None`` if it isn't
    that."""
    found: dict[str, str] = {}
    name = ""
    for word in text.split():
        before, sign, value = word.partition("=")
        if sign and before and value:
            name, found[before] = before, value
        elif sign or not name:
            return None
        else:
            found[name] += f" {word}"
    return found


def meant(key: str) -> str:
    """The end of a sentence about a key that there isn't: which one was meant, or all of them."""
    from ..rules.similar import did_you_mean

    similar = did_you_mean(key, KEYS)
    return f". {similar}" if similar else f"; its keys are {', '.join(KEYS)}."
