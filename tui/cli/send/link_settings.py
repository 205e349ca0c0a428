"""The link settings that the typed fields of a send stand for, on the server that it goes to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ...config.preferences import checked_presets
from ...rules.link_settings import LEFT_OUT, LinkSettings
from .fields import Fields

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...rules.policy import Policy
    from ...rules.presets import Preset
    from ..base.common import CommandSession


async def settings_of(
    session: CommandSession, share: ShareClient, given: Fields, now: datetime
) -> tuple[LinkSettings, str | None]:
    """The settings of the links, and their password if one was made; ``now`` is the server's time.

    Raises :class:`InvalidValue`, and :class:`PolicyBreach` for a preset that the policy doesn't allow.
    """
    settings = link_settings(given, now)
    if not given.generate and given.preset is None:
        return settings, None
    from ...rules.spoken_passwords import made_password

    rules = await share.policy()
    if given.generate:
        settings = link_settings(given, now, made_password(rules))
    if given.preset is not None:
        settings = _preset(session, given.preset, rules, now).settings(rules, now, settings)
    made = isinstance(settings.password, str) and given.password is None
    return settings, str(settings.password) if made else None


def recipients_of(settings: LinkSettings) -> tuple[str, ...]:
    """Whom the settings name; nobody if they leave that out."""
    return () if settings.recipients is LEFT_OUT else tuple(settings.recipients)


def link_settings(given: Fields, now: datetime, made: str | None = None) -> LinkSettings:
    """The settings; the expiry goes by the server's clock, ``now``, and ``made`` is a password that was made. Raises
    :class:`InvalidValue`.

    A password that isn't given is left out: sent documents keep theirs unless it is to be removed.
    """
    expires = given.expires_at(now)
    return LinkSettings(
        password=made or given.password if given.says_of_password else LEFT_OUT,
        expires_at=expires if expires or given.no_expires else LEFT_OUT,
        downloads_permitted=given.downloads if given.downloads or given.no_downloads else LEFT_OUT,
        recipients=given.recipients or LEFT_OUT,
        **given.flags,
    )


def check_preset(session: CommandSession, given: Fields) -> None:
    """Check the user's own presets, if one is named, before anything is asked of the server. Raises
    :class:`InvalidValue`."""
    if given.preset is not None:
        checked_presets(session.config)


def _preset(session: CommandSession, name: str, rules: Policy, now: datetime) -> Preset:
    from ...config.last_settings import LastSettings
    from ...rules.preset_lines import LAST
    from ...rules.presets import named, united

    if name.strip().casefold() == LAST:
        last = LastSettings(session.config.places.state).load(datetime.now(UTC))
        if last is not None:
            return last
    return named(name, united(checked_presets(session.config), rules, now))
