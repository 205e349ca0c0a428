"""Names of links (D2): what is accepted, what is replaced, what is refused."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.support.checks.any_names import any_name, extensions, refused
from tui.rules import names
from tui.rules.errors import InvalidValue
from tui.rules.text import printable

FORBIDDEN = list('\\/:*?"<>|')
CONTROLS = ["\x00", "\x07", "\n", "\r", "\t", "\x1b", "\x7f", "\x80", "\x9b", "\u2028", "\u2029"]
REORDERING = ["\u202a", "\u202e", "\u2066", "\u2069"]
BLANK = [
    " ",
    "  ",
    ".",
    "..",
    "...",
    ". .",
    "\u00a0",
    "\u3000",
    "\u2003",
    "\u200b",
    "\ufeff",
    "\u2060",
    "\u3164",
    "\u2800",
    "\ufe00",
    "\ufe0f",
    "\U000e0100",
    "\U000e01ef",
]


def outcome(name: str, ext: str) -> str | InvalidValue:
    try:
        return names.typed(name, ext)
    except InvalidValue as error:
        return error


# --- typed ---


@pytest.mark.parametrize(
    ("given_name", "ext", "result"),
    [
        ("Offer", "pdf", "Offer.pdf"),
        ("Offer.pdf", "pdf", "Offer.pdf"),
        ("Offer.PDF", "pdf", "Offer.PDF"),
        ("Offer.pdf", "PDF", "Offer.pdf"),
        ("  Offer  ", "pdf", "Offer.pdf"),
        ("Offer.docx", "pdf", "Offer.docx.pdf"),
        ("pdf", "pdf", "pdf.pdf"),
        ("Offer.", "pdf", "Offer..pdf"),
        ("a.tar", "gz", "a.tar.gz"),
        ("x.3 of 4", "pdf", "x.3 of 4.pdf"),
        ("x.3 of 4", "", "x.3 of 4"),
        ("CON", "pdf", "CON.pdf"),
        (".bashrc", "", ".bashrc"),
        ("Offer", "", "Offer"),
        ("Angebot für Müller & Söhne", "docx", "Angebot für Müller & Söhne.docx"),
        ("契約書", "pdf", "契約書.pdf"),
        ("👩‍👩‍👧", "png", "👩‍👩‍👧.png"),
    ],
)
def test_a_name_typed_without_the_extension_gets_it(given_name: str, ext: str, result: str) -> None:
    """D2: ``Offer`` becomes ``Offer.pdf``; the extension is recognised without regard to case."""
    assert names.typed(given_name, ext) == result


@pytest.mark.parametrize(
    ("text", "before", "ext", "result"),
    [
        ("Letter.txt.txt", "Call Notes.txt", "txt", "Letter.txt"),
        ("Cap.XLSX.xlsx", "Rota.xlsx", "xlsx", "Cap.XLSX"),
        ("Neu.pdf.PDF ", "Alt.PDF", "PDF", "Neu.pdf"),
        ("Letter.txt", "Call Notes.txt", "txt", "Letter.txt"),
        ("Letter.pdf.txt", "Call Notes.txt", "txt", "Letter.pdf.txt"),
        ("Other.txt.txt", "Letter.txt.txt", "txt", "Other.txt.txt"),
        (".txt.txt", "Call Notes.txt", "txt", ".txt"),
        ("Letter.txt.txt", "Call Notes", "", "Letter.txt.txt"),
    ],
)
def test_an_extension_typed_before_the_one_that_stayed_is_not_repeated(
    text: str, before: str, ext: str, result: str
) -> None:
    assert names.retyped(text, before, ext) == result


@pytest.mark.parametrize("char", FORBIDDEN)
def test_a_forbidden_character_is_refused_by_name(char: str) -> None:
    """D2: the message names the character."""
    error = refused(f"Offer{char}2", "pdf")
    assert error.code == "name.forbidden_character"
    assert f"the character {char}," in error.message


@pytest.mark.parametrize("char", CONTROLS + REORDERING + ["\ud800", "\udcff"])
def test_a_control_character_is_refused_and_never_printed(char: str) -> None:
    """D2 and S11: control characters, including those that reorder a line; the message itself is harmless."""
    error = refused(f"Of{char}fer", "pdf")
    assert error.code == "name.control_character"
    assert printable(error.message) == error.message
    assert f"U+{ord(char):04X}" in error.message


@pytest.mark.parametrize("name", ["", *BLANK])
@pytest.mark.parametrize("ext", ["", "pdf"])
def test_names_of_dots_or_blanks_are_refused(name: str, ext: str) -> None:
    """D2: including blanks that are merely invisible characters."""
    assert refused(name, ext).code in ("name.empty", "name.blank")


@pytest.mark.parametrize("char", ["\ufdff", "\ufe10", "\U000e00ff", "\U000e01f0"])
def test_the_neighbours_of_invisible_characters_are_names(char: str) -> None:
    assert names.typed(char, "pdf") == f"{char}.pdf"


@pytest.mark.parametrize("stem", ["", *BLANK])
def test_the_stem_is_judged_not_the_extension(stem: str) -> None:
    """D2: for a document whose extension is pdf, ``.pdf`` and ``...pdf`` are empty names."""
    assert refused(f"{stem}.pdf", "pdf").code in ("name.empty", "name.blank")
    assert refused(f"{stem}.PDF", "pdf").code in ("name.empty", "name.blank")


@pytest.mark.parametrize("char", ["a", "é", "€", "😀"])
def test_255_bytes_are_the_most(char: str) -> None:
    """D2: the limit is in bytes of UTF-8, including the extension that is added."""
    size = len(char.encode())
    fits = char * ((255 - 4) // size) + "a" * ((255 - 4) % size)
    assert len(names.typed(fits, "pdf").encode()) == 255
    assert names.typed(fits + ".pdf", "pdf") == fits + ".pdf"
    assert refused(fits + "a", "pdf").code == "name.too_long"
    assert refused(fits + "a.pdf", "pdf").code == "name.too_long"
    assert "256 bytes" in refused("a" * 256).message


@pytest.mark.parametrize(
    ("name", "ext", "result"),
    [
        ("a.ß", "ss", "a.ß.ss"),
        ("a.ẞ", "ß", "a.ẞ"),
        ("x.ΟΔΟΣ", "οδος", "x.ΟΔΟΣ"),
        ("x.i\u0307", "İ", "x.i\u0307.İ"),
    ],
)
def test_letters_that_change_their_length_with_their_case(name: str, ext: str, result: str) -> None:
    assert names.typed(name, ext) == result


def test_what_is_empty_is_called_empty() -> None:
    assert refused("", "pdf").code == "name.empty"
    assert refused("  ", "pdf").code == "name.empty"
    assert refused("..", "pdf").message.startswith("The name .. needs a letter")


def test_a_hostile_extension_cannot_make_renaming_impossible() -> None:
    assert names.typed("Offer", "p/f") == "Offer.p_f"
    assert names.typed("Offer", "x" * 63) == f"Offer.{'x' * 63}"
    assert names.typed("Offer", "é" * 32) == "Offer"
    assert names.typed("Offer", "\ud800") == "Offer._"
    assert names.clean("Offer.\ud800", "\ud800") == "Offer._"


@given(any_name, extensions)
@example("\u3000.pdf", "pdf")
@example("a.ß", "ss")
def test_what_is_taken_keeps_the_rules(name: str, ext: str) -> None:
    """Whatever is typed is either refused with a message or becomes a name that follows every rule of D2."""
    result = outcome(name, ext)
    if isinstance(result, InvalidValue):
        assert result.message.endswith(".")
        assert printable(result.message) == result.message
        return
    assert not set(result) & set(FORBIDDEN)
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in result)
    assert 0 < len(result.encode()) <= 255
    assert result.strip(". ")
    if ext:
        assert result.casefold().endswith(f".{ext}".casefold())
    names.validate(result, ext)
    assert names.typed(result, ext) == result


# --- names from Work and from this machine ---


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ('a\\b/c:d*e?f"g<h>i|j.pdf', "a_b_c_d_e_f_g_h_i_j.pdf"),
        ("a\x00b\x1b[31mc\nd\x7f\x9b.pdf", "a_b_[31mc_d__.pdf"),
        ("evil\u202efdp.exe", "evil_fdp.exe"),
        ("\ud800.pdf", "_.pdf"),
        ("", "_"),
        ("..", "_.."),
        ("   ", "_"),
        ("\u200b", "_\u200b"),
        (" Offer .pdf ", "Offer .pdf"),
        (".bashrc", ".bashrc"),
        ("plain.pdf", "plain.pdf"),
    ],
)
def test_names_are_replaced_not_refused(name: str, result: str) -> None:
    """D2: in the name of a Work document or a file, each forbidden or control character becomes ``_``."""
    assert names.clean(name) == result


@pytest.mark.parametrize(
    ("name", "ext", "result"),
    [
        (".pdf", "pdf", "_.pdf"),
        ("..pdf", "pdf", "_..pdf"),
        ("\u00a0.pdf", "pdf", "_.pdf"),
        ("x" * 300 + ".3 of 4", "3 of 4", "x" * 248 + ".3 of 4"),
    ],
)
def test_the_documents_extension_is_known(name: str, ext: str, result: str) -> None:
    assert names.clean(name, ext) == result


@pytest.mark.parametrize("char", ["a", "é", "€", "😀"])
def test_a_long_name_is_cut_before_its_extension(char: str) -> None:
    """D2: the cut is between whole characters, and the extension stays."""
    result = names.clean(char * 300 + ".docx")
    assert result.endswith(char + ".docx")
    assert 255 - len(char.encode()) < len(result.encode()) <= 255
    assert set(result[:-5]) == {char}


def test_a_cut_never_leaves_dots_only() -> None:
    for name in ("." * 300 + "a", "." * 300 + "a.pdf", "\u200b" * 200 + "a.pdf"):
        names.validate(names.clean(name))
        names.validate(names.clean(name, "pdf"), "pdf")


@given(any_name, extensions)
@example("." * 300 + "a.pdf", "pdf")
@example("..pdf", "pdf")
@example(" " + "a" * 254 + " b", "")
def test_a_cleaned_name_is_always_taken(name: str, ext: str) -> None:
    """So no document is impossible to send because of its name alone."""
    full = f"{name}.{ext}" if ext else name
    result = names.clean(full, ext)
    assert bool(names.why_another(full, ext)) is (result != full)
    names.validate(result, ext)
    names.validate(result)
    assert names.clean(result, ext) == result
    assert names.typed(result, ext) == result


@pytest.mark.parametrize(
    ("name", "ext", "expected"),
    [
        (".bash_profile", "", "_bash_profile"),
        ("..profile", "", "_profile"),
        (" .zshrc", "", "_zshrc"),
        ("/.ssh", "", "_.ssh"),
        (".pdf", "pdf", "_.pdf"),
        (".Offer.pdf", "pdf", "_Offer.pdf"),
        ("Offer.pdf", "pdf", "Offer.pdf"),
    ],
)
def test_a_document_never_becomes_a_hidden_file(name: str, ext: str, expected: str) -> None:
    assert names.local_name(name, ext) == expected


@given(any_name, extensions)
def test_a_local_name_is_a_name_without_a_dot_before_it(name: str, ext: str) -> None:
    result = names.local_name(f"{name}.{ext}" if ext else name, ext)
    assert not result.startswith(".")
    names.validate(result)


@given(
    st.text(
        st.characters(exclude_characters='\\/:*?"<>|', exclude_categories=["C", "Z"]), min_size=1, max_size=60
    )
)
def test_a_harmless_name_is_left_alone(name: str) -> None:
    assume(name.strip("."))
    assume(names.clean(name)[0] != "_" or name[0] == "_")
    assert names.clean(name) == name


# --- extensions ---


@pytest.mark.parametrize(
    ("name", "ext"),
    [
        ("Offer.pdf", "pdf"),
        ("a.tar.gz", "gz"),
        ("Offer.PDF", "PDF"),
        ("x.3 of 4", ""),
        ("x.", ""),
        ("x", ""),
        ("", ""),
        (".", ""),
        ("..", ""),
        (".pdf", ""),
        ("..pdf", ""),
        (" .pdf", ""),
        ("x.тест", "тест"),
        ("x." + "a" * 16, "a" * 16),
        ("x." + "a" * 17, ""),
    ],
)
def test_extension(name: str, ext: str) -> None:
    assert names.extension(name) == ext
    assert "".join(names.split(name)) == name


@pytest.mark.parametrize(
    ("name", "ext", "expected"),
    [
        ("Offer.pdf", "pdf", "Offer"),
        ("Offer.PDF", "pdf", "Offer"),
        ("Offer 1.2", "", "Offer 1"),
        ("Version 1.2.docx", "docx", "Version 1.2"),
        ("archive.tar.gz", "gz", "archive.tar"),
        ("README", "", "README"),
        (".profile", "", ".profile"),
        ("Offer (2).pdf", "pdf", "Offer (2)"),
    ],
)
def test_what_is_renamed_of_a_name_is_all_but_its_extension(name: str, ext: str, expected: str) -> None:
    assert names.stem(name, ext) == expected


# ---------------------------------------------------------------- the order of names
