"""How documents of one name are told apart by whom they were sent to."""

from __future__ import annotations

import pytest

from tui.rules.sent_text import recipients_apart

ANNA, OTHER_ANNA = "Anna Arp <anna@arp.example>", "Anna Arp <anna@other.example>"
BEN, CARL, DORA = "Ben Born <ben@born.example>", "carl@example.com", "dora@example.com"


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        ([[ANNA], [BEN]], ["Anna Arp", "Ben Born"]),
        ([[ANNA, CARL], []], ["Anna Arp and carl@example.com", ""]),
        ([[ANNA, BEN, CARL], [CARL]], ["Anna Arp, Ben Born and 1 more", "carl@example.com"]),
        (
            [[ANNA, BEN, CARL], [ANNA, BEN, DORA]],
            ["Anna Arp, Ben Born, carl@example.com", "Anna Arp, Ben Born, dora@example.com"],
        ),
        ([[ANNA], [OTHER_ANNA]], [ANNA, OTHER_ANNA]),
        ([[ANNA], [ANNA]], ["Anna Arp", "Anna Arp"]),
    ],
)
def test_it_is_as_short_as_it_tells_them_apart(each: list[list[str]], expected: list[str]) -> None:
    assert recipients_apart(each) == expected
