"""E-mail addresses, as typed. Those in the headers of a message are read by :mod:`.address_headers`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from .errors import InvalidValue
from .text import DECEIVING, printable

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)
_PLAIN_NAME = re.compile(rf"{_ATOM}( {_ATOM})*", re.ASCII)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_MAX_NAME = 200
_MAX_ADDRESS = 254
#: What separates addresses, or is part of one: unless it is in quotation marks, a name has none of these.
_NOT_IN_NAMES = ",;:<>@"
#: Marks that say in which direction a text is read; a name does without them.
_INVISIBLE = dict.fromkeys((0x061C, 0x200E, 0x200F))
#: How many recipients a message, or a send, can have.
MOST_RECIPIENTS = 100
#: How much of a text that is no address is repeated in the message about it.
_SHOWN = 80
_NO_ADDRESS = "is not an e-mail address; write one like anna@example.com"
_SEVERAL = (
    'is not one e-mail address; put a comma between two, and quotation marks around a name like "Arp, Anna"'
)
_GROUP = "has a colon, as a group has; give the addresses alone, or the name in quotation marks"


def split_address(text: str) -> tuple[str, str]:
    """Split an address into its name (may be empty) and its ``local@domain`` in ASCII.

    Accepts ``anna@example.com``, ``Anna Arp <anna@example.com>`` and ``"Arp, Anna" <anna@example.com>``. Raises
    :class:`InvalidValue` for anything else, so that nothing typed can become a separate header, and no address part of
    another's name.
    """
    text = text.strip()
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in DECEIVING for c in text):
        raise _refuse(text, "contains a control character; remove it")
    name, address = "", text
    if text.endswith(">"):
        name, bracket, address = text[:-1].rpartition("<")
        name = _unquoted(name.translate(_INVISIBLE).strip(), text)
        if not bracket or len(name) > _MAX_NAME:
            raise _refuse(text)
    local, at, domain = address.strip().rpartition("@")
    if not at:
        raise _refuse(text)
    domain = _in_ascii(domain, text)
    labels = domain.split(".")
    if not _LOCAL.fullmatch(local):
        raise _refuse(text, _GROUP if ":" in local else _of_other_letters(local) or _NO_ADDRESS)
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise _refuse(text)
    if len(local) > 64 or len(local) + 1 + len(domain) > _MAX_ADDRESS:
        raise _refuse(text)
    return name, f"{local}@{domain}"


def _of_other_letters(local: str) -> str:
    """What is wrong with the part before the @ if it has a letter beyond ASCII, which may look like one that it isn't;
    else empty."""
    for letter in local:
        if not letter.isascii() and letter.isalpha():
            what = unicodedata.name(letter, "").lower()
            return f"has “{letter}” ({what}) before the @; of letters, only a to z can be there"
    return ""


def _in_ascii(domain: str, text: str) -> str:
    """The domain of the address ``text`` as it is looked up."""
    if domain.isascii():
        return domain
    if len(domain) > _MAX_ADDRESS:
        raise _refuse(text)
    # Hardly any domain needs it. Python's own codec has the rules of 2003, by which straße.de is strasse.de, which may
    # belong to somebody else.
    import idna

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except UnicodeError:
        raise _refuse(text) from None


def check_address(text: str) -> str:
    """The address in its canonical form. Raises :class:`InvalidValue` if it is invalid."""
    return join_address(*split_address(text))


def join_address(name: str, address: str) -> str:
    """``Anna Arp <anna@example.com>``, the name in quotation marks if it needs them."""
    if not name:
        return address
    if not name.isascii() or _PLAIN_NAME.fullmatch(name):
        # Names beyond ASCII are encoded in a header; they are quoted only for human readers.
        plain = not any(c in '",;:<>@()[]\\' for c in name)
        return f"{name} <{address}>" if plain else f"{_quoted(name)} <{address}>"
    return f"{_quoted(name)} <{address}>"


def check_addresses(texts: Iterable[str]) -> tuple[str, ...]:
    """The addresses of a message in their canonical form and order, each mailbox once. Each of ``texts`` is one.

    Raises :class:`InvalidValue` if one is invalid, or there are more than ``MOST_RECIPIENTS``.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, address = split_address(text)
        found.setdefault(address.lower(), join_address(name, address))
    if len(found) > MOST_RECIPIENTS:
        excess = len(found) - MOST_RECIPIENTS
        message = f"There can be at most {MOST_RECIPIENTS} recipients; remove {excess:,}."
        raise InvalidValue("mail.too_many", message, "to")
    return tuple(found.values())


def mailbox_of(address: str) -> str:
    """What tells the mailbox of a valid address from others: without the name, in lower case."""
    return split_address(address)[1].lower()


def parse_addresses(text: str) -> tuple[str, ...]:
    """The addresses in a line, separated by commas or semicolons. Raises :class:`InvalidValue`."""
    return check_addresses(_listed(text))


def check_finished(text: str) -> None:
    """Raise :class:`InvalidValue` if an address in a line that is being typed is invalid, and a comma or semicolon
    follows it: the last one may be half of an address yet."""
    check_addresses(part for part in split_list(text)[:-1] if part.strip())


def parse_options(texts: Iterable[str]) -> tuple[str, ...]:
    """The addresses in several lines, each of which has at least one. Raises :class:`InvalidValue`."""
    # A line without any is an address that a script has forgotten.
    return check_addresses(each for text in texts for each in _listed(text) or [text])


def _listed(text: str) -> list[str]:
    return [part for part in split_list(text) if part.strip()]


def split_list(text: str) -> list[str]:
    """The parts of a line between commas and semicolons that aren't in quotation marks; at least one."""
    parts, start, quoted, escaped = [], 0, False, False
    for place, char in enumerate(text):
        if escaped:
            escaped = False
        elif quoted and char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif char in ",;" and not quoted:
            parts.append(text[start:place])
            start = place + 1
    parts.append(text[start:])
    return parts


def _quoted(name: str) -> str:
    escaped = re.sub(r'(["\\])', r"\\\1", name)
    return f'"{escaped}"'


def _unquoted(name: str, text: str) -> str:
    """The name of the address ``text``, without the quotation marks around it. Raises :class:`InvalidValue` if it needs
    them, and there are none."""
    if not _QUOTED.fullmatch(name) and any(char in _NOT_IN_NAMES for char in name):
        # An address in it would be lost without a word.
        raise _refuse(text, _GROUP if ":" in name and "@" not in name else _SEVERAL)
    if len(name) >= 2 and name[0] == name[-1] == '"':
        return re.sub(r"\\(.)", r"\1", name[1:-1])
    return name


def _refuse(text: str, why: str = _NO_ADDRESS) -> InvalidValue:
    shown = printable(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
    return InvalidValue("mail.address", f"{shown or 'Nothing'} {why}.", "to")
