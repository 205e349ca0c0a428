"""The Secure Sent Links folder: its creation, its members, and what it shows of its documents."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, at_once, fetch, later, problem

PLAIN = "DJONES - Secure Sent Links"
DATED = re.compile(re.escape(PLAIN) + r" (\d{4}-\d{2}-\d{2} \d{2}\.\d{2}\.\d{2})( \(\d+\))?")


@pytest.fixture
def me(restored: Sender) -> Sender:
    """Without a folder."""
    return restored


def made(answer: dict[str, Any]) -> datetime:
    match = DATED.fullmatch(answer["folder"]["name"])
    assert match, answer["folder"]["name"]
    return datetime.strptime(match[1], "%Y-%m-%d %H.%M.%S").replace(tzinfo=UTC)


# ---------------------------------------------------------------- its creation


def test_before_the_first_send(me: Sender) -> None:
    """F1: there is no folder until the first send."""
    assert me.get("/folder") == {
        "generation": 0,
        "folder": None,
        "confirmed": False,
        "gone_work_id": None,
    }
    assert me.get("/folders") == {"folders": []}


def test_neither_shortcut_nor_folder(me: Sender) -> None:
    """F1, F3: the folder is created under its plain name, and waits for its shortcut."""
    answer = me.post("/folder", {"generation": 0, "shortcut": False})
    folder = answer["folder"]
    assert (folder["name"], folder["owner"], folder["role"]) == (PLAIN, "DJONES", "owner")
    assert folder["current"]
    assert re.fullmatch(r"ACTIVE!\d+", folder["work_id"])
    assert (answer["generation"], answer["confirmed"]) == (1, False)
    confirmed = me.post("/folder/confirm", {"folder": folder["id"], "generation": 1})
    assert (confirmed["generation"], confirmed["confirmed"]) == (2, True)
    assert me.get("/folders")["folders"] == [folder]


def test_shortcut_and_folder(me: Sender) -> None:
    """F3: the folder is used; nothing changes."""
    first = me.ensure()
    assert me.ensure(shortcut=True) == first


def test_shortcut_but_no_folder(me: Sender) -> None:
    """F3: a new folder named with the time of creation, in the user's time zone; the missing one is reported."""
    old = me.ensure()["folder"]
    me.delete(f"/folders/{old['id']}")
    known = me.get("/folder")
    assert known["folder"] is None
    assert known["gone_work_id"] == old["work_id"]
    answer = me.ensure(shortcut=True, zone_offset=-330)
    assert answer["folder"]["id"] != old["id"]
    local = datetime.now(UTC) - timedelta(minutes=330)
    assert abs(made(answer) - local) < timedelta(minutes=1)


def test_folder_but_no_shortcut(me: Sender) -> None:
    """F3: if the shortcut was deleted, a new folder likewise; the old one stays, unused."""
    old = me.ensure()["folder"]
    answer = me.ensure(shortcut=False)
    assert abs(made(answer) - datetime.now(UTC)) < timedelta(minutes=1)
    folders = me.get("/folders")["folders"]
    assert [(f["id"], f["current"]) for f in folders] == [
        (answer["folder"]["id"], True),
        (old["id"], False),
    ]


def test_the_plain_name_is_an_old_ones(me: Sender) -> None:
    """F3: with neither shortcut nor folder, the name is dated if an old folder has the plain one."""
    me.ensure()
    second = me.ensure(shortcut=False)["folder"]
    me.delete(f"/folders/{second['id']}")
    third = me.ensure(shortcut=False)
    assert DATED.fullmatch(third["folder"]["name"])
    for folder in me.get("/folders")["folders"]:
        me.delete(f"/folders/{folder['id']}")
    assert me.ensure(shortcut=False)["folder"]["name"] == PLAIN


def test_the_same_second(me: Sender) -> None:
    """F3: ` (2)` if even the dated name is taken, also by a deleted folder."""
    names = [me.ensure()["folder"]["name"]]
    me.server.stop_clock(datetime.now(UTC))
    for _ in range(2):
        answer = me.ensure(shortcut=False)
        names.append(answer["folder"]["name"])
        me.delete(f"/folders/{answer['folder']['id']}")
        names.append(me.ensure(shortcut=True)["folder"]["name"])
    assert len(set(names)) == len(names)
    assert any(name.endswith(" (2)") for name in names)


def test_the_base_name_is_the_administrators(me: Sender) -> None:
    """F1, P1: the base name is a setting; existing folders keep theirs."""
    me.request("PATCH", "/policy", json={"folder_name": "Deal Room"})
    with me.add_user("anna") as anna:
        assert anna.ensure()["folder"]["name"] == "ANNA - Deal Room"
        me.request("PATCH", "/policy", json={"folder_name": None})
        assert anna.ensure()["folder"]["name"] == "ANNA - Deal Room"


def test_an_old_generation(me: Sender) -> None:
    """design 7: a client that looked before a change must look again, both when creating and when confirming."""
    first = me.post("/folder", {"generation": 0, "shortcut": False})
    for generation in (0, 2, 10**30, -1):
        response = me.request("POST", "/folder", json={"generation": generation, "shortcut": False})
        problem(response, 409, "folder.changed")
        body = {"folder": first["folder"]["id"], "generation": generation}
        problem(me.request("POST", "/folder/confirm", json=body), 409, "folder.changed")
    waiting = me.post("/folder", {"generation": 1, "shortcut": False})
    assert waiting["folder"]["id"] == first["folder"]["id"]
    assert not waiting["confirmed"]
    me.post("/folder/confirm", {"folder": first["folder"]["id"], "generation": 1})
    again = me.post("/folder/confirm", {"folder": first["folder"]["id"], "generation": 1})
    assert (again["generation"], again["confirmed"]) == (2, True)


def test_a_shortcut_that_was_seen_counts_as_confirmed(me: Sender) -> None:
    """design 7: a client that died between creating and confirming the shortcut leaves no loose end."""
    me.post("/folder", {"generation": 0, "shortcut": False})
    seen = me.post("/folder", {"generation": 1, "shortcut": True})
    assert (seen["generation"], seen["confirmed"]) == (2, True)


def test_confirming_what_is_not_current(me: Sender) -> None:
    """S8, design 7: another user's folder isn't found; a user's own old folder is no longer the current one."""
    old = me.ensure()["folder"]["id"]
    generation = me.ensure(shortcut=False)["generation"]
    body = {"folder": old, "generation": generation}
    problem(me.request("POST", "/folder/confirm", json=body), 409, "folder.changed")
    with me.add_user("OTHER") as other:
        body = {"folder": old, "generation": other.ensure()["generation"]}
        problem(other.request("POST", "/folder/confirm", json=body), 404, "folder.unknown")


def test_two_makers_at_once(fresh_server: ServerProcess) -> None:
    """F1: sends that start at the same moment, on two server processes, create one folder."""
    with ServerProcess(fresh_server.data) as second, Sender(fresh_server) as me:
        senders = [Sender(fresh_server if n % 2 else second) for n in range(6)]
        try:
            for _ in range(3):
                generation = me.get("/folder")["generation"]
                body = {"generation": generation, "shortcut": generation > 0}
                answers = at_once(
                    6, lambda n, b=body: senders[n].request("POST", "/folder", json=b).status_code
                )
                assert sorted(answers) == [200] + [409] * 5
                folders = me.get("/folders")["folders"]
                assert len(folders) == 1
                me.delete(f"/folders/{folders[0]['id']}")
        finally:
            for sender in senders:
                sender.http.close()


# ---------------------------------------------------------------- what it shows


def test_pages(me: Sender) -> None:
    """F2, S20: pages by cursor, newest first or sorted; each document appears once, even while others come and go."""
    names = ["b.txt", "A.txt", "c.txt", "D.txt", "e.txt"]
    folder = me.folder
    sent = [me.send(n, expires_at=None if n == "b.txt" else later(days=i + 1)) for i, n in enumerate(names)]

    def all_pages(**params: Any) -> list[str]:
        found: list[str] = []
        cursor = None
        while True:
            page = me.get(
                f"/folders/{folder}/documents", limit=2, **params, **({"cursor": cursor} if cursor else {})
            )
            assert page["total"] == 5
            found += [document["name"] for document in page["documents"]]
            cursor = page["cursor"]
            if cursor is None:
                return found

    assert all_pages() == names[::-1]
    assert all_pages(sort="sent_at") == names
    assert all_pages(sort="name") == ["A.txt", "b.txt", "c.txt", "D.txt", "e.txt"]
    assert all_pages(sort="-name") == ["e.txt", "D.txt", "c.txt", "b.txt", "A.txt"]
    assert all_pages(sort="expires_at") == ["A.txt", "c.txt", "D.txt", "e.txt", "b.txt"]
    fetch(me.server, sent[2]["url"])
    assert all_pages(sort="-downloads")[0] == all_pages(sort="downloads")[-1] == "c.txt"
    assert sorted(all_pages(sort="downloads")) == sorted(all_pages(sort="-downloads")) == sorted(names)
    first = me.get(f"/folders/{folder}/documents", limit=2)
    me.delete(f"/documents/{sent[3]['id']}")
    rest = me.get(f"/folders/{folder}/documents", limit=5, cursor=first["cursor"])
    assert [document["name"] for document in rest["documents"]] == ["c.txt", "A.txt", "b.txt"]
    for params in ({"limit": 0}, {"limit": 501}, {"sort": "size"}, {"limit": "x"}):
        response = me.request("GET", f"/folders/{folder}/documents", params=params)
        problem(response, 422, "request.invalid")
    for cursor in ("x", "", "W10", first["cursor"][:-3], "é"):
        response = me.request("GET", f"/folders/{folder}/documents", params={"cursor": cursor})
        problem(response, 422, "cursor.invalid")
    response = me.request("GET", "/documents", params={"cursor": first["cursor"], "sort": "name"})
    problem(response, 422, "cursor.invalid")


def test_expiry_by_itself(fresh_server: ServerProcess) -> None:
    """F6: at its expiry the link is dead and the folder says so, with that time in the audit; also if the server was
    down at the time."""
    with Sender(fresh_server) as me:
        document = me.send(expires_at=later(seconds=1800))
        lasting = me.send(expires_at=later(seconds=7200))
        fresh_server.turn_clock(1801)
        assert fetch(fresh_server, document["url"]) is None
        shown = me.get(f"/folders/{document['folder']['id']}/documents")["documents"][1]
        assert (shown["published"], shown["reason"]) == (False, "expired")
        assert shown["url"] == document["url"]
        event = me.get(f"/documents/{document['id']}/audit")["events"][0]
        assert event["event"] == "expired"
        assert event["actor"] is None
        assert datetime.fromisoformat(event["at"]) == datetime.fromisoformat(document["expires_at"])
        assert me.get("/folders")["folders"][0]["published"] == 1
        fresh_server.stop()
    fresh_server.turn_clock(7300)
    with ServerProcess(fresh_server.data) as again, Sender(again) as me:
        assert me.document(lasting["id"])["reason"] == "expired"
        assert me.events(f"/documents/{lasting['id']}/audit") == ["sent", "published", "expired"]
        event = me.get(f"/documents/{lasting['id']}/audit")["events"][0]
        assert datetime.fromisoformat(event["at"]) == datetime.fromisoformat(lasting["expires_at"])


def test_the_limit_by_itself(me: Sender) -> None:
    """F5, F6, L8: when the limit is reached, the document becomes unpublished, with the reason shown."""
    document = me.send(downloads_permitted=1)
    assert fetch(me.server, document["url"]) == b"content"
    shown = me.document(document["id"])
    assert (shown["published"], shown["reason"], shown["downloads"]) == (False, "limit", 1)
    assert shown["last_download_at"]
    assert fetch(me.server, document["url"]) is None


def test_unpublishing_in_the_trash_does_nothing(me: Sender) -> None:
    """Not even for a document whose limit was reached before it was deleted."""
    document = me.send(downloads_permitted=1)
    with me.server.guest() as guest:
        assert guest.post(document["url"]).status_code == 303
    me.delete(f"/documents/{document['id']}")
    before = me.events(f"/documents/{document['id']}/audit")
    me.post(f"/documents/{document['id']}/unpublish")
    assert me.events(f"/documents/{document['id']}/audit") == before


def test_deleting_a_folder(me: Sender) -> None:
    """F12: its documents go to the trash and their links stop; deleting it again deletes nothing."""
    published, stopped, kept = me.send("a.txt"), me.send("b.txt"), me.send("c.txt", downloads_permitted=1)
    me.post(f"/documents/{stopped['id']}/unpublish")
    fetch(me.server, kept["url"])
    folder = published["folder"]["id"]
    listed = me.get("/folders")["folders"][0]
    assert (listed["documents"], listed["published"]) == (3, 1)
    assert me.delete(f"/folders/{folder}") == {"deleted": 3}
    assert me.delete(f"/folders/{folder}") == {"deleted": 0}
    assert fetch(me.server, published["url"]) is None
    assert me.get("/folders") == {"folders": []}
    assert me.request("GET", f"/folders/{folder}/documents").status_code == 404
    reasons = {d["name"]: d["reason"] for d in me.get("/trash")["documents"]}
    assert reasons == {"a.txt": "by hand", "b.txt": "by hand", "c.txt": "limit"}
    assert me.events(f"/documents/{published['id']}/audit")[-1] == "deleted"


@more
def test_deleting_a_large_folder(me: Sender) -> None:
    """F12: a folder with more documents than one transaction takes is deleted as a whole."""
    send = me.open()["id"]
    for start in range(0, 204, 51):
        me.publish_together(send, [f"{number}.txt" for number in range(start, start + 51)])
    assert me.delete(f"/folders/{me.get('/folder')['folder']['id']}") == {"deleted": 204}
    assert me.get("/trash", limit=500)["total"] == 204
    assert me.post("/trash/empty") == {"purged": 204}
