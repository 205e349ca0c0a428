"""Every kind of location, and the roots of the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .kind import KINDS, LISTS, LocationKind
from .local_files import LOCAL
from .location import Location
from .share_kinds import SHARE, TRASH
from .work_kinds import CHECKED_OUT, DOCUMENT_COLUMNS, FAVORITES, WORKLIST, WORKSPACES

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Nowhere(LocationKind):
    """What is true before any location is shown."""

    columns = DOCUMENT_COLUMNS
    about = (
        "Secure Sent Links sends documents to people outside as links. Choose documents in the list ({lists.select} "
        "selects several), press {picker.send}, and set password, expiration date and limit. " + LISTS
    )


NOWHERE = _Nowhere()
ROOTS = (
    Location(FAVORITES.name, "My Favorites"),
    Location(WORKSPACES.name, "Workspaces"),
    Location(WORKLIST.name, "Document Worklist", opens=False),
    Location(CHECKED_OUT.name, "Checked Out", opens=False),
    Location(SHARE.name, "Share"),
    Location(LOCAL.name, "Local Files"),
)
_ROOT_OF = {root.kind: root for root in ROOTS}
SHARE_ROOT = _ROOT_OF[SHARE.name]
WORKLIST_ROOT = _ROOT_OF[WORKLIST.name]
CHECKED_OUT_ROOT = _ROOT_OF[CHECKED_OUT.name]
TRASH_LOCATION = Location(TRASH.name, "Trash")


def kind_of(location: Location | None) -> LocationKind:
    """Return the kind of a location, or :data:`NOWHERE` for none."""
    return KINDS[location.kind] if location is not None else NOWHERE


def way_below_root(location: Location) -> list[Location]:
    """Return the path to a location of which no more is known than the root above it."""
    root = _ROOT_OF.get(FAVORITES.name if location.shortcut else kind_of(location).root)
    return [location] if root is None else [root, location]


def unfolding_roots() -> Iterator[Location]:
    """Yield the roots whose branches are expanded as soon as the server has responded."""
    return (root for root in ROOTS if kind_of(root).unfolds)


__all__ = [
    "CHECKED_OUT_ROOT",
    "KINDS",
    "NOWHERE",
    "ROOTS",
    "SHARE_ROOT",
    "TRASH_LOCATION",
    "WORKLIST_ROOT",
    "kind_of",
    "unfolding_roots",
    "way_below_root",
]
