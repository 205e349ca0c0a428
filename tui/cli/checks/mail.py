"""Mail: the programs that open drafts, drafts that were left behind, and the sendmail for smart attachments."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ...rules.text import printable
from .check import Check, ok, warn

_SENDMAILS = ("msmtp", "sendmail", "/usr/sbin/sendmail")


def checks() -> Iterator[Check]:
    yield _programs()
    yield _left_drafts()
    yield _sendmail()


def _programs() -> Check:
    from ...mail.opening import programs_here

    found = programs_here()
    faults = " ".join(found.faults)
    if not found.programs:
        return warn(
            "mail programs",
            " ".join(filter(None, ("No program here can open drafts; they can be saved as files.", faults))),
            "Install neomutt, mutt or aerc, or set VISUAL or EDITOR to your editor.",
        )
    first, *others = (program.name for program in found.programs)
    then = f", then {', then '.join(others)}" if others else ""
    message = f"Drafts are opened by {first}{then}."
    return (
        warn("mail programs", f"{message} {faults}", "Fix these settings.")
        if faults
        else ok("mail programs", message)
    )


def _left_drafts() -> Check:
    folder = Path(tempfile.gettempdir())
    found = [path for path in folder.glob("sentlinks-draft-*") if _is_mine(path)]
    if not found:
        return ok("drafts", "No draft was left behind.")
    count = "A draft was" if len(found) == 1 else f"{len(found)} drafts were"
    names = ", ".join(printable(str(path)) for path in found[:3])
    return warn(
        "drafts", f"{count} left behind: {names}.", "Check and delete them; they contain working links."
    )


def _is_mine(path: Path) -> bool:
    import os

    try:
        return path.lstat().st_uid == os.getuid()
    except OSError:
        return False


def _sendmail() -> Check:
    found = next((name for name in _SENDMAILS if shutil.which(name)), None)
    if found is None:
        return ok("sendmail", "There is no sendmail; smart-attach still works for saved messages.")
    return ok("sendmail", f"smart-attach --sendmail {found} can send messages with links.")
