"""The policy as it is being edited."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import get_type_hints

import pytest

from tui.rules.errors import InvalidValue
from tui.rules.policy import BETWEEN, KEYS, READERS, YES_OR_NO, Policy, changed
from tui.ui.dialogs.policy import RULES
from tui.ui.dialogs.policy_draft import PolicyDraft


def a_policy(**rules: object) -> Policy:
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
    return Policy.of({**body, **rules})


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(READERS, id="its values in rules/policy.py"),
        pytest.param(RULES, id="its row in ui/dialogs/policy.py"),
    ],
)
def test_every_rule_has_its_place(place: Mapping[str, object]) -> None:
    assert set(place) == set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_the_values_of_a_rule_have_its_type(key: str) -> None:
    declared = get_type_hints(Policy)[key]
    for text in ("true", "3", "60", "7d", "warn", "comments", "client: expires=7d"):
        with suppress(InvalidValue):
            value = getattr(changed(Policy(), {key: text}), key)
            assert isinstance(value, tuple if key in BETWEEN else declared)
            assert isinstance(value, bool) == (key in YES_OR_NO)
            return
    pytest.fail("it takes none of these values")


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
