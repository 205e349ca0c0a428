"""The rows of a send before it begins: names (D2), order (D3), removal (D4), undo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.rules import names
from tui.rules.errors import Failed, InvalidValue
from tui.sending.plan import Plan
from tui.sending.sources import WorkSource, check_content
from tui.wire.work_reading import document


@dataclass
class Named:
    """A source of which only the name matters."""

    name: str
    size: int = 1
    sha256: str | None = None
    version: object = None
    version_number: int | None = None
    work_name: str | None = None
    matter: str | None = None

    @property
    def label(self) -> str:
        return f"file:{self.name}"

    @property
    def extension(self) -> str:
        return names.extension(self.name)

    async def check(self) -> None: ...

    def has_changed(self) -> bool:
        return False

    async def read(self, start: int) -> AsyncIterator[bytes]:
        yield b"x"[start:]


def plan(*given_names: str) -> Plan:
    return Plan(Named(name) for name in given_names)


def link_names(made: Plan) -> list[str]:
    return [row.link_name for row in made.rows]


def test_names_start_as_the_documents_own_cleaned_and_numbered() -> None:
    """D2: forbidden characters become _, and names that are the same get a number."""
    assert link_names(plan("a.pdf", "A.PDF", "x:y?.txt", "a.pdf")) == [
        "a.pdf",
        "A (2).PDF",
        "x_y_.txt",
        "a (3).pdf",
    ]


def test_a_name_typed_without_the_extension_gets_it() -> None:
    made = plan("contract.pdf")
    assert made.rename(0, "Offer") == "Offer.pdf"
    assert made.rename(0, " Offer 2.PDF ") == "Offer 2.PDF"
    assert link_names(made) == ["Offer 2.PDF"]


@pytest.mark.parametrize("character", names.FORBIDDEN)
def test_a_forbidden_character_is_refused_by_name_and_nothing_changes(character: str) -> None:
    made = plan("contract.pdf")
    with pytest.raises(InvalidValue) as refusal:
        made.rename(0, f"a{character}b")
    assert f"the character {character}" in refusal.value.message
    assert link_names(made) == ["contract.pdf"]
    assert not made.can_undo


def test_a_name_that_another_row_has_is_refused_without_regard_to_case() -> None:
    made = plan("a.pdf", "b.pdf")
    with pytest.raises(InvalidValue) as refusal:
        made.rename(1, "A")
    assert refusal.value.code == "name.taken"
    assert "row 1" in refusal.value.message
    # A row may take its own name in another case.
    assert made.rename(0, "A") == "A.pdf"


def test_a_row_moves_as_far_as_there_is_room() -> None:
    made = plan("a", "b", "c")
    assert made.move(0, 1) == 1
    assert link_names(made) == ["b", "a", "c"]
    assert made.move(1, 99) == 2
    assert made.move(2, -99) == 0
    assert link_names(made) == ["a", "b", "c"]
    assert made.move(0, -1) == 0
    assert made.rows[0].source.name == "a"


def test_each_change_can_be_undone_in_turn() -> None:
    made = plan("a.pdf", "b.pdf", "c.pdf")
    made.rename(0, "x")
    made.move(0, 2)
    removed = made.remove(0)
    assert removed.link_name == "b.pdf"
    assert link_names(made) == ["c.pdf", "x.pdf"]
    seen = []
    while made.undo():
        seen.append(link_names(made))
    assert seen == [
        ["b.pdf", "c.pdf", "x.pdf"],
        ["x.pdf", "b.pdf", "c.pdf"],
        ["a.pdf", "b.pdf", "c.pdf"],
    ]
    assert not made.undo()


def test_what_changes_nothing_is_no_step_back() -> None:
    made = plan("a.pdf", "b.pdf")
    made.rename(0, "a.pdf")
    made.move(0, 0)
    assert not made.can_undo


def test_the_last_row_can_be_removed() -> None:
    """D4: this leaves an empty plan."""
    made = plan("a.pdf")
    made.remove(0)
    assert made.rows == ()
    assert made.total == 0
    assert made.undo()
    assert link_names(made) == ["a.pdf"]


def test_a_work_document_is_named_with_its_extension() -> None:
    found = document(
        {"id": "ACTIVE!453.2", "name": "Offer: final", "extension": "DOCX", "size": 12, "wstype": "document"}
    )
    assert found is not None
    source = WorkSource(None, found)  # type: ignore[arg-type]
    assert (source.label, source.extension, source.size) == ("ACTIVE!453.2", "docx", 12)
    assert link_names(Plan([source])) == ["Offer_ final.docx"]
    assert (source.work_name, source.matter) == ("Offer: final.docx", None)


def test_only_the_content_that_was_listed_is_sent() -> None:
    check_content(Named("a.pdf"), "ab")
    check_content(Named("a.pdf", sha256="ab"), "ab")
    for other in ("aa", "ac"):
        with pytest.raises(Failed) as refused:
            check_content(Named("a.pdf", sha256="ab"), other)
        assert refused.value.code == "document.changed"


_ANY_NAME = st.text(st.characters(blacklist_characters="/\0"), min_size=1, max_size=60)


@given(st.lists(_ANY_NAME, max_size=12))
def test_initial_names_are_always_valid_and_distinct(given_names: list[str]) -> None:
    made = plan(*given_names)
    assert len(made.rows) == len(given_names)
    for row in made.rows:
        names.validate(row.link_name)
    names.check_distinct(link_names(made))


_STEPS = st.one_of(
    st.tuples(st.just("move"), st.integers(0, 20), st.integers(-5, 5)),
    st.tuples(st.just("remove"), st.integers(0, 20), st.just(0)),
    st.tuples(st.just("rename"), st.integers(0, 20), _ANY_NAME),
)


@given(st.lists(_ANY_NAME, min_size=1, max_size=6), st.lists(_STEPS, max_size=20))
def test_names_stay_distinct_and_undo_leads_back_to_the_start(
    given_names: list[str], steps: list[tuple[str, int, int | str]]
) -> None:
    made = plan(*given_names)
    states = [made.rows]
    for act, where, value in steps:
        if not made.rows:
            break
        index = where % len(made.rows)
        before = made.rows
        try:
            if act == "rename":
                made.rename(index, str(value))
            elif act == "move":
                assert made.rows[index] == before[index]
                landed = made.move(index, int(value))
                assert made.rows[landed] == before[index]
            else:
                made.remove(index)
        except InvalidValue:
            assert made.rows == before
        if made.rows != before:
            states.append(made.rows)
        names.check_distinct(link_names(made))
    for state in reversed(states[:-1]):
        assert made.undo()
        assert made.rows == state
    assert not made.undo()


def test_the_offset_told_is_that_of_the_moment_of_expiry(monkeypatch: pytest.MonkeyPatch) -> None:
    """P1: even in summer, a last permitted day in winter is judged by the winter offset."""
    import time
    from datetime import UTC, datetime

    from tui.rules.link_settings import LinkSettings

    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        winter = LinkSettings(expires_at=datetime(2027, 1, 31, 22, 59, 59, tzinfo=UTC))
        summer = LinkSettings(expires_at=datetime(2027, 7, 31, 21, 59, 59, tzinfo=UTC))
        assert winter.fields()["zone_offset"] == 60
        assert summer.fields()["zone_offset"] == 120
    finally:
        monkeypatch.undo()
        time.tzset()
