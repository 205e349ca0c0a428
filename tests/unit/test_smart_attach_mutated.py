"""Damaged messages: each is refused with a sentence, or becomes a whole message with its links."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.mail.messages import links_for, opened
from tests.support.mail.mutated_messages import mutated
from tui.mail.smart.content import charset_of, is_readable, pieces
from tui.mail.smart.parts import Part, read, walk
from tui.mail.smart.splice import ReadMessage
from tui.rules.errors import InvalidValue


@given(st.integers(0, 10**9))
def test_every_message_ends_in_a_sentence_or_in_links(seed: int) -> None:
    raw = mutated(seed)
    try:
        found = opened(raw)
        for part in found.choice.attachments:
            b"".join(pieces(raw, part))
        has_its_links(found)
        sentences = [*found.choice.left, *found.recipients.others]
    except InvalidValue as refused:
        sentences = [refused.message]
    assert all(sentence.isprintable() for sentence in sentences)


def has_its_links(found: ReadMessage) -> None:
    """Nothing is left to replace, and every link can be read."""
    links = links_for(found)
    result = b"".join(found.written(found.changes(links)))
    if not links:
        # But for its own header, if it has one.
        assert len(result) <= len(found.raw)
        return
    left = opened(result).choice.attachments
    # A text with a name is no attachment while it is the only text.
    assert [part for part in left if part.main_type != "text" or part.disposition == "attachment"] == []
    texts = [_text(result, part) for part in walk(read(result)) if not part.children]
    assert all(any(link.url in text for text in texts) for link in links)


def _text(raw: bytes, part: Part) -> str:
    if part.main_type != "text" or not is_readable(part):
        return ""
    return b"".join(pieces(raw, part)).decode(charset_of(part) or "ascii", "replace")
