"""Changing whom sent documents are for: which documents a server is asked to change, and in how many requests."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.support.sends.journals import sent
from tui.rules.policy import Policy
from tui.sending.recipients import recipients_notes, set_recipients
from tui.wire.share import Document, EarlierRecipients

ANNA, BEN = "anna@example.com", "ben@example.com"


class Sends:
    """The sends of a server, which notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[str], list[str]]] = []

    async def set_recipients(self, send: str, recipients: list[str], documents: list[str]) -> None:
        self.asked.append((send, list(recipients), documents))


def document(name: str, send: str | None, *recipients: str) -> Document:
    return sent(name).model_copy(update={"send_id": send, "recipients": list(recipients)})


async def asked(documents: list[Document], *recipients: str) -> list[tuple[str, list[str], list[str]]]:
    share: Any = SimpleNamespace(sends=Sends())
    await set_recipients(share, documents, recipients)
    found: list[tuple[str, list[str], list[str]]] = share.sends.asked
    return found


async def test_each_send_is_asked_once_for_those_that_change() -> None:
    documents = [
        document("a", "s1"),
        document("b", "s2", ANNA, BEN),
        document("c", "s1", BEN),
        document("d", "s1", ANNA),
        document("of a server that keeps none", None),
    ]
    assert await asked(documents, ANNA) == [("s1", [ANNA], ["a", "c"]), ("s2", [ANNA], ["b"])]
    assert await asked(documents) == [("s2", [], ["b"]), ("s1", [], ["c", "d"])]
    assert await asked(documents[4:], ANNA) == []


async def test_so_many_documents_go_in_one_request() -> None:
    found = await asked([document(str(number), "s1") for number in range(1001)], ANNA)
    assert [len(documents) for _, _, documents in found] == [500, 500, 1]
    assert [ident for _, _, documents in found for ident in documents] == [str(n) for n in range(1001)]


class Known(Sends):
    """The same, which also says whom the sender has written to."""

    async def known_recipients(self) -> EarlierRecipients:
        self.asked.append(("known", [], []))
        return EarlierRecipients(recipients=[ANNA], own_domains=["firm.example"])


async def test_without_addresses_the_server_is_not_asked_what_is_odd_about_them() -> None:
    share: Any = SimpleNamespace(sends=Known())
    assert await recipients_notes(share, [], Policy()) == []
    assert share.sends.asked == []
    near = "anna@exampel.com"
    for recipients, hidden in (([near], []), ([], [near])):
        notes = await recipients_notes(share, recipients, Policy(), hidden=hidden)
        assert any(ANNA in note.sentence for note in notes)
    assert len(share.sends.asked) == 2
