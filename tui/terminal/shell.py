"""The shell that started the program."""

from __future__ import annotations

import os
import sys


def under_a_shell() -> bool:
    """Whether a shell with job control started this program; without one, a stopped program could never be
    continued."""
    if sys.platform == "win32":
        return False
    shell = os.getppid()
    try:
        return os.getsid(shell) == os.getsid(0) and os.getpgid(shell) != os.getpgrp()
    except OSError:
        return False
