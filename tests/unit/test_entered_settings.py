"""What a dialog's fields hold: the settings that it means, what is wrong with it, and what is said of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import pytest

from tui.rules.errors import InvalidValue
from tui.rules.link_settings import LEFT_OUT
from tui.rules.policy import Policy
from tui.ui.send.entered_settings import EnteredSettings
from tui.ui.send.known_passwords import KnownPasswords
from tui.ui.send.setting_notes import note_of

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
STRONG = "correct-horse-battery-staple"


def entered(
    *,
    removed: Collection[str] = (),
    recipients: str = "",
    again: bool = False,
    had_password: bool = False,
    policy: Policy | None = None,
    flags: dict[str, bool] | None = None,
    **texts: str,
) -> EnteredSettings:
    typed = {"password": "", "expires": "", "downloads": "", **texts}
    return EnteredSettings(
        policy or Policy(),
        typed,
        frozenset(removed),
        flags or {},
        recipients,
        again=again,
        had_password=had_password,
    )


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        (entered(), None),
        (entered(downloads="10k"), 10_000),
        (entered(again=True), LEFT_OUT),
        (entered(again=True, removed=["downloads"]), None),
        (entered(again=True, removed=["downloads"], downloads="3"), None),
        (entered(again=True, downloads="3"), 3),
    ],
)
def test_value(fields: EnteredSettings, value: Any) -> None:
    found = fields.value("downloads", NOW)
    assert found is value if value in (None, LEFT_OUT) else found == value


def test_a_password_that_cannot_be_kept_is_asked_for() -> None:
    assert entered().value("password", NOW) is None
    with pytest.raises(InvalidValue):
        entered(had_password=True).value("password", NOW)


def test_flags_that_were_not_changed_are_left_to_the_server() -> None:
    fields = entered(flags={"notify": True})
    assert fields.settings(NOW, {"notify": True}).flags == {}
    assert fields.settings(NOW, {"notify": False}).flags == {"notify": True}


def test_recipients_that_the_policy_does_not_allow() -> None:
    policy = Policy(recipients_domains=("halyard.example",), recipients_others="refuse")
    assert entered(policy=policy, recipients="anna@halyard.example").settings(NOW, {}).recipients
    with pytest.raises(InvalidValue) as caught:
        entered(policy=policy, recipients="anna@halyrad.example").settings(NOW, {})
    assert "halyrad.example" in caught.value.message


def test_the_field_with_the_focus_comes_first() -> None:
    fields = entered(expires="soon", downloads="many")
    first, other = fields.error(NOW, "downloads"), fields.error(NOW, "expires")
    assert first is not None
    assert other is not None
    assert first != other
    assert "many" in first


def test_an_address_is_none_yet_while_it_is_typed() -> None:
    fields = entered(recipients="anna@")
    assert fields.error(NOW, "to") is None
    assert fields.error(NOW, "") is not None


def test_what_is_missing_is_no_error_but_is_said() -> None:
    fields = entered(policy=Policy(password_required=True))
    assert fields.error(NOW, "password") is None
    texts, tone = note_of(fields, "password", NOW, (), is_strong=None)
    assert tone == "warn"
    assert texts[0]


def test_changed() -> None:
    first = {"password": "", "expires": "", "downloads": "", "to": ""}
    assert not entered().differs_from(first, {})
    assert not entered(recipients="  ").differs_from(first, {})
    assert entered(downloads="3").differs_from(first, {})
    assert entered(recipients="a@b.example").differs_from(first, {})
    assert entered(again=True, removed=["expires"]).differs_from(first, {})
    assert entered(flags={"notify": True}).differs_from(first, {"notify": False})


def test_as_a_preset_has_it() -> None:
    fields = entered(password=STRONG, expires=" 2 weeks ", downloads="none", flags={"notify": True})
    assert fields.for_preset() == {
        "password": "make",
        "expires": "2 weeks",
        "downloads": "none",
        "notify": "on",
    }


def test_held_has_recipients_only_of_a_new_send() -> None:
    assert entered(recipients="a@b.example").held()["to"] == ("a@b.example", False)
    fields = entered(again=True, removed=["expires"])
    assert "to" not in fields.held()
    assert fields.held()["expires"] == ("", True)


@pytest.mark.parametrize(
    ("fields", "present", "text", "tone"),
    [
        (entered(downloads="many"), (), "many", "bad"),
        (entered(downloads="none"), (), "", ""),
        (entered(again=True, removed=["downloads"]), (), "will be removed", ""),
        (entered(again=True, downloads="3"), (), "changed", ""),
        (entered(again=True), (), "", "dim"),
        (entered(downloads="3", recipients="a@b.c"), (), "3 downloads of each document", ""),
        (entered(downloads="3", recipients="a@b.c, d@"), (), "3 downloads of each document", ""),
        (
            entered(downloads="2", recipients="a@b.c, d@e.f"),
            (),
            "2 of each document, shared by both recipients: one of them can use up all.",
            "",
        ),
        (entered(downloads="2", recipients="a@b.c, d@e.f, g@h.i"), (), "shared by all 3 recipients", "warn"),
        (entered(again=True, downloads="3"), (2, 2), "changed; before: 2", ""),
        (
            entered(again=True, downloads="3"),
            (5, 5),
            "3 downloads of each document; fewer than before (5)",
            "warn",
        ),
        (entered(again=True, policy=Policy(downloads_required=True)), (None,), "", "warn"),
    ],
)
def test_note(fields: EnteredSettings, present: Collection[Any], text: str, tone: str) -> None:
    texts, found = note_of(fields, "downloads", NOW, present, is_strong=None)
    assert found == tone
    assert text in texts[0]


def test_a_note_tells_a_strong_password_from_a_weak_one() -> None:
    fields = entered(password=STRONG)
    notes = [note_of(fields, "password", NOW, (), is_strong=strong) for strong in (True, False, None)]
    assert [tone for _, tone in notes] == ["good"] * 3
    assert notes[0][0] != notes[1][0] != notes[2][0]


@pytest.mark.parametrize("typed", [f" {STRONG}", f"{STRONG} ", f"\u00a0{STRONG}"])
def test_blanks_at_the_ends_of_a_password_are_named(typed: str) -> None:
    """They are pasted unseen, and whoever enters the rest is refused."""
    texts, tone = note_of(entered(password=typed), "password", NOW, (), is_strong=True)
    assert (texts[0], tone) == ("blanks at its ends count, too · strong", "warn")
    inside = note_of(entered(password=f"{STRONG} {STRONG}"), "password", NOW, (), is_strong=True)
    assert inside[1] == "good"


def test_known_passwords() -> None:
    known = KnownPasswords()
    assert known.is_stale("typed")
    assert known.is_strong("typed") is None
    assert not known.is_stale("")
    known.note_strength("typed", is_strong=False)
    assert known.is_strong("typed") is False
    assert not known.is_stale("typed")
    assert known.is_stale("typed2")
    # Nothing is typed any more: what was remembered is to be forgotten.
    assert known.is_stale("")
    known.note_strength("", is_strong=False)
    assert not known.is_stale("")
    assert known.is_strong("typed") is None
    made = known.make(Policy())
    assert known.is_made(made)
    assert known.is_strong(made)
    assert not known.was_shown(made)
    known.show(made)
    assert known.was_shown(made)
    known.forget()
    assert not known.is_made(made)
    assert not known.was_shown(made)
