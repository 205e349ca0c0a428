"""Unpublishing, sending again, unlocking: what each does, and what repeating it does."""

from __future__ import annotations

import json

from tests.support.servers.databases import both
from tests.support.users.share import PASSWORD, Sender, at_once, database, fetch, later, problem, stored
from tui.server.base.clock import system_clock

# ---------------------------------------------------------------- unpublishing


def test_unpublishing(me: Sender) -> None:
    """F5, F7: the link stops at once and the flag turns off; repeating it succeeds and changes nothing."""
    document = me.send()
    path = f"/documents/{document['id']}"
    stopped = me.post(f"{path}/unpublish")
    assert (stopped["published"], stopped["reason"]) == (False, "by hand")
    assert fetch(me.server, document["url"]) is None
    assert me.post(f"{path}/unpublish") == stopped
    assert me.events(f"{path}/audit") == ["sent", "published", "unpublished"]


def test_unpublishing_ends_what_the_limit_left(me: Sender) -> None:
    """F7, design 1: a grant outlives the limit, but not a manual unpublish, which becomes the reason."""
    document = me.send(downloads_permitted=1)
    with me.server.guest() as guest:
        grant = guest.post(document["url"]).headers["location"]
        assert guest.get(grant).content == b"content"
        stopped = me.post(f"/documents/{document['id']}/unpublish")
        assert (stopped["published"], stopped["reason"]) == (False, "by hand")
        assert guest.get(grant).status_code == 404


def test_what_comes_back_brings_no_grant_with_it(me: Sender) -> None:
    """design 1: deleting ends the grants that the limit left alone; restoring the document doesn't bring them back."""
    document = me.send(downloads_permitted=1)
    with me.server.guest() as guest:
        grant = guest.post(document["url"]).headers["location"]
        assert guest.get(grant).status_code == 200
        me.delete(f"/documents/{document['id']}")
        assert guest.get(grant).status_code == 404
        assert me.post(f"/trash/{document['id']}/restore")["reason"] == "limit"
        assert guest.get(grant).status_code == 404


# ---------------------------------------------------------------- sending again


def test_sending_again(me: Sender) -> None:
    """F8, L7: published again at the same link, with the counter at zero and nothing uploaded."""
    document = me.send(downloads_permitted=1)
    fetch(me.server, document["url"])
    before = len(stored(me.server))
    again = me.resend(document, downloads_permitted=2)
    assert (again["published"], again["reason"], again["downloads"]) == (True, None, 0)
    assert (again["url"], again["sent_at"]) == (document["url"], document["sent_at"])
    assert [fetch(me.server, document["url"]) for _ in range(3)] == [b"content", b"content", None]
    assert len(stored(me.server)) == before
    event = [e for e in me.get(f"/documents/{document['id']}/audit")["events"] if e["event"] == "resent"]
    assert event[0]["details"] == {
        "downloads_permitted": 2,
        "expires_at": None,
        "new_address": False,
        "password": "none",
    }


def test_what_is_left_out_is_kept(me: Sender) -> None:
    """F8, S19: each setting is kept, changed, or removed by null, independently of the others."""
    expires = later(days=3)
    document = me.send(password=PASSWORD, expires_at=expires, downloads_permitted=5)
    kept = me.resend(document)
    assert (kept["has_password"], kept["downloads_permitted"]) == (True, 5)
    assert kept["expires_at"] == document["expires_at"]
    assert fetch(me.server, document["url"], PASSWORD) == b"content"

    without = me.resend(document, expires_at=None)
    assert (without["expires_at"], without["downloads_permitted"], without["has_password"]) == (None, 5, True)
    without = me.resend(document, downloads_permitted=None, expires_at=expires)
    assert without["downloads_permitted"] is None
    assert without["expires_at"] == document["expires_at"]
    other = me.resend(document, password="Other-Seal-74")
    assert other["has_password"]
    with me.server.guest() as guest:
        assert guest.post(document["url"], data={"password": PASSWORD}).status_code == 403
    assert fetch(me.server, document["url"], "Other-Seal-74") == b"content"
    assert not me.resend(document, password=None)["has_password"]
    assert fetch(me.server, document["url"]) == b"content"
    audit = me.get(f"/documents/{document['id']}/audit")["events"]
    told = [e["details"]["password"] for e in audit if e["event"] == "resent"]
    assert told == ["removed", "set", "kept", "kept", "kept"]
    assert not any(secret in json.dumps(audit) for secret in (PASSWORD, "Other-Seal-74")), "S17"


@both
def test_when_it_was_sent_again(restored: Sender) -> None:
    """The list, the details and the trash say since when downloads are counted."""
    me = restored
    document, other = me.send("again.pdf"), me.send("once.pdf")
    assert document["resent_at"] is None
    fetch(me.server, document["url"])
    assert me.document(document["id"])["resent_at"] is None
    first = me.resend(document)["resent_at"]
    assert first is not None
    me.server.turn_clock(60)
    last = me.resend(document)["resent_at"]
    assert (last > first, me.document(document["id"])["resent_at"]) == (True, last)
    listed = me.get(f"/folders/{document['folder']['id']}/documents")["documents"]
    again = {each["id"]: each["resent_at"] for each in listed}
    assert (again[document["id"]], again[other["id"]]) == (last, None)
    me.delete(f"/documents/{document['id']}")
    assert last in [each["resent_at"] for each in me.get("/trash")["documents"]]


def test_a_new_address(me: Sender) -> None:
    """F8: on request the document gets a new link; the old one is dead at once."""
    document = me.send()
    again = me.resend(document, new_address=True)
    assert again["url"] != document["url"]
    assert fetch(me.server, document["url"]) is None
    assert fetch(me.server, again["url"]) == b"content"


def test_the_last_download_is_the_links(me: Sender) -> None:
    """L8: published again at the same link it stays known; a new link has had none."""
    document = me.send()
    fetch(me.server, document["url"])
    taken_at = me.document(document["id"])["last_download_at"]
    assert taken_at is not None
    assert me.resend(document)["last_download_at"] == taken_at
    assert me.resend(document, new_address=True)["last_download_at"] is None
    assert me.document(document["id"])["last_download_at"] is None


def test_whoever_had_the_old_link_is_not_kept_with_the_new_one(me: Sender) -> None:
    """It may have gone to the wrong person. They are kept as long as the link is the same."""
    document = me.send(recipients=["bob@example.com"])
    assert me.resend(document)["recipients"] == ["bob@example.com"]
    assert me.resend(document, new_address=True)["recipients"] == []
    assert me.document(document["id"])["recipients"] == []
    assert me.resend(document, new_address=True, recipients=["carol@example.com"])["recipients"] == [
        "carol@example.com"
    ]
    again = [e for e in me.get(f"/documents/{document['id']}/audit")["events"] if e["event"] == "resent"]
    assert [e["details"].get("recipients") for e in again] == [["carol@example.com"], [], None]


def test_new_settings_end_grants(me: Sender) -> None:
    """design 1, S6: grants given out under earlier settings end with them."""
    document = me.send()
    with me.server.guest() as guest:
        grant = guest.post(document["url"]).headers["location"]
        assert guest.get(grant).status_code == 200
        me.resend(document)
        assert guest.get(grant).status_code == 404


def test_a_kept_expiry_that_is_past(restored: Sender) -> None:
    """F8: a kept expiry must still be in the future; with a new one or none, the document can be sent again."""
    document = restored.send(expires_at=later(hours=1))
    restored.server.turn_clock(3700)
    path = f"/documents/{document['id']}/resend"
    assert problem(restored.request("POST", path, json={}), 422, "expires.past")["field"] == "expires"
    assert restored.document(document["id"])["reason"] == "expired"
    assert restored.resend(document, expires_at=None)["published"]
    assert restored.events(f"/documents/{document['id']}/audit")[-2:] == ["expired", "resent"]


def test_settings_for_sending_again_are_checked(me: Sender) -> None:
    """D6, D7: as they are when a send is opened; a refusal changes nothing."""
    document = me.send(downloads_permitted=3)
    path = f"/documents/{document['id']}/resend"
    for body, code in (
        ({"downloads_permitted": 0}, "downloads.out_of_range"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "expires.past"),
        ({"password": ""}, "password.empty"),
        ({"downloads_permitted": "x"}, "request.invalid"),
    ):
        problem(me.request("POST", path, json=body), 422, code)
    assert me.document(document["id"]) == document


def test_unlocking(me: Sender) -> None:
    """S15: the owner lifts the lock set by wrong passwords; without a lock, nothing happens."""
    document = me.send(password=PASSWORD)
    path = f"/documents/{document['id']}"
    assert me.post(f"{path}/unlock") == document
    with database(me.server) as connection:
        connection.execute(
            "UPDATE sent_documents SET locked_at = ? WHERE id = ?",
            (int(system_clock().timestamp() * 1_000_000), document["id"]),
        )
    assert me.document(document["id"])["locked"]
    assert me.post(f"{path}/unlock") == document
    assert me.events(f"{path}/audit")[-1] == "unlocked"


def test_many_at_once(me: Sender) -> None:
    """F11: many documents unpublished, sent again and deleted at the same moment, each independently: those not
    selected are unchanged."""
    others = [me.send(f"other {n}.txt") for n in range(2)]
    documents = [me.send(f"many {n}.txt") for n in range(5)]
    paths = [f"/documents/{document['id']}" for document in documents]
    assert not any(d["published"] for d in at_once(5, lambda n: me.post(f"{paths[n]}/unpublish")))
    assert all(d["published"] for d in at_once(5, lambda n: me.resend(documents[n], downloads_permitted=1)))
    assert all(d["deleted_at"] for d in at_once(5, lambda n: me.delete(paths[n])))
    for path in paths:
        acts = ["sent", "published", "unpublished", "resent", "deleted"]
        assert me.events(f"{path}/audit") == acts
    assert [me.document(other["id"]) for other in others] == others
