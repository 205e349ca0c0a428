"""A token never gets into a log by way of the value that holds it."""

from __future__ import annotations

import pytest

from tui.clients.target import Target
from tui.config.sign_ins import StoredSignIn

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    "value",
    [
        Target("https://share.example", SECRET),
        StoredSignIn("anna", SECRET, SECRET, 1.0, "client", SECRET, SECRET),
    ],
    ids=["target", "sign-in"],
)
def test_no_text_of_it_has_a_secret(value: Target | StoredSignIn) -> None:
    assert SECRET in tuple(value)
    for text in (repr(value), str(value), f"{value}", f"{[value]}"):
        assert SECRET not in text
