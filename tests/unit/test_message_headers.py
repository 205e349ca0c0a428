"""Headers of messages as text."""

from __future__ import annotations

import pytest

from tui.rules.message_headers import decoded_words


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("=?utf-8?q?M=C3?= =?UTF-8?q?=BCller?=", "Müller"),
        ("=?utf-8?b?TcM=?=\r\n =?utf-8?b?vGxsZXI=?= & Co", "Müller & Co"),
        ("=?utf-8?q?M?= and =?utf-8?q?N?=", "M and N"),
        ("=?iso-8859-1?q?M=FC?= =?utf-8?q?ller?=", "Müller"),
    ],
    ids=["split within a letter", "on the next line", "apart", "two charsets"],
)
def test_encoded_words_side_by_side_are_one_text(header: str, text: str) -> None:
    assert decoded_words(header) == text
