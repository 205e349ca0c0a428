"""Filters of sent documents on the server: what they find, for whom, and while the list changes."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.share import PASSWORD, Sender, database, later, problem
from tui.rules.sent_filter import parse
from tui.wire.share import Document

DATABASE = "both"

NAMES = (
    *("Offer.pdf", "100% sure_thing.pdf", "Grüße aus Köln.pdf", "חוזה מכר.pdf"),
    *("A\u030angstro\u0308m.txt", "it's a 'quote'.txt"),
)
FILTERS = (
    "", "offer", "OFFER", "%", "_", "e_t", "sure_thing 100%", "grüße", "GRU\u0308SSE", "חוזה", "\u200fמכר", "ångström",
    "'", "' OR 1=1 --", "\\", "*", "o*r", "pdf offer", '"offer pdf"', "to:anna", "to:ARP", 'to:"Anna Arp"', "to:müller",
    "to:jm@xn--mller-kva.de", "to:%", "to:_", "to:anna to:bob", "to:", "from:file", "from:offer", "from:halyard",
    "from:active!1.1", "is:on", "is:off", "is:waiting", "is:taken", "is:untaken", "is:expired", "is:limit",
    "is:unpublished", "is:attacked", "is:o", "is:off is:taken", "is:on is:off", "pdf to:anna is:waiting",
)  # fmt: skip


@pytest.fixture(scope="module")
def filled(server: ServerProcess) -> Iterator[Sender]:
    """A person with documents of every state, for several recipients, and from a matter."""
    with Sender(server) as me, me.add_user("FILTERS") as person:
        to = ["Anna Arp <anna@example.com>", "bob@example.org"]
        for number, name in enumerate(NAMES):
            person.send(name, recipients=to[: number % 3])
        person.send("Müller.pdf", recipients=["Jörg Müller <jm@müller.de>"])
        stopped = person.send("Stopped.pdf", recipients=to)
        person.post(f"/documents/{stopped['id']}/unpublish")
        used = person.send("Used.pdf", downloads_permitted=1)
        taken = person.send("Taken.pdf", downloads_permitted=5, recipients=["Anna Arp <anna@example.com>"])
        with server.guest() as guest:
            for each in (used, taken):
                guest.post(each["url"])
        expired = person.send("Expired.pdf", expires_at=later(hours=1))
        attacked = person.send("Attacked.pdf", password=PASSWORD)
        from_matter(person, "Halyard - Share Sale")
        with database(server) as rows:
            rows.execute("UPDATE sent_documents SET expires_at = sent_at WHERE id = ?", (expired["id"],))
            rows.execute("UPDATE sent_documents SET locked_at = sent_at WHERE id = ?", (attacked["id"],))
        yield person


def all_of(person: Sender, **params: Any) -> list[dict[str, Any]]:
    """The documents of the person's folder, read page by page."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = person.get(
            f"/folders/{person.folder}/documents", limit=4, **params, **({"cursor": cursor} if cursor else {})
        )
        found += page["documents"]
        cursor = page["cursor"]
        if cursor is None:
            assert len(found) == page["total"]
            return found


@few(8)
@pytest.mark.parametrize("text", FILTERS)
def test_the_server_finds_what_the_rules_say(filled: Sender, text: str) -> None:
    """In the order of the list, page by page, and the same in all folders."""
    wanted = parse(text)
    everything = all_of(filled)
    expected = [each["id"] for each in everything if wanted.fits(Document.model_validate(each))]
    assert [each["id"] for each in all_of(filled, filter=text)] == expected
    assert [each["id"] for each in all_of(filled, filter=text, sort="sent_at")] == expected[::-1]
    assert [each["id"] for each in filled.get("/documents", filter=text, limit=500)["documents"]] == expected


def test_each_state_has_a_document(filled: Sender) -> None:
    """So that the test before can fail."""
    for state in ("on", "off", "waiting", "taken", "untaken", "expired", "limit", "unpublished", "attacked"):
        assert 0 < len(all_of(filled, filter=f"is:{state}")) < len(all_of(filled)), state


@few(2)
@pytest.mark.parametrize("text", ["too:anna", "is:foo", "\0", "to:\0", "x" * 10_000, "a " * 100])
def test_what_is_no_filter_is_refused(filled: Sender, text: str) -> None:
    response = filled.request("GET", f"/folders/{filled.folder}/documents", params={"filter": text})
    assert response.status_code == 422
    assert response.json()["code"].startswith("filter.")


def test_the_earlier_parameter_for_names_still_works(filled: Sender) -> None:
    path = f"/folders/{filled.folder}/documents"
    assert [each["name"] for each in filled.get(path, name="aus köln")["documents"]] == ["Grüße aus Köln.pdf"]
    assert filled.get(path, name="to:anna")["documents"] == []
    assert filled.get(path, name="\0")["documents"] == []


def test_a_member_can_not_find_out_whom_documents_are_for(filled: Sender) -> None:
    """Recipients are the owner's note."""
    with Sender(filled.server) as me, me.add_user("FILTERMEMBER") as member:
        filled.post(f"/folders/{filled.folder}/members", {"name": "FILTERMEMBER"})
        path = f"/folders/{filled.folder}/documents"
        assert member.get(path, filter="offer")["total"] == 1
        assert member.get(path, filter="to:anna") == {"documents": [], "cursor": None, "total": 0}
        # Only the owner's own lists have all folders.
        assert member.get("/documents", filter="to:anna")["total"] == 0


def test_recipients_that_are_changed_later_are_found(filled: Sender) -> None:
    document = filled.send("Later.pdf")
    assert all_of(filled, filter="to:carol") == []
    filled.request(
        "PUT", f"/sends/{document['send_id']}/recipients", json={"recipients": ["Carol <c@käse.de>"]}
    )
    assert [each["id"] for each in all_of(filled, filter="to:carol")] == [document["id"]]
    assert [each["id"] for each in all_of(filled, filter="to:@KÄSE")] == [document["id"]]
    filled.request("PUT", f"/sends/{document['send_id']}/recipients", json={"recipients": []})
    assert all_of(filled, filter="to:carol") == []
    filled.delete(f"/documents/{document['id']}")


def test_a_page_after_another_filter_or_a_change(filled: Sender) -> None:
    """A cursor only says where a page ended: it leads on in the list of another filter, too."""
    path = f"/folders/{filled.folder}/documents"
    first = filled.get(path, filter="pdf", limit=2)
    expected = [each["id"] for each in all_of(filled, filter="is:on") if each["id"] not in _ids(first)]
    gone = first["documents"][-1]
    filled.post(f"/documents/{gone['id']}/unpublish")
    rest = filled.get(path, filter="is:on", cursor=first["cursor"], limit=100)
    assert set(_ids(rest)) <= set(expected)
    assert gone["id"] not in _ids(filled.get(path, filter="is:on", limit=100))


def _ids(page: dict[str, Any]) -> list[str]:
    return [each["id"] for each in page["documents"]]


def test_nothing_is_left_of_recipients_after_a_purge(filled: Sender) -> None:
    document = filled.send("Purged.pdf", recipients=["Dora <dora@example.net>"])
    filled.delete(f"/documents/{document['id']}")
    filled.post("/trash/empty")
    with database(filled.server) as rows:
        query = "SELECT recipients, recipients_key FROM sent_documents WHERE id = ?"
        assert [tuple(row) for row in rows.execute(query, (document["id"],))] == [(None, None)]


def test_the_matter_is_what_the_client_says(filled: Sender) -> None:
    """Of a version on another Work server; without control characters."""
    document = from_matter(filled, "Halyard - Share Sale")
    assert (document["source"], document["matter"]) == ("ACTIVE!7.1", "Halyard - Share Sale")
    assert document["id"] in [each["id"] for each in all_of(filled, filter="from:halyard")]
    filled.delete(f"/documents/{document['id']}")
    send = filled.open()
    response = filled.request(
        "POST", f"/sends/{send['id']}/documents", json=published(filled, send, "a\x1bb")
    )
    problem(response, 422, "source.invalid")
    response = filled.request(
        "POST", f"/sends/{send['id']}/documents", json=published(filled, send, "a", "b\x1b")
    )
    problem(response, 422, "source.invalid")


def test_the_name_in_work_is_what_the_client_says(filled: Sender) -> None:
    """And stays what it was, whatever the link is called and however often it is sent again."""
    send = filled.open()
    body = published(filled, send, "Halyard - Share Sale", "Deed of Release.docx")
    document = filled.post(f"/sends/{send['id']}/documents", body, 201)
    assert document["source_name"] == "Deed of Release.docx"
    filled.post(f"/documents/{document['id']}/unpublish")
    assert filled.document(document["id"])["source_name"] == "Deed of Release.docx"
    for text in ("from:release", 'from:"DEED of"', "from:deed from:halyard from:ACTIVE!7"):
        assert [each["id"] for each in all_of(filled, filter=text)] == [document["id"]], text
    filled.delete(f"/documents/{document['id']}")


def published(
    person: Sender, send: dict[str, Any], matter: str, source_name: str | None = None
) -> dict[str, Any]:
    """The body of a request that publishes a document of a matter."""
    digest = hashlib.sha256(b"x").hexdigest()
    source = {"label": "ACTIVE!7.1", "matter": matter, **({"name": source_name} if source_name else {})}
    return {"upload": person.upload(send["id"], b"x"), "name": "Deed.pdf", "sha256": digest, "source": source}


def from_matter(person: Sender, matter: str) -> dict[str, Any]:
    send = person.open()
    document: dict[str, Any] = person.post(
        f"/sends/{send['id']}/documents", published(person, send, matter), 201
    )
    return document


def test_any_of_many_recipients_is_found(filled: Sender) -> None:
    """Also those beyond what an index takes."""
    everyone = [f"Person {number} <person{number}@example.com>" for number in range(100)]
    document = filled.send("For a hundred.pdf", recipients=everyone)
    for number in (0, 20, 21, 22, 50, 99):
        assert [each["id"] for each in all_of(filled, filter=f"to:person{number}@")] == [document["id"]]
    assert [each["id"] for each in all_of(filled, filter="to:person0@ to:person99@ hundred")] == [
        document["id"]
    ]
    assert all_of(filled, filter='to:"person20@example.com> person"') == []
    filled.delete(f"/documents/{document['id']}")


def test_the_longest_names_can_be_sent(filled: Sender) -> None:
    """The rows of an index have a limit on PostgreSQL: nothing that a document may have is too long for it."""
    send = filled.open(recipients=[f"{'ü' * 100} {n} <{'a' * 60}{n}@{'b' * 60}.example>" for n in range(100)])
    body = {**published(filled, send, "ŉ" * 1024), "name": "ŉ" * 127}
    for label in (chance_text(1024), "ACTIVE!7.1"):
        body["source"].update(label=label, name=chance_text(255))
        body["upload"] = filled.upload(send["id"], b"x")
        document = filled.post(f"/sends/{send['id']}/documents", body, 201)
        for part in (label[:50], body["source"]["matter"][:50]):
            assert document["id"] in [each["id"] for each in all_of(filled, filter=f"from:{part}")]
        filled.delete(f"/documents/{document['id']}")


def chance_text(length: int) -> str:
    """Text that can't be compressed."""
    chance = random.Random(1)
    return "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(length))
