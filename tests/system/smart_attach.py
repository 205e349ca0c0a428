"""What the tests of smart-attach share."""

from __future__ import annotations

import re
from pathlib import Path

TRY_LATER = 75


def urls(text: str | bytes) -> list[str]:
    said = text if isinstance(text, str) else text.decode("utf-8", "replace")
    return re.findall(r"http://[^\s<>\"]+/s/[0-9a-f]+", said)


def nothing_left(folder: Path) -> None:
    state = folder / "home" / "state"
    assert [path.name for path in state.glob("attachments-*")] == []
