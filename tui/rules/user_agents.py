"""Which program a user agent names. Whatever a program says of itself, only words from here are shown in sentences."""

from __future__ import annotations

import re
from functools import lru_cache

#: What any other program is called.
OTHER = "a program"
#: More of an agent isn't looked at: a header may be any length.
_MOST = 1024
_BROWSER = "Mozilla/5.0 "
#: Programs by the way they begin.
_TOOLS = (("curl", re.compile(r"curl/\d")), ("Wget", re.compile(r"Wget2?/\d")))
#: PowerShell says that it is Mozilla, and Edge, Chrome and Safari say that they are the next one, too.
_NAMED = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("PowerShell", r"\b(?:Windows)?PowerShell/\d"),
        ("Edge", r"\bEdg(?:e|A|iOS)?/\d"),
        ("Firefox", r"\b(?:Firefox|FxiOS)/\d"),
        ("Chrome", r"\b(?:Chrome|CriOS)/\d"),
        ("Safari", r"\bVersion/\d[\d.]* (?:Mobile/\w{1,20} )?Safari/\d"),
    )
)
#: Browsers that call themselves by one of those names as well: what is said of them would be wrong.
_OTHERS = re.compile(
    r"\b(?:OPR|OPT|OPiOS|Opera|Vivaldi|YaBrowser|SamsungBrowser|UCBrowser|DuckDuckGo|Ddg|Brave|Sea[Mm]onkey|Electron"
    r"|HeadlessChrome|GSA)/"
)


@lru_cache(maxsize=256)
def program_name(agent: str | None) -> str:
    """The program by its common name: ``Firefox``, ``curl``; :data:`OTHER` for one that isn't known, empty if there is
    no agent."""
    if not agent or not agent.strip():
        return ""
    text = agent[:_MOST]
    for name, beginning in _TOOLS:
        if beginning.match(text):
            return name
    if not text.startswith(_BROWSER) or _OTHERS.search(text):
        return OTHER
    return next((name for name, pattern in _NAMED if pattern.search(text)), OTHER)
