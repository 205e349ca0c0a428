"""Breaks the rights of a server on purpose: ``serve --broken HOW,HOW``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from tui.rules import authorization
from tui.rules.authorization import Action, Right
from tui.server.accounts.users import Person
from tui.server.audit import guards
from tui.server.library import move_rules, rights


def _needs(action: Action, **changed: Any) -> Callable[[], None]:
    def spoil() -> None:
        needs: Any = authorization.NEEDS
        needs[action] = replace(needs[action], **changed)

    return spoil


def _author() -> None:
    """The person named as the author of a document counts as its owner."""
    right = rights.right_to

    def by_author(row: Row[Any], person: Person) -> Right:
        named = "author" in row._fields and row.author == person.name
        return Right.SECURE if named and row.acl == rights.PUBLIC else right(row, person)

    rights.right_to = by_author


def _name() -> None:
    """Anyone with the name of a container's owner counts as its owner."""
    right = rights.right_to

    def by_name(row: Row[Any], person: Person) -> Right:
        named = "owner" in row._fields and row.owner == person.name
        return Right.SECURE if named and row.acl == rights.PUBLIC else right(row, person)

    rights.right_to = by_name


def _move() -> None:
    """A move that puts something under another rule isn't checked."""

    async def free(*_: Any) -> None:
        return None

    setattr(move_rules, "demand", free)  # noqa: B010 - it accepts the same arguments as the real one


def _gain() -> None:
    """By moving something, a user may gain the decision on who sees it."""

    async def same(*_: Any) -> Any:
        return move_rules._Givers(None, None)

    setattr(move_rules, "_givers", same)  # noqa: B010 - it accepts the same arguments as the real one


def _contents() -> None:
    """Anyone who may secure a container may secure what others have put into it."""

    async def free(*_: Any) -> None:
        return None

    setattr(move_rules, "demand_contents", free)  # noqa: B010 - it accepts the same arguments as the real one


def _states() -> None:
    """The states of guarded objects aren't recorded: not a right, but what recording them costs can be measured."""

    async def nothing(*_: Any) -> None:
        return None

    setattr(guards, "record", nothing)  # noqa: B010 - it accepts the same arguments as the real one


#: What can be broken.
HOW: Mapping[str, Callable[[], None]] = {
    "author": _author,
    "name": _name,
    "move": _move,
    "gain": _gain,
    "contents": _contents,
    "states": _states,
    "secure": _needs(Action.SECURE_DOCUMENT, source=Right.WRITE),
    "purge": _needs(Action.PURGE_VERSION, source=Right.WRITE),
    "administrator": _needs(Action.SECURE_CONTAINER, administrator=Right.READ),
    "member": _needs(Action.UNPUBLISH, source=Right.READ),
    "delegated": _needs(Action.CHANGE_POLICY, delegated=True),
    "password": _needs(Action.SET_PASSWORD, source=Right.NONE),
    "installation": _needs(Action.READ_INSTALLATION, source=Right.READ),
}
