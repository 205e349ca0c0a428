"""What the fields and checkboxes for a link's settings hold before anything is typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...rules import dates
from ...rules.link_settings import LEFT_OUT, LinkSettings
from ...rules.policy import Policy
from ...rules.sent_text import recipients_text
from ...rules.typed_settings import TYPED, typed_texts
from .preset_history import Held


class FirstSettings:
    """The policy's defaults, or what a send that is resumed was begun with.

    ``texts`` are those of the fields, the recipients' under ``to``; ``flags`` those settings that are on or off.
    """

    def __init__(self, policy: Policy, flags: Mapping[str, bool], *, again: bool) -> None:
        """With ``again``, the fields are empty: they keep what the documents have."""
        self.flags = dict(flags)
        self.texts = dict.fromkeys((*TYPED, "to"), "")
        if not again:
            self.texts["expires"] = dates.spelled_out(policy.expires_default or "")
            self.texts["downloads"] = str(policy.downloads_default or "")
        #: What is shown of the password of a send that is resumed, and whether it must be typed to send anything again.
        self.earlier_password: Sequence[str] = ()
        self.had_password = False

    def resume(self, settings: LinkSettings, password: Sequence[str], *, has_password: bool) -> None:
        """Take those of a send that is resumed. ``password``: what is true of its password."""
        self.earlier_password, self.had_password = password, has_password
        self.texts |= typed_texts(settings)
        self.flags |= {name: value for name, value in settings.flags.items() if name in self.flags}
        if settings.recipients is not LEFT_OUT:
            self.texts["to"] = recipients_text(settings.recipients)

    def held(self) -> dict[str, Held]:
        """The same, by the names that presets have for them."""
        return {
            **{name: (text, False) for name, text in self.texts.items()},
            **{name: ("", checked) for name, checked in self.flags.items()},
        }
