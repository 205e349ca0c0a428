"""The fields of a send as options of a command: password, expiration date, downloads permitted."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from ...rules import typed_dates, typed_values
from ...rules.errors import InvalidValue, PolicyBreach, Problem
from ...rules.link_settings import FLAGS
from ...rules.typed_settings import TYPED
from ..base.options import option

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_MAX_INPUT = 64 * 1024
_JUDGED_BY_THE_SERVERS_CLOCK = ("expires.past", "expires.too_far")
#: What your firm requires, with the options that give it: the app's sentences are about its fields.
_REQUIRED = {
    "policy.password_required": (
        "Your firm requires a password; give one with --password-stdin or --generate-password."
    ),
    "policy.expires_required": "Your firm requires an expiration date; give one with --expires.",
    "policy.downloads_required": "Your firm requires a download limit; give one with --downloads.",
}


@contextmanager
def naming_options() -> Iterator[None]:
    """Within it, say of what your firm requires which options give it."""
    try:
        yield
    except PolicyBreach as problem:
        if problem.code not in _REQUIRED:
            raise
        raise PolicyBreach(problem.code, _REQUIRED[problem.code], problem.field) from problem


def complete_files(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Let the shell complete ``begun`` as a file name."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(begun, type="file")]


def _complete_presets(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Let the shell complete the name of one of the user's own presets."""
    from click.shell_completion import CompletionItem

    from ... import config
    from ...config.preferences import checked_presets

    with suppress(Problem):
        return [
            CompletionItem(each.name)
            for each in checked_presets(config.load())
            if each.name.casefold().startswith(begun.casefold())
        ]
    return []


def option_of(name: str) -> str:
    """The option of a setting, without its hyphens at the front."""
    return name.replace("_", "-")


def field_options(*, kept: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that adds the options of the fields to a command, which takes them as ``**given``.

    ``kept``: the command is about links that there are, which keep what isn't given.
    """
    unset = "unchanged" if kept else "the policy's, or none"
    options = (
        option(
            "--preset",
            metavar="NAME",
            shell_complete=_complete_presets,
            help="The settings of that name, of yours or your firm's. Other options override them.",
        ),
        option("--password-stdin", is_flag=True, help="Read the password from standard input."),
        option(
            "--generate-password",
            is_flag=True,
            help="Make a strong password that can be said on the telephone, and print it.",
        ),
        option(
            "--expires",
            metavar="WHEN",
            show_default=unset,
            help="A day (friday, 31 Dec, 2026-12-31), also with a time (17:00), or a span (7d, 36h); or none.",
        ),
        option("--no-expires", is_flag=True, help="No expiration date."),
        option(
            "--downloads",
            metavar="N",
            show_default=unset,
            help="Number of downloads permitted, or none for no limit.",
        ),
        option("--no-downloads", is_flag=True, help="No download limit."),
        *(
            option(
                f"--{option_of(name)}/--no-{option_of(name)}",
                default=None,
                show_default="unchanged" if kept else "the policy's, or off" if flag.default else "off",
                help=flag.help,
            )
            for name, flag in FLAGS.items()
        ),
    )

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for each in reversed(options):
            command = each(command)
        return command

    return add


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields as given: ``None`` if left out. ``expires`` is still as typed."""

    password: str | None = field(default=None, repr=False)
    generate: bool = False
    no_password: bool = False
    expires: str | None = None
    no_expires: bool = False
    downloads: int | None = None
    no_downloads: bool = False
    #: The settings that are on or off, those that were given.
    flags: dict[str, bool] = field(default_factory=dict)
    #: Whom the links are for; from the options of the e-mail.
    recipients: tuple[str, ...] = ()
    #: The name of the settings for what isn't given.
    preset: str | None = None

    def expires_at(self, now: datetime) -> datetime | None:
        """The expiry, by the server's clock, ``now``. Raises :class:`InvalidValue`."""
        return None if self.expires is None else typed_dates.parse_expiry(self.expires, now)

    @property
    def says_of_password(self) -> bool:
        """Whether they say which password there is, or that there is none."""
        return self.generate or self.no_password or self.password is not None


def read_fields(
    password_stdin: bool = False,
    generate_password: bool = False,
    expires: str | None = None,
    no_expires: bool = False,
    downloads: str | None = None,
    no_downloads: bool = False,
    no_password: bool = False,
    preset: str | None = None,
    **flags: bool | None,
) -> Fields:
    """Read the fields from the options. Raises :class:`InvalidValue` for errors that don't depend on the server."""
    _not_both(("--password-stdin", password_stdin), ("--generate-password", generate_password))
    _not_both(("--password-stdin", password_stdin), ("--no-password", no_password))
    _not_both(("--generate-password", generate_password), ("--no-password", no_password))
    _not_both(("--expires", expires is not None), ("--no-expires", no_expires))
    _not_both(("--downloads", downloads is not None), ("--no-downloads", no_downloads))
    if expires is not None and TYPED["expires"].is_none(expires):
        expires, no_expires = None, True
    if downloads is not None and TYPED["downloads"].is_none(downloads):
        downloads, no_downloads = None, True
    permitted = None if downloads is None else typed_values.parse_downloads(downloads)
    if expires is not None:
        try:
            typed_dates.parse_expiry(expires, datetime.now(UTC))
        except InvalidValue as error:
            if error.code not in _JUDGED_BY_THE_SERVERS_CLOCK:
                raise
    password = read_password() if password_stdin else None
    given = {name: on for name, on in flags.items() if on is not None}
    return Fields(
        password,
        generate_password,
        no_password,
        expires,
        no_expires,
        permitted,
        no_downloads,
        given,
        preset=preset,
    )


def _not_both(one: tuple[str, bool], other: tuple[str, bool]) -> None:
    if one[1] and other[1]:
        raise InvalidValue("options.contrary", f"Give {one[0]} or {other[0]}, not both.")


def read_password(prompt: str = "Password: ") -> str:
    """Read a password: without echo on a terminal, else from standard input without one trailing line break.

    Raises :class:`InvalidValue` if it can't be a password.
    """
    text = ask_hidden(prompt) if os.isatty(0) else _piped()
    typed_values.check_password(text)
    return text


def ask_hidden(prompt: str) -> str:
    """Ask for something on the terminal that isn't displayed as it is typed."""
    import getpass

    try:
        return getpass.getpass(prompt)
    except (KeyboardInterrupt, EOFError):
        # What follows begins on a line of its own.
        click.echo(err=True)
        raise click.Abort from None


def read_new_password() -> tuple[str | None, str]:
    """Read the user's current password (``None`` if not given) and a new one.

    Both are read without echo on a terminal, else from two lines of standard input; a single line is the new one.
    Raises :class:`InvalidValue` if the new one can't be a password.
    """
    if os.isatty(0):
        current, text = ask_hidden("Current password: "), ask_hidden("New password: ")
    else:
        text = _piped()
        first, separator, rest = text.partition("\n")
        current, text = (first.removesuffix("\r"), rest) if separator else ("", text)
    typed_values.check_password(text)
    return current or None, text


def _piped() -> str:
    data = sys.stdin.buffer.read(_MAX_INPUT) if sys.stdin else b""
    try:
        return typed_values.without_line_break(data.decode())
    except UnicodeDecodeError:
        raise InvalidValue(
            "password.encoding", "The password on standard input is not in UTF-8; convert it.", "password"
        ) from None
