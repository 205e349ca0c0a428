"""The e-mail of a command: composed, and given to the user's mail servers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...config.mail import MailPreferences, mail_of
from ...rules.display import counted
from ...rules.errors import InvalidValue, Problem
from ..base import common
from ..base.common import CommandSession
from ..base.exit_status import INTERRUPTED
from ..base.output import tell
from .mail_sign_in import MailSignIns

if TYPE_CHECKING:
    from ...mail.account import Account, Protocol
    from ...mail.attempt import Attempt
    from ...mail.draft import Draft, DraftLink
    from ...mail.templates import Templates


#: Between two updates of the line about a server that takes its time.
_SECOND = 1.0


@dataclass
class Mailing:
    """The e-mail to ``to``: into the ``drafts`` folder of the mailbox, or to be ``submitted`` to its recipients."""

    session: CommandSession
    to: tuple[str, ...]
    drafts: bool = False
    submitted: bool = False
    _sign_ins: MailSignIns = field(init=False, repr=False)
    #: The options of what :meth:`deliver` couldn't do.
    failed: list[str] = field(default_factory=list, init=False)
    #: The servers that get the e-mail: as a draft, to be sent, and as a copy of what was sent.
    _mailbox: Account | None = field(default=None, init=False)
    _server: Account | None = field(default=None, init=False)
    _copies: Account | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._sign_ins = MailSignIns(self.session.config)

    @property
    def _mail(self) -> MailPreferences:
        return mail_of(self.session.config)

    @property
    def options(self) -> list[str]:
        """The options of what :meth:`deliver` is to do."""
        return [
            *(("--drafts",) if self._mailbox is not None else ()),
            *(("--submit",) if self._server is not None else ()),
        ]

    def check(self, *, yes: bool, published: int = 0) -> None:
        """Check addresses, templates and accounts, and sign in to the servers; ask before something is to be sent.

        ``published``: how many documents were sent before; 0 if they are yet to be sent. Raises :class:`Problem`.
        """
        from ...mail.templates import choose
        from ...rules.addresses import check_address

        mail = self._mail
        if mail.mail_from:
            check_address(mail.mail_from)
        choose(mail.mail_template, mail.mail_html)
        if self.drafts:
            self._check_drafts(mail)
        if self.submitted:
            self._check_submission(mail, yes=yes, published=published)

    def _check_drafts(self, mail: MailPreferences) -> None:
        from ...mail import imap
        from ...mail.account import Protocol
        from ...mail.folders import DRAFTS, WantedFolder

        account = _account(Protocol.IMAP, mail.mail_imap_url)
        wanted = [WantedFolder(DRAFTS, mail.mail_drafts_folder)]
        self._sign_ins.sign_in(account, lambda secret: imap.check(account, secret, wanted))
        self._mailbox = account

    def _check_submission(self, mail: MailPreferences, *, yes: bool, published: int) -> None:
        from ...mail import smtp
        from ...mail.account import Protocol

        if not self.to or not mail.mail_from:
            missing = "--to ADDRESS" if not self.to else "mail_from in the configuration, your own address"
            raise InvalidValue("mail.missing", f"--submit needs {missing}.")
        account = _account(Protocol.SMTP, mail.mail_smtp_url)
        self._sign_ins.sign_in(account, lambda secret: smtp.check(account, secret))
        self._server = account
        self._check_copies(mail, account)
        if not yes:
            self._confirm(account, published)

    def _check_copies(self, mail: MailPreferences, submitted: Account) -> None:
        """An e-mail can be sent without a copy, so nothing is raised."""
        from ...mail import imap
        from ...mail.folders import SENT, WantedFolder
        from ...mail.sent_copy import mailbox_for_copies, no_copy_expected

        wanted = [WantedFolder(SENT, mail.mail_sent_folder)]
        try:
            account = mailbox_for_copies(mail, submitted)
            if account is not None:
                self._sign_ins.sign_in(account, lambda secret: imap.check(account, secret, wanted))
            self._copies = account
        except Problem as problem:
            tell(no_copy_expected(problem.message))

    def _confirm(self, account: Account, published: int) -> None:
        common.need_confirmation()
        import click

        names = "\n  ".join(self.to)
        links = counted(published, "working link") if published else "working links"
        when = "" if published else "When the documents are sent, "
        tell(f"{when}{account.host} sends an e-mail with {links} to:\n  {names}")
        if not click.confirm("Send it?", err=True):
            raise InvalidValue("mail.declined", "Nothing was sent.")

    # ------------------------------------------------------------ with the links

    def compose(self, links: Sequence[DraftLink], sender: str) -> Draft:
        """The e-mail with ``links``. Raises :class:`InvalidValue`."""
        from ...mail.draft import compose

        return compose(links, sender, self.to, self._templates(), from_address=self._mail.mail_from)

    def _templates(self) -> Templates:
        from ...mail.templates import choose

        mail = self._mail
        firm_text = firm_html = None
        if mail.mail_template is None or (mail.mail_html is None and mail.mail_with_html):
            try:
                firm = self.session.share(lambda share: share.mail_templates())
                firm_text, firm_html = firm.text, firm.html
            except Problem:
                # The built-in ones will do.
                pass
        return choose(
            mail.mail_template,
            mail.mail_html,
            firm_text,
            firm_html,
            with_html=mail.mail_with_html,
            first_person=mail.mail_first_person,
        )

    def deliver(self, draft: Draft) -> int:
        """Give ``draft`` to the servers. Reports what they didn't accept, and keeps it in ``failed``; returns the exit
        status."""
        from ...mail.attempt import Attempt, Delivery
        from ...mail.message import to_sendable

        message = to_sendable(draft)
        status = 0
        if self._mailbox is not None:
            account = self._mailbox
            status = self._give(
                account, Attempt(Delivery.DRAFT), lambda attempt: self._put(account, message, attempt)
            )
            if status:
                self.failed.append("--drafts")
        if self._server is not None and status == INTERRUPTED:
            tell(Attempt(Delivery.E_MAIL).outcome)
            self.failed = self.options
        elif self._server is not None:
            sent = self._send(self._server, draft, message)
            if not sent:
                self._copy(message)
            else:
                self.failed.append("--submit")
            status = status or sent
        return status

    def _send(self, server: Account, draft: Draft, message: bytes) -> int:
        """Submit ``message``, unless a command that was killed may have done so. Returns the exit status."""
        from ...mail.attempt import Attempt, Delivery
        from ...mail.handed_over import HandOver

        hand_over = HandOver(self.session.config.places.state, draft)
        with hand_over.told():
            if at := hand_over.found():
                tell(
                    f"This e-mail may have been sent already, on {at}: the program that sent it ended before the "
                    "mail server answered. Look among your sent e-mails, or ask a recipient, before you send it again."
                )
                return 1
            attempt = Attempt(Delivery.E_MAIL)
            attempt.note_with(hand_over.write)
            return self._give(server, attempt, lambda attempt: self._submit(server, draft, message, attempt))

    def _give(
        self,
        account: Account,
        attempt: Attempt,
        act: Callable[[Attempt], str],
        about: Callable[[str], str] = str,
    ) -> int:
        """Call ``act`` and report what it returns, or ``about`` what went wrong. Returns the exit status."""
        try:
            self.session.inform(_awaited(account, attempt, act))
        except Problem as problem:
            tell(about(problem.message))
            return 1
        except KeyboardInterrupt:
            tell(about(attempt.cancel().message))
            return INTERRUPTED
        return 0

    def _put(self, account: Account, message: bytes, attempt: Attempt) -> str:
        from ...mail import imap

        secret, folder = self._sign_ins.secret(account), self._mail.mail_drafts_folder
        found = imap.put_in_drafts(account, secret, message, folder, attempt)
        return f"The e-mail is in the folder {found} at {account.host}."

    def _submit(self, account: Account, draft: Draft, message: bytes, attempt: Attempt) -> str:
        from ...mail import smtp
        from ...rules.addresses import split_address

        recipients = [split_address(address)[1] for address in draft.to]
        sender = split_address(draft.from_address)[1]
        smtp.submit(account, self._sign_ins.secret(account), message, sender, recipients, attempt)
        return f"{account.host} accepted the e-mail for {counted(len(recipients), 'recipient')}."

    def _copy(self, message: bytes) -> None:
        """Put a copy into the mailbox. Without it the command has still done what it was to do."""
        from ...mail import imap
        from ...mail.attempt import Attempt, Delivery
        from ...mail.sent_copy import not_copied

        account = self._copies
        if account is None:
            return
        secret, folder = self._sign_ins.secret(account), self._mail.mail_sent_folder

        def put(attempt: Attempt) -> str:
            found = imap.put_in_sent(account, secret, message, folder, attempt)
            return f"A copy is in the folder {found} at {account.host}."

        self._give(account, Attempt(Delivery.COPY), put, not_copied)


def _awaited(account: Account, attempt: Attempt, act: Callable[[Attempt], str]) -> str:
    """What ``act`` returns, called in a thread; a line says how long its server has been taking to answer."""
    from concurrent.futures import Future, wait
    from threading import Thread

    from ...mail.servers import waiting_text
    from ..base.progress import live_line

    outcome = Future[str]()

    def run() -> None:
        try:
            outcome.set_result(act(attempt))
        except Exception as error:
            outcome.set_exception(error)

    # It ends with the program, however long the server takes: a cancelled attempt may still be waiting for a name.
    Thread(target=run, daemon=True, name="mail").start()
    with live_line() as show:
        while not wait([outcome], _SECOND).done:
            if text := waiting_text(account, attempt):
                show(f"{text} (ctrl+c stops waiting)")
    return outcome.result()


def _account(protocol: Protocol, url: str) -> Account:
    from ...mail.account import parse_account

    if not url:
        raise InvalidValue("mail.missing", f"Set {protocol.key} first, for example to {protocol.example}.")
    return parse_account(url, protocol)
