"""Where the visible text of an HTML document ends.

Text inserted there is read: it is in no comment, script, style, title, attribute or hidden element. Where browsers and
mail programs may read a document in different ways, the place is an earlier one that is visible to all of them.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass

_MARKUP = re.compile(r"<(?:[!?]|/|[A-Za-z])")
_TAG_NAME = re.compile(r"[^\s/>]+")
_ATTRIBUTE = re.compile(r"[\s/]*(=?[^\s/>=]*)(\s*=\s*)?")
_UNQUOTED = re.compile(r"[^\s>]*")
_COMMENT_END = re.compile(r"--!?>")
_IN_SCRIPT = re.compile(r"<!--|-->|<(/?)script(?=[\s/>])", re.IGNORECASE)
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all|content-visibility\s*:\s*hidden"
    r"|(?:opacity|font-size)\s*:\s*0(?!\s*\.?\d)",
    re.IGNORECASE,
)
_FLAT = re.compile(r"(?:height|width)\s*:\s*0(?!\s*\.?\d)", re.IGNORECASE)
_CLIPPED = re.compile(r"overflow(?:-[xy])?\s*:\s*hidden", re.IGNORECASE)
_STYLE_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)

#: Their content is no markup, up to their own end tag.
_RAW = frozenset({"style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"})
#: Their content isn't shown, or not to everyone.
_UNSEEN = frozenset(
    {
        "head",
        "noscript",
        "template",
        "select",
        "datalist",
        "object",
        "audio",
        "video",
        "canvas",
        "svg",
        "math",
        "frameset",
    }
    | {"applet", "map", "rp", "button"}
)
#: Hidden until they are opened.
_CLOSED = frozenset({"details", "dialog"})
_VOID = frozenset(
    {
        "area",
        "base",
        "basefont",
        "bgsound",
        "br",
        "col",
        "embed",
        "frame",
        "hr",
        "img",
        "input",
        "keygen",
        "link",
        "meta",
    }
    | {"param", "source", "track", "wbr"}
)
_IN_HEAD = frozenset(
    {"base", "basefont", "bgsound", "link", "meta", "title", "style", "script", "noscript", "template"}
)
#: Those that go on behind the end of the element that they are in, until they are closed themselves.
_FORMATTING = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
#: An end tag of another element doesn't reach beyond these.
_SCOPES = frozenset(
    {"table", "td", "th", "caption", "object", "applet", "marquee", "template", "html", "svg", "math"}
)
_OF_TABLES = frozenset({"table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "colgroup"})
_TABLE_SCOPES = frozenset({"table", "template", "html"})
#: A start tag of these ends one that is still open.
_ENDED_BY_NEXT = frozenset({"p", "li", "option", "dt", "dd", "tr", "td", "th"})
#: The limits of what is read: mail programs have some as well.
_DEEPEST, _MOST_TAGS = 500, 100_000


@dataclass(frozen=True, slots=True)
class _Open:
    """An open element; ``hidden`` if its content is."""

    name: str
    start: int
    hidden: bool


def visible_end(text: str) -> int | None:
    """The last place in ``text`` where more of it would be seen: before the end of the body, if that is visible.

    ``None`` if nothing can be seen at all, or there are too many elements to know.
    """
    return _VisibleReader(text).end()


class _VisibleReader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[_Open] = []
        self._names: Counter[str] = Counter()
        self._count = 0
        #: Where the last CDATA section begins and ends. To HTML it is a comment that ends at the first bracket.
        self._section = 0, 0
        #: Where the last end tag of the body is, and where text before it would be visible.
        self._end_of_body: int | None = None
        self._place: int | None = None

    def end(self) -> int | None:
        at: int | None = 0
        while at is not None:
            found = _MARKUP.search(self._text, at)
            if found is None:
                break
            if self._text[at : found.start()].strip():
                self._close_head()
            at = self._markup(found.start(), found[0][1])
            self._count += 1
            if len(self._open) > _DEEPEST or self._count > _MOST_TAGS:
                return None
        if self._end_of_body is not None:
            return self._place
        return self._place_for(len(self._text))

    def _place_for(self, at: int) -> int | None:
        """The last visible place up to ``at``."""
        hidden = [each for each in self._open if each.hidden]
        if any(each.name in ("html", "body") for each in hidden):
            return None
        begin, end = self._section
        return min([at, *(each.start for each in hidden), *([begin] if at < end else [])])

    def _hide_rest(self, start: int) -> None:
        self._open.append(_Open("", start, hidden=True))

    # ------------------------------------------------------------ markup

    def _markup(self, start: int, kind: str) -> int | None:
        """Read what begins at ``start``. Returns where it ends; ``None`` if everything behind it is hidden."""
        text = self._text
        if kind in "!?":
            return self._declaration(start)
        if kind == "/":
            name = _TAG_NAME.match(text, start + 2)
            if name is None or not name[0][0].isalpha():
                return self._behind(">", start)
            end, _ = self._attributes(name.end())
            if end is None:
                self._hide_rest(start)
                return None
            self._end_tag(name[0].lower(), start)
            return end
        return self._start_tag(start)

    def _behind(self, mark: str, start: int) -> int | None:
        """The place behind the next ``mark``; everything is hidden if there is none."""
        found = self._text.find(mark, start)
        if found < 0:
            self._hide_rest(start)
            return None
        return found + len(mark)

    def _declaration(self, start: int) -> int | None:
        text = self._text
        if text.startswith("<!--", start):
            if text.startswith((">", "->"), start + 4):
                return text.index(">", start) + 1
            found = _COMMENT_END.search(text, start + 4)
            if found is None:
                self._hide_rest(start)
                return None
            return found.end()
        if text.startswith("<![CDATA[", start):
            if start >= self._section[1]:
                closing = text.find("]]>", start)
                self._section = start, len(text) + 1 if closing < 0 else closing + 3
        elif text[start : start + 5].lower() == "<![if":
            # Shown by some programs only.
            self._push(_Open("![", start, hidden=True))
        elif text[start : start + 8].lower() == "<![endif":
            self._pop("![")
        return self._behind(">", start)

    # ------------------------------------------------------------ tags

    def _start_tag(self, start: int) -> int | None:
        text = self._text
        matched = _TAG_NAME.match(text, start + 1)
        assert matched is not None
        name = matched[0].lower()
        end, attributes = self._attributes(matched.end())
        if end is None:
            # A tag without an end isn't shown.
            self._hide_rest(start)
            return None
        if name not in _IN_HEAD and name not in ("head", "html"):
            self._close_head()
        if name == "plaintext":
            self._hide_rest(start)
            return None
        if name == "script":
            return self._behind_script(start, end)
        if name in _RAW:
            return self._behind_raw(name, start, end)
        if name in _VOID or (name in ("svg", "math") and text[end - 2] == "/"):
            return end
        self._imply_ends(name)
        self._push(_Open(name, start, _is_hidden(name, attributes)))
        return end

    def _attributes(self, at: int) -> tuple[int | None, dict[str, str]]:
        """The attributes up to the end of the tag, and where that is; ``None`` if the tag never ends."""
        text, found = self._text, dict[str, str]()
        while True:
            matched = _ATTRIBUTE.match(text, at)
            assert matched is not None
            name, at = matched[1].lower(), matched.end()
            value = ""
            if matched[2] is not None:
                quote = text[at : at + 1]
                if quote and quote in "\"'":
                    closing = text.find(quote, at + 1)
                    if closing < 0:
                        return None, found
                    value, at = text[at + 1 : closing], closing + 1
                else:
                    unquoted = _UNQUOTED.match(text, at)
                    assert unquoted is not None
                    value, at = unquoted[0], unquoted.end()
            if name:
                found.setdefault(name, value)
            if at >= len(text):
                return None, found
            if text[at] == ">":
                return at + 1, found
            if at == matched.start():
                at += 1

    def _behind_raw(self, name: str, start: int, end: int) -> int | None:
        closing = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(self._text, end)
        if closing is None:
            self._hide_rest(start)
            return None
        return self._behind(">", closing.end())

    def _behind_script(self, start: int, end: int) -> int | None:
        """A script may hold others in what looks like a comment in it."""
        commented = nested = False
        for found in _IN_SCRIPT.finditer(self._text, end):
            if found[0] == "<!--":
                commented = True
            elif found[0] == "-->":
                commented = nested = False
            elif not found[1]:
                nested = commented
            elif nested:
                nested = False
            else:
                return self._behind(">", found.end())
        self._hide_rest(start)
        return None

    # ------------------------------------------------------------ open elements

    def _push(self, element: _Open) -> None:
        self._open.append(element)
        self._names[element.name] += 1

    def _close_head(self) -> None:
        if self._names["head"]:
            self._pop("head")

    def _imply_ends(self, name: str) -> None:
        """Close what the start of ``name`` closes."""
        if name in _ENDED_BY_NEXT and self._open and self._open[-1].name == name:
            self._pop(name)

    def _end_tag(self, name: str, start: int) -> None:
        if name in ("body", "html"):
            if name == "body" or self._end_of_body is None:
                self._end_of_body, self._place = start, self._place_for(start)
            return
        self._pop(name)

    def _pop(self, name: str) -> None:
        """Close the innermost element of that name, with those in it, unless it is out of reach."""
        if not self._names[name]:
            return
        scopes = _TABLE_SCOPES if name in _OF_TABLES else _SCOPES
        index = len(self._open) - 1
        while self._open[index].name != name:
            if self._open[index].name in scopes and name != "![":
                return
            index -= 1
        popped = self._open[index:]
        kept = [
            each for each in popped[1:] if each.hidden and (each.name in _FORMATTING or each.name == "![")
        ]
        self._open[index:] = kept
        for each in popped:
            self._names[each.name] -= 1
        for each in kept:
            self._names[each.name] += 1


def _is_hidden(name: str, attributes: dict[str, str]) -> bool:
    if name in _UNSEEN or "hidden" in attributes or (name in _CLOSED and "open" not in attributes):
        return True
    if "style" not in attributes:
        return False
    style = _STYLE_COMMENT.sub("", html.unescape(attributes["style"]))
    if _HIDING.search(style) is not None:
        return True
    return _FLAT.search(style) is not None and _CLIPPED.search(style) is not None
