"""How Share describes itself, and what it answers at unknown addresses."""

from __future__ import annotations

import hashlib
import re

from tests.support.recipient import path_of
from tests.support.share import CONTENT, TUS, Sender, b64, fetch, problem

OPEN_TO_ALL = {("/share/v1/login", "post"), ("/share/v1/uploads", "options")}


def test_every_address_is_described(me: Sender) -> None:
    """OpenAPI: each operation states its token and its errors, all of which are problem bodies."""
    described = me.get("/openapi.json")
    assert "ProblemBody" in described["components"]["schemas"]
    assert "HTTPValidationError" not in str(described)
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            answers = operation["responses"]
            assert any(status.startswith("2") for status in answers)
            for status, answer in answers.items():
                if status[0] in "45" and method != "head":
                    assert list(answer["content"]) == ["application/problem+json"], (path, method, status)
            if (path, method) not in OPEN_TO_ALL:
                assert "401" in answers, (path, method)
                assert len(operation["security"]) == 2


def test_nothing_but_problem_bodies(me: Sender) -> None:
    """Every error has a stable code, including those that the framework makes."""
    problem(me.request("GET", "/nothing/here"), 404, "not_found")
    wrong = me.request("PUT", "/folder")
    problem(wrong, 405, "method_not_allowed")
    assert wrong.headers["allow"] == "GET, POST"
    assert me.request("GET", "/uploads/x").headers["allow"] == "DELETE, HEAD, PATCH"
    json = {"Content-Type": "application/json"}
    for body in (b"{", b"[]", b"", b"\xff", b"[" * 100_000, b"nul"):
        response = me.request("POST", "/folder", content=body, headers=json)
        assert response.status_code in (400, 422)
        assert response.headers["content-type"] == "application/problem+json"
    problem(me.request("POST", "/folder", content=b"x=1", headers=TUS), 422, "request.invalid")


def test_the_walk_from_a_file_to_its_link_is_as_described(me: Sender) -> None:
    """Each step of the text, by a client that knows nothing else; its addresses are those of the description."""
    described = me.get("/openapi.json")
    walk = described["info"]["description"].partition("## From a file to its link")[2]
    for method, path in re.findall(r"`(GET|POST) (/share/v1/[^`]*)`", walk):
        assert method.lower() in described["paths"][path.replace("{send.id}", "{send_id}")], (method, path)
    with me.add_user("STRANGER") as stranger:
        folder = stranger.get("/folder")
        made = stranger.post("/folder", {"generation": folder["generation"], "shortcut": folder["confirmed"]})
        if not made["confirmed"]:
            body = {"folder": made["folder"]["id"], "generation": made["generation"]}
            made = stranger.post("/folder/confirm", body)
        send = stranger.post("/sends", {"folder": made["folder"]["id"]}, 201)
        begin = {"Upload-Length": "7", "Upload-Metadata": f"send {b64(send['id'])}"}
        place = stranger.request("POST", "/uploads", headers=TUS | begin).headers["location"]
        assert stranger.http.patch(place, content=b"con", headers=CONTENT | {"Upload-Offset": "0"}).is_success
        offset = stranger.http.head(place, headers=TUS).headers["upload-offset"]
        rest = CONTENT | {"Upload-Offset": offset}
        assert stranger.http.patch(place, content=b"tent", headers=rest).is_success
        body = {
            "upload": place.rpartition("/")[2],
            "name": "Offer.pdf",
            "sha256": hashlib.sha256(b"content").hexdigest(),
            "source": {"label": "file:Offer.pdf"},
        }
        document = stranger.post(f"/sends/{send['id']}/documents", body, 201, Idempotency_Key="mine")
        assert fetch(me.server, path_of(document)) == b"content"
