"""What is said of each place: in the help, and once to whoever is here for the first time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..session import Session

_LISTS = "In the list {lists.open} opens a folder and {main.parent} goes back up; tab changes to the tree."
ABOUT = {
    "": "Secure Sent Links sends documents to people outside as links. Choose documents in the list ({lists.select} "
    "selects several), press {picker.send}, and set password, expiration date and limit. " + _LISTS,
    "sent": "What you sent, each with its link. External says whether the link works: On, or Off with the reason. "
    "To change password, expiry or limit, press {folder.send_again}: the address stays, and the counter starts "
    "at zero. A download shows here within a second.",
    "trash": "What was deleted; its links have stopped. It stays until the trash is emptied, and {trash.restore} "
    "brings it back.",
    "share": "Your folders in Share, also those no longer used, and those of others that you were added to. "
    "A send goes to the current one. " + _LISTS,
    "favorites": "Your shortcuts. The one to your Secure Sent Links folder tells where a send goes: without it, the "
    "next send makes a new folder. " + _LISTS,
    "local": "Files of the machine that this program runs on. They are sent like documents of Work. "
    + _LISTS,
    "checked_out": "The documents that you have checked out. They can be sent all the same. " + _LISTS,
    "found": "The documents of the library that have all of the words, or begin so, in name, number, author or class; "
    "those edited last come first. {main.find} changes the words, {main.parent} goes back.",
    "worklist": "The documents that you used in the last 30 days, the latest first. " + _LISTS,
}
HINT = "New here? {lists.select} chooses documents, {picker.send} sends them, {everywhere.help} helps."


async def first_hint(session: Session) -> str:
    """The hint for whoever starts the program for the first time; empty from then on."""
    if session.state is None:
        return ""
    file = session.state / "seen"

    def first() -> bool:
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.touch(mode=0o600, exist_ok=False)
        except OSError:
            return False
        return True

    return HINT if await asyncio.to_thread(first) else ""
