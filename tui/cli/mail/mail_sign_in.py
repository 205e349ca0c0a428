"""Signing in to the user's mail servers from a command."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from ...config import Config
from ...config.mail import mail_of
from ...rules.errors import Failed, InvalidValue, NotSignedIn, Problem
from ..base.output import tell
from ..send.fields import ask_hidden

if TYPE_CHECKING:
    from ...mail.account import Account


class MailSignIns:
    """What the user signs in with: from a command, from the keyring, or typed, in this order."""

    def __init__(self, config: Config) -> None:
        self._config = config
        #: What was accepted, by account.
        self._secrets: dict[str, str] = {}

    def secret(self, account: Account) -> str:
        """What the user has signed in with. :meth:`sign_in` has returned before."""
        return self._secrets[account.url]

    def sign_in(self, account: Account, check: Callable[[str], object]) -> None:
        """Sign in by calling ``check``. A password that isn't accepted is asked for again; one that was typed can be
        kept in the keyring.

        Raises :class:`Problem`.
        """
        command = mail_of(self._config).password_command(account.protocol)
        secret = self._known(account, command)
        refused = True
        while refused:
            typed = secret is None
            if secret is None:
                secret = _ask(account)
            try:
                check(secret)
                refused = False
                self._secrets[account.url] = secret
            except NotSignedIn as problem:
                if command or account.oauth or not _can_ask():
                    raise
                tell(problem.message)
                secret = None
        if typed and self._config.uses_keyring:
            self._offer_to_keep(account)

    def _known(self, account: Account, command: str) -> str | None:
        from ...mail.credentials import known_secret

        if account.url in self._secrets or not account.user:
            return self._secrets.get(account.url, "")
        try:
            return known_secret(account, command, uses_keyring=self._config.uses_keyring)
        except Failed as problem:
            if not problem.code.startswith("keyring.") or not _can_ask():
                raise
            # It can be typed instead.
            tell(problem.message)
            return None

    def _offer_to_keep(self, account: Account) -> None:
        from ...mail.credentials import keep_in_keyring

        if not click.confirm("Keep the password in the system's keyring?", err=True):
            return
        try:
            keep_in_keyring(account, self._secrets[account.url])
        except Problem as problem:
            tell(f"The password wasn't kept. {problem.message}")


def _can_ask() -> bool:
    return os.isatty(0) and os.isatty(2)


def _ask(account: Account) -> str:
    if not _can_ask():
        raise InvalidValue(
            "mail.no_password",
            f"There is no password for {account.shown}: set {account.protocol.command_key}.",
        )
    return ask_hidden(f"Password for {account.shown}: ")
