"""Previews: the rights of a download, noted once a person, version and day, and no use of the document; and the
downloads of each day."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.servers.databases import both
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import press
from tests.support.users.share import Sender, problem
from tests.support.users.work import Worker, error
from tui.rules.activities import sentence

#: So that a day of the server's doesn't end in the middle of a test.
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)
CONTENT = b"0123456789" * 100


def preview(work: Worker, document: str, span: str = "", **headers: str) -> Any:
    ranged = {"Range": span} if span else {}
    return work.request(
        "GET",
        f"documents/{document}/download",
        params={"activity": "preview"},
        headers={**ranged, **{name.replace("_", "-"): value for name, value in headers.items()}},
    )


def recent(work: Worker) -> list[str]:
    return [item["id"] for item in work.items("recent-documents")]


@both
def test_a_preview_in_work_is_noted_once_a_day_and_is_no_use(fresh_server: ServerProcess) -> None:
    fresh_server.stop_clock(NOON)
    with Worker(fresh_server) as work:
        space = work.workspace("Previews")
        paper = work.upload(work.folder(space, "Papers"), "looked at", CONTENT)["id"]
        other = work.upload(work.folder(space, "More"), "used", CONTENT)["id"]
        work.download(other)
        before = recent(work)
        first = preview(work, paper, "bytes=0-9")
        assert (first.status_code, first.content) == (206, b"0123456789")
        # Tail and first part at once, and the rest; all of it is one preview.
        with ThreadPoolExecutor(4) as pool:
            list(
                pool.map(
                    lambda span: preview(work, paper, span), ["bytes=0-99", "bytes=-9", "bytes=100-", ""]
                )
            )
        assert work.history(paper) == ["PREVIEW", "NEWDOCUMENT"]
        assert recent(work) == before
        assert preview(work, paper, "bytes=0-9", If_Range=first.headers["etag"]).status_code == 206
        changed = preview(work, paper, "bytes=0-9", If_Range='"else"')
        assert (changed.status_code, changed.content) == (200, CONTENT)
        assert preview(work, paper, "bytes=5000-").status_code == 416
        work.request("HEAD", f"documents/{paper}/download", params={"activity": "preview"})
        second = work.new_version(paper, "looked at", b"second")["id"]
        preview(work, second)
        assert work.history(second) == ["PREVIEW", "NEWDOCVER"]
        assert work.history(paper) == ["PREVIEW", "NEWDOCUMENT"]
        fresh_server.stop_clock(NOON + timedelta(days=1))
        preview(work, paper)
        assert work.history(paper) == ["PREVIEW", "PREVIEW", "NEWDOCUMENT"]
        work.download(paper)
        assert recent(work)[0] == paper, "a download is a use, as before"
        entry = work.items(f"documents/{paper}/history")[1]
        assert (entry["activity"], entry["activity_code"]) == ("PREVIEW", 1001)
        assert sentence("PREVIEW", {}, actor="DJONES", me="BOB") == "Previewed or looked into by DJONES"


@both
def test_previews_at_once_are_noted_once(server: ServerProcess) -> None:
    with Worker(server) as work, Sender(server) as me:
        paper = work.upload(work.folder(work.workspace("At once"), "Papers"), "once", CONTENT)["id"]
        sent = me.send(data=CONTENT)["id"]
        path = f"/documents/{sent}/content?activity=preview"

        def look(number: int) -> int:
            span = f"bytes={number * 10}-{number * 10 + 9}"
            there = me.request("GET", path, headers={"Range": span})
            return preview(work, paper, span).status_code + there.status_code

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(look, range(16))) == {412}
        assert work.history(paper).count("PREVIEW") == 1
        assert me.events(f"/documents/{sent}/audit").count("previewed") == 1


def test_a_preview_needs_the_rights_of_a_download(work: Worker, other: Worker, folder: str) -> None:
    paper = work.upload(folder, "private", CONTENT, user_trustees=[])["id"]
    work.request("PUT", f"documents/{paper}/security", json={"default_security": "private"})
    plain = other.download(paper)
    refused = preview(other, paper)
    assert refused.status_code == plain.status_code
    if plain.status_code != 200:
        error(refused, plain.status_code, plain.json()["error"]["code"])
        assert "PREVIEW" not in work.history(paper)
    with Worker(work.server, "no token") as nobody:
        assert preview(nobody, paper).status_code == 401
    assert preview(work, "ACTIVE!999999.1").status_code == 404
    answer = work.request("POST", f"documents/{paper}/history", json={"activity": "PREVIEW"})
    assert answer.status_code == 400, "only a preview itself writes it"


@both
def test_a_preview_of_a_sent_document(fresh_server: ServerProcess) -> None:
    """F4, S5: for owner and members, not counted, once a person and day in the audit."""
    with Sender(fresh_server) as me:
        me.server.stop_clock(NOON)
        document = me.send("Offer.txt", CONTENT)
        ident, path = document["id"], f"/documents/{document['id']}/content"
        whole = me.request("GET", path, params={"activity": "preview"})
        assert (whole.status_code, whole.content) == (200, CONTENT)
        part = me.request(
            "GET",
            path,
            params={"activity": "preview"},
            headers={"Range": "bytes=3-5", "If-Range": whole.headers["etag"]},
        )
        assert (part.status_code, part.content) == (206, b"345")
        assert me.events(f"/documents/{ident}/audit") == ["sent", "published", "previewed"]
        with me.add_user("BOB") as bob, me.add_user("EVE") as eve:
            me.post(f"/folders/{document['folder']['id']}/members", {"name": "BOB"})
            for reader, status in ((bob, 200), (bob, 200), (eve, 404)):
                assert reader.request("GET", path, params={"activity": "preview"}).status_code == status
        assert me.events(f"/documents/{ident}/audit").count("previewed") == 2
        me.server.stop_clock(NOON + timedelta(hours=11, minutes=59))
        me.request("GET", path, params={"activity": "preview"})
        assert me.events(f"/documents/{ident}/audit").count("previewed") == 2
        me.server.stop_clock(NOON + timedelta(hours=12))
        me.request("GET", path, params={"activity": "preview"})
        assert me.events(f"/documents/{ident}/audit").count("previewed") == 3
        now = me.document(ident)
        assert (now["downloads"], now["last_download_at"]) == (0, None)
        assert me.get(f"/documents/{ident}/audit/verify")["broken"] is None
        problem(me.request("GET", path, params={"activity": "look"}), 422, "request.invalid")
        me.delete(f"/documents/{ident}")
        problem(me.request("GET", path, params={"activity": "preview"}), 404, "document.in_trash")
        assert sentence("previewed", {}, actor="BOB", me="DJONES") == "BOB previewed or looked into it"


# ---------------------------------------------------------------- downloads a day


@both
def test_downloads_are_told_by_day(fresh_server: ServerProcess) -> None:
    with Sender(fresh_server) as me:
        start = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
        document = me.send("Offer.txt", CONTENT)
        with me.server.guest() as guest:
            for day, presses in ((0, 2), (2, 1)):
                me.server.stop_clock(start + timedelta(days=day))
                for _ in range(presses):
                    assert press(guest, document).status_code == 303
        found = me.get(f"/documents/{document['id']}/downloads", days=4)["days"]
        assert [each["downloads"] for each in found] == [0, 2, 0, 1]
        assert found[-1]["day"] == (start + timedelta(days=2)).date().isoformat()
        # Noon in UTC is the next day, 14 hours further east.
        east = me.get(f"/documents/{document['id']}/downloads", days=3, zone_offset=840)["days"]
        assert [each["downloads"] for each in east] == [2, 0, 1]
        assert east[-1]["day"] == (start + timedelta(days=3)).date().isoformat()
        assert len(me.get(f"/documents/{document['id']}/downloads")["days"]) == 30
        for days in (0, 93):
            problem(
                me.request("GET", f"/documents/{document['id']}/downloads?days={days}"),
                422,
                "request.invalid",
            )
        problem(me.request("GET", f"/documents/{'0' * 32}/downloads"), 404, "document.unknown")
