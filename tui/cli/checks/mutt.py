"""The ``sendmail`` setting of mutt and neomutt, which the latter refuses if a shell could read more into it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ...rules.check_results import Check, bad
from ...rules.text import printable

_FILES = (
    ".neomuttrc", ".neomutt/neomuttrc", ".neomutt/muttrc", ".muttrc", ".mutt/neomuttrc", ".mutt/muttrc"
)  # fmt: skip
_CONFIG_FILES = ("neomutt/neomuttrc", "neomutt/muttrc", "mutt/neomuttrc", "mutt/muttrc")
_MOST_BYTES = 1024 * 1024
#: ``set sendmail=VALUE``, perhaps among other settings: in quotation marks, in which a backslash keeps the next one.
_SETTING = re.compile(
    r"""^\s*set\s+(?:[^#\n]*\s)?sendmail\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*'|(?:[^\s;#\\]|\\.)*)""", re.MULTILINE
)
_ESCAPED = re.compile(r"\\(.)")
#: What neomutt calls shell metacharacters.
_REFUSED = re.compile(r"""["'`\\|;&<>()!*?\[\]{}#]""")


def refused_settings() -> Iterator[Check]:
    """A check for each file whose setting with ``smart-attach`` neomutt refuses: it goes on with its own default then,
    which sends the attachments."""
    for path in _files():
        for value in _settings(path):
            if "smart-attach" in value and (found := _REFUSED.search(value)):
                yield bad(
                    "sendmail",
                    f"neomutt refuses the setting sendmail in {printable(str(path))}, since it has the character "
                    f"{found[0]}, and sends e-mail with the attachments.",
                    "Write it without quotation marks inside: "
                    'set sendmail = "sentlinks smart-attach --sendmail msmtp". sentlinks help sendmail tells more.',
                )


def _files() -> Iterator[Path]:
    home, config = (Path(os.environ.get(name, "")) for name in ("HOME", "XDG_CONFIG_HOME"))
    if not home.is_absolute():
        return
    folder = config if config.is_absolute() else home / ".config"
    yield from (home / name for name in _FILES)
    yield from (folder / name for name in _CONFIG_FILES)


def _settings(path: Path) -> Iterator[str]:
    """The values of the setting in a file; none if it can't be read."""
    try:
        if not path.is_file():
            return
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return
    for found in _SETTING.finditer(text.replace("\\\n", "")):
        value = found[1]
        if value.startswith("'"):
            yield value[1:-1]
        else:
            yield _ESCAPED.sub(r"\1", value[1:-1] if value.startswith('"') else value)
