"""How Share describes itself, and what it answers at unknown addresses."""

from __future__ import annotations

import hashlib

from tests.support.users.recipient import path_of
from tests.support.users.share import PASSWORD, TUS, Sender, fetch, problem
from tests.support.users.stranger import Stranger

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
    """By a client that takes requests, headers and fields from the text alone, and breaks off in the middle."""
    with me.add_user("STRANGER"), Stranger(me.server, "STRANGER", PASSWORD) as stranger:
        assert list(stranger.steps) == [1, 2, 3, 4, 5, 6, 7]
        stranger.known |= {"SIZE": 7, "SHA256": hashlib.sha256(b"content").hexdigest(), "KEY": "mine"}
        stranger.take(1, 2, 3, 4, 5)
        send_bytes, ask_offset = stranger.steps[6]
        stranger.make(send_bytes, b"con")
        offset = stranger.make(ask_offset).headers["Upload-Offset"]
        assert offset == "3"
        stranger.make(send_bytes, b"tent", Upload_Offset=offset)
        stranger.take(7)
        document = stranger.known["document"]
        assert fetch(me.server, path_of(document)) == b"content"
        # Repeated as the text says, it is still the same document.
        stranger.take(7)
        assert stranger.known["document"] == document
        # A second send finds the folder.
        folder = stranger.known["folder"]["id"]
        stranger.take(2, 3)
        assert (stranger.known["folder"]["id"], stranger.known["confirmed"]) == (folder, True)
