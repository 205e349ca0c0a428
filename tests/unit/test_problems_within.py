"""One of several results of a response has the problem that a response of its own would have had."""

from __future__ import annotations

import httpx
import pytest

from tui.clients.responses import problem_of, problem_within
from tui.rules.errors import NotSignedIn
from tui.wire.problem import MEDIA_TYPE, ProblemBody


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 423, 500, 503])
def test_as_of_a_response_of_its_own(status: int) -> None:
    request = httpx.Request(
        "POST", "http://127.0.0.1/share/v1/documents/changes", headers={"X-Auth-Token": "mine"}
    )
    error = ProblemBody(title="x", status=status, detail="Not\x1b[31m now.", code="some.code", field="name")
    alone = httpx.Response(
        status, request=request, headers={"Content-Type": MEDIA_TYPE}, content=error.model_dump_json()
    )
    within = problem_within(httpx.Response(200, request=request), error)
    expected = problem_of(alone)
    assert type(within) is type(expected)
    assert vars(within) == vars(expected)
    assert str(within) == str(expected)
    assert not isinstance(within, NotSignedIn) or within.token == "mine"
