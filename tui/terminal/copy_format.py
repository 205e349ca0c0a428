"""What copied links look like: a setting, which is the name of a format or a template of the user's own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from string import Template
from typing import Protocol

from tui.rules.errors import InvalidValue
from tui.rules.text import printable

LINKS, NAMES, MARKDOWN = "links", "names", "markdown"
#: The formats that have a name; ``links`` is the default.
FORMATS = (LINKS, NAMES, MARKDOWN)

_TEMPLATES = {LINKS: "$url", NAMES: "$name: $url", MARKDOWN: "[$name]($url)"}
_PLACEHOLDERS = ("name", "url")
# What Markdown would take for something else in a name; an underscore within a word is one.
_SPECIAL = re.compile(r"[\\\[\]*`<>~]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")


@dataclass(frozen=True, slots=True)
class CopiedLink:
    """A link to copy. ``name`` is what its file is called."""

    name: str
    url: str


def check_format(form: str, origin: str) -> str:
    """Return ``form`` if it is a format's name or a template with ``$url``, and perhaps ``$name``.

    ``origin`` says where it comes from, for the message. Raises :class:`InvalidValue`.
    """
    template = Template(_TEMPLATES.get(form, form))
    names = template.get_identifiers()
    if not template.is_valid() or "url" not in names or not set(names) <= set(_PLACEHOLDERS):
        raise InvalidValue(
            "config.value",
            f"copy_format from {printable(origin)} must be one of {', '.join(FORMATS)}, or a template like "
            f"“$name: $url” with no other placeholders than these two, not “{printable(form)}”.",
            "copy_format",
        )
    return form


class _HasLink(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str | None: ...


def copied_links(documents: Iterable[_HasLink]) -> list[CopiedLink]:
    """The links of those documents that have one, in their order."""
    return [CopiedLink(document.name, document.url) for document in documents if document.url]


def formatted(links: Iterable[CopiedLink], form: str = LINKS) -> str:
    """The text to copy: the links in their order, one a line. ``form`` has passed :func:`check_format`."""
    template = Template(_TEMPLATES.get(form, form))
    lines = []
    for link in links:
        name = printable(link.name)
        shown = _SPECIAL.sub(r"\\\g<0>", name) if form == MARKDOWN else name
        lines.append(template.substitute(name=shown, url=printable(link.url)))
    return "\n".join(lines)
