"""Which process is meant by an id that another one has written into a file.

The id alone doesn't say: containers that have a folder in common count their processes alike, and so do machines.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_IDS = Path("/proc/self/ns/pid")
_RUN = secrets.token_hex(8)


def this_process() -> str:
    """A text that no other process has, whenever and wherever it runs."""
    return f"{os.getpid()} {_RUN}"


def boot() -> str:
    """The id of the machine's start; empty on systems that have none."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


def realm() -> str:
    """A text for where this process can be reached by its id: on this machine since its start, in this container.

    Empty on systems that don't say.
    """
    try:
        return f"{boot()} {_IDS.stat().st_ino}"
    except OSError:
        return ""
