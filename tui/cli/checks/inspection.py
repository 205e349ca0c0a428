"""Looking into documents: whether its process can be started, and which protection holds on this system."""

from __future__ import annotations

from ...inspection.inspector import Inspector
from ...inspection.worker import WorkerFailed
from ...rules.check_results import Check, ok, warn

#: What a worker reports, and what that means.
_HOLDS = {
    "limits": "limits of time and size",
    "memory": "a limit of memory",
    "landlock": "no access to files (Landlock)",
    "seccomp": "no other system calls (seccomp)",
}
#: What isn't there without it.
_LACKS = {
    "limits": "a limit of time",
    "memory": "a limit of memory of its own",
    "landlock": "Landlock, which denies it files",
    "seccomp": "seccomp, which denies it other system calls",
}
_IDENT = "looking into documents"


async def checks() -> list[Check]:
    """Start a process for it, and ask what holds."""
    inspector = Inspector()
    try:
        holds = await inspector.protection()
    except WorkerFailed:
        return [
            warn(
                _IDENT,
                "The process that looks into documents can't be started, so what they carry isn't shown.",
                "Install the program again.",
            )
        ]
    finally:
        inspector.close()
    found = ", ".join(words for name, words in _HOLDS.items() if name in holds)
    missing = [words for name, words in _LACKS.items() if name not in holds]
    if missing:
        return [
            warn(
                _IDENT,
                f"Its process has {found or 'none of its limits'}. This system lacks {'; '.join(missing)}.",
                "A newer Linux kernel has all of them. On macOS, the program watches how much memory it takes.",
            )
        ]
    return [ok(_IDENT, f"Its process has {found}.")]
