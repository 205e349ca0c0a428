"""What the tests see of the machine that they run on: their programs, and nothing of its user.

Settings of a user change what programs do: a proxy, a ``.curlrc`` or ``.netrc``, a git or SSH configuration, a language
that isn't installed, a running agent or keyring, the desktop's programs.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_KEPT = frozenset(
    {
        "PATH",
        "TMPDIR",
        "UV_CACHE_DIR",
        "CI",
        "LONG",
        "WILD_DOCUMENTS",
        "TZ",
        "USER",
        "LOGNAME",
        "SHELL",
        "VIRTUAL_ENV",
        "SYSTEMROOT",
        "PWD",
    }
)
_KEPT_KINDS = (
    "PYTEST",
    "PYTHON",
    "PY_",
    "HYPOTHESIS",
    "COV",
    "SSL_CERT",
    "LD_",
    "PLAYWRIGHT",
    "SENTLINKS_BENCH",
)
#: Marks an environment that has been reduced already: workers inherit it.
_MARK = "PYTEST_SURROUNDINGS"


def reduce() -> Path | None:
    """Reduce the environment of this process. Returns the new home, which is to be deleted at the end; ``None`` if this
    process has inherited one."""
    if _MARK in os.environ:
        return None
    for name in list(os.environ):
        if name not in _KEPT and not name.startswith(_KEPT_KINDS):
            del os.environ[name]
    home = Path(tempfile.mkdtemp(prefix="home-"))
    os.environ |= {"HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm-256color", _MARK: "reduced"}
    return home
