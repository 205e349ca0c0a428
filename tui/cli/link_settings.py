"""The fields of a send as they were typed, and what they mean to the server that it goes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fields import Fields

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..rules.link_settings import LinkSettings


async def settings_of(share: ShareClient, given: Fields) -> tuple[LinkSettings, str | None]:
    """The settings of the links, and their password where there is one. Raises :class:`InvalidValue`."""
    from ..rules.link_settings import LEFT_OUT, LinkSettings

    me = await share.me()
    least = (await share.policy()).password_min_length if given.generate else None
    password = given.made_password(least)
    expires = given.expires_at(me.now)
    settings = LinkSettings(
        password=password,
        expires_at=expires if expires or given.no_expires else LEFT_OUT,
        downloads_permitted=given.downloads if given.downloads or given.no_downloads else LEFT_OUT,
    )
    return settings, password
