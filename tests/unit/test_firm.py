"""Which branding of a firm is accepted: readable colours, an existing time zone, one line of text."""

from __future__ import annotations

from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tui.rules.errors import InvalidValue
from tui.server.base.firm import Firm, color, contrast, line, style, system_time_zone, time_zone


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54
    assert contrast("#123456", "#123456") == 1


@pytest.mark.parametrize("text", ["#1F52C4", " #1f52c4 "])
def test_a_colour_is_taken(text: str) -> None:
    assert color(text, dark=False) == "#1f52c4"


@pytest.mark.parametrize(
    "text", ["", "1f52c4", "#fff", "#gggggg", "red", "#1f52c4;}body{display:none", "#1f52c41"]
)
@pytest.mark.parametrize("dark", [False, True])
def test_what_is_no_colour(text: str, dark: bool) -> None:
    with pytest.raises(InvalidValue, match="must be a colour like #1f52c4"):
        color(text, dark=dark)


@pytest.mark.parametrize(
    ("text", "dark", "instead"), [("#8fb3ff", False, "darker"), ("#1f52c4", True, "lighter")]
)
def test_a_colour_that_cannot_be_read(text: str, dark: bool, instead: str) -> None:
    """A colour that is readable on a dark screen is not on a light one, and vice versa."""
    assert color(text, dark=not dark)
    with pytest.raises(InvalidValue, match=f"Choose a {instead} colour"):
        color(text, dark=dark)


@pytest.mark.parametrize("light", ["#1f52c4", "#8a1538", "#006644", "#767676"])
def test_the_button_can_be_read_pressed_or_not(light: str) -> None:
    rule = style(Firm(color=light)).removeprefix(":root{").removesuffix("}")
    parts = dict(part[2:].split(":") for part in rule.split(";"))
    assert contrast(parts["on"], parts["accent"]) >= 4.5
    assert contrast(parts["on"], parts["press"]) >= 4.5
    assert contrast("#1b2330", parts["tint"]) >= 4.5


def test_without_colours_there_is_no_style() -> None:
    assert style(Firm()) == ""
    assert style(Firm(color_dark="#ffcc66")).startswith(
        "@media (prefers-color-scheme:dark){:root{--accent:#ffcc66;"
    )


def test_zones() -> None:
    assert time_zone("utc") is UTC
    assert time_zone("Europe/Berlin") == ZoneInfo("Europe/Berlin")
    for wrong in ("Berlin", "", "../../etc/passwd", "/etc/localtime", "\0", "Europe"):
        with pytest.raises(InvalidValue, match="Unknown time zone"):
            time_zone(wrong)


@pytest.mark.parametrize(
    ("configured", "zone"),
    [
        ("Europe/Berlin", ZoneInfo("Europe/Berlin")),
        (":America/New_York", ZoneInfo("America/New_York")),
        ("/usr/share/zoneinfo/posix/Asia/Tokyo", ZoneInfo("Asia/Tokyo")),
        ("UTC", UTC),
        ("Etc/UTC", UTC),
        ("Etc/GMT-5", UTC),
        ("CET-1CEST", UTC),
        ("Europe/Nowhere", UTC),
        ("../../etc/passwd", UTC),
        ("/etc/localtime-of-mine", UTC),
    ],
)
def test_the_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch, configured: str, zone: tzinfo) -> None:
    """Only that of a place: a recipient is told its name."""
    monkeypatch.setenv("TZ", configured)
    assert system_time_zone() == zone
    assert time_zone("Etc/UTC") is UTC


def test_the_zone_that_the_machine_links_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TZ", raising=False)
    monkeypatch.setattr("tui.server.base.firm._SYSTEM_ZONE", str(tmp_path / "localtime"))
    assert system_time_zone() is UTC
    (tmp_path / "localtime").symlink_to("/usr/share/zoneinfo/Europe/Berlin")
    assert system_time_zone() == ZoneInfo("Europe/Berlin")


def test_lines_of_text() -> None:
    assert line("  Halyard & Stone LLP ", "firm_name") == "Halyard & Stone LLP"
    for wrong in ("a\nb", "a\x1b[31m", "x" * 201):
        with pytest.raises(InvalidValue, match="firm_name must be one line"):
            line(wrong, "firm_name")
