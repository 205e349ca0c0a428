"""What a person may do with what they see, as the protocol names it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from ..people import Person
from . import rights

Json = dict[str, Any]


def of_version(row: Row[Any], person: Person) -> Json:
    """What the person may do with a version."""
    write = rights.level_of(row) >= rights.Level.READ_WRITE
    free = row.checked_out_by is None
    mine = write and row.checked_out_by in (None, person.name)
    return {
        "archive": False,
        "copy": True,
        "create_new_version": mine,
        "declare": False,
        "delete": mine,
        "freeze": False,
        "lock": write and free,
        "move": write,
        "relate": False,
        "replace": mine,
        "restore": False,
        "set_security": write and rights.may_secure(row, person),
        "undeclare": False,
        "unfreeze": False,
        "unlock": write and not free,
        "update": mine,
    }


def of_container(row: Row[Any], person: Person) -> Json:
    """What the person may do with a container."""
    write = rights.level_of(row) >= rights.Level.READ_WRITE
    secure = write and rights.may_secure(row, person)
    return {
        "add_content": write,
        "add_custom_folders": write,
        "add_folders": write,
        "change_name": write,
        "modify": write,
        "modify_layout": False,
        "remove": write if row.kind == "folder" else secure,
        "remove_content": write,
        "remove_folders": write,
        "set_default_security": secure,
        "set_security": secure,
        "update_content_shortcut": False,
        "default_security_values": list(rights.SECURITIES),
    }
