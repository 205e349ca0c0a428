"""The link settings that the typed fields of a send stand for, on the server that it goes to."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ...rules.link_settings import LEFT_OUT, LinkSettings
from .fields import Fields

if TYPE_CHECKING:
    from ...clients.share import ShareClient


async def settings_of(share: ShareClient, given: Fields) -> tuple[LinkSettings, str | None]:
    """The settings of the links, and their password if there is one. Raises :class:`InvalidValue`."""
    me = await share.me()
    password = await made_password(share, given)
    return link_settings(given, me.now, password), password


def link_settings(given: Fields, now: datetime, password: str | None) -> LinkSettings:
    """The settings; the expiry goes by the server's clock, ``now``. Raises :class:`InvalidValue`.

    A password that isn't given is left out: sent documents keep theirs unless it is to be removed.
    """
    expires = given.expires_at(now)
    return LinkSettings(
        password=password if password is not None or given.no_password else LEFT_OUT,
        expires_at=expires if expires or given.no_expires else LEFT_OUT,
        downloads_permitted=given.downloads if given.downloads or given.no_downloads else LEFT_OUT,
        recipients=given.recipients or LEFT_OUT,
        **given.flags,
    )


async def made_password(share: ShareClient, given: Fields) -> str | None:
    """The password of a send: the one given, or a generated one that meets the policy."""
    least = (await share.policy()).password_min_length if given.generate else None
    return given.made_password(least)
