"""What recipients do while the app is open, and what the user is told of it."""

from __future__ import annotations

from tui.clients.events import DocumentEvent
from tui.ui.main.main import MainScreen

DELIVERED = "✓ First.pdf delivered to 127.0.0.1, 1 of 2"


def url_of(main: MainScreen, name: str) -> str:
    """The link of a document in the list."""
    return str(next(row.data.url for row in main.browser.list.window.rows if row.name == name))


def told(main: MainScreen, number: int, name: str = "Plan.pdf", event: str = "delivered") -> None:
    """The app is told of an event as the server sends it."""
    main.live.handle(
        DocumentEvent(
            event, "d" * 32, "f" * 32, None, f"x{number}", name, None, "203.0.113.7", {"downloads": 1}
        )
    )
