"""All actions, for all relations and levels, checked against hand-written tables; and that broken rights are noticed.

In each row, one sign per user: done (``+``), not allowed (``-``), not found (``0``). An action has one right that it
needs, and one function finds the right a user has: so some actions, of each right and each way to look it up, are tried
with each security, and the others (``.`` elsewhere) where all rights occur.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from tests.support.checks.derived_data import check_kept
from tests.support.checks.long import more, some
from tests.support.servers.server import ServerProcess
from tests.support.users.share import BASE
from tests.support.users.walk import (
    DOCUMENTS,
    FOLDERS,
    SECURITIES,
    WORKSPACE_SECURITIES,
    WORKSPACES,
    Walk,
    of_things,
)
from tests.support.users.walk_people import OF_ACCOUNTS, People, of_accounts
from tests.support.users.walk_places import MOVING, PUTTING, SHARED, of_places, of_share
from tui.rules.authorization import NEEDS, Action
from tui.server.share import (
    audit_routes,
    document_routes,
    folder_routes,
    people_routes,
    policy,
    send_routes,
)
from tui.server.work.routes import ROUTES as WORK

# The users in order: owner, host of the location, author; trustees with read, read_write, full_access; a stranger, an
# administrator; a later user with the removed owner's name.
# fmt: off
OF_DOCUMENTS = {
    #           open      public    view      private   walled
    "read":      "+++++++++ +++++++++ +++++++++ +00+++000 ++0+++000",
    "note":      ".         .         +++++++++ +00+++000 .",
    "profile":   "+++++++++ .         +---++--- +00-++000 ++0-++000",
    "replace":   ".         .         +---++--- +00-++000 .",
    "version":   ".         .         +---++--- +00-++000 .",
    "lock":      ".         .         +---++--- +00-++000 .",
    "check out": ".         .         +---++--- +00-++000 .",
    "release":   ".         .         +---++--- +00-++000 .",
    "delete":    ".         .         +---++--- +00-++000 .",
    "restore":   "+++++++++ .         +---++--- +00-++000 ++0-++000",
    "secure":    "+-------- +-------- +----+--- +00--+000 -+0--+000",
    "purge":     ".         .         +----+--- +00--+000 .",
}
OF_FOLDERS = {
    "read":            "+++++++++ +++++++++ +++++++++ +00+++000 ++0+++000",
    "put in":          ".         .         +---++--- +00-++000 .",
    "put in a folder": ".         .         +---++--- +00-++000 .",
    "rename":          "+++++++++ .         +---++--- +00-++000 ++0-++000",
    "remove":          ".         .         +---++--- +00-++000 .",
    "secure":          "+-------- +-------- +----+--- +00--+000 -+0--+000",
}
OF_WORKSPACES = {
    #                     public    view      private
    "read":               "+++++++++ +++++++++ +00+++000",
    "put in a folder":    ".         +---++--- +00-++000",
    "rename":             ".         +---++--- +00-++000",
    "secure":             "+-------- +----+--- +00--+000",
    "remove":             ".         +----+--- +00--+000",
    "remove as a folder": ".         +----+--- +00--+000",
}
# Moves by a user who has locations of their own, and is a trustee of two.
OF_PLACES = {
    #                                       open mine alone full write shown hidden
    "own, open":                            "+    +    +     +    -     -     0",
    "another's, open":                      "+    -    -     -    -     -     0",
    "another's, public by itself":          "+    +    +     +    +     -     0",
    "where the mover has full access":      "-    +    +     +    -     -     0",
    "where the mover may write":            "-    -    -     -    +     -     0",
    "own, private":                         "-    +    +     +    -     -     0",
    "another's, in the mover's open place": "+    +    -     -    -     -     0",
}
# The same of what is restored, which the same function decides as if it was moved: from each source, to each location.
OF_RESTORING = {
    "own, open":                            ".    .    +     .    -     .     .",
    "another's, open":                      "+    -    -     .    .     .     .",
    "another's, public by itself":          ".    .    .     .    +     -     .",
    "where the mover has full access":      ".    +    .     .    .     .     0",
    "where the mover may write":            "-    .    .     .    +     .     .",
    "own, private":                         ".    .    .     +    .     .     .",
    "another's, in the mover's open place": ".    +    .     -    .     .     .",
}
# Owner, member of the folder, a stranger, an administrator, a later user with the removed owner's name.
OF_SHARE = {
    "read the folder":   "++000",
    "read":              "++000",
    "fetch":             "++000",
    "confirm":           "+-000",
    "send":              "+-000",
    "add a member":      "+-000",
    "remove a member":   "+-000",
    "unpublish":         "+-000",
    "undo unpublishing": "+-000",
    "undo deleting":     "+0000",
    "send again":        "+-000",
    "unlock":            "+-000",
    "delete":            "+-000",
    "restore":           "+0000",
    "delete the folder": "+-000",
}
# The account's user, another user, an administrator: each directly and through a program they let in; no one signed in.
OF_PEOPLE = {
    "list people":                   "-- -- ++ x",
    "add a person":                  "-- -- +- x",
    "name a person":                 "-- -- +- x",
    "remove a person":               "-- -- +- x",
    "set a password":                "+- -- +- x",
    "read the policy":               "++ ++ ++ x",
    "change the policy":             "-- -- +- x",
    "read the installation's audit": "-- -- ++ x",
    "read one's account's audit":    "++ ++ ++ x",
    "check the chain":               "++ -- ++ x",
    # There is no such document: the administrator's own sign-in gets so far as to be told.
    "stop a link":                   "-- -- 0- x",
    "list one's sessions":           "+- +- +- x",
    "end the session":               "+- 0- 0- x",
}
# fmt: on


#: What is tried with PostgreSQL: to see and change a document, one in the trash, and a container as source and as
#: destination; in Share, to see, change and restore. Workspaces are looked up as folders are.
LOOKED_UP = some(3, ("read", "profile", "restore", "rename", "put in", "read the folder", "unpublish"))
MOVED = some(1, ("another's, open", "where the mover may write", "own, private"))


def _some(table: dict[str, str], *names: str) -> dict[str, str]:
    return {name: row for name, row in table.items() if name in names}


def walked(walk: Walk, *parts: Iterator[str]) -> list[str]:
    """What differs, in all of the parts and then for the namesake."""
    return [*chain(*parts), *walk.namesakes()]


@pytest.mark.long
@pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgres", marks=more)], indirect=True, scope="module"
)
def test_everybody_may_do_what_the_tables_say(fresh_server: ServerProcess) -> None:
    """With PostgreSQL, for each way in which rights are looked up: which of them an action needs doesn't depend on the
    database."""
    everything = fresh_server.database_url is None
    documents, folders, share = (
        table if everything else _some(table, *LOOKED_UP) for table in (OF_DOCUMENTS, OF_FOLDERS, OF_SHARE)
    )
    with Walk(fresh_server) as walk:
        found = walked(
            walk,
            of_things(walk, DOCUMENTS, documents, SECURITIES),
            of_things(walk, FOLDERS, folders, SECURITIES),
            of_things(walk, WORKSPACES, OF_WORKSPACES if everything else {}, WORKSPACE_SECURITIES),
            of_places(walk, OF_PLACES, MOVING)
            if everything
            else of_places(walk, _some(OF_PLACES, *MOVED), [Action.MOVE_FOLDER]),
            of_places(walk, OF_RESTORING if everything else {}, [Action.RESTORE_VERSION]),
            of_share(walk, share),
        )
    assert found == []
    assert not everything or _not_asked(walk.asked) == []
    check_kept(fresh_server)


def test_everybody_may_do_to_accounts_what_the_table_says(fresh_server: ServerProcess) -> None:
    people = People(fresh_server)
    assert list(of_accounts(people, OF_PEOPLE)) == []
    routes = [*people_routes.router.routes, *policy.router.routes]
    elsewhere = {f"{BASE}/{name}" for name in ("login", "exchange", "logout", "me")}
    missing = [
        f"{method} {path}"
        for route in routes
        for method in route.methods  # type: ignore[attr-defined]
        if (path := route.path) not in elsewhere  # type: ignore[attr-defined]
        and not any(by == method and route.path_regex.match(BASE + to) for by, to in people.asked)  # type: ignore[attr-defined]
    ]
    assert missing == [f"DELETE {BASE}/sessions"], "that takes the same as to end one"


def _not_asked(asked: list[tuple[str, str]]) -> list[str]:
    """The routes about a document or container that no request was made to."""
    missing = []
    parts = (send_routes, document_routes, audit_routes, folder_routes)
    for route in (*WORK, *(route for part in parts for route in part.router.routes)):
        path = route.path
        about = ("{document}", "{folder}", "{workspace}", "{container}", "{document_id}", "{folder_id}")
        # Administrators alone stop a link: ``test_links_stopped_by_administrators``.
        if not any(name in path for name in about) or path.endswith("/stop"):
            continue
        for method in route.methods - {"HEAD"}:
            matches = route.path_regex.match
            if not any(method == by and matches(to) for by, to in asked):
                missing.append(f"{method} {path}")
    return missing


def test_every_action_is_walked() -> None:
    things = [*DOCUMENTS.values(), *FOLDERS.values(), *WORKSPACES.values()]
    others = {done.action for done in SHARED.values()} | {done.action for done in OF_ACCOUNTS.values()}
    walked = {done.action for done in things} | others | set(PUTTING)
    assert walked == set(Action) == set(NEEDS)
    assert [set(table) for table in (OF_DOCUMENTS, OF_FOLDERS, OF_WORKSPACES, OF_SHARE, OF_PEOPLE)] == [
        set(done) for done in (DOCUMENTS, FOLDERS, WORKSPACES, SHARED, OF_ACCOUNTS)
    ]


# How servers are broken, and the lines in the result of the walk that must show it. What is broken in one server leaves
# the others' lines alone.
BROKEN = [
    {
        "author": "secure, open: + for - by AUTHOR",
        "move": "MOVE_FOLDER, another's, open, to mine alone: + for -",
        "purge": "purge, view: + for - by WRITER",
        "administrator": "secure, public: + for - by DJONES",
        "member": "unpublish in Share: + for - by MEMBER",
    },
    {
        "name": "secure, public: + for - by a namesake",
        "gain": "RESTORE_VERSION, another's, open, to mine: + for -",
        "secure": "secure, private: + for - by WRITER",
    },
]
BROKEN_FOR_PEOPLE = {
    "delegated": "change the policy: + for - by ADMIN by a program",
    "password": "set a password: + for - by OTHER",
    "installation": "read the installation's audit: + for - by SELF",
}


def test_rights_to_accounts_that_are_broken_are_noticed(tmp_path: Path) -> None:
    broken = ("--broken", ",".join(BROKEN_FOR_PEOPLE))
    with ServerProcess(tmp_path / "data", arguments=broken) as server:
        actions = [line.partition(":")[0] for line in BROKEN_FOR_PEOPLE.values()]
        found = list(of_accounts(People(server), _some(OF_PEOPLE, *actions, "read the policy")))
    assert [line for line in BROKEN_FOR_PEOPLE.values() if line not in found] == []
    assert not [line for line in found if line.startswith("read the policy")]


@pytest.mark.parametrize("broken", BROKEN)
def test_rights_that_are_broken_are_noticed(tmp_path: Path, broken: dict[str, str]) -> None:
    with (
        ServerProcess(tmp_path / "data", arguments=("--broken", ",".join(broken))) as server,
        Walk(server) as walk,
    ):
        found = walked(walk, *(_part(walk, how, line) for how, line in broken.items()))
        assert [line for line in broken.values() if line not in found] == []
        assert not [line for line in found if line.startswith("read")], "the rest of it is as the tables say"


def _part(walk: Walk, how: str, line: str) -> Iterator[str]:
    """The walk over what must show that this is broken, and over reading."""
    if how in ("move", "gain"):
        table, action = (
            (OF_PLACES, Action.MOVE_FOLDER) if how == "move" else (OF_RESTORING, Action.RESTORE_VERSION)
        )
        return of_places(walk, _some(table, "another's, open"), [action])
    if how == "member":
        return of_share(walk, _some(OF_SHARE, "read", "unpublish"))
    done, security = line.partition(":")[0].split(", ")
    of_workspaces = how in ("name", "administrator")
    things, table = (WORKSPACES, OF_WORKSPACES) if of_workspaces else (DOCUMENTS, OF_DOCUMENTS)
    column = (WORKSPACE_SECURITIES if of_workspaces else SECURITIES).index(security)
    rows = {name: row.split()[column] for name, row in _some(table, "read", done).items()}
    return of_things(walk, things, rows, (security,))
