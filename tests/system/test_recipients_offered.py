"""Recipients in a real terminal: from a query command, and later from the earlier sends alone."""

from __future__ import annotations

import time

from tests.support.terminal.drafting import Desk
from tests.support.terminal.terminal import KEYS, SECONDS, Terminal

SAVE, DOWN, ENTER, ERASE = KEYS["ctrl+s"], KEYS["down"], KEYS["enter"], "\x7f"
#: Prints what abook prints, and notes what it was asked for.
BOOK = """
echo "$@" >> "$HOME/asked"
echo
printf 'anna@example.com\\tAnna Arp\\twork\\n'
printf 'evil\\033]0;x\\007@example.com\\tEvil\\n'
"""


def type_until_offered(terminal: Terminal, text: str, offer: str) -> None:
    """Types, and types the last letter again as often as it takes: a busy machine may need longer for the command than
    it is waited for."""
    terminal.type(text)
    end = time.monotonic() + SECONDS
    while True:
        terminal.quiet()
        if offer in terminal.text:
            return
        assert time.monotonic() < end, terminal.text
        terminal.type(ERASE)
        terminal.type(text[-1])


def test_an_address_is_looked_up_once_and_known_from_then_on(desk: Desk) -> None:
    (desk.folder / "home").mkdir(exist_ok=True)
    desk.script("book", BOOK)
    with desk.open(SENTLINKS_MAIL_QUERY_COMMAND="book --query %s", columns=80, rows=24) as terminal:
        type_until_offered(terminal, "anna", "Anna Arp <anna@example.com>")
        assert "Evil" not in terminal.text
        terminal.type(DOWN)
        terminal.type(ENTER)
        terminal.wait_for("Anna Arp <anna@example.com>,")
        terminal.type(SAVE)
        terminal.wait_for("Saved as")
        terminal.type(KEYS["escape"])
        terminal.wait_for("1 document sent")
    assert "--query anna\n" in (desk.folder / "home" / "asked").read_text()
    assert desk.saved()["To"] == "Anna Arp <anna@example.com>"
    with desk.open(columns=80, rows=24) as terminal:
        type_until_offered(terminal, "arp", "Anna Arp <anna@example.com>")
        terminal.type(DOWN)
        terminal.type(ENTER)
        terminal.wait_for("Anna Arp <anna@example.com>,")
