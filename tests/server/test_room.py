"""Room on the server's disk: what does not fit is refused at once, and a full disk stops no one from opening a link, or
from ending one."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import select
import socket
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.real_parts import read_only, small_disk, use_up_files
from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import path_of, take
from tests.support.users.share import PASSWORD, Sender, problem, until
from tests.system.command import Client
from tui.server.base.disk import Disk
from tui.server.health.room import check_disks
from tui.wire.batch import MEDIA_TYPE

MIB = 1024 * 1024


def batch(me: Sender, send: str, data: bytes) -> httpx.Response:
    """Publishes one small document in its own request."""
    said = {"name": "a.bin", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    head = {"documents": [{**said, "source": {"label": "file:a.bin"}, "key": uuid.uuid4().hex}]}
    content = json.dumps(head).encode() + b"\n" + data
    return me.request("POST", f"/sends/{send}/batch", content=content, headers={"Content-Type": MEDIA_TYPE})


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 MiB, and of 200 files."""
    with small_disk(tmp_path / "disk", "size=64m,nr_inodes=200") as found:
        yield found


@pytest.fixture
def small(disk: Path) -> Iterator[ServerProcess]:
    with ServerProcess(disk / "data", arguments=("--whole-reserve",)) as server:
        _until_its_reserve_is_written(server)
        yield server


def _until_its_reserve_is_written(server: ServerProcess) -> None:
    """It takes its part of the disk after the server has begun to serve."""
    file = server.data / "reserve"
    until(lambda: file.exists() and file.stat().st_size > 0)


def said_of(data: Path) -> dict[str, str]:
    """What ``sentlinks admin check`` finds wrong with its disks."""
    return {each.id: each.found for each in check_disks(data) if each.state == "bad"}


def fill(disk: Path) -> Path:
    """Another program uses up all free space."""
    other = disk / "other"
    with other.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        for size in (MIB, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))
    facts = os.statvfs(disk)
    assert facts.f_bavail == 0
    return other


# ---------------------------------------------------------------- what does not fit


def test_an_upload_without_room_is_refused_at_its_creation(small: ServerProcess) -> None:
    with Sender(small) as me:
        send = me.open()["id"]
        answer = problem(me.create(send, 100 * MIB), 507, "disk_full")
        assert "104,857,600 bytes" in answer["detail"]
        assert me.create(send, 40 * MIB).status_code == 201


def test_what_others_have_announced_is_theirs(small: ServerProcess) -> None:
    """Even before its first byte arrives; what has arrived is not counted twice."""
    with Sender(small) as me, me.add_user("OTHER") as other:
        location = me.begin(me.open()["id"], 40 * MIB)
        send = other.open()["id"]
        problem(other.create(send, 30 * MIB), 507, "disk_full")
        assert me.patch(location, 0, bytes(20 * MIB)).status_code == 204
        problem(other.create(send, 30 * MIB), 507, "disk_full")
        assert other.create(send, 6 * MIB).status_code == 201
        free = os.statvfs(small.data).f_bavail * os.statvfs(small.data).f_frsize
        (small.data / "other").write_bytes(bytes(free - Disk(small.data).reserve - 27 * MIB))
        problem(batch(other, send, bytes(2 * MIB)), 507, "disk_full")
        (small.data / "other").unlink()
        # An upload that was ended reserves nothing.
        assert me.http.delete(location, headers={"Tus-Resumable": "1.0.0"}).status_code == 204
        assert other.create(send, 30 * MIB).status_code == 201


def test_many_small_documents_leave_the_reserve_too(small: ServerProcess, disk: Path) -> None:
    with Sender(small) as me:
        send = me.open()["id"]
        reserve = Disk(small.data).reserve
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        (disk / "other").write_bytes(bytes(free - reserve - MIB))
        problem(batch(me, send, bytes(2 * MIB)), 507, "disk_full")
        assert batch(me, send, bytes(MIB // 4)).status_code == 200


def test_uploads_never_eat_the_reserve(small: ServerProcess, disk: Path) -> None:
    """If something else has used the announced space, an upload ends before it uses the reserve; what had arrived is
    kept, and the upload continues when there is room again."""
    with Sender(small) as me:
        location = me.begin(me.open()["id"], 30 * MIB)
        other = disk / "other"
        other.write_bytes(bytes(30 * MIB))
        problem(me.patch(location, 0, bytes(30 * MIB)), 507, "disk_full")
        facts = os.statvfs(disk)
        # The database has noted what had arrived: that is what the reserve is for.
        assert facts.f_bavail * facts.f_frsize >= Disk(small.data).reserve - MIB // 16
        arrived = me.offset(location)
        assert arrived > MIB
        other.unlink()
        assert me.patch(location, arrived, bytes(30 * MIB - arrived)).status_code == 204


def test_the_connection_of_an_upload_that_ended_midway_is_used_again(
    small: ServerProcess, disk: Path
) -> None:
    """The rest of its body is dropped, and the answer isn't lost while the client is still sending."""
    with Sender(small) as me:
        location = me.begin(me.open()["id"], 30 * MIB)
    (disk / "other").write_bytes(bytes(30 * MIB))
    url = httpx.URL(small.url)
    head = f"PATCH {location} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {small.token}\r\nTus-Resumable: 1.0.0\r\n"
    head += "Content-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\n"
    head += f"Content-Length: {30 * MIB}\r\n\r\n"
    following = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection((url.host, url.port or 0), timeout=30) as line:
        line.sendall(head.encode() + bytes(30 * MIB) + following)
        text = b"".join(iter(lambda: line.recv(65536), b""))
    assert text.startswith(b"HTTP/1.1 507")
    assert b"HTTP/1.1 200" in text


# ---------------------------------------------------------------- a full disk


def test_links_open_and_end_on_a_full_disk(small: ServerProcess, disk: Path) -> None:
    documents = [publish(small, b"content", f"{number}.txt") for number in range(12)]
    with Sender(small) as me, small.guest() as guest:
        me.add_user("ANNA").http.close()
        fill(disk)
        for _ in range(30):
            assert guest.get(path_of(documents[0])).status_code == 200
        assert guest.get(take(guest, documents[1])).content == b"content"
        token = me.sign_in("ANNA", PASSWORD)["token"]
        for document in documents[2:8]:
            me.post(f"/documents/{document['id']}/unpublish")
            assert guest.get(path_of(document)).status_code == 404
        for document in documents[8:]:
            me.delete(f"/documents/{document['id']}")
            assert guest.get(path_of(document)).status_code == 404
        problem(me.create(me.open()["id"], MIB), 507, "disk_full")
        with Sender(small, token) as anna:
            assert anna.get("/me")["user"] == "ANNA"
        me.post("/trash/empty")
        assert me.get("/audit/verify")["broken"] is None


def test_without_inodes_links_open_and_end(small: ServerProcess, disk: Path) -> None:
    """Uploads are refused before the last ones are used, and go on as soon as there are some again."""
    documents = [publish(small, b"content", f"{number}.txt") for number in range(4)]
    with Sender(small) as me, small.guest() as guest:
        send = me.open()["id"]
        location = me.begin(send, 2)
        made = use_up_files(disk, left=5)
        for answer in (batch(me, send, b"a"), me.patch(location, 0, b"ab")):
            body = problem(answer, 507, "disk_full")
            assert "inodes" in body["detail"]
        assert [each["id"] for each in guest.get("/readyz").json()["troubles"]] == ["no files"]
        assert "uploads are refused" in said_of(small.data)["inodes"]
        more = use_up_files(disk)
        assert guest.get(take(guest, documents[0])).content == b"content"
        for document in documents[1:]:
            me.post(f"/documents/{document['id']}/unpublish")
            assert guest.get(path_of(document)).status_code == 404
        assert guest.get("/readyz").status_code == 200
        for file in (*made, *more):
            file.unlink(missing_ok=True)
        assert me.patch(location, 0, b"ab").status_code == 204
        assert batch(me, send, b"a").status_code == 200
        assert "troubles" not in guest.get("/readyz").json()
        assert me.get("/audit/verify")["broken"] is None


def test_a_full_disk_is_named_until_it_is_freed(small: ServerProcess, disk: Path) -> None:
    with Sender(small) as me, small.guest() as guest:
        location = me.begin(me.open()["id"], MIB)
        other = fill(disk)
        answer = guest.get("/readyz")
        assert (answer.status_code, [each["id"] for each in answer.json()["troubles"]]) == (
            200,
            ["disk full"],
        )
        assert "is full" in said_of(small.data)["disk"]
        problem(me.patch(location, 0, bytes(MIB)), 507, "disk_full")
        other.unlink()
        assert not said_of(small.data)
        assert me.patch(location, 0, bytes(MIB)).status_code == 204
        assert "troubles" not in guest.get("/readyz").json()


@pytest.fixture
def apart(disk: Path, tmp_path: Path) -> Iterator[ServerProcess]:
    """A server whose documents are on the small disk, and its database is on another one."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "blobs").mkdir(mode=0o700)
    subprocess.run(["mount", "--bind", disk, data / "blobs"], check=True)
    try:
        with ServerProcess(data, arguments=("--whole-reserve",)) as server:
            _until_its_reserve_is_written(server)
            yield server
    finally:
        subprocess.run(["umount", data / "blobs"], check=True)


def test_documents_on_a_read_only_disk(apart: ServerProcess, disk: Path) -> None:
    """Links open, uploads are told to wait, and go on when it can be written to again."""
    document = publish(apart, b"content", "a.txt")
    with Sender(apart) as me, apart.guest() as guest:
        send = me.open()["id"]
        location = me.begin(send, 2)
        with read_only(disk):
            for answer in (me.patch(location, 0, b"ab"), batch(me, send, b"a")):
                body = problem(answer, 503, "data.read_only")
                assert "can't be written to now" in body["detail"]
            assert guest.get(take(guest, document)).content == b"content"
            answer = guest.get("/readyz")
            assert (answer.status_code, answer.json()["troubles"][0]["id"]) == (200, "read-only")
            assert "read-only" in said_of(apart.data)["disk"]
        assert me.patch(location, 0, b"ab").status_code == 204
        assert batch(me, send, b"a").status_code == 200
        assert "troubles" not in guest.get("/readyz").json()
    assert "Traceback" not in apart.log.read_text()


def test_a_send_waits_for_a_read_only_disk(apart: ServerProcess, disk: Path, tmp_path: Path) -> None:
    """It goes on by itself, as after an outage of the server."""
    client = Client(apart.url, apart.token, tmp_path)
    file = client.file("Offer.pdf", os.urandom(3 * MIB))
    with read_only(disk):
        sending = client.start("send", str(file), "--json")
        # It says that it waits.
        until(lambda: bool(select.select([sending.err], [], [], 0)[0]))
        assert b"Waiting for the server" in os.read(sending.err.fileno(), 1 << 16)
    done = sending.done()
    assert done.status == 0, done.err
    with apart.guest() as guest:
        assert guest.get(take(guest, done.documents[0])).content == file.read_bytes()


def test_room_is_that_of_the_documents_disk(apart: ServerProcess, disk: Path) -> None:
    """Not that of the database's, which may be another one."""
    with Sender(apart) as me:
        send = me.open()["id"]
        problem(me.create(send, 100 * MIB), 507, "disk_full")
        (disk / "other").write_bytes(bytes(59 * MIB))
        problem(batch(me, send, bytes(2 * MIB)), 507, "disk_full")
        (disk / "other").unlink()
        assert batch(me, send, bytes(2 * MIB)).status_code == 200


def test_a_disk_that_has_no_files_left_is_told_once(small: ServerProcess, disk: Path) -> None:
    """Each change of an anchor is a new file; what the log says of it would soon fill the disk, too."""

    def seals_since(before: int) -> bool:
        unsealed = look(small, "SELECT count(*) FROM audit_heads WHERE sequence != sealed")
        return unsealed == [(0,)] and look(small, "SELECT max(sequence) FROM seals")[0][0] > before

    document = publish(small, b"content", "a.txt")
    with Sender(small) as me:
        until(lambda: seals_since(0))
        until(lambda: (small.data / "reserve").exists())
        use_up_files(disk)
        # That takes what was put by.
        me.resend(document)
        until(lambda: not (small.data / "reserve").exists())
        for _ in range(3):
            use_up_files(disk)
            ((sealed,),) = look(small, "SELECT max(sequence) FROM seals")
            me.resend(document)
            until(lambda sealed=sealed: seals_since(sealed))
        until(lambda: "sealing the audit failed" in small.log.read_text())
        assert me.get("/audit/verify")["broken"] is None
    log = small.log.read_text()
    assert log.count("sealing the audit failed and will be retried: ") == 1
    assert "Traceback" not in log


@pytest.mark.parametrize("able", [True, False], ids=["allocated", "written"])
def test_what_is_put_by_comes_back(disk: Path, monkeypatch: pytest.MonkeyPatch, able: bool) -> None:
    """Whether or not the file system can allocate space without something being written."""
    if not able:
        monkeypatch.delattr(os, "posix_fallocate")
    found = Disk(disk)
    before = os.statvfs(disk).f_bavail
    found.restore_reserve()
    put_by = next(path for path in disk.iterdir())
    assert put_by.stat().st_size > MIB
    facts = os.statvfs(disk)
    assert (before - facts.f_bavail) * facts.f_frsize > MIB
    other = fill(disk)
    found.make_room()
    assert list(disk.iterdir()) == [other]
    found.restore_reserve()
    assert list(disk.iterdir()) == [other], "while the disk is full nothing is put by"
    other.unlink()
    found.restore_reserve()
    assert [path.name for path in disk.iterdir()] == [put_by.name]
