"""Where the visible text of HTML ends. (``tests/system/browser/test_visible_end.py`` asks a browser.)"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.mail.html_bodies import BODIES
from tui.mail.smart.visible_end import visible_end


@pytest.mark.parametrize("name", BODIES)
def test_it_is_there(name: str) -> None:
    text, rest = BODIES[name]
    place = visible_end(text)
    if rest is None:
        assert place is None
        return
    assert place is not None
    assert text[place:].startswith(rest)
    # That of a whole element, or of all that is left.
    assert rest or not text[place:]


_PIECES = st.lists(
    st.sampled_from(
        [
            *(text for text, _ in BODIES.values()),
            *"<>/!-'\"= x",
            "<!--",
            "-->",
            "<p hidden",
            "</",
            "<![CDATA[",
        ]
    )
)


@given(_PIECES)
def test_it_is_somewhere(pieces: list[str]) -> None:
    """Whatever the text is; and what is inserted there moves the end by its length."""
    text = "".join(pieces)
    place = visible_end(text)
    if place is not None:
        assert 0 <= place <= len(text)
        again = visible_end(f"{text[:place]}<p>more</p>{text[place:]}")
        assert again is not None
        assert again >= place


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<p>",
        "<",
        "<a ",
        "<!--",
        "</x>",
        "<title>",
        "<![CDATA[>",
        "<b hidden><p></p>",
        '<a x="',
        "<script><!--",
    ],
)
def test_a_very_long_one(piece: str) -> None:
    """It is read in linear time, or no further: the result matters less than that there is one."""
    place = visible_end("<p>x</p>" + piece * (400_000 // len(piece)))
    assert place is None or place >= len("<p>x</p>")
