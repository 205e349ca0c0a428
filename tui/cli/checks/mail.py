"""Mail: the programs that open drafts, drafts that were left behind, and the sendmail for smart attachments."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from ... import config
from ...rules.errors import InvalidValue
from ...rules.text import printable
from .check import Check, bad, ok, warn

_SENDMAILS = ("msmtp", "sendmail", "/usr/sbin/sendmail")


def checks(settings: config.Config) -> Iterator[Check]:
    yield _programs(settings)
    yield _left_drafts()
    yield _sendmail()


def _programs(settings: config.Config) -> Check:
    from ...config.mail import mail_of
    from ...mail.opening import programs_here
    from ...mail.ways import find_ways

    try:
        preferences = mail_of(settings)
    except InvalidValue as problem:
        return bad("mail programs", problem.message, "Correct it.")
    found = find_ways(programs_here(), preferences)
    faults = " ".join(found.faults)
    if not found.ways:
        return warn(
            "mail programs",
            " ".join(filter(None, ("No program here can open drafts; they can be saved as files.", faults))),
            "Install neomutt, mutt or aerc, or set VISUAL or EDITOR to your editor.",
        )
    first, *others = (way.name for way in found.ways)
    then = f", then {', then '.join(others)}" if others else ""
    why = ", as the settings say" if preferences.mail_program == found.ways[0].id else ""
    message = f"Drafts go to {first}{why}{then}."
    return (
        warn("mail programs", f"{message} {faults}", "Fix these settings.")
        if faults
        else ok("mail programs", message)
    )


def _left_drafts() -> Check:
    from ...mail.temporary import left_behind

    found = list(left_behind())
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
