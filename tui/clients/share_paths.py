"""The addresses of Share's endpoints."""

from __future__ import annotations

import re

_BASE = "/share/v1"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def share_path(*parts: str) -> str:
    """``share_path("sends", "3f2a")`` is ``/share/v1/sends/3f2a``."""
    return "/".join((_BASE, *parts))


def is_id(text: str) -> bool:
    """Whether ``text`` can be an id."""
    return _ID.fullmatch(text) is not None


def share_id(text: str) -> str:
    """``text`` as part of a path, or a placeholder that no document has if it can't be an id."""
    return text if is_id(text) else "-"
