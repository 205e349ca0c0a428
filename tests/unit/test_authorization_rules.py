"""Which right each action needs; ``test_rights_model.py`` checks over HTTP that users have the rights they should."""

from __future__ import annotations

import pytest

from tui.rules.authorization import NEEDS, Action, Right, Role, allows

N, R, W, S = Right.NONE, Right.READ, Right.WRITE, Right.SECURE
# The minimum rights to the source, the place, the destination and the contents.
LEAST = {
    (R, N, N, N): "READ_DOCUMENT NOTE_HISTORY READ_CONTAINER READ_FOLDER READ_SENT FETCH_SENT READ_POLICY",
    (
        W,
        N,
        N,
        N,
    ): """CHANGE_PROFILE REPLACE_CONTENT ADD_VERSION CHECK_OUT RELEASE DELETE_VERSION CHANGE_CONTAINER
        CONFIRM_FOLDER SEND DELETE_FOLDER UNPUBLISH UNDO_UNPUBLISH RESEND UNLOCK DELETE_SENT
        UNDO_DELETE""",
    (S, N, N, N): """SECURE_DOCUMENT PURGE_VERSION SECURE_CONTAINER CHANGE_MEMBERS READ_ACCOUNT SET_PASSWORD
        READ_SESSIONS END_SESSIONS CHANGE_POLICY LIST_PEOPLE ADD_PERSON NAME_PERSON REMOVE_PERSON READ_INSTALLATION
        CHECK_ALL_CHAINS STOP_LINK""",
    (N, N, W, N): "CREATE_DOCUMENT CREATE_FOLDER",
    (W, W, W, N): "MOVE_DOCUMENT MOVE_FOLDER",
    (W, N, W, N): "RESTORE_VERSION",
    (W, N, N, W): "REMOVE_FOLDER",
    (S, N, N, W): "REMOVE_WORKSPACE",
    (S, N, S, N): "RESTORE_SENT",
}
OF = {Action[name]: least for least, names in LEAST.items() for name in names.split()}
# The right to the source that an administrator needs, if different.
ADMINISTRATOR = {
    N: "SET_PASSWORD",
    R: """CHANGE_POLICY LIST_PEOPLE ADD_PERSON NAME_PERSON REMOVE_PERSON READ_INSTALLATION CHECK_ALL_CHAINS
        STOP_LINK""",
    W: "PURGE_VERSION",
}
OF_ADMINISTRATOR = {Action[name]: right for right, names in ADMINISTRATOR.items() for name in names.split()}
#: What a program that a user has authorized can't do.
OWN = "SET_PASSWORD READ_SESSIONS END_SESSIONS CHANGE_POLICY ADD_PERSON NAME_PERSON REMOVE_PERSON STOP_LINK"


def test_the_table_has_all_actions() -> None:
    assert set(OF) == set(NEEDS) == set(Action)


@pytest.mark.parametrize("administrator", [False, True])
@pytest.mark.parametrize("changes_access", [False, True])
def test_each_right_to_each_role(administrator: bool, changes_access: bool) -> None:
    for action, (role, least) in ((each, of) for each in Action for of in zip(Role, OF[each], strict=True)):
        if administrator and role is Role.SOURCE and action in OF_ADMINISTRATOR:
            least = OF_ADMINISTRATOR[action]
        elif changes_access and role in (Role.SOURCE, Role.DESTINATION):
            least = S
        for right in Right:
            found = allows(action, right, role, changes_access=changes_access, administrator=administrator)
            assert found == (right >= least), (action, role, right)


def test_the_source_is_meant_where_no_role_is_said() -> None:
    assert allows(Action.MOVE_DOCUMENT, W)
    assert not allows(Action.READ_DOCUMENT, N)


def test_what_takes_ones_own_sign_in() -> None:
    assert {action.name for action, needs in NEEDS.items() if not needs.delegated} == set(OWN.split())


def test_rights_include_those_before_them() -> None:
    assert [right.value for right in (N, R, W, S)] == [0, 1, 2, 3]
