"""A value for each setting of a link, other than what it has if it is left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tui.rules.link_settings import FLAGS, LinkSettings
from tui.wire.share import Document, Send

PASSWORD = "Heron-4471-Lake"
#: By the names of the fields. A new setting that isn't on or off needs a value here.
VALUES: dict[str, Any] = {
    "password": PASSWORD,
    "expires_at": datetime.now(UTC).replace(microsecond=0) + timedelta(days=3),
    "downloads_permitted": 3,
    "recipients": ("anna@example.com", "Bob Berg <bob@example.com>"),
    **dict.fromkeys(FLAGS, True),
}
#: The address on the server and its mail server, without which senders can't be notified.
MAIL_ARGUMENTS = ("--smtp-url", "smtp://127.0.0.1:9")


def settings(*without: str) -> LinkSettings:
    """All settings but those."""
    return LinkSettings(**{name: value for name, value in VALUES.items() if name not in without})


def found(answer: Send | Document) -> dict[str, Any]:
    """The settings that an answer has, like :data:`VALUES`; the password is the right one if there is any."""
    values = {name: getattr(answer, name) for name in VALUES if name != "password"}
    values["recipients"] = tuple(answer.recipients)
    return {"password": PASSWORD if answer.has_password else None, **values}
