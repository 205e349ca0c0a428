"""Names shortened to fit into cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.ui.widgets.breadcrumbs import fitting
from tui.ui.widgets.fit import cut_to_lines, fit, fit_address, shorten, shorten_name, wrapped_to_cells


@given(st.text(max_size=80), st.integers(0, 60), st.sampled_from(["left", "right"]), st.booleans())
def test_every_text_is_exactly_as_wide_as_asked(text: str, width: int, align: str, middle: bool) -> None:
    assert cell_len(fit(text, width, align, middle)) == width


def test_a_long_name_keeps_beginning_end_and_extension() -> None:
    assert (
        shorten_name("Share Purchase Agreement (execution copy).docx", 30) == "Share Purchase A…on copy).docx"
    )


def test_a_long_name_that_ends_with_a_number_keeps_more_of_its_end() -> None:
    assert shorten_name("DJONES - Secure Sent Links 2026-12-01 08.24.11", 15) == "DJONES…08.24.11"
    assert shorten_name("Share Purchase Agreement, draft 12.docx", 22) == "Share Pu…draft 12.docx"


def test_a_long_text_loses_its_end() -> None:
    assert shorten("2 of 5 downloads", 8) == "2 of 5 …"


def test_wide_characters_are_never_cut_in_half() -> None:
    assert fit("契約書.pdf", 5) == "契約…"
    assert fit("契約書.pdf", 4) == "契… "


def test_controls_are_shown_and_do_nothing() -> None:
    assert fit("a\x1b[31mb\n", 8) == "a␛[31mb␊"


@pytest.mark.parametrize("middle", [False, True])
@pytest.mark.parametrize(
    "name",
    [
        "Love " + "\u2764\ufe0f" * 8 + " letter.pdf",
        "Step 1\ufe0f\u20e3 and 2\ufe0f\u20e3 and 3\ufe0f\u20e3 of the matter.pdf",
        "\u26a0\ufe0f Warning \u26a0\ufe0f do not send \u26a0\ufe0f at all.pdf",
    ],
)
def test_emoji_that_are_wider_together_fit_too(name: str, middle: bool) -> None:
    for align in ("left", "right"):
        assert {cell_len(fit(name, width, align, middle)) - width for width in range(12, 40)} == {0}


RECIPIENTS = (
    "To Anna Arp <anna@halyard.example>, Bob Berg <bob.berg@castellan.example>, carol@example.com, "
    "Dora Dorn <dora@d.example>"
)


@pytest.mark.parametrize("width", range(12, 80))
def test_no_line_of_recipients_begins_with_a_comma_or_a_bracket(width: int) -> None:
    lines = wrapped_to_cells(RECIPIENTS, width)
    assert not [line for line in lines if line[0] in ",>. "]
    assert max(map(cell_len, lines)) <= width
    assert "".join(lines).replace(" ", "") == RECIPIENTS.replace(" ", "")
    assert cut_to_lines(RECIPIENTS, width, 99) == lines


def test_a_long_word_is_divided_after_a_sign_in_it() -> None:
    assert wrapped_to_cells("to bob.berg@castellan.example, now", 22) == [
        "to",
        "bob.berg@",
        "castellan.example, now",
    ]
    # Its domain stays whole where it has room.
    assert wrapped_to_cells("Previewed by anna@example.com", 14) == ["Previewed by", "anna@", "example.com"]
    assert wrapped_to_cells("Anna Arp <anna@halyard.example>", 12) == [
        *("Anna Arp", "<anna@", "halyard.", "example>"),
    ]  # fmt: skip
    assert wrapped_to_cells("Anna<anna@halyard.example>", 24) == ["Anna", "<anna@halyard.example>"]
    # A domain, too, and where its parts are, rather than at a hyphen in one.
    assert wrapped_to_cells("bob@mail.castellanpartners.example", 18) == [
        "bob@mail.", "castellanpartners.", "example",
    ]  # fmt: skip
    assert wrapped_to_cells("anna@bar.notary-chambers.example", 18) == [
        "anna@bar.",
        "notary-chambers.",
        "example",
    ]
    assert wrapped_to_cells("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert cut_to_lines("to bob.berg@castellan.example", 12, 3) == ["to", "bob.berg@", "castellan.e…"]


@given(st.text(max_size=80), st.integers(2, 40))
def test_nothing_but_blanks_is_lost_in_lines(text: str, width: int) -> None:
    lines = wrapped_to_cells(text, width)
    assert max(map(cell_len, lines)) <= width
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_of_an_address_only_the_name_is_cut() -> None:
    text = "Anna Arpenheim-Lindqvist <anna@halyard.example>"
    assert fit_address(text, 60) == [text]
    assert fit_address(text, 36) == ["Anna Arpenhe… <anna@halyard.example>"]
    assert fit_address(text, 28) == ["Anna Arpenheim-Lindqvist", "  <anna@halyard.example>"]
    assert fit_address(text, 24) == ["Anna Arpenheim-Lindqvist", "  <anna@halyard.example>"]
    assert fit_address(text, 16) == ["Anna Arpenheim-…", "  <anna@halyard.", "  example>"]
    assert fit_address("anna@halyard.example", 12) == ["anna@", "  halyard.", "  example"]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=7), st.integers(0, 2), st.integers(5, 120))
def test_a_way_names_the_matter_before_the_folders_in_it(lengths: list[int], matter: int, room: int) -> None:
    """The last name is there always, whole if that of the matter leaves it half of the room."""
    names = [str(index) * length for index, length in enumerate(lengths)]
    matter = min(matter, len(names) - 1)
    parts = fitting(names, matter, room)
    assert cell_len(" › ".join(text for _, text in parts)) <= room
    shown = {index: text for index, text in parts if index is not None}
    assert list(shown) == sorted(shown)
    assert all(text[0] in (str(index), "…") for index, text in shown.items())
    assert len(names) - 1 in shown
    # Two names of eight cells, and what is between them and may be left out there.
    if matter and room >= 2 * 8 + len(" › … › "):
        assert matter in shown
        is_whole = shown[matter] == names[matter]
        assert is_whole or len(shown[matter]) >= min(8, room // 2 - 4)
        # No folder between them is named beside a part of the matter's name.
        assert is_whole or set(shown) <= {matter, len(names) - 1}
    if sum(lengths) + 3 * (len(lengths) - 1) <= room:
        assert [text for _, text in parts] == names
