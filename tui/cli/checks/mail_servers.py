"""The mail servers of the settings: whether they can be reached, their certificate, signing in, and the Drafts folder.

Nothing is stored or sent there, and nothing is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ... import config
from ...config.mail import MailPreferences, mail_of
from ...rules.check_results import Check, bad, ok, warn
from ...rules.errors import InvalidValue, NotSignedIn, Problem

if TYPE_CHECKING:
    from ...mail.account import Account, Protocol
    from ...mail.folders import WantedFolder
    from ...mail.servers import ServerReport

#: What can't be done without a server, by the protocol.
_WITHOUT = {
    "imap": "so drafts can't be put into your mailbox",
    "smtp": "so no e-mail can be sent from here; a mail program can send it",
}
_SOON = timedelta(days=14)


def checks(settings: config.Config) -> Iterator[Check]:
    """Rows for the servers that the settings name; none if a setting is invalid, which another check reports."""
    from ...mail.account import Protocol, parse_account

    try:
        mail = mail_of(settings)
    except InvalidValue:
        # The check of the mail programs says so.
        return
    yield _templates(mail)
    for protocol, text in ((Protocol.IMAP, mail.mail_imap_url), (Protocol.SMTP, mail.mail_smtp_url)):
        ident = "mailbox" if protocol is Protocol.IMAP else "mail server"
        if not text:
            yield ok(ident, f"{protocol.key} is not set, {_WITHOUT[protocol]}.")
            continue
        try:
            account = parse_account(text, protocol)
        except InvalidValue as problem:
            yield bad(
                ident, problem.message, f"Correct {protocol.key} in the configuration or the app's settings."
            )
        else:
            yield from _server(ident, protocol, account, mail, uses_keyring=settings.uses_keyring)


def _templates(mail: MailPreferences) -> Check:
    from ...mail.templates import choose

    try:
        choose(mail.mail_template, mail.mail_html)
    except InvalidValue as problem:
        return bad(
            "mail templates", problem.message, "Correct it; sentlinks template check shows when it is right."
        )
    own = mail.mail_template or mail.mail_html
    return ok(
        "mail templates", "Your own templates can be filled." if own else "You have no templates of your own."
    )


def _server(
    ident: str, protocol: Protocol, account: Account, mail: MailPreferences, *, uses_keyring: bool
) -> Iterator[Check]:
    from ...mail import imap, smtp
    from ...mail.account import Protocol as Protocols
    from ...mail.credentials import known_secret

    command, folders = mail.password_command(protocol), ""
    try:
        secret = known_secret(account, command, uses_keyring=uses_keyring) if account.user else ""
        if secret is None:
            yield warn(
                ident,
                f"There is no password for {account.shown}, so it wasn't tried.",
                f"Set {protocol.command_key}, or keep the password when the app asks for it.",
            )
            return
        if protocol is Protocols.IMAP:
            wanted = _folders(mail)
            found = imap.check(account, secret, list(wanted.values()))
            folders = "".join(
                f" {what} go into {name}." for what, name in zip(wanted, found.folders, strict=True)
            )
        else:
            found = smtp.check(account, secret)
    except NotSignedIn as problem:
        where = f"Check {protocol.command_key}." if command else "Open a draft and type the password again."
        yield bad(ident, problem.message, where)
    except Problem as problem:
        of_command = problem.code in ("mail.password_command", "mail.no_token")
        must = f"{protocol.command_key} has to be a command that prints the {account.secret_name}; try it in a shell."
        yield bad(ident, problem.message, must if of_command else f"Check {protocol.key}.")
    else:
        signed_in = "Signing in works." if account.user else "It needs no sign-in."
        yield ok(ident, f"{account.shown}: {signed_in}{folders}")
        yield _certificate(f"{ident} certificate", found)


def _folders(mail: MailPreferences) -> dict[str, WantedFolder]:
    """The folders that are used, by what goes into them."""
    from ...mail.account import Protocol, parse_account
    from ...mail.folders import DRAFTS, SENT, WantedFolder
    from ...mail.sent_copy import mailbox_for_copies

    wanted = {"Drafts": WantedFolder(DRAFTS, mail.mail_drafts_folder)}
    try:
        copies = mail.mail_smtp_url and mailbox_for_copies(
            mail, parse_account(mail.mail_smtp_url, Protocol.SMTP)
        )
    except InvalidValue:
        # The check of that server says so.
        copies = None
    return (
        {**wanted, "Copies of sent e-mails": WantedFolder(SENT, mail.mail_sent_folder)} if copies else wanted
    )


def _certificate(ident: str, found: ServerReport) -> Check:
    if found.ends_at is None:
        return ok(ident, f"The certificate for {found.certificate} is valid.")
    days = (found.ends_at - datetime.now(UTC)).days
    text = f"The certificate for {found.certificate} is valid for {days} more days."
    if found.ends_at - datetime.now(UTC) < _SOON:
        return warn(ident, text, "Ask its administrator to renew it.")
    return ok(ident, text)
