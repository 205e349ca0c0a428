"""The copy of an e-mail that was sent from here: into which mailbox it goes, and what is said if it doesn't."""

from __future__ import annotations

from tui.config.mail import MailPreferences

from .account import Account, Protocol, parse_account

#: Servers that put what they send into the mailbox themselves.
_KEEP_COPIES = ("smtp.gmail.com", "smtp.googlemail.com", "smtp.office365.com", "smtp-mail.outlook.com")
_WAY_OUT = "If your server keeps copies itself, set mail_copy_sent = false."


def mailbox_for_copies(mail: MailPreferences, submitted: Account) -> Account | None:
    """The mailbox that gets a copy of what is ``submitted`` to a server; ``None`` if none is wanted there.

    Raises :class:`InvalidValue` if the settings have no valid mailbox.
    """
    if not mail.mail_copy_sent or not mail.mail_imap_url.strip() or submitted.host.lower() in _KEEP_COPIES:
        return None
    return parse_account(mail.mail_imap_url, Protocol.IMAP)


def not_copied(why: str) -> str:
    """What to say about an e-mail that was sent and isn't in the mailbox; ``why`` is a sentence."""
    return f"The e-mail was sent, but there is no copy of it in your mailbox. {why} {_WAY_OUT}"


def no_copy_expected(why: str) -> str:
    """What to say before an e-mail is sent that can't be copied; ``why`` is a sentence."""
    return f"There will be no copy of the e-mail in your mailbox. {why} {_WAY_OUT}"
