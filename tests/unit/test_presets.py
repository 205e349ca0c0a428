"""Settings of links under a name: how they are read, what they can hold, and that they keep to the policy."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.zones import NOW
from tui.rules import presets
from tui.rules.errors import InvalidValue, PolicyBreach
from tui.rules.link_settings import FLAGS, LEFT_OUT, LinkSettings
from tui.rules.policy import Policy, changed
from tui.rules.preset_lines import MOST_PRESETS, read_lines, written_line
from tui.rules.presets import Preset, last_preset, named, read_last, read_presets, united
from tui.rules.spoken_passwords import spoken_words
from tui.rules.text import printable
from tui.rules.typed_settings import TYPED
from tui.ui.send.preset_history import PresetHistory

ALL: dict[str, object] = {
    "password": True,
    "expires": "7d",
    "downloads": 5,
    "notify": True,
    "to": "anna@x.example",
}


def refused(tables: dict[str, object]) -> str:
    with pytest.raises(InvalidValue) as caught:
        read_presets(tables, NOW)
    assert printable(caught.value.message) == caught.value.message
    assert len(caught.value.message) < 300
    assert caught.value.exit_status == 2
    return caught.value.message


def preset(**values: object) -> Preset:
    (found,) = read_presets({"client": values}, NOW)
    return found


# ---------------------------------------------------------------- every setting of a link


def test_every_setting_of_a_link_can_be_in_a_preset() -> None:
    """A new one is in presets by being declared."""
    known = {*(TYPED[name].attribute for name in TYPED), *FLAGS, "recipients"}
    assert known == {each.name for each in fields(LinkSettings)} - {"zone_offset"}
    assert set(presets.SETTINGS) == {*TYPED, *FLAGS, "to"}
    found = preset(**ALL).settings(Policy(), NOW)
    assert all(getattr(found, name) is not LEFT_OUT for name in known)
    nothing = preset().settings(Policy(), NOW)
    assert all(getattr(nothing, name) is LEFT_OUT for name in known)


def test_its_values_are_those_that_are_typed() -> None:
    found = preset(
        expires="none", downloads="1,000", password=False, notify="off", to=["A <a@x.de>", "b@x.de"]
    )
    settings = found.settings(Policy(), NOW)
    assert (settings.expires_at, settings.downloads_permitted, settings.password) == (None, 1000, None)
    assert (settings.notify, settings.recipients) == (False, ("A <a@x.de>", "b@x.de"))
    assert preset(expires=date(2027, 1, 2)).texts == {"expires": "2027-01-02"}
    assert preset(expires=datetime(2027, 1, 2, 17)).texts == {"expires": "2027-01-02T17:00:00"}
    made = preset(password="yes").settings(Policy(password_classes=4), NOW).password
    assert isinstance(made, str)
    assert set(made.lower().split("-")[:-1]) <= set(spoken_words())


def test_what_is_given_comes_before_it() -> None:
    """Also where what it has instead would be refused."""
    given = LinkSettings(downloads_permitted=2, password=None)
    found = preset(downloads=50, password=True, notify=True).settings(Policy(downloads_max=9), NOW, given)
    assert (found.downloads_permitted, found.password, found.notify) == (2, None, True)


# ---------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"expiry": "7d"}, "has no setting expiry. Did you mean 'expires'?"),
        ({"x\x1b[31m": 1}, "has no setting x␛[31m. There are password"),
        ({"password": "hunter2"}, "it keeps no password; write password = true to have one made"),
        ({"password": 7}, "it keeps no password"),
        ({"expires": "soon"}, "soon can't be read as a date."),
        ({"expires": "03/04/2027"}, "may be 3 April or 4 March"),
        ({"expires": True}, "expires is what you would type, like 7d, or none"),
        ({"expires": ""}, "expires is what you would type"),
        ({"downloads": 0}, "Allow 1 to 1,000,000 downloads, or unlimited."),
        ({"downloads": 1.5}, "downloads is what you would type, like 5, or none"),
        ({"downloads": {}}, "downloads is what"),
        ({"notify": "perhaps"}, "notify is on or off"),
        ({"to": "anna"}, "anna is not an e-mail address"),
        ({"to": "a@x.de\nBcc: b@x.de"}, "contains a control character"),
        ({"to": [1]}, "to is an address, or a list of them"),
        ("7d", "write it as a table, [presets.client]"),
        ([{"expires": "7d"}], "write it as a table"),
    ],
)
def test_a_wrong_value_is_refused_in_a_sentence(values: object, message: str) -> None:
    assert message in refused({"client": values})


@pytest.mark.parametrize(
    "name", ["--x", "-x", "", " ", "a\x1b[2J", "a\nb", "a\u202eb", "x" * 41, "a:b", "a=b", "a/b", "“a"]
)
def test_a_name_that_could_be_taken_for_something_else_is_refused(name: str) -> None:
    assert "can't be a preset's name" in refused({name: {}})


@pytest.mark.parametrize("name", ["client", "Büro 3", "合同", "co-counsel", "R&D", "v1.2", "x" * 40, "7"])
def test_names_that_people_give(name: str) -> None:
    (found,) = read_presets({name: {}}, NOW)
    assert found.name == name
    assert list(read_lines(written_line(name, {}))) == [name]


def test_the_name_of_the_last_settings_is_taken() -> None:
    assert "can't be called last" in refused({"Last": {}})


def test_two_names_that_differ_in_capitals_are_one() -> None:
    assert "but for capitals" in refused({"Client": {}, "client": {}})
    with pytest.raises(InvalidValue, match="two presets called CLIENT"):
        changed(Policy(), {"presets": "client: expires=7d\nCLIENT: downloads=5"})


def test_there_can_be_a_hundred() -> None:
    many: dict[str, object] = {f"p{number}": {"expires": "7d"} for number in range(10_000)}
    assert refused(many) == f"There can be at most {MOST_PRESETS} presets, not 10,000."
    lines = "\n".join(f"{name}: expires=7d" for name in many)
    with pytest.raises(InvalidValue, match="at most 100 presets, not 10,000"):
        changed(Policy(), {"presets": lines})
    assert len(read_presets(dict(list(many.items())[:MOST_PRESETS]), NOW)) == MOST_PRESETS


# ---------------------------------------------------------------- within the policy


@pytest.mark.parametrize(
    ("values", "rules", "message"),
    [
        (
            {"expires": "30d"},
            {"expires_max": "7d"},
            "for the expiration date: your firm lets links last 7 days at most.",
        ),
        ({"expires": "none"}, {"expires_required": True}, "your firm requires an expiration date."),
        (
            {"downloads": 6},
            {"downloads_max": 5},
            "for the downloads permitted: your firm permits at most 5 downloads.",
        ),
        (
            {"password": False},
            {"password_required": True},
            "for the password: your firm requires a password.",
        ),
    ],
)
def test_one_that_breaks_the_policy_is_refused_with_the_setting(
    values: dict[str, object], rules: dict[str, object], message: str
) -> None:
    with pytest.raises(PolicyBreach) as caught:
        preset(**values).settings(Policy.of(rules), NOW)
    assert caught.value.message.startswith("The preset “client” is refused for the ")
    assert caught.value.message.endswith(message)
    assert caught.value.message.count(".") == 1


def test_a_date_that_has_passed_is_refused_when_it_is_used() -> None:
    """Reading it is no mistake: the program must start."""
    with pytest.raises(InvalidValue) as caught:
        preset(expires="2020-01-01").settings(Policy(), NOW)
    assert caught.value.message == (
        "The preset “client” is refused for the expiration date: 2020-01-01 is in the past."
    )


# ---------------------------------------------------------------- the administrator's


def test_the_policy_has_presets_as_lines() -> None:
    text = 'client: expires="next friday" to="Anna <a@x.de>, b@x.de"\n\n court:\tpassword=make downloads=1\n'
    policy = changed(Policy(), {"presets": text})
    assert policy.presets == (
        "client: expires='next friday' to='Anna <a@x.de>, b@x.de'",
        "court: password=make downloads=1",
    )
    assert changed(policy, {"presets": "\n".join(policy.presets)}) == policy
    assert [each.name for each in united((), policy, NOW)] == ["client", "court"]
    assert changed(policy, {"presets": ""}).presets is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("client expires=7d", "is no preset; write a line like client: expires=7d"),
        ("client: 7d", "has 7d; write each setting once, as in expires=7d"),
        ("client: expires=7d expires=8d", "write each setting once"),
        ('client: expires="7d', "a quotation mark without its other half"),
        ("--x: expires=7d", "can't be a preset's name"),
    ],
)
def test_a_line_that_is_no_preset_is_refused(line: str, message: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        changed(Policy(), {"presets": line})
    assert message in caught.value.message


def test_one_that_this_version_cannot_read_is_left_out() -> None:
    """Another release of the server may have settings that this one lacks."""
    policy = Policy(presets=("client: watermark=on", "court: downloads=1", "\x1b[2J: expires=7d"))
    assert [each.name for each in united((), policy, NOW)] == ["court"]


def test_ones_own_come_first_and_hide_those_of_the_same_name() -> None:
    policy = Policy(presets=("Client: downloads=1", "court: downloads=2"))
    own = read_presets({"client": {"downloads": 3}, "bank": {}}, NOW)
    assert [each.name for each in united(own, policy, NOW)] == ["client", "bank", "court"]
    assert named("CLIENT", united(own, policy, NOW)).texts == {"downloads": "3"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cleint", "Did you mean 'client'?"),
        ("zzz", "There is only client."),
        ("--x", "There is only client."),
        ("", "There is only"),
    ],
)
def test_an_unknown_name_is_told_with_what_was_meant(name: str, message: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        named(name, read_presets({"client": {}}, NOW))
    assert message in caught.value.message
    with pytest.raises(InvalidValue, match="There are none yet; the guide Presets says"):
        named("client", ())


@given(st.dictionaries(st.sampled_from(["expires", "downloads", "to"]), st.text(max_size=20)))
def test_a_line_that_was_written_is_read_back(values: dict[str, str]) -> None:
    try:
        found = preset(**values)
    except InvalidValue:
        return
    assert read_lines(found.line) == {"client": dict(found.texts)}


def test_the_last_settings_are_read_back() -> None:
    last = last_preset(
        {"password": "make", "expires": "next friday", "downloads": "none", "notify": "on"}, NOW
    )
    assert read_last(last.line, NOW) == last
    assert last.summary() == "password · next friday · no limit · notify me"
    with pytest.raises(PolicyBreach, match="Your last settings are refused for the expiration date"):
        last.settings(Policy(expires_max="1d"), NOW)


# ---------------------------------------------------------------- filled in, and undone

FIRST = {"expires": ("7d", False), "downloads": ("", False), "notify": ("", False)}


def test_the_next_one_replaces_what_the_one_before_filled_in() -> None:
    history, held = PresetHistory(), dict(FIRST)
    held |= history.fill("client", {"expires": ("1d", False), "notify": ("", True)}, held, FIRST)
    assert held == {"expires": ("1d", False), "downloads": ("", False), "notify": ("", True)}
    held |= history.fill("court", {"downloads": ("1", False)}, held, FIRST)
    assert held == FIRST | {"downloads": ("1", False)}


def test_undoing_takes_back_what_was_filled_in_and_nothing_that_was_typed() -> None:
    history, held = PresetHistory(), dict(FIRST)
    held |= history.fill("client", {"expires": ("1d", False), "downloads": ("3", False)}, held, FIRST)
    held["downloads"] = ("30", False)
    held |= history.fill("client", {"expires": ("1d", False), "downloads": ("3", False)}, held, FIRST)
    assert held["downloads"] == ("3", False)
    held["expires"] = ("2d", False)
    held |= history.undo(held)
    assert (held["expires"], held["downloads"]) == (("2d", False), ("30", False))
    assert history.last == "client"
    held |= history.undo(held)
    assert (held["expires"], held["downloads"]) == (("2d", False), ("30", False))
    assert history.last == ""
