"""Which version is sent (W3), and what the user learns about check-outs (W4)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.rules.versions import Version, checked_out, questions


def document(number: int, *versions: int, out: dict[int, str] | None = None) -> list[Version]:
    held = out or {}
    return [Version(f"ACTIVE!{number}.{v}", number, v, f"Offer {number}", held.get(v)) for v in versions]


def test_the_latest_is_not_asked_about() -> None:
    """W3: the question is only asked if a later version exists."""
    versions = document(453, 1, 2, 3)
    assert questions([(versions[2], versions)]) == []


def test_an_earlier_one_is_asked_about_with_all_versions() -> None:
    """W3: the choice is the selected, the latest or any other version, newest first, so that the latest is at hand."""
    versions = document(453, 2, 1, 3)
    (question,) = questions([(versions[1], versions)])
    assert question.selected.version == 1
    assert question.latest.version == 3
    assert [v.version for v in question.versions] == [3, 2, 1]


def test_every_such_document_is_asked_about_in_order() -> None:
    """W3: for every document with a later version; also for two versions of one document."""
    first, second, third = document(1, 1, 2), document(2, 1), document(3, 1, 2, 10)
    asked = questions([(third[1], third), (second[0], second), (first[0], first), (third[0], third)])
    assert [(q.selected.id, q.latest.id) for q in asked] == [
        ("ACTIVE!3.2", "ACTIVE!3.10"),
        ("ACTIVE!1.1", "ACTIVE!1.2"),
        ("ACTIVE!3.1", "ACTIVE!3.10"),
    ]


def test_versions_that_are_not_known_are_not_asked_about() -> None:
    (only,) = document(7, 4)
    assert questions([(only, [])]) == []
    assert questions([(only, iter([only]))]) == []


def test_a_version_that_went_meanwhile_is_still_asked_about() -> None:
    """Even if the selected version is gone from the list, the later ones are offered."""
    versions = document(7, 1, 2, 3)
    (question,) = questions([(versions[0], versions[1:])])
    assert question.latest.version == 3


def test_check_outs_are_told_for_the_version_chosen() -> None:
    """W4: which of the versions to be sent are checked out, and by whom."""
    versions = document(453, 1, 2, out={2: "ASMITH"})
    assert checked_out([versions[0]]) == []
    assert [v.checked_out_by for v in checked_out(versions)] == ["ASMITH"]
    assert checked_out(document(1, 1, out={1: ""})) == []


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8, unique=True), st.data())
def test_asked_exactly_where_there_is_a_later_one(numbers: list[int], data: st.DataObject) -> None:
    versions = document(1, *numbers)
    chosen = data.draw(st.sampled_from(versions))
    asked = questions([(chosen, versions)])
    assert bool(asked) == (chosen.version < max(numbers))
    for question in asked:
        assert question.latest.version == max(numbers)
        assert sorted(v.version for v in question.versions) == sorted(numbers)


def test_what_was_chosen_by_hand_is_preset_as_long_as_it_is_there() -> None:
    """W3: otherwise the latest is preset."""
    versions = document(7, 1, 2, 3)
    listed, chosen, gone = (
        questions([(versions[0], versions)])[0],
        questions([(versions[0], versions)], {"ACTIVE!7.1"})[0],
        questions([(versions[0], versions[1:])], {"ACTIVE!7.1"})[0],
    )
    assert [q.preset.version for q in (listed, chosen, gone)] == [3, 1, 3]
    assert [q.own for q in (listed, gone)] == [versions[0], None]


def test_a_latest_version_that_was_deleted_is_asked_about() -> None:
    """An earlier version does not silently take its place."""
    versions = document(7, 1, 2, 3)
    (question,) = questions([(versions[2], versions[:2])])
    assert (question.own, question.preset.version) == (None, 2)
