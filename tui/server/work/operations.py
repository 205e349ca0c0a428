"""What a person may do with a document or container, in the protocol's terms."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from ...rules.authorization import Action, Role
from ..accounts.users import Person
from ..library import rights

Json = dict[str, Any]


def of_version(row: Row[Any], person: Person) -> Json:
    """What the person may do with a version."""
    free = row.checked_out_by is None
    not_taken = not rights.checked_out_by_another(row, person)

    def may(action: Action) -> bool:
        return rights.may(row, person, action)

    return {
        "archive": False,
        "copy": may(Action.READ_DOCUMENT),
        "create_new_version": may(Action.ADD_VERSION) and not_taken,
        "declare": False,
        "delete": may(Action.DELETE_VERSION) and not_taken,
        "freeze": False,
        "lock": may(Action.CHECK_OUT) and free,
        "move": may(Action.MOVE_DOCUMENT),
        "relate": False,
        "replace": may(Action.REPLACE_CONTENT) and not_taken,
        "restore": False,
        "set_security": may(Action.SECURE_DOCUMENT),
        "undeclare": False,
        "unfreeze": False,
        "unlock": may(Action.RELEASE) and not free,
        "update": may(Action.CHANGE_PROFILE) and not_taken,
    }


def of_container(row: Row[Any], person: Person) -> Json:
    """What the person may do with a container."""
    change = rights.may(row, person, Action.CHANGE_CONTAINER)
    secure = rights.may(row, person, Action.SECURE_CONTAINER)
    remove = Action.REMOVE_FOLDER if row.kind == "folder" else Action.REMOVE_WORKSPACE
    return {
        "add_content": rights.may(row, person, Action.CREATE_DOCUMENT, Role.DESTINATION),
        "add_custom_folders": rights.may(row, person, Action.CREATE_FOLDER, Role.DESTINATION),
        "add_folders": rights.may(row, person, Action.CREATE_FOLDER, Role.DESTINATION),
        "change_name": change,
        "modify": change,
        "modify_layout": False,
        "remove": rights.may(row, person, remove),
        "remove_content": rights.may(row, person, Action.MOVE_DOCUMENT, Role.PLACE),
        "remove_folders": rights.may(row, person, Action.MOVE_FOLDER, Role.PLACE),
        "set_default_security": secure,
        "set_security": secure,
        "update_content_shortcut": False,
        "default_security_values": list(rights.SECURITIES),
    }
