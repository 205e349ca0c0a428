"""The ways in which people write recipients, and what is understood."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """``options``: the value of each ``--to``. ``meant``: the addresses; ``None`` if it has to be refused."""

    options: tuple[str, ...]
    meant: tuple[str, ...] | None


_ANNA, _BOB, _CAROL = "Anna <anna@example.com>", "Bob <b@example.com>", "Carol <c@example.com>"
_ARP = '"Arp, Anna" <anna@example.com>'

FORMS = {
    "two in one": Form((f"{_BOB}, {_CAROL}",), (_BOB, _CAROL)),
    "semicolon": Form((f"{_BOB}; {_CAROL}",), (_BOB, _CAROL)),
    "no blank": Form((f"{_BOB},{_CAROL}",), (_BOB, _CAROL)),
    "one bare, one named": Form((f"anna@example.com, {_BOB}",), ("anna@example.com", _BOB)),
    "several of several": Form((f"{_BOB}, {_CAROL}", f"{_ANNA}; d@b.de"), (_BOB, _CAROL, _ANNA, "d@b.de")),
    "the same twice": Form((f"{_BOB}, {_CAROL}", "B@EXAMPLE.COM"), (_BOB, _CAROL)),
    "a quoted comma": Form((f"{_ARP}, {_BOB}",), (_ARP, _BOB)),
    "a quoted address": Form(
        ('"Bob <b@example.com>, Carol" <c@example.com>',), ('"Bob <b@example.com>, Carol" <c@example.com>',)
    ),
    "quoted quotes": Form(('"Anna \\"A, B\\"" <anna@example.com>',), ('"Anna \\"A, B\\"" <anna@example.com>',)),
    "empty parts": Form((f" ,{_BOB},,; {_CAROL};",), (_BOB, _CAROL)),
    "trailing comma": Form((f"{_BOB},",), (_BOB,)),
    "an IDN": Form(("Jörg <j@exämple.com>, b@straße.de",), ("Jörg <j@xn--exmple-cua.com>", "b@xn--strae-oqa.de")),
    "lines of a file": Form((f"{_BOB},\n{_CAROL}\n",), (_BOB, _CAROL)),
    "a name with a comment": Form(("Anna (Munich) <anna@example.com>",), ('"Anna (Munich)" <anna@example.com>',)),
    "an unquoted comma": Form(("Arp, Anna <anna@example.com>",), None),
    "no comma": Form((f"{_BOB} {_CAROL}",), None),
    "a bracket missing at the end": Form((f"Bob <b@example.com, {_CAROL}",), None),
    "a bracket missing before": Form((f"Bob b@example.com>, {_CAROL}",), None),
    "brackets missing": Form((f"Bob b@example.com, {_CAROL}",), None),
    "nested brackets": Form((f"Bob <<b@example.com>>, {_CAROL}",), None),
    "brackets in brackets": Form(("Bob <b@example.com <c@example.com>>",), None),
    "two in brackets": Form(("Both <b@example.com, c@example.com>",), None),
    "two brackets": Form(("Bob <b@example.com> <c@example.com>",), None),
    "an address as name": Form(("b@example.com <c@example.com>",), None),
    "two quoted names, read as one": Form(('"Bob" <b@example.com> "Carol" <c@example.com>',), None),
    "a quotation that never ends": Form((f'"Bob <b@example.com>, {_CAROL}',), None),
    "quotation marks the wrong way round": Form(('Bob" <b@example.com>, Carol" <c@example.com>',), None),
    "nothing": Form(("",), None),
    "only separators": Form((f"{_BOB}", " ,; "), None),
    "a header in a line": Form(("anna@example.com\nBcc: evil@example.com",), None),
    "a header after a comma": Form(("anna@example.com,\r\nBcc: evil@example.com",), None),
    "a header with a name": Form(("anna@example.com,\nBcc: Evil <evil@example.com>",), None),
    "a line break in a name": Form(("Bob\r\nBcc: x <b@example.com>",), None),
    "a group": Form(("Team: b@example.com, c@example.com;",), None),
    "a group with names": Form((f"Team: {_BOB}, {_CAROL};",), None),
    "a comment before": Form(("(Bob) b@example.com",), None),
    "a comment after": Form(("b@example.com (Bob)",), None),
    "a comment with an address": Form((f"Bob (b@example.com, old) <b@example.com>, {_CAROL}",), None),
    "one of them wrong": Form((f"{_BOB}, carol", _ANNA), None),
}  # fmt: skip
