"""The server on PostgreSQL: what must hold there as well, across two server processes (S1, F1, L4, P3, S25).

Most are the tests of the server's own parts, run on another database; the server they use is created here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.server.test_dead_links import dead_paths
from tests.server.test_folder import test_pages, test_two_makers_at_once  # noqa: F401
from tests.server.test_grants import TestForgetting  # noqa: F401
from tests.server.test_people import test_the_last_administrator_stays, test_tokens_are_forgotten  # noqa: F401
from tests.server.test_presses import one_press
from tests.server.test_resend import test_many_at_once  # noqa: F401
from tests.server.test_sends import test_keys_are_kept_a_week, test_twice_at_once  # noqa: F401
from tests.server.test_trash import (  # noqa: F401
    new,
    test_a_crash_between_rows_and_bytes,
    test_emptying_twice_at_once,
    test_restoring_at_once_makes_one_folder,
    test_shared_bytes_survive,
    test_what_is_not_there,
)
from tests.server.test_tries_at_once import guarded, test_while_others_try  # noqa: F401
from tests.server.test_unlock import (  # noqa: F401
    document,
    stranger,
    stranger_at,
    test_after_fifteen_guesses_an_unlock_lets_one_try_at_once,
    test_lists_tell_it,
)
from tests.server.test_vanished_files import test_many_at_once_count_nothing  # noqa: F401
from tests.server.test_volleys import one_volley
from tests.server.test_work_containers import (  # noqa: F401
    halyard,
    test_children_are_sorted,
    test_children_page_by_page_by_cursor_and_by_offset,
    test_every_folder_holds_what_the_sample_says,
    test_workspaces_are_all_there_by_name,
    work,
)
from tests.support.checks.long import cases
from tests.support.checks.machine import drive
from tests.support.servers.postgres import Postgres
from tests.support.servers.rows import tell
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import events, names_of, path_of, volley
from tests.support.users.share import PASSWORD, Sender, at_once, fetch, later
from tests.system.command import run
from tests.system.serving import Serving

#: The database that the servers of these tests use.
DATABASE = "postgres"


@pytest.fixture(scope="module")
def two(server: ServerProcess) -> Iterator[list[ServerProcess]]:
    """Two processes that serve one installation."""
    with ServerProcess(server.data) as second:
        yield [server, second]


def test_volleys_over_two_processes(two: list[ServerProcess]) -> None:
    """L4, S1: exactly as many complete files as the limit allows, and the same in the counter and the audit."""
    for number, limit in enumerate((1, 5)):
        one_volley(two, number, limit)


def test_one_press_over_two_processes(two: list[ServerProcess]) -> None:
    """L3, L4: 64 POSTs of one press count as 1, though the link is over after the first of them."""
    one_press(two, 1)


def test_one_wrong_press_at_once(two: list[ServerProcess]) -> None:
    """L3, S15: the same password in the same press is one attempt."""
    sent = publish(two[0], b"content", "guarded.pdf", password=PASSWORD)
    body = f"press={'a' * 32}&password=wrong".encode()
    answers = volley(two, path_of(sent), 24, body)
    assert {answer.status for answer in answers} <= {403, 429}
    assert names_of(events(two[0], sent["id"])) == ["wrong password"]


def test_dead_links_of_all_kinds_answer_alike(fresh_server: ServerProcess) -> None:
    """L5, S18: none is found. What else a request may contain is decided without the database."""
    paths = dead_paths(fresh_server)
    with fresh_server.guest() as guest:
        for method in ("GET", "POST"):
            unknown = guest.request(method, paths["unknown"])
            for kind, path in paths.items():
                answer = guest.request(method, path)
                assert (answer.status_code, answer.content) == (404, unknown.content), kind


def test_any_order_of_acts(fresh_server: ServerProcess) -> None:
    """L3-L8, F5-F10: the state machine, in short."""
    assert drive(fresh_server, examples=cases(3, 20), steps=50) >= 40


def test_what_two_processes_see_at_once(fresh_server: ServerProcess) -> None:
    with ServerProcess(fresh_server.data) as second:
        _wrong_passwords_at_once([fresh_server, second])
        _expiry_is_written_once([fresh_server, second])


def _wrong_passwords_at_once(both: list[ServerProcess]) -> None:
    """L6, S15: no more attempts are checked when they arrive together than one after another."""
    sent = publish(both[0], b"content", "guarded.pdf", password=PASSWORD)
    # With the clock stopped they are simultaneous, however long they take.
    both[0].stop_clock(datetime.now(UTC))
    answers = volley(both, path_of(sent), 40, b"password=wrong")
    assert sorted(answer.status for answer in answers) == [403] * 5 + [429] * 35
    assert names_of(events(both[0], sent["id"])) == ["wrong password"] * 6


def _expiry_is_written_once(both: list[ServerProcess]) -> None:
    """F6: whichever of the two processes does it, and however many requests see the expiry at that moment."""
    documents = [publish(both[0], b"x", f"{n}.txt", expires_at=later(hours=1)) for n in range(6)]
    senders = [Sender(both[n % 2]) for n in range(8)]
    both[0].stop_clock(datetime.now(UTC) + timedelta(hours=2))
    paths = ("/documents", "/folders", "/folder", "/audit")
    at_once(8, lambda n: senders[n].get(paths[n % 4]))
    listed = {d["id"]: d for d in senders[0].get("/documents")["documents"]}
    assert not any(listed[sent["id"]]["published"] for sent in documents)
    for sender in senders:
        sender.http.close()
    for sent in documents:
        assert names_of(events(both[0], sent["id"])) == ["expired"]


def test_the_audit_is_never_rewritten(server: ServerProcess) -> None:
    """P3: the database refuses it, even to its superuser."""
    with Sender(server) as sender:
        sender.send()
    for statement in (
        "UPDATE audit SET event = 'viewed'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "DELETE FROM audit_heads",
        "TRUNCATE audit_heads",
        "UPDATE audit_heads SET sequence = sequence - 1",
        "UPDATE seals SET at = 0",
        "DELETE FROM sealed_heads",
    ):
        with pytest.raises(Exception, match="can only be appended to"):
            tell(str(server.database_url), statement)


def test_a_changed_audit_is_found(fresh_server: ServerProcess) -> None:
    """P3: a row changed behind the server's back, with the triggers disabled, is named."""
    with Sender(fresh_server) as sender:
        sent = sender.send()
        assert at_once(8, lambda _: fetch(fresh_server, sent["url"])) == [b"content"] * 8
        assert sender.get("/audit/verify")["broken"] is None
        url = str(fresh_server.database_url)
        chain = f"document:{sent['id']}"
        tell(url, "ALTER TABLE audit DISABLE TRIGGER USER")
        tell(
            url,
            "UPDATE audit SET address = '192.0.2.1' WHERE subject = ? AND sequence = 5",
            chain,
        )
        broken = sender.get("/audit/verify")["broken"]
    assert (broken["subject"], broken["sequence"]) == (chain, 5)


def test_a_database_that_was_started_anew(fresh_server: ServerProcess, postgres: Postgres) -> None:
    """S4: connections broken in the meantime are re-established, and no user notices."""
    with Sender(fresh_server) as sender:
        sent = sender.send()
        name = str(fresh_server.database_url).rpartition("/")[2]
        # This waits until the connections have ended.
        ended = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname ="
        assert "f" not in postgres.tell(f"{ended} '{name}'")
        assert sender.document(sent["id"]) == sent
        assert sender.send("after.txt")["published"]


def test_the_command_serves_it(postgres: Postgres, tmp_path: Path) -> None:
    """``serve --database-url``: two processes serve one installation, and end cleanly."""
    arguments = ("--port", "0", "--database-url", postgres.empty_database(), "--data", tmp_path / "data")
    servers = [Serving(*arguments) for _ in range(2)]
    try:
        token = (tmp_path / "data" / "token").read_text().strip()
        for one in servers:
            done = run("whoami", "--json", SENTLINKS_SERVER=one.url, SENTLINKS_TOKEN=token)
            assert done.json["admin"]
    finally:
        ends = [one.end() for one in servers]
    assert [status for status, _, _ in ends] == [0, 0]


def test_a_database_that_is_not_there(postgres: Postgres, tmp_path: Path) -> None:
    """The message says that it is the database, and the exit status is 1."""
    done = run("serve", "--port", "0", "--database-url", postgres.url("nowhere"), "--data", tmp_path / "data")
    assert done.status == 1
    assert "The database cannot be used" in done.err
    assert "nowhere" in done.err
