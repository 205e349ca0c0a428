"""What must hold whatever a client does: secrets, files, bypasses, tokens (S3, S5, S9, S10, S14, S17, S22-S26)."""

from __future__ import annotations

import re
import socket
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.checks.intruder import tamper
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import path_of, press, take
from tests.support.users.share import BASE, NOBODY, PASSWORD, TUS, Sender, database, problem, stored
from tui.clients.connection import open_http
from tui.clients.target import Target
from tui.server.base.disk import Disk
from tui.server.base.keys import new_id
from tui.server.blobs import LocalBlobs

# ---------------------------------------------------------------- what is stored


def test_bytes_are_kept_under_random_keys(fresh_server: ServerProcess) -> None:
    """S9: a file's name on disk reveals nothing, nor do the bytes that are stored there."""
    with Sender(fresh_server) as me:
        documents = [me.send("Offer.pdf", b"the same bytes") for _ in range(2)]
    files = stored(fresh_server)
    assert len({path.read_bytes() for path in files}) == 2, "not even that they are the same"
    assert not [path for path in files if b"same" in path.read_bytes()]
    assert len({path.name for path in files}) == 2
    answers = str(documents)
    for path in files:
        assert re.fullmatch(r"[0-9a-f]{32}", path.name)
        assert len(set(path.name)) > 6, "that is no random key"
        assert path.name not in answers
        assert "Offer" not in str(path)


def test_ids_and_keys_are_random_from_end_to_end(tmp_path: Path) -> None:
    """S9, S14: none of their 32 digits is the same in all."""
    blobs = LocalBlobs(tmp_path / "blobs", Disk(tmp_path))
    for make in (new_id, blobs.new_key):
        made = [make() for _ in range(64)]
        assert all(re.fullmatch("[0-9a-f]{32}", each) for each in made)
        assert min(len(set(digits)) for digits in zip(*made, strict=True)) > 1


async def test_no_other_text_becomes_a_path(tmp_path: Path) -> None:
    """S10: of all that might pass for a key, only one that was made here leads to a file."""
    blobs = LocalBlobs(tmp_path / "blobs", Disk(tmp_path))
    (tmp_path / "secret").write_text("x")
    for key in ("../secret", "..", "", "a/../../secret", str(tmp_path / "secret"), "A" * 32, "a" * 32 + "\n"):
        assert await blobs.length(key) == 0
        with pytest.raises(FileNotFoundError):
            await blobs.sha256(key)
        with pytest.raises(FileNotFoundError):
            await blobs.delete(key)
    assert (tmp_path / "secret").exists()


def test_what_is_kept_is_private(fresh_server: ServerProcess) -> None:
    """S22: all files of the data folder are 0600 and all folders 0700, even in the middle of an upload."""
    with Sender(fresh_server) as me:
        document = me.send(password=PASSWORD)
        me.patch(me.begin(me.open()["id"], 10), 0, b"01234")
        with fresh_server.guest() as guest:
            guest.get(take(guest, document, PASSWORD))
    fresh_server.stop()
    assert (fresh_server.data / "audit.seal").exists()
    assert stat.S_IMODE(fresh_server.data.stat().st_mode) == 0o700
    for path in fresh_server.data.rglob("*"):
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


def test_secrets_are_long_and_matched_whole(me: Sender) -> None:
    """S14: link addresses, grants and tokens are 192 random bits each, looked up by a keyed hash of the whole."""
    document = me.send()
    with me.server.guest() as guest:
        secrets = [path_of(document)[3:], take(guest, document)[3:].partition("/")[0], me.server.token]
        for secret in secrets:
            assert re.fullmatch("[0-9a-f]{48}", secret)
        with database(me.server) as connection:
            kept = connection.execute(
                "SELECT address_hash FROM sent_documents WHERE id = ?", (document["id"],)
            ).fetchone()
        assert kept is not None
        assert len(kept[0]) == 32
        address, grant, token = secrets
        for wrong in (address[:-1], address + "0", address.upper(), address[:-1] + "%00", " " + address):
            assert guest.get(f"/s/{wrong}").status_code == 404
        for other in (address, token, kept[0].hex()):
            assert guest.get(f"/g/{other}").status_code == 404
        for other in (grant, token, kept[0].hex()):
            assert guest.get(f"/s/{other}").status_code == 404
        for other in (address, grant, token[:-1], token + "0"):
            problem(guest.get(f"{BASE}/me", headers={"X-Auth-Token": other}), 401, "token.invalid")


def test_a_failure_tells_no_secret(fresh_server: ServerProcess) -> None:
    """S4, S17: neither the answer nor the log's traceback contains a link's address, a token or a password."""
    with Sender(fresh_server) as me:
        document = me.send(password=PASSWORD)
        with database(fresh_server) as connection:
            connection.execute("ALTER TABLE grants RENAME TO gone")
        with fresh_server.guest() as guest:
            answer = press(guest, document, PASSWORD)
        assert answer.status_code == 500
        assert "Something went wrong" in answer.text
        with database(fresh_server) as connection:
            connection.execute("ALTER TABLE policy RENAME TO gone_too")
        failed = problem(
            me.request("POST", "/sends", json={"folder": me.folder, "password": PASSWORD}),
            500,
            "server.error",
        )
    log = fresh_server.log.read_text()
    assert log.count("Traceback") >= 2
    for secret in (path_of(document)[3:], PASSWORD, fresh_server.token):
        assert secret not in log
        assert secret not in answer.text + str(failed)
    assert fresh_server.process.poll() is None


def test_no_request_follows_on_a_connection_that_a_failure_ends(restored_server: ServerProcess) -> None:
    """It would be answered, or not, depending on which of both arrives first."""
    with Sender(restored_server) as me:
        document = me.send()
        tamper(restored_server, ("INSERT INTO policy VALUES (1, ?)", "[7]"))
        for _ in range(10):
            failed = me.request("GET", "/policy")
            problem(failed, 500, "server.error")
            assert failed.headers["connection"] == "close"
            assert me.document(document["id"]) == document
        with restored_server.guest() as guest:
            assert guest.post(document["url"]).headers["connection"] == "close"
            assert guest.get(document["url"]).status_code == 200


# ---------------------------------------------------------------- bypasses


def test_a_password_guards_every_way(me: Sender) -> None:
    """S5, S7: without the password there is no way to the bytes or the name: not by the API, uploads, ranges, or
    another link's grant."""
    send = me.open(password=PASSWORD)["id"]
    upload = me.upload(send, b"the secret bytes")
    document = me.publish(send, upload, "Confidential.pdf", b"the secret bytes").json()
    other = me.send("Plain.txt", b"plain")
    path, ident = path_of(document), document["id"]
    with me.server.guest() as guest:
        grant = take(guest, other)
        answers = [
            guest.get(f"{BASE}/documents/{ident}"),
            guest.get(f"{BASE}/documents/{ident}/content"),
            guest.head(f"{BASE}/documents/{ident}/content"),
            guest.get(f"{BASE}/uploads/{upload}", headers=TUS),
            guest.head(f"{BASE}/uploads/{upload}", headers=TUS),
            guest.get(f"/work/api/v2/customers/1/libraries/ACTIVE/documents/{document['work_id']}/download"),
            guest.get(f"/s/{ident}"),
            guest.get(f"/g/{path[3:]}"),
            guest.get(f"{grant}/../{path[3:]}"),
            guest.get(f"{path}/content"),
            guest.get(path, headers={"Range": "bytes=0-"}),
            guest.post(path, headers={"X-Auth-Token": me.server.token}),
            guest.post(path, headers={"Cookie": f"grant={grant[3:]}"}),
            guest.post(f"{path}?password={PASSWORD}"),
        ]
    for answer in answers:
        assert answer.status_code in (200, 401, 403, 404, 405), answer.request.url
        assert b"the secret bytes" not in answer.content
        assert "Confidential" not in answer.text + str(answer.headers)
    assert me.document(ident)["downloads"] == 0


def test_looking_changes_nothing(me: Sender) -> None:
    """S3: no GET or HEAD changes a document, whatever is requested."""
    document = me.send()
    ident, folder = document["id"], document["folder"]["id"]
    for method in ("GET", "HEAD"):
        for path in (
            *(f"/documents/{ident}/{act}" for act in ("unpublish", "resend", "unlock")),
            *("/trash/empty", f"/trash/{ident}/restore", "/logout", "/login", "/sends", "/folder/confirm"),
        ):
            assert me.request(method, path).status_code in (404, 405), path
        for act in ("DELETE", "POST"):
            override = {"X-HTTP-Method-Override": act, "X-HTTP-Method": act, "X-Method-Override": act}
            me.request(method, f"/documents/{ident}", headers=override)
            me.request(method, f"/folders/{folder}", headers=override)
    assert me.document(ident) == document


def test_no_cookie_and_no_other_site(me: Sender) -> None:
    """S24: the API neither sets nor takes cookies, and lets no other site read its answers."""
    with me.server.guest() as guest:
        for name in ("token", "X-Auth-Token", "session"):
            answer = guest.get(f"{BASE}/me", headers={"Cookie": f"{name}={me.server.token}"})
            problem(answer, 401, "token.invalid")
    site = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "DELETE"}
    for answer in (
        me.request("GET", "/me", headers=site),
        me.request("GET", "/documents", headers=site),
        me.request("OPTIONS", "/documents", headers=site),
        me.request("OPTIONS", "/uploads", headers={**site, **TUS}),
    ):
        assert "set-cookie" not in answer.headers
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_token_does_no_more_than_its_person(me: Sender) -> None:
    """S23, P4: a token has its user's current rights, and ends when the user is removed."""
    with me.add_user("NORA", admin=True) as nora:
        assert nora.get("/users")["users"]
        assert nora.get("/audit/verify")["chains"] == me.get("/audit/verify")["chains"]
        me.send()
        me.delete("/users/NORA")
        problem(nora.request("GET", "/me"), 401, "token.invalid")
        with me.add_user("NORA") as again:
            problem(nora.request("GET", "/me"), 401, "token.invalid")
            for method, path, body in (
                ("PATCH", "/policy", {"downloads_max": 1}),
                ("GET", "/users", None),
                ("DELETE", "/users/DJONES", None),
            ):
                problem(again.request(method, path, json=body), 403, "admin.only")
            # Of the audit, only the user's own chains: that of the account.
            assert again.get("/audit/verify")["chains"] == 1
            assert again.request("GET", f"/documents/{NOBODY}/audit/verify").status_code == 404


async def test_the_socket_comes_before_the_port(tmp_path_factory: pytest.TempPathFactory) -> None:
    """S26: if a server has its own socket, the token goes there, whatever process has its port by now."""
    # A socket's path can only be about a hundred bytes long.
    with TemporaryDirectory(prefix="sl-") as folder, socket.create_server(("127.0.0.1", 0)) as stranger:
        data, place = tmp_path_factory.mktemp("own") / "data", Path(folder) / "socket"
        with ServerProcess(data, arguments=("--socket", str(place))) as server:
            assert stat.S_IMODE(place.stat().st_mode) == 0o600
            taken = f"http://127.0.0.1:{stranger.getsockname()[1]}"
            async with open_http(Target(taken, server.token, place)) as http:
                assert (await http.get(f"{BASE}/me")).json()["user"] == "DJONES"
            server.stop()
        assert not place.exists()
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.accept()
