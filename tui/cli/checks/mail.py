"""Mail: the programs that open drafts, drafts that were left behind, and the sendmail for smart attachments."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ... import config
from ...rules.check_results import Check, bad, ok, warn
from ...rules.errors import InvalidValue
from ...rules.text import printable
from .mutt import refused_settings

if TYPE_CHECKING:
    from ...mail.ways import MailTarget

_CORRECT = "Change it in the app's settings (press the comma key in the list), or in the configuration."
_SENDMAILS = ("msmtp", "sendmail", "/usr/sbin/sendmail")


def checks(settings: config.Config) -> Iterator[Check]:
    """One row each for the mail programs, the address book, drafts left behind, and sendmail."""
    yield _programs(settings)
    yield from _address_book(settings)
    yield _left_drafts(settings)
    yield from list(refused_settings()) or [_sendmail()]


def _programs(settings: config.Config) -> Check:
    from ...config.mail import mail_of
    from ...mail.launch import programs_here
    from ...mail.ways import find_ways

    try:
        preferences = mail_of(settings)
    except InvalidValue as problem:
        return bad("mail programs", problem.message, "Correct mail_program in the configuration.")
    found = find_ways(programs_here(), preferences)
    faults = " ".join(found.faults)
    if not found.ways:
        return warn(
            "mail programs",
            " ".join(filter(None, ("No program here can open drafts; they can be saved as files.", faults))),
            "Install neomutt, mutt or aerc, or set VISUAL or EDITOR to your editor.",
        )
    first, *others = map(_goal, found.ways)
    then = f", then {', then '.join(others)}" if others else ""
    why = ", as the settings say" if preferences.mail_program == found.ways[0].id else ""
    message = f"Drafts go to {first}{why}{then}."
    return warn("mail programs", f"{message} {faults}", _CORRECT) if faults else ok("mail programs", message)


def _goal(way: MailTarget) -> str:
    """Where a draft goes, in the middle of a sentence."""
    return f"the mail server {way.name} (you are asked before it sends)" if way.id == "smtp" else way.name


def _address_book(settings: config.Config) -> Iterator[Check]:
    try:
        words = shlex.split(settings.value("mail_query_command", ""))
        what = f"{printable(words[0])} is not a program on this machine" if words else ""
    except ValueError:
        words, what = [""], "mail_query_command has an unclosed quotation mark"
    except InvalidValue:
        # The check of the settings says so.
        return
    if words and shutil.which(words[0]):
        yield ok("address book", f"Recipients are completed by {printable(words[0])}.")
    elif words:
        yield warn(
            "address book",
            f"Recipients can't be completed: {what}.",
            "Install the program, or correct mail_query_command in the configuration.",
        )


def _left_drafts(settings: config.Config) -> Check:
    from ...mail.kept_drafts import left_drafts
    from ...mail.temporary import left_behind

    found = list(left_behind())
    kept = left_drafts(settings.places.state, datetime.now(UTC))
    if not found and kept:
        what = "e-mail is" if len(kept) == 1 else "e-mails are"
        return ok(
            "drafts", f"{len(kept)} unfinished {what} kept; the app goes on where a draft is opened again."
        )
    if not found:
        return ok("drafts", "No draft was left behind.")
    count = "A draft was" if len(found) == 1 else f"{len(found)} drafts were"
    names = ", ".join(printable(str(path)) for path in found[:3])
    return warn(
        "drafts", f"{count} left behind: {names}.", "The next start of the app deletes what was left behind."
    )


def _sendmail() -> Check:
    found = next((name for name in _SENDMAILS if shutil.which(name)), None)
    if found is None:
        return ok("sendmail", "There is no sendmail; smart-attach still works for saved messages.")
    return ok("sendmail", f"smart-attach --sendmail {found} can send messages with links.")
