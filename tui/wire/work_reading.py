"""Reading Work's messages from the JSON of a server.

Servers differ. Unknown keys are ignored, missing ones are ``None``, and a value of the wrong type counts as missing,
so that one odd entry never hides a whole list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from .work import (
    USUAL_PATH,
    Activity,
    Container,
    Discovery,
    Document,
    Library,
    Shortcut,
    ShortcutTarget,
    Tokens,
    WorkMessage,
)

# A document's id ends in its number and version. Longer numbers aren't read: Python refuses very long ones.
_ID_PARTS, _MOST_DIGITS = 2, 18

M = TypeVar("M", bound=WorkMessage)


def _read(model: type[M], raw: Any) -> M | None:
    if not isinstance(raw, Mapping):
        return None
    # A null value is treated like a missing one.
    present = {key: value for key, value in raw.items() if value is not None}
    for key in ("wstype", "extension"):
        if isinstance(present.get(key), str):
            present[key] = present[key].strip().lower()
    if model is Document and isinstance(present.get("extension"), str):
        present["extension"] = present["extension"].lstrip(".")
    try:
        return model.model_validate(present)
    except ValidationError:
        return None


def document(raw: Any) -> Document | None:
    """Read a document's profile; ``None`` if ``raw`` isn't one. Missing number and version are taken from the id."""
    found = _read(Document, raw)
    if found is None:
        return None
    tail = found.id.rpartition("!")[2].split(".")
    digits = [int(part) for part in tail if part.isascii() and part.isdigit() and len(part) <= _MOST_DIGITS]
    if len(digits) == len(tail) == _ID_PARTS:
        found.document_number = digits[0] if found.document_number is None else found.document_number
        found.version = digits[1] if found.version is None else found.version
    return found


def container(raw: Any) -> Container | None:
    """A workspace or a folder; ``None`` if ``raw`` isn't one."""
    return _read(Container, raw)


def shortcut(raw: Any) -> Shortcut | None:
    """Read a shortcut; ``None`` if ``raw`` isn't one, or its target has no id."""
    if (
        isinstance(raw, Mapping)
        and raw.get("target") is not None
        and _read(ShortcutTarget, raw["target"]) is None
    ):
        return None
    found = _read(Shortcut, raw)
    if found is not None and found.target is not None:
        found.target.wstype = found.target.wstype.strip().lower()
    return found


def entry(raw: Any) -> Document | Container | Shortcut | None:
    """Read an entry of a mixed list according to its ``wstype``; ``None`` for an unknown kind."""
    if not isinstance(raw, Mapping):
        return None
    kind = str(raw.get("wstype") or _kind_of(raw)).strip().lower()
    if kind in ("document", "email"):
        return document(raw)
    if kind in ("folder", "workspace", "tab"):
        return container(raw)
    if kind.endswith("_shortcut") or kind == "category":
        return shortcut(raw)
    return None


def _kind_of(raw: Mapping[str, Any]) -> str:
    """Guess the ``wstype`` of an entry that has none, from fields that only that kind has."""
    if isinstance(raw.get("target"), Mapping):
        return "folder_shortcut"
    if "." in str(raw.get("id") or "").rpartition("!")[2]:
        return "document"
    return "folder" if "folder_type" in raw or "has_subfolders" in raw else ""


def library(raw: Any) -> Library | None:
    """``None`` if ``raw`` has no name for one."""
    return _read(Library, raw)


def activity(raw: Any) -> Activity | None:
    """An entry of a document's history; ``None`` if ``raw`` isn't one."""
    return _read(Activity, raw)


def tokens(raw: Any) -> Tokens | None:
    """The answer of a token endpoint; ``None`` without an access token."""
    return _read(Tokens, raw)


def _mapping(raw: Any, key: str) -> Mapping[str, Any]:
    found = raw.get(key) if isinstance(raw, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _mappings(raw: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = raw.get(key)
    return [part for part in found if isinstance(part, Mapping)] if isinstance(found, list) else []


def discovery(raw: Any) -> Discovery | None:
    """Read a discovery response; ``None`` if ``raw`` isn't one."""
    data = _mapping(raw, "data")
    if not data.keys() & {"user", "work", "versions"}:
        return None
    user, work = _mapping(data, "user"), _mapping(data, "work")
    urls = [version.get("url") for version in _mappings(data, "versions") if version.get("name") == "v2"]
    aliases = [library.get("alias") or library.get("id") for library in _mappings(work, "libraries")]
    names = [name for name in aliases if isinstance(name, str)]
    return _read(
        Discovery,
        {
            "customer_id": user.get("customer_id", 1),
            "user_id": user.get("id"),
            "user_name": user.get("name"),
            "email": user.get("email"),
            "library": work.get("preferred_library") or (names[0] if names else None),
            "libraries": names,
            "url": next((url for url in urls if isinstance(url, str)), USUAL_PATH),
            "dms_version": data.get("dms_version"),
        },
    )


def items(raw: Any) -> list[Any]:
    """The entries of a list, under either ``data.results`` or ``data``."""
    data = raw.get("data") if isinstance(raw, Mapping) else raw
    if isinstance(data, Mapping):
        data = data.get("results")
    return list(data) if isinstance(data, list) else []
