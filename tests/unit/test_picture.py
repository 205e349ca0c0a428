"""The format in which pictures of the app are stored loses nothing visible."""

from __future__ import annotations

from tests.support.pictures.picture import Picture, Row

PLAIN = "#1b222b on #ffffff"
BOLD = "bold #1b222b on #ffffff"


def row(*runs: tuple[str, str]) -> Row:
    return [(character, look) for text, look in runs for character in text]


def picture(light: Row, mono: Row) -> Picture:
    return Picture.of(
        {"light": [light, row(("   ", "on #ffffff"))], "mono": [mono, row(("   ", "on default"))]}
    )


ONE = picture(row(("契", PLAIN), ("é ", PLAIN)), row(("契é ", "default on default")))


def test_what_is_kept_can_be_read() -> None:
    assert Picture.read(str(ONE)) == ONE


def test_a_picture_without_a_line_at_its_end_can_be_read() -> None:
    blank = Picture.of({"mono": [row(("  ", "on default")), row(("  ", "on default"))]})
    assert Picture.read(str(blank)) == blank


def test_another_look_in_one_theme_is_told() -> None:
    other = picture(row(("契", BOLD), ("é ", PLAIN)), row(("契é ", "default on default")))
    assert list(ONE.differences(other)) == [f"light, row 1, “契”: {PLAIN}, now {BOLD}"]


def test_another_text_is_told() -> None:
    other = picture(row(("契e ", PLAIN)), row(("契e ", "default on default")))
    assert list(ONE.differences(other)) == ["row 1:\n-契é\n+契e"]
    assert list(ONE.differences(Picture.of({"light": [], "mono": []}))) == ["2 rows, now 0"]


def test_as_many_looks_as_there_are_have_names() -> None:
    many = [row((str(number % 10), f"#{number:06x} on default")) for number in range(3000)]
    taken = Picture.of({"dark": many})
    assert Picture.read(str(taken)) == taken
