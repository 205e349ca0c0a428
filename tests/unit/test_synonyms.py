"""The words that commands are found by besides their titles."""

from __future__ import annotations

import re

from tui.commands.declared import COMMANDS
from tui.commands.lookup import find
from tui.commands.synonyms import _ALSO, synonyms


def test_they_are_of_commands_that_the_palette_or_the_help_lists() -> None:
    assert [name for name in _ALSO if find(name) is None] == []
    for name, words in _ALSO.items():
        assert re.fullmatch(r"[a-z]+( [a-z]+)*", words), name
        assert len(set(words.split())) == len(words.split()), name


def test_none_repeats_the_title() -> None:
    found = {name: find(name) for name in _ALSO}
    repeated = [
        (name, word)
        for name, command in found.items()
        for word in _ALSO[name].split()
        if command is not None and word in re.findall(r"[a-z]+", command.title.casefold())
    ]
    assert repeated == []


def test_a_command_has_the_same_words_wherever_it_is_called_the_same() -> None:
    """Activity, for one, is a command of the first screen and of the notices."""
    by_title: dict[str, set[str]] = {}
    for command in COMMANDS:
        if synonyms(command):
            by_title.setdefault(command.title, set()).add(synonyms(command))
    several = {title: words for title, words in by_title.items() if len(words) > 1}
    # The first screen ends the program or undoes what others do in their own places.
    assert set(several) <= {"Undo", "Reload", "Filter", "Back", "Show or hide the password"}, several


def test_commands_are_found_by_the_words_of_the_record_and_of_other_programs() -> None:
    for name, word in (
        ("main.audit_document", "audit"),
        ("main.audit", "audit"),
        ("folder.unpublish", "revoke"),
        ("folder.fetch", "download"),
        ("picker.send", "share"),
        ("main.settings", "preferences"),
        ("main.show_notices", "notifications"),
    ):
        command = find(name)
        assert command is not None
        assert word in synonyms(command).split(), name
