"""The rights that each action in Work and Share requires. Nothing else decides what a user may do.

An action has a *source*, the object it is applied to, and may have a *place*, the container that the source is taken
from, a *destination*, the container that it is put into, and *contents*, everything inside the source. A user has one
right to each of them. How rights are determined is defined once for each side, by immutable ids: in
``server/library/rights.py`` for documents, folders and workspaces in Work, in ``server/share/caller.py`` for folders
and documents in Share, for accounts and for the installation.

An action that changes who may see the source, or who may decide that, requires the right to secure both the source
and the destination.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, IntEnum, auto


class Right(IntEnum):
    """What a user may do with an object; each right includes those before it. Without any, the object is hidden."""

    NONE = 0
    READ = 1
    WRITE = 2
    #: To decide who may see it, and to remove it permanently.
    SECURE = 3


class Role(Enum):
    """The role of an object in an action."""

    SOURCE = auto()
    PLACE = auto()
    DESTINATION = auto()
    CONTENTS = auto()


class Action(Enum):
    """Everything that a user can do on the server."""

    # Work: documents
    READ_DOCUMENT = auto()
    NOTE_HISTORY = auto()
    CHANGE_PROFILE = auto()
    SECURE_DOCUMENT = auto()
    REPLACE_CONTENT = auto()
    ADD_VERSION = auto()
    CHECK_OUT = auto()
    RELEASE = auto()
    MOVE_DOCUMENT = auto()
    DELETE_VERSION = auto()
    RESTORE_VERSION = auto()
    PURGE_VERSION = auto()
    # Work: containers
    READ_CONTAINER = auto()
    CREATE_DOCUMENT = auto()
    CREATE_FOLDER = auto()
    CHANGE_CONTAINER = auto()
    SECURE_CONTAINER = auto()
    MOVE_FOLDER = auto()
    REMOVE_FOLDER = auto()
    REMOVE_WORKSPACE = auto()
    # Share: folders
    READ_FOLDER = auto()
    CONFIRM_FOLDER = auto()
    SEND = auto()
    CHANGE_MEMBERS = auto()
    DELETE_FOLDER = auto()
    # Share: sent documents
    READ_SENT = auto()
    FETCH_SENT = auto()
    UNPUBLISH = auto()
    UNDO_UNPUBLISH = auto()
    RESEND = auto()
    UNLOCK = auto()
    DELETE_SENT = auto()
    UNDO_DELETE = auto()
    RESTORE_SENT = auto()
    # An account
    READ_ACCOUNT = auto()
    SET_PASSWORD = auto()
    READ_SESSIONS = auto()
    END_SESSIONS = auto()
    # The installation
    READ_POLICY = auto()
    CHANGE_POLICY = auto()
    LIST_PEOPLE = auto()
    ADD_PERSON = auto()
    NAME_PERSON = auto()
    REMOVE_PERSON = auto()
    READ_INSTALLATION = auto()
    CHECK_ALL_CHAINS = auto()
    STOP_LINK = auto()


@dataclass(frozen=True, slots=True)
class Needs:
    """The rights that an action requires.

    ``administrator``: an administrator may do it with this right to the source. ``refusal`` is the message for a user
    who has too few rights. An action that isn't ``delegated`` requires the user's own sign-in: a program that the user
    has authorised can't do it.
    """

    source: Right = Right.NONE
    place: Right = Right.NONE
    destination: Right = Right.NONE
    contents: Right = Right.NONE
    administrator: Right | None = None
    refusal: str = "You can read this, but not change it."
    delegated: bool = True


_READ = Needs(source=Right.READ)
_WRITE = Needs(source=Right.WRITE)
_SECURE = Needs(source=Right.SECURE, refusal="Only someone with full access can change who sees it.")
_PUT_IN = Needs(destination=Right.WRITE)
_MOVE = Needs(source=Right.WRITE, place=Right.WRITE, destination=Right.WRITE)
_OWN = Needs(source=Right.WRITE, refusal="Only the folder's owner can do that. You have read access.")

_ACCOUNT = Needs(source=Right.SECURE)
# Every user may read what concerns them about the installation; no one owns it.
_ADMINISTER = Needs(
    source=Right.SECURE,
    administrator=Right.READ,
    refusal="Only an administrator may do that.",
    delegated=False,
)

NEEDS: Mapping[Action, Needs] = {
    Action.READ_DOCUMENT: _READ,
    Action.NOTE_HISTORY: _READ,
    Action.CHANGE_PROFILE: _WRITE,
    Action.SECURE_DOCUMENT: _SECURE,
    Action.REPLACE_CONTENT: _WRITE,
    Action.ADD_VERSION: _WRITE,
    Action.CHECK_OUT: _WRITE,
    Action.RELEASE: _WRITE,
    Action.MOVE_DOCUMENT: _MOVE,
    Action.DELETE_VERSION: _WRITE,
    Action.RESTORE_VERSION: Needs(source=Right.WRITE, destination=Right.WRITE),
    Action.PURGE_VERSION: Needs(
        source=Right.SECURE,
        administrator=Right.WRITE,
        refusal="Removing it permanently needs full access.",
    ),
    Action.READ_CONTAINER: _READ,
    Action.CREATE_DOCUMENT: _PUT_IN,
    Action.CREATE_FOLDER: _PUT_IN,
    Action.CHANGE_CONTAINER: _WRITE,
    Action.SECURE_CONTAINER: _SECURE,
    Action.MOVE_FOLDER: _MOVE,
    Action.REMOVE_FOLDER: Needs(source=Right.WRITE, contents=Right.WRITE),
    Action.REMOVE_WORKSPACE: Needs(
        source=Right.SECURE,
        contents=Right.WRITE,
        refusal="Removing a workspace needs full access to it.",
    ),
    Action.READ_FOLDER: _READ,
    Action.CONFIRM_FOLDER: _OWN,
    Action.SEND: _OWN,
    Action.CHANGE_MEMBERS: Needs(source=Right.SECURE, refusal=_OWN.refusal),
    Action.DELETE_FOLDER: _OWN,
    Action.READ_SENT: _READ,
    Action.FETCH_SENT: _READ,
    Action.UNPUBLISH: _OWN,
    Action.UNDO_UNPUBLISH: _OWN,
    Action.RESEND: _OWN,
    Action.UNLOCK: _OWN,
    Action.DELETE_SENT: _OWN,
    # To the folder that it was deleted from.
    Action.UNDO_DELETE: _OWN,
    # It may be restored to another folder, whose members can then see it.
    Action.RESTORE_SENT: Needs(source=Right.SECURE, destination=Right.SECURE, refusal=_OWN.refusal),
    Action.READ_ACCOUNT: _ACCOUNT,
    Action.SET_PASSWORD: Needs(
        source=Right.SECURE,
        administrator=Right.NONE,
        refusal="Only an administrator may change another user's password.",
        delegated=False,
    ),
    Action.READ_SESSIONS: replace(_ACCOUNT, delegated=False),
    Action.END_SESSIONS: replace(_ACCOUNT, delegated=False),
    Action.READ_POLICY: _READ,
    Action.CHANGE_POLICY: _ADMINISTER,
    Action.LIST_PEOPLE: replace(_ADMINISTER, delegated=True),
    Action.ADD_PERSON: _ADMINISTER,
    Action.NAME_PERSON: _ADMINISTER,
    Action.REMOVE_PERSON: _ADMINISTER,
    Action.READ_INSTALLATION: replace(_ADMINISTER, delegated=True),
    Action.CHECK_ALL_CHAINS: replace(_ADMINISTER, delegated=True),
    Action.STOP_LINK: _ADMINISTER,
}


def allows(
    action: Action,
    right: Right,
    role: Role = Role.SOURCE,
    *,
    changes_access: bool = False,
    administrator: bool = False,
) -> bool:
    """Whether ``right`` to the object in that ``role`` is enough for the action.

    ``changes_access``: the action changes who may see the source. ``administrator``: the user is an administrator.
    """
    needs = NEEDS[action]
    if administrator and needs.administrator is not None and role is Role.SOURCE:
        return right >= needs.administrator
    needed = {
        Role.SOURCE: needs.source,
        Role.PLACE: needs.place,
        Role.DESTINATION: needs.destination,
        Role.CONTENTS: needs.contents,
    }[role]
    if changes_access and role in (Role.SOURCE, Role.DESTINATION):
        needed = Right.SECURE
    return right >= needed
