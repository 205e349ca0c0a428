"""What Share says of itself, and what it answers where nothing is."""

from __future__ import annotations

from tests.support.share import TUS, Sender, problem

OPEN_TO_ALL = {("/share/v1/login", "post"), ("/share/v1/uploads", "options")}


def test_every_address_is_described(me: Sender) -> None:
    """OpenAPI: each operation tells its token and its errors, all of which are problem bodies."""
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
    """Every error has a stable code, also those that the framework makes."""
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
