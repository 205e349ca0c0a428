"""The languages that there are, and which of them a request is answered in.

A language is a gettext catalogue in ``catalogues/``, by its tag. What is missing there is said in English; a test holds
that nothing is.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel import Locale
from babel.core import get_global, parse_locale
from babel.messages.pofile import read_po

from .language import Language

_FOLDER = Path(__file__).parent / "catalogues"
#: By their tags, in the order of the page: what each calls itself. Where a language is written in several countries,
#: the first is for those that have none of their own.
NAMES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "it": "Italiano",
    "nl": "Nederlands",
    "pt-PT": "Português (Portugal)",
    "pt-BR": "Português (Brasil)",
    "ja": "日本語",
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
}
ENGLISH = "en"
#: English is written as in Britain: the day comes before the month.
_LOCALES = {"en": "en-GB"}
_LONGEST_HEADER, _MOST_WISHES = 500, 20


@cache
def language(tag: str) -> Language:
    """The language of one of the :data:`NAMES`."""
    locale = Locale.parse(_LOCALES.get(tag, tag), sep="-")
    sentences = {}
    if tag != ENGLISH:
        with (_FOLDER / f"{tag}.po").open("rb") as file:
            catalogue = read_po(file, locale=tag.replace("-", "_"), abort_invalid=True)
        sentences = {str(message.id): str(message.string) for message in catalogue if message.id}
    return Language(tag, locale, sentences)


def choose(accepted: str | None, wanted: str | None = None) -> Language:
    """The language that is ``wanted``, or the first of an ``Accept-Language`` header; English where none is there."""
    for wish in (wanted or "", *_wishes(accepted or "")):
        if (tag := _match(wish)) is not None:
            return language(tag)
    return language(ENGLISH)


def _wishes(accepted: str) -> list[str]:
    """The tags of the header, the dearest first."""
    wishes = []
    for place, item in enumerate(accepted[:_LONGEST_HEADER].split(",")[:_MOST_WISHES]):
        tag, _, parameter = item.strip().partition(";")
        name, _, value = parameter.strip().partition("=")
        try:
            quality = float(value) if name == "q" else 1.0
        except ValueError:
            continue
        if quality > 0:
            wishes.append((-quality, place, tag.strip()))
    return [tag for _, _, tag in sorted(wishes)]


def _match(wish: str) -> str | None:
    """The tag of ours for ``wish``: the same language and script, and its country where there is a choice."""
    asked = _parts(wish)
    if asked is None:
        return None
    fitting = [tag for tag in NAMES if (_parts(tag) or asked)[:2] == asked[:2]]
    in_its_country = [tag for tag in fitting if asked[2] and (_parts(tag) or asked)[2] == asked[2]]
    return next(iter(in_its_country or fitting), None)


def _parts(tag: str) -> tuple[str, str, str] | None:
    """The language, the script (where the tag has none, the likely one) and the country that the tag names."""
    try:
        name, country, script = parse_locale(tag.replace("_", "-"), sep="-")[:3]
    except ValueError:
        return None
    if script is None:
        likely = get_global("likely_subtags")
        full = likely.get(f"{name}_{country}") or likely.get(name) or name
        script = next((part for part in full.split("_")[1:] if len(part) == len("Latn")), None)
    return name, script or "", country or ""
