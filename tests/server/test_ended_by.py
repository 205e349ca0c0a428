"""Why a link doesn't work is told truly, whatever has happened to its document since."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.servers.databases import both
from tests.support.users.share import Sender, fetch
from tui.locations.share_kinds import SENT
from tui.rules.sent_text import external_text
from tui.wire.share import Document

Act = Callable[[Sender, Sender, dict[str, Any]], Any]


@pytest.fixture
def sue(me: Sender) -> Iterator[Sender]:
    """Someone who is no administrator, as ``me`` is."""
    with me.add_user("SUE") as sue:
        yield sue
    me.delete("/users/SUE")


def downloaded(_: Sender, sue: Sender, document: dict[str, Any]) -> None:
    fetch(sue.server, document["url"])


def unpublished(_: Sender, sue: Sender, document: dict[str, Any]) -> None:
    sue.post(f"/documents/{document['id']}/unpublish")


def stopped(me: Sender, _: Sender, document: dict[str, Any]) -> None:
    me.post(f"/documents/{document['id']}/stop")


def deleted(_: Sender, sue: Sender, document: dict[str, Any]) -> None:
    sue.delete(f"/documents/{document['id']}")


def restored(_: Sender, sue: Sender, document: dict[str, Any]) -> None:
    sue.post(f"/trash/{document['id']}/restore")


def deleted_and_undone(_: Sender, sue: Sender, document: dict[str, Any]) -> None:
    moment = sue.delete(f"/documents/{document['id']}")["deleted_at"]
    sue.post(f"/trash/{document['id']}/undo", {"deleted_at": moment})


def sent_again(_: Sender, sue: Sender, document: dict[str, Any]) -> None:
    sue.resend(document)


@both
@pytest.mark.parametrize(
    ("acts", "reason", "ended_by", "few", "words"),
    [
        ((unpublished,), "by hand", "owner", "by you", "unpublished"),
        ((unpublished, deleted, restored), "by hand", "owner", "by you", "unpublished"),
        ((unpublished, deleted_and_undone), "by hand", "owner", "by you", "unpublished"),
        ((deleted, restored), "by hand", "deletion", "deleted", "was deleted"),
        ((stopped,), "by hand", "administrator", "stopped", "stopped by an administrator"),
        ((stopped, deleted, restored), "by hand", "administrator", "stopped", "stopped by an administrator"),
        ((stopped, sent_again, deleted, restored), "by hand", "deletion", "deleted", "was deleted"),
        ((deleted, restored, sent_again, unpublished), "by hand", "owner", "by you", "unpublished"),
        ((downloaded,), "limit", None, "limit", "limit reached"),
        ((downloaded, deleted, restored), "limit", None, "limit", "limit reached"),
        ((downloaded, unpublished), "by hand", "owner", "by you", "unpublished"),
        ((downloaded, stopped), "by hand", "administrator", "stopped", "stopped by an administrator"),
        ((stopped, sent_again, downloaded), "limit", None, "limit", "limit reached"),
    ],
)  # fmt: skip
def test_who_or_what_has_ended_a_link(
    me: Sender, sue: Sender, acts: tuple[Act, ...], reason: str, ended_by: str | None, few: str, words: str
) -> None:
    sent = sue.send(downloads_permitted=1)
    for act in acts:
        act(me, sue, sent)
    found = sue.document(sent["id"])
    assert (found["published"], found["reason"], found["ended_by"]) == (False, reason, ended_by)
    document = Document.model_validate(found)
    assert SENT.row(document, document.sent_at).cells[3] == (few, "dim")
    assert external_text(document.published, document.why_off) == f"Off · {words}"


@both
def test_a_link_that_works_has_been_ended_by_none(me: Sender, sue: Sender) -> None:
    for acts in ((stopped, sent_again), (deleted_and_undone,)):
        sent = sue.send()
        for act in acts:
            act(me, sue, sent)
        found = sue.document(sent["id"])
        assert (found["published"], found["reason"], found["ended_by"]) == (True, None, None)
