"""``sentlinks policy``: what the administrator requires of sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..files.user_files import open_given, with_home
from ..rules import policy as rules
from ..rules.display import counted
from ..rules.errors import InvalidValue
from ..rules.preset_lines import names_of
from ..rules.text import printable
from .base import common
from .base.common import CommandSession
from .base.output import emit, tell
from .base.table import TableColumn, table

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

#: What the lists of the policy hold, one a line.
_HELD = {"password_refused": "password", "presets": "preset"}
_MAX_LIST_BYTES = 4_000_000


@click.group("policy")
def policy_command() -> None:
    """The administrator's policy.

    What it requires of passwords, expiration dates, downloads and recipients, and what documents may carry.
    """


@policy_command.command("show")
@common.remote
def show(session: CommandSession) -> None:
    """Show the policy."""
    _print(session, asdict(session.share(lambda share: share.policy())))


def _complete(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    from .base.completions import policy_values

    return policy_values(context, incomplete, rules.KEYS, rules.YES_OR_NO)


@policy_command.command("set")
@click.argument("values", nargs=-1, required=True, metavar="KEY=VALUE...", shell_complete=_complete)
@common.remote
def set_(session: CommandSession, values: tuple[str, ...]) -> None:
    """Change the policy; an empty value unsets a key. For administrators.

    Values are true, false, numbers, and spans (90m, 36h, 7d, 2w); password_refused takes @FILE, one password per line.
    recipients_domains takes domains with commas between them, recipients_others warn or refuse. presets takes @FILE,
    too, or one line, like "client: password=make expires=7d". "policy show" lists the keys.
    """
    changes = _changes(values)
    policy = session.share(lambda share: share.change_policy(changes))
    _print(session, asdict(policy))
    for sentence in rules.left_open(policy, changes.keys()):
        tell(sentence)


def _changes(values: Sequence[str]) -> dict[str, str]:
    """The values by their keys. Raises :class:`InvalidValue`, also for a key with two values: only one of them could
    be set."""
    changes: dict[str, str] = {}
    for key, value in map(_change, values):
        if changes.setdefault(key, value) != value:
            raise InvalidValue("policy.value", f"{key} is given two values; give one.", key)
    return changes


def _change(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise InvalidValue("policy.form", f"{printable(text)} is not of the form KEY=VALUE.")
    if key not in rules.KEYS:
        raise rules.unknown_key(key)
    if key not in rules.LISTS or not value or (key == "presets" and not value.startswith("@")):
        return key, value
    return key, _list(key, value)


def _list(key: str, value: str) -> str:
    """The lines of the file that ``@FILE`` names."""
    if not value.startswith("@"):
        raise InvalidValue("policy.value", f"{key} takes @FILE, a file with one {_HELD[key]} per line.", key)
    path = Path(with_home(value[1:]))
    try:
        with open_given(path) as file:
            data = file.read(_MAX_LIST_BYTES + 1)
        if len(data) > _MAX_LIST_BYTES:
            raise InvalidValue(
                "policy.value",
                f"{printable(str(path))} is over {_MAX_LIST_BYTES:,} bytes; shorten it.",
                key,
            )
        return data.decode("utf-8-sig")
    except OSError as error:
        raise InvalidValue(
            "policy.file", f"{printable(str(path))} cannot be read: {error.strerror}.", key
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidValue(
            "policy.file", f"{printable(str(path))} is not in UTF-8; convert it.", key
        ) from error


def _print(session: CommandSession, values: dict[str, object]) -> None:
    if session.json:
        emit({key: values.get(key) for key in rules.KEYS})
    else:
        table(
            (TableColumn("KEY"), TableColumn("VALUE", least=24)),
            [(key, _shown(key, values.get(key))) for key in rules.KEYS],
        )


def _shown(key: str, value: object) -> str:
    if isinstance(value, tuple) and key == "presets":
        return ", ".join(names_of(value))
    if isinstance(value, tuple) and key in _HELD:
        return counted(len(value), _HELD[key])
    return rules.typed_text(key, value) or "-"
