"""What is done next in a tour: plain state, with screens and times made up."""

from __future__ import annotations

import pytest

from tui.tour.player import (
    PATIENCE,
    Act,
    Picture,
    Player,
    Press,
    TourEnded,
    playing_seconds,
    reading_seconds,
)
from tui.tour.script import OPEN, Script, TourStep, Visit

CAPTION = "One two three four."
READ = reading_seconds(CAPTION)


def player(*steps: TourStep, hurried: bool = False) -> Player:
    return Player(Script("mine.toml", "A tour", steps), hurried=hurried)


def acts(played: Player, seen: list[str], *times: float) -> list[Act | None]:
    return [played.next(seen, now) for now in times]


def test_keys_come_after_reading_and_one_by_one() -> None:
    played = player(TourStep(1, CAPTION, keys=("j", "s")), TourStep(4, "Then."))
    assert played.caption == CAPTION
    assert acts(played, [], 5.0, 5.0 + READ - 0.01) == [None, None]
    assert acts(played, [], 5.0 + READ) == [Press("j")]
    assert acts(played, [], 5.0 + READ + 0.1) == [None]
    assert acts(played, [], 9.0) == [Press("s")]
    assert acts(played, [], 10.0) == [None]
    assert (played.caption, played.number) == ("Then.", 2)


def test_the_viewer_hurries_on_but_the_screen_is_still_waited_for() -> None:
    played = player(
        TourStep(1, CAPTION, keys=tuple("abc"), typed=True, until=("a b", "c"), gone=("x",)),
        TourStep(2, "Then."),
    )
    assert acts(played, [], 0.0) == [None]
    played.hurry()
    assert acts(played, [], 0.0, 0.0, 0.0) == [Press("a", True), Press("b", True), Press("c", True)]
    # Texts are looked for in single rows, with single blanks.
    assert acts(played, ["a    b"], 1.0) == [None]
    assert acts(played, ["a b", " c x"], 1.0) == [None]
    assert played.number == 1
    assert acts(played, [" c ", "a b"], PATIENCE) == [None]
    assert played.number == 2
    # Only once.
    assert acts(played, [], PATIENCE) == [None]
    assert acts(played, [], PATIENCE + 10) == [TourEnded()]


def test_it_gives_up_with_a_sentence() -> None:
    played = player(TourStep(7, "", until=("Draft e-mail",)))
    assert acts(played, [], 0.0, 1.0, PATIENCE - 0.01) == [None, None, None]
    assert acts(played, [], PATIENCE + 1) == [
        TourEnded("The tour stopped at step 1, line 7 of mine.toml: the screen never showed “Draft e-mail”.")
    ]
    played = player(TourStep(0, "", gone=("Draft",)))
    assert acts(played, ["Draft"], 0.0, PATIENCE + 1)[1] == TourEnded(
        "The tour stopped at step 1: “Draft” never left the screen."
    )


def test_the_recipient_is_waited_for() -> None:
    visit = Visit(OPEN, "Offer.pdf")
    played = player(TourStep(1, visit=visit), TourStep(2, "Then."), hurried=True)
    assert acts(played, [], 0.0, 1.0, 2.0) == [visit, None, None]
    played.answered(["Recipient opens …", "200: Offer.pdf"])
    assert list(played.visited) == ["Recipient opens …", "200: Offer.pdf"]
    assert acts(played, [], 2.0) == [None]
    # With the next caption, it is over.
    assert played.number == 2
    assert not played.visited
    # What they see is left to be looked at.
    played = player(TourStep(1, visit=visit), TourStep(2, "Then."))
    assert acts(played, [], 0.0) == [visit]
    played.answered(["200: Offer.pdf"])
    assert acts(played, [], 7.0, 9.0) == [None, None]
    assert (played.number, played.visited) == (1, ("200: Offer.pdf",))
    assert acts(played, [], 10.1) == [None]
    assert played.number == 2
    played = player(TourStep(3, visit=visit), hurried=True)
    assert acts(played, [], 0.0) == [visit]
    played.failed("no document called “Offer.pdf” was sent")
    assert acts(played, [], 0.0) == [
        TourEnded("The tour stopped at step 1, line 3 of mine.toml: no document called “Offer.pdf” was sent.")
    ]
    played = player(TourStep(3, visit=visit), hurried=True)
    assert acts(played, [], 0.0, 1.0, PATIENCE + 2)[2] == TourEnded(
        "The tour stopped at step 1, line 3 of mine.toml: the recipient got no answer."
    )


def test_what_has_come_is_looked_at_before_the_tour_goes_on() -> None:
    played = player(TourStep(1, keys=("a",), until=("Activity",), look=2.0), TourStep(2, "Then."))
    assert acts(played, [], 0.0, 1.0) == [Press("a"), None]
    assert acts(played, ["Activity"], 3.0, 4.9) == [None, None]
    assert played.number == 1
    assert acts(played, ["Activity"], 5.0) == [None]
    assert played.number == 2
    played = player(TourStep(1, look=2.0), TourStep(2, "Then."))
    assert acts(played, [], 0.0) == [None]
    played.hurry()
    assert acts(played, [], 0.1) == [None]
    assert played.number == 2


def test_looks_that_come_late_do_not_add_up() -> None:
    """The screen is looked at every so often; what is typed takes as long as it is meant to."""
    played = player(TourStep(1, keys=tuple("x" * 50), typed=True))
    pressed = [tick * 0.05 for tick in range(200) if isinstance(played.next([], tick * 0.05), Press)]
    assert len(pressed) == 50
    assert pressed[-1] == pytest.approx(playing_seconds(played.script), abs=0.2)


def test_viewers_count_captions() -> None:
    played = player(TourStep(1, CAPTION), TourStep(2), TourStep(3, "Then."), TourStep(4), hurried=True)
    assert played.script.captions == 2
    numbers = [played.caption_number]
    while not isinstance(played.next([], 0.0), TourEnded):
        numbers.append(played.caption_number)
    assert numbers == sorted(numbers)
    assert set(numbers) == {1, 2}


def test_a_picture_is_taken_when_the_screen_shows_what_it_is_of() -> None:
    played = player(TourStep(1, until=("Offer",), picture="folder"), hurried=True)
    assert acts(played, [], 0.0) == [None]
    assert acts(played, ["Offer.pdf"], 0.0, 0.0) == [Picture("folder"), TourEnded()]


def test_the_rest_of_a_sequence_comes_at_once() -> None:
    played = player(TourStep(1, keys=("g", "s")), hurried=True)
    assert acts(played, [], 0.0) == [Press("g")]
    assert (played.next_key(), played.next_key()) == (Press("s"), None)
    assert acts(played, [], 0.0) == [TourEnded()]
