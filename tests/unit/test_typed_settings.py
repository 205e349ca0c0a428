"""What the fields of a link's settings accept, and how it is sent in a request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.rules.errors import InvalidValue, PolicyBreach
from tui.rules.link_settings import LEFT_OUT, LinkSettings, zone_offset
from tui.rules.policy import Policy
from tui.rules.presets import read_preset
from tui.rules.typed_settings import TYPED, short_reason, typed_texts, typed_value

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
STRICT = Policy(
    password_required=True,
    password_min_length=10,
    expires_required=True,
    expires_max="30d",
    downloads_required=True,
    downloads_max=20,
)


@pytest.mark.parametrize("name", TYPED)
def test_nothing_is_none_unless_the_policy_asks_for_it(name: str) -> None:
    assert typed_value(name, "", Policy(), NOW, ()) is None
    with pytest.raises(InvalidValue) as caught:
        typed_value(name, "", STRICT, NOW, ())
    assert caught.value.code == f"policy.{name}_required"


def test_blanks_are_a_password_and_nothing_elsewhere() -> None:
    assert typed_value("password", "    ", Policy(), NOW, ()) == "    "
    assert typed_value("expires", "    ", Policy(), NOW, ()) is None
    for name in ("expires", "downloads"):
        assert typed_value(name, " None ", Policy(), NOW, ()) is None
        with pytest.raises(PolicyBreach):
            typed_value(name, "none", STRICT, NOW, ())
    assert typed_value("password", "none", Policy(), NOW, ()) == "none"
    assert typed_value("downloads", "    ", Policy(), NOW, ()) is None


@pytest.mark.parametrize(
    ("name", "typed"),
    [("expires", "Never"), ("downloads", " unlimited "), ("downloads", "No limit")],
)
def test_words_for_none(name: str, typed: str) -> None:
    assert typed_value(name, typed, Policy(), NOW, ()) is None
    with pytest.raises(PolicyBreach):
        typed_value(name, typed, STRICT, NOW, ())
    # Of the one setting only.
    with pytest.raises(InvalidValue):
        typed_value("expires" if name == "downloads" else "downloads", typed, Policy(), NOW, ())


@pytest.mark.parametrize("typed", ["never", "none", " OFF", "no", "unlimited", "No limit", "nothing"])
@pytest.mark.parametrize(("name", "word"), [("expires", "never"), ("downloads", "unlimited")])
def test_a_word_for_none_is_taken_or_the_right_one_is_told(name: str, word: str, typed: str) -> None:
    """In full, in a few words, and in a preset; the word that is told is taken."""
    if TYPED[name].is_none(typed):
        assert typed_value(name, typed, Policy(), NOW, ()) is None
        return
    with pytest.raises(InvalidValue, match=word) as refused:
        typed_value(name, typed, Policy(), NOW, ())
    assert short_reason(refused.value, name, typed, Policy()) == f"write {word}"
    with pytest.raises(InvalidValue, match=word):
        read_preset("client", {name: typed}, NOW)
    assert typed_value(name, word, Policy(), NOW, ()) is None


def test_other_texts_are_told_what_can_be_typed() -> None:
    for typed in ("many", "0", "-1", "1000001"):
        with pytest.raises(InvalidValue, match=r"1 to 1,000,000.*, or unlimited\.$"):
            typed_value("downloads", typed, Policy(), NOW, ())


@pytest.mark.parametrize(
    "settings",
    [
        LinkSettings(expires_at=datetime(2026, 12, 31, 11, 59, tzinfo=UTC), downloads_permitted=20),
        LinkSettings(expires_at=datetime(2027, 7, 1, 12, 0, tzinfo=UTC), downloads_permitted=1_000_000),
        LinkSettings(expires_at=None, downloads_permitted=None),
    ],
)
def test_what_is_typed_for_settings_gives_these_settings(settings: LinkSettings) -> None:
    texts = typed_texts(settings)
    assert typed_value("expires", texts["expires"], Policy(), NOW, ()) == settings.expires_at
    assert typed_value("downloads", texts["downloads"], Policy(), NOW, ()) == settings.downloads_permitted


def test_nothing_is_typed_for_what_is_left_out() -> None:
    assert typed_texts(LinkSettings(password="Blue-Harbour7")) == {}


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("password", "Short-1", "policy.password_too_short"),
        ("password", "CorrectHorse", "policy.password_refused"),
        ("expires", "31d", "policy.expires_too_far"),
        ("expires", "soon", "expires.unknown"),
        ("downloads", "21", "policy.downloads_too_many"),
        ("downloads", "0", "downloads.out_of_range"),
        ("downloads", "many", "downloads.unknown"),
    ],
)
def test_what_is_wrong_is_told(name: str, text: str, code: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        typed_value(name, text, STRICT, NOW, {"correcthorse"})
    assert caught.value.code == code


def test_what_is_right_is_taken() -> None:
    assert typed_value("password", "Heron-4471-Lake", STRICT, NOW, {"correcthorse"}) == "Heron-4471-Lake"
    assert typed_value("expires", " 7d ", STRICT, NOW, ()) == NOW + timedelta(days=7)
    assert typed_value("downloads", " 20 ", STRICT, NOW, ()) == 20


def test_rules_are_one_sentence() -> None:
    assert TYPED["expires"].sentence(Policy()) == ""
    assert TYPED["expires"].sentence(STRICT) == "Expiration date: required, 30 days at most."
    assert TYPED["downloads"].sentence(STRICT) == "Downloads permitted: required, 20 at most."


@given(
    st.sampled_from([LEFT_OUT, None, "Heron-4471-Lake"]),
    st.sampled_from([LEFT_OUT, None, NOW + timedelta(days=3)]),
    st.sampled_from([LEFT_OUT, None, 1, 1_000_000]),
)
def test_a_request_holds_what_is_asked_for_and_no_more(
    password: object, expires: object, downloads: object
) -> None:
    """``None`` is sent; what is left out is absent from the request."""
    given_ = {"password": password, "expires_at": expires, "downloads_permitted": downloads}
    fields = LinkSettings(password, expires, downloads).fields()  # type: ignore[arg-type]
    at = expires if isinstance(expires, datetime) else None
    assert fields.pop("zone_offset") == zone_offset(at)
    assert fields == {name: value for name, value in given_.items() if value is not LEFT_OUT}


def test_a_password_is_not_shown_with_the_rest() -> None:
    assert "Heron" not in repr(LinkSettings("Heron-4471-Lake"))


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (LinkSettings(), "policy.password_required"),
        (LinkSettings("Heron-4471-Lake"), "policy.expires_required"),
        (LinkSettings("Heron-4471-Lake", NOW + timedelta(days=1)), "policy.downloads_required"),
        (LinkSettings("Heron-4471-Lake", NOW + timedelta(days=60), 3), "policy.expires_too_far"),
        (LinkSettings("Heron-4471-Lake", NOW - timedelta(days=1), 3), "expires.past"),
        (LinkSettings("", NOW + timedelta(days=1), 3), "password.empty"),
        (LinkSettings("Heron-4471-Lake", NOW + timedelta(days=1), 0), "downloads.out_of_range"),
    ],
)
def test_a_send_is_held_against_the_policy(settings: LinkSettings, code: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        settings.check(STRICT, NOW, ())
    assert caught.value.code == code


def test_a_send_that_leaves_out_takes_the_policys_defaults() -> None:
    rules = Policy(expires_required=True, expires_default="7d", downloads_required=True, downloads_default=5)
    LinkSettings().check(rules, NOW, ())
    with pytest.raises(InvalidValue):
        LinkSettings(expires_at=None).check(rules, NOW, ())
    with pytest.raises(InvalidValue):
        LinkSettings(downloads_permitted=None).check(rules, NOW, ())
