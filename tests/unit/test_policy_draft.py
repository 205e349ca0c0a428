"""The policy as it is being edited."""

from __future__ import annotations

import pytest

from tui.rules.errors import InvalidValue
from tui.rules.policy import KEYS
from tui.screens.policy import RULES
from tui.screens.policy_draft import PolicyDraft
from tui.wire.policy import PolicyBody


def a_policy(**rules: object) -> PolicyBody:
    body: dict[str, object] = {
        "password_required": False,
        "password_min_length": None,
        "password_classes": None,
        "password_refused": [],
        "expires_required": False,
        "expires_default": None,
        "expires_max": None,
        "downloads_required": False,
        "downloads_default": None,
        "downloads_max": None,
        "folder_name": "Secure Sent Links",
        "grant_seconds": 3600,
    }
    return PolicyBody.model_validate({**body, **rules})


def test_every_rule_has_its_place() -> None:
    """Each is in the rules and in the messages, and has a row on the screen."""
    assert set(KEYS) == set(PolicyBody.model_fields) == set(RULES)


def test_what_is_changed_is_told_as_it_is_typed() -> None:
    draft = PolicyDraft(a_policy())
    assert draft.changes == {}
    draft.set("password_min_length", "9")
    draft.set("password_required", "true")
    assert draft.changes == {"password_required": "true", "password_min_length": "9"}
    assert draft.is_changed("password_min_length")
    assert (draft.shown("password_required"), draft.is_on("password_required")) == ("yes", True)
    draft.set("password_min_length", "")
    assert draft.changes == {"password_required": "true"}
    assert (draft.text("password_min_length"), draft.shown("password_min_length")) == ("", "–")


def test_refused_passwords_are_counted() -> None:
    draft = PolicyDraft(a_policy(password_refused=["one", "two"]))
    assert draft.shown("password_refused") == "2 more"
    assert draft.text("password_refused") == "one\ntwo"


def test_a_value_that_cannot_be_changes_nothing() -> None:
    draft = PolicyDraft(a_policy())
    with pytest.raises(InvalidValue):
        draft.check("password_min_length", "many")
    with pytest.raises(InvalidValue):
        draft.set("password_min_length", "many")
    assert draft.changes == {}


def test_what_somebody_else_changed_meanwhile_is_taken_over() -> None:
    draft = PolicyDraft(a_policy())
    draft.set("password_min_length", "9")
    draft.take_over(a_policy(downloads_max=5), draft.changes)
    assert draft.shown("downloads_max") == "5"
    assert draft.changes == {"password_min_length": "9"}
