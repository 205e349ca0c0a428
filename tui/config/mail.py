"""The user's settings for e-mail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import Config, mail_values


@dataclass(frozen=True, slots=True)
class MailPreferences:
    """The user's e-mail; each field is a key of the configuration. Addresses are as typed: using them checks them.

    The last two are the programs that print a password or an access token. None of these values is a secret.
    """

    mail_program: str = "auto"
    mail_from: str = ""
    #: The user's own templates.
    mail_template: Path | None = None
    mail_html: Path | None = None
    #: Whether the e-mail has its text in HTML, too.
    mail_with_html: bool = True
    #: Whether the built-in text says "I am sending you", or what the sender, by name, sent.
    mail_first_person: bool = True
    #: Finds addresses, as mutt's ``query_command`` does.
    mail_query_command: str = ""
    mail_imap_url: str = ""
    mail_drafts_folder: str = ""
    mail_sent_folder: str = ""
    #: Whether what is sent through the mail server is also put into the mailbox.
    mail_copy_sent: bool = True
    mail_smtp_url: str = ""
    mail_imap_password_command: str = ""
    mail_smtp_password_command: str = ""

    def password_command(self, protocol: str) -> str:
        """The command for ``imap`` or ``smtp``; empty if there is none."""
        return {"imap": self.mail_imap_password_command, "smtp": self.mail_smtp_password_command}[
            protocol
        ].strip()


def mail_of(config: Config) -> MailPreferences:
    """The user's e-mail in the configuration. Raises :class:`InvalidValue` for an unknown mail program."""
    return MailPreferences(**mail_values(config))
