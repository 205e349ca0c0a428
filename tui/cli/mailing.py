"""The e-mail of a command: composed, and given to the user's mail servers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..config.mail import MailPreferences, mail_of
from ..rules.errors import InvalidValue, Problem
from . import common
from .common import Session
from .output import tell

if TYPE_CHECKING:
    from ..mail.account import Account, Protocol
    from ..mail.draft import Draft, Link
    from ..mail.templates import Templates


@dataclass
class Mailing:
    """The e-mail to ``to``: into the ``drafts`` folder of the mailbox, or to be ``submitted`` to its recipients."""

    session: Session
    to: tuple[str, ...]
    drafts: bool = False
    submitted: bool = False
    #: Per server: the account, and what the user signs in with.
    _accounts: dict[str, tuple[Account, str]] = field(default_factory=dict, repr=False)

    @property
    def _mail(self) -> MailPreferences:
        return mail_of(self.session.config)

    def check(self, *, yes: bool) -> None:
        """Check addresses, templates and accounts, and sign in to the servers; ask before something is to be sent.

        Raises :class:`Problem`.
        """
        from ..mail import imap, smtp
        from ..mail.account import Protocol
        from ..mail.templates import choose
        from ..rules.addresses import check_address

        mail = self._mail
        for address in self.to:
            check_address(address)
        if mail.mail_from:
            check_address(mail.mail_from)
        choose(mail.mail_template, mail.mail_html)
        if self.drafts:
            account, secret = self._sign_in(Protocol.IMAP, mail.mail_imap_url)
            imap.check(account, secret, mail.mail_drafts_folder)
        if self.submitted:
            if not self.to or not mail.mail_from:
                missing = (
                    "--to ADDRESS" if not self.to else "mail_from in the configuration, your own address"
                )
                raise InvalidValue("mail.missing", f"--submit needs {missing}.")
            account, secret = self._sign_in(Protocol.SMTP, mail.mail_smtp_url)
            smtp.check(account, secret)
            self._confirm(account, yes=yes)

    def _sign_in(self, protocol: Protocol, url: str) -> tuple[Account, str]:
        from ..mail.account import parse_account
        from ..mail.credentials import known_secret

        if not url:
            raise InvalidValue(
                "mail.missing", f"Set {protocol.key} first, for example to {protocol.example}."
            )
        account = parse_account(url, protocol)
        secret: str | None = ""
        if account.user:
            uses_keyring = self.session.config.uses_keyring
            secret = known_secret(account, self._mail.password_command(protocol), uses_keyring=uses_keyring)
        if secret is None:
            if not (os.isatty(0) and os.isatty(2)):
                raise InvalidValue(
                    "mail.no_password",
                    f"There is no password for {account.shown}: set {protocol.command_key}.",
                )
            import getpass

            secret = getpass.getpass(f"Password for {account.shown}: ")
        self._accounts[protocol] = account, secret
        return account, secret

    def _confirm(self, account: Account, *, yes: bool) -> None:
        if yes:
            return
        common.need_confirmation()
        import click

        names = "\n  ".join(self.to)
        tell(f"When the documents are sent, {account.host} sends an e-mail with working links to:\n  {names}")
        if not click.confirm("Send it?", err=True):
            raise InvalidValue("mail.declined", "Nothing was sent.")

    # ------------------------------------------------------------ with the links

    def compose(self, links: Sequence[Link], sender: str) -> Draft:
        """The e-mail with ``links``. Raises :class:`InvalidValue`."""
        from ..mail.draft import compose

        return compose(links, sender, self.to, self._templates(), from_address=self._mail.mail_from)

    def _templates(self) -> Templates:
        from ..mail.templates import choose

        mail = self._mail
        firm_text = firm_html = None
        if mail.mail_template is None or (mail.mail_html is None and mail.mail_with_html):
            try:
                firm = self.session.share(lambda share: share.mail_templates())
                firm_text, firm_html = firm.text, firm.html
            except Problem:
                # The built-in ones will do.
                pass
        return choose(mail.mail_template, mail.mail_html, firm_text, firm_html, with_html=mail.mail_with_html)

    def deliver(self, draft: Draft) -> bool:
        """Give ``draft`` to the servers. Returns whether they accepted it, and reports what they didn't."""
        from ..mail import imap, smtp
        from ..mail.account import Protocol
        from ..mail.message import to_sendable
        from ..rules.addresses import split_address

        good = True
        message = to_sendable(draft)
        if self.drafts:
            account, secret = self._accounts[Protocol.IMAP]
            try:
                folder = imap.put_in_drafts(account, secret, message, self._mail.mail_drafts_folder)
                self.session.inform(f"The e-mail is in the folder {folder} at {account.host}.")
            except Problem as problem:
                tell(problem.message)
                good = False
        if self.submitted:
            account, secret = self._accounts[Protocol.SMTP]
            recipients = [split_address(address)[1] for address in draft.to]
            try:
                smtp.submit(account, secret, message, split_address(draft.from_address)[1], recipients)
                count = "1 recipient" if len(recipients) == 1 else f"{len(recipients)} recipients"
                self.session.inform(f"{account.host} accepted the e-mail for {count}.")
            except Problem as problem:
                tell(problem.message)
                good = False
        return good
