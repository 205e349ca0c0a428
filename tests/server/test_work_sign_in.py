"""Discovery, tokens, errors and addresses of Work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.work import LIBRARY, PASSWORD, Worker, add_person, error, no_absent

GUESTS = "X-Auth-Token is invalid or missing"


@pytest.fixture(scope="module")
def bsmith(server: ServerProcess) -> str:
    return add_person(server, "BSMITH")


def token_of(server: ServerProcess, **form: str) -> dict[str, Any]:
    with server.guest() as guest:
        answer: dict[str, Any] = guest.post("/auth/oauth2/token", data=form).raise_for_status().json()
        return answer


@pytest.mark.parametrize("path", ["/api", "/work/api"])
def test_discovery_tells_user_library_and_base(server: ServerProcess, path: str) -> None:
    with server.client() as client:
        body = client.get(path).raise_for_status().json()
    no_absent(body)
    data = body["data"]
    assert data["user"] == {"customer_id": 1, "id": "DJONES", "name": "DJONES"}
    assert data["work"] == {
        "preferred_library": "ACTIVE",
        "libraries": [{"alias": "ACTIVE", "type": "worksite"}],
    }
    assert [(v["name"], v["url"]) for v in data["versions"]] == [("v2", f"{server.url}/work/api/v2")]
    assert data["dms_version"]
    assert data["capabilities"] == []


def test_discovery_leads_to_the_public_address_if_there_is_one(tmp_path: Path) -> None:
    """Else to where the connection arrived; never to a name that the client sent."""
    public = "https://dms.example.test/firm"
    with (
        ServerProcess(tmp_path / "data", arguments=("--public-url", public)) as server,
        server.client() as client,
    ):
        for headers in ({}, {"Host": "evil.example"}):
            body = client.get("/api", headers=headers).json()
            assert body["data"]["versions"][0]["url"] == f"{public}/work/api/v2"


@few(4)
@pytest.mark.parametrize("base", ["/work/api/v2", "/api/v2", "/work/web/api/v2"])
@pytest.mark.parametrize(
    "tail", ["libraries", "workspaces", "libraries/ACTIVE/workspaces", "recent-documents"]
)
def test_all_base_paths_lead_to_the_same_calls(server: ServerProcess, base: str, tail: str) -> None:
    with server.client() as client:
        assert client.get(f"{base}/customers/1/{tail}").status_code == 200


@few(3)
@pytest.mark.parametrize(
    "path",
    [
        "/work/api/v2/customers/2/libraries/ACTIVE/workspaces",
        "/work/api/v2/customers/1/libraries/OTHER/workspaces",
        f"{LIBRARY}/folders/ACTIVE!999999",
        f"{LIBRARY}/folders/OTHER!1",
        f"{LIBRARY}/folders/ACTIVE!99999999999999999999999",
        f"{LIBRARY}/folders/x",
        f"{LIBRARY}/workspaces/ACTIVE!0",
        f"{LIBRARY}/documents/ACTIVE!1.1",
        f"{LIBRARY}/documents/ACTIVE!1.99999999999",
        f"{LIBRARY}/documents/%00",
    ],
)
def test_what_is_not_there_is_no_record(server: ServerProcess, path: str) -> None:
    with server.client() as client:
        error(client.get(path), 404, "NRC_NO_RECORD")


@few(3)
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/work/api/v2/nothing", 404),
        ("GET", "/work", 404),
        ("GET", "/api/x", 404),
        ("GET", "/auth/x", 404),
        ("PUT", f"{LIBRARY}/workspaces", 405),
        ("GET", "/auth/oauth2/token", 405),
        ("POST", f"{LIBRARY}/my-favorites/children", 413),
    ],
)
def test_every_error_has_the_error_object(server: ServerProcess, method: str, path: str, status: int) -> None:
    content = b"x" * 1_100_000 if status == 413 else None
    with server.client() as client:
        response = client.request(method, path, content=content)
    assert response.status_code == status
    found = response.json()["error"]
    assert found["code"].startswith("NRC_")
    assert found["code"] != "NRC_NO_RECORD"
    assert found["message"] == found["code_message"]


@pytest.mark.parametrize("headers", [{}, {"X-Auth-Token": "x"}, {"Authorization": "Bearer x"}])
@pytest.mark.parametrize(
    "path", ["/api", f"{LIBRARY}/workspaces", f"{LIBRARY}/documents/ACTIVE!1.1/download"]
)
def test_without_a_token_there_is_nothing(server: ServerProcess, path: str, headers: dict[str, str]) -> None:
    with server.guest() as guest:
        found = error(guest.get(path, headers=headers), 401, "NRC_TOKEN_INVALID")
    assert found["message"] == GUESTS


@pytest.mark.parametrize("header", ["X-Auth-Token", "Authorization"])
def test_a_password_gives_a_grant(server: ServerProcess, bsmith: str, header: str) -> None:
    form = {"username": "bsmith", "password": PASSWORD, "grant_type": "password"}
    body = token_of(server, **form, client_id="any", client_secret="thing", scope="user")
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 1800
    assert body["scope"] == "user"
    assert body["access_token"].isalnum()
    assert body["refresh_token"].isalnum()
    value = body["access_token"]
    with server.guest() as guest:
        found = guest.get("/api", headers={header: f"Bearer {value}" if header == "Authorization" else value})
    assert found.json()["data"]["user"]["id"] == "BSMITH"


@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "password", "username": "BSMITH", "password": "wrong"},
        {"grant_type": "password", "username": "NOBODY", "password": PASSWORD},
        {"grant_type": "password", "username": "DJONES", "password": ""},
        {"grant_type": "password"},
    ],
)
def test_a_wrong_password_is_refused_in_both_forms(
    server: ServerProcess, bsmith: str, form: dict[str, str]
) -> None:
    with server.guest() as guest:
        response = guest.post("/auth/oauth2/token", data=form)
    assert response.status_code == 401
    body = response.json()
    assert body["error"]["message"] == "User ID or Password is incorrect"
    assert body["error"]["code"]
    assert body["error"]["code_message"]
    assert body["error_description"]


@pytest.mark.usefixtures("bsmith")
def test_a_client_in_typescript_signs_in_by_a_form_in_parts(server: ServerProcess) -> None:
    fields = {"grant_type": "password", "username": "bsmith", "password": PASSWORD, "client_id": "app"}
    with server.guest() as http:
        answer = http.post("/auth/oauth2/token", files={name: (None, text) for name, text in fields.items()})
        assert answer.status_code == 200, answer.text
        http.headers["X-Auth-Token"] = answer.json()["access_token"]
        assert http.get("/api").json()["data"]["user"]["id"] == "BSMITH"


BROKEN_FORMS = {
    "no boundary": ("", b"--x\r\n"),
    "no form": ("; boundary=x", b"no form"),
    "a part without a name": ("; boundary=x", b"--x\r\ncontent-disposition: form-data\r\n\r\nx\r\n--x--"),
    "thousands of parts": ("; boundary=x", b"--x\r\n" * 3000),
    "a file": (
        "; boundary=x",
        b'--x\r\ncontent-disposition: form-data; name="username"; filename="a"\r\n\r\nx\r\n--x--',
    ),
}


@pytest.mark.parametrize("what", BROKEN_FORMS)
def test_a_form_in_parts_that_is_none_is_refused(what: str, server: ServerProcess) -> None:
    tail, body = BROKEN_FORMS[what]
    with server.guest() as http:
        headers = {"Content-Type": f"multipart/form-data{tail}"}
        error(http.post("/auth/oauth2/token", content=body, headers=headers), 400, "unsupported_grant_type")


@pytest.mark.parametrize("form", [{}, {"grant_type": "client_credentials"}, {"grant_type": "refresh_token"}])
def test_other_grants_are_refused(server: ServerProcess, form: dict[str, str]) -> None:
    with server.guest() as guest:
        response = guest.post("/auth/oauth2/token", data=form)
    assert response.status_code == 400
    assert response.json()["error_description"]


def test_a_refresh_token_changes_at_each_use(server: ServerProcess, bsmith: str) -> None:
    first = token_of(server, grant_type="password", username="BSMITH", password=PASSWORD)
    second = token_of(server, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (
        len({first["access_token"], second["access_token"], first["refresh_token"], second["refresh_token"]})
        == 4
    )
    with server.guest() as guest:
        # A refresh token can't be used as an access token, nor the other way round.
        assert guest.get("/api", headers={"X-Auth-Token": second["refresh_token"]}).status_code == 401
        swapped = {"grant_type": "refresh_token", "refresh_token": second["access_token"]}
        assert guest.post("/auth/oauth2/token", data=swapped).status_code == 400
    third = token_of(server, grant_type="refresh_token", refresh_token=second["refresh_token"])
    with Worker(server, third["access_token"]) as worker:
        assert worker.data("/api")["user"]["id"] == "BSMITH"
    with server.guest() as guest:
        again = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        assert guest.post("/auth/oauth2/token", data=again).status_code == 400


def test_a_grant_lives_half_an_hour(fresh_server: ServerProcess) -> None:
    add_person(fresh_server, "BSMITH")
    body = token_of(fresh_server, grant_type="password", username="BSMITH", password=PASSWORD)
    with fresh_server.client(body["access_token"]) as client:
        fresh_server.turn_clock(1790)
        assert client.get("/api").status_code == 200
        fresh_server.turn_clock(1801)
        assert client.get("/api").status_code == 401
    renewed = token_of(fresh_server, grant_type="refresh_token", refresh_token=body["refresh_token"])
    with fresh_server.client(renewed["access_token"]) as client:
        assert client.get("/api").status_code == 200


@pytest.mark.parametrize("way", ["logout", "revoke access", "revoke refresh"])
def test_ending_a_sign_in_ends_all_of_its_tokens(server: ServerProcess, bsmith: str, way: str) -> None:
    body = token_of(server, grant_type="password", username="BSMITH", password=PASSWORD)
    latest = token_of(server, grant_type="refresh_token", refresh_token=body["refresh_token"])
    with server.client(latest["access_token"]) as client:
        if way == "logout":
            assert client.get("/auth/logout").status_code == 200
        else:
            field = "access_token" if way == "revoke access" else "refresh_token"
            answer = client.post("/auth/oauth2/revoke-token", data={"access_token": latest[field]})
            assert answer.status_code == 200
        assert client.get("/api").status_code == 401
        assert client.get("/api", headers={"X-Auth-Token": body["access_token"]}).status_code == 401
        form = {"grant_type": "refresh_token", "refresh_token": latest["refresh_token"]}
        assert client.post("/auth/oauth2/token", data=form).status_code == 400
    with server.client(bsmith) as other:
        assert other.get("/api").status_code == 200


def test_logout_leaves_a_token_for_programs_alone(server: ServerProcess) -> None:
    with server.client() as client:
        assert client.get("/auth/logout").status_code == 200
        assert client.get("/api").status_code == 200


def test_guessing_is_slowed_down(fresh_server: ServerProcess) -> None:
    add_person(fresh_server, "BSMITH")
    form = {"grant_type": "password", "username": "BSMITH", "password": "wrong"}
    with fresh_server.guest() as guest:
        answers = [guest.post("/auth/oauth2/token", data=form) for _ in range(8)]
    slowed = [answer for answer in answers if answer.status_code == 429]
    assert slowed
    assert int(slowed[0].headers["retry-after"]) >= 1
    assert slowed[0].json()["error"]["message"]
