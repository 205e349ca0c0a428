"""What the app and the command line talk to: Share, Work, and the files on this machine."""

from __future__ import annotations

import sys
from typing import Any

# httpx would import its own command line, and with it a syntax highlighter: 3 MB, and a tenth of the time that a
# command takes to start. ``None`` makes that import fail, which httpx expects where these packages aren't installed.
_modules: dict[str, Any] = sys.modules
_modules.setdefault("httpx._main", None)
