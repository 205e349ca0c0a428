"""Links that terminals open themselves (OSC 8)."""

from __future__ import annotations

import os
from collections.abc import Iterable

from rich.style import Style
from rich.text import Text

from ...terminal.capabilities import shows_hyperlinks


def with_hyperlinks(text: Text, urls: Iterable[str]) -> Text:
    """Return ``text``, in which each of ``urls`` is a link to itself if the terminal may know links."""
    if shows_hyperlinks(os.environ):
        plain, at = text.plain, 0
        for url in urls:
            if (found := plain.find(url, at)) >= 0:
                at = found + len(url)
                text.stylize(Style(link=url), found, at)
    return text
