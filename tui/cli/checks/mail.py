"""Mail: the programs that open drafts, what was left of them, and what sends for smart attachments."""

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
    yield _left_over()
    yield _sendmail()


def _programs() -> Check:
    from ...mail.opening import programs_here

    found = programs_here()
    faults = " ".join(found.faults)
    if not found.programs:
        return warn(
            "mail programs",
            " ".join(filter(None, ("No program here opens a draft; it can be saved as a file.", faults))),
            "Install neomutt, mutt or aerc, or set VISUAL or EDITOR to your editor.",
        )
    first, *others = (program.name for program in found.programs)
    then = f", then {', then '.join(others)}" if others else ""
    told = f"Drafts are opened by {first}{then}."
    return (
        warn("mail programs", f"{told} {faults}", "Correct what is named.")
        if faults
        else ok("mail programs", told)
    )


def _left_over() -> Check:
    folder = Path(tempfile.gettempdir())
    found = [path for path in folder.glob("sentlinks-draft-*") if _is_mine(path)]
    if not found:
        return ok("drafts", "No draft was left behind.")
    count = "A draft was" if len(found) == 1 else f"{len(found)} drafts were"
    names = ", ".join(printable(str(path)) for path in found[:3])
    return warn(
        "drafts", f"{count} left behind: {names}.", "Look into them, and delete them; they have live links."
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
        return ok("sendmail", "There is no sendmail; smart attachments of saved messages work without.")
    return ok("sendmail", f"smart-attach --sendmail {found} can send messages with links.")
