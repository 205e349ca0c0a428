"""The guides that users read: a Markdown file each, shown by ``sentlinks help`` and in the app's help.

They use a small part of Markdown: headings, paragraphs, lists, tables, indented code, ``code``, *emphasis* and links to
one another. What follows the comment ``<!-- run -->`` is run by a test.
"""

from __future__ import annotations

import re
from pathlib import Path

#: All guides, in the order in which they are listed.
TOPICS = (
    "first-send", "install", "lists", "sending", "preview", "carries", "whom", "presets", "resuming", "folder",
    "filters", "counting", "recipients", "terminal", "colours", "scripts", "commands", "e-mail", "sendmail", "work",
    "server", "proxy", "people", "backup", "store", "keys", "proof", "security", "configuration", "tour", "limits",
    "changes",
)  # fmt: skip


#: Nothing of a comment is shown.
_COMMENT = re.compile(r"^<!--.*-->\n+", re.MULTILINE)

#: Code, the words of a link, and emphasis.
_MARKED = re.compile(r"`([^`]*)`|\[([^\]]+)\]\([^)]*\)|\*\*?(?=\S)(.+?)\*\*?")


def path(topic: str) -> Path:
    """The file of a guide, which is one of :data:`TOPICS`."""
    return Path(__file__).with_name(f"{topic}.md")


def read(topic: str) -> str:
    """The text of a guide, which is one of :data:`TOPICS`."""
    return _COMMENT.sub("", path(topic).read_text(encoding="utf-8"))


def title(topic: str) -> str:
    """The heading of a guide."""
    return read(topic).partition("\n")[0].removeprefix("# ")


def newest_changes() -> tuple[str, str]:
    """The newest version that the guide *changes* is about, and its sentence on what is new."""
    version, sentence = read("changes").partition("\n## ")[2].split("\n\n", 2)[:2]
    return version, " ".join(sentence.split())


def links(topic: str) -> list[str]:
    """The guides that a guide leads to, each once, in the order in which it names them."""
    named = re.findall(r"\]\(([a-z-]+)\.md\)", read(topic))
    return list(dict.fromkeys(name for name in named if name in TOPICS))


def found(words: str) -> list[tuple[str, str]]:
    """The lines that contain all ``words``, whatever their case: the topic and the line of each, as it reads."""
    wanted = words.casefold().split()
    return [
        (topic, line)
        for topic in TOPICS
        for line in map(_plain, read(topic).splitlines())
        if all(word in line.casefold() for word in wanted)
    ]


def _plain(line: str) -> str:
    """A line without the marks of Markdown; code that stands in lines of its own has none."""
    if line.startswith("    "):
        return line.strip()
    words = _MARKED.sub(lambda match: next(text for text in match.groups() if text is not None), line)
    return re.sub(r"\s*\|\s*", "  ", words.strip().strip("|")).strip().lstrip("# ")
