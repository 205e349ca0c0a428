"""The shell that has started the program."""

from __future__ import annotations

import os
import sys


def under_a_shell() -> bool:
    """Whether a shell with jobs has started this program: one that is stopped without it can never go on."""
    if sys.platform == "win32":
        return False
    shell = os.getppid()
    try:
        return os.getsid(shell) == os.getsid(0) and os.getpgid(shell) != os.getpgrp()
    except OSError:
        return False
