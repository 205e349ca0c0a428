"""The available languages, and which of them a request is answered in.

A language is a gettext catalogue in ``catalogues/``, named by its tag. Missing sentences are shown in English; a test
makes sure that there are none. The first page imports the library of formats: it takes memory.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .language import Language

_FOLDER = Path(__file__).parent / "catalogues"
#: What each language calls itself, by tag, in the order of the page. If a language has entries for several countries,
#: the first one serves all other countries.
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
#: English uses British formats: the day before the month.
_LOCALES = {"en": "en-GB"}
_MAX_HEADER_LENGTH, _MAX_PREFERENCES = 500, 20
#: Headers whose language is remembered; most browsers send the same few.
_KEPT = 256


@cache
def language(tag: str) -> Language:
    """The language with one of the tags in :data:`NAMES`."""
    from .language import Language
    from .locale_data import keep_only, locale

    keep_only(name.partition("-")[0] for name in NAMES)
    sentences, plurals = {}, {}
    if tag != ENGLISH:
        from babel.messages.pofile import read_po

        with (_FOLDER / f"{tag}.po").open("rb") as file:
            catalogue = read_po(file, locale=tag.replace("-", "_"), abort_invalid=True)
        for message in catalogue:
            if isinstance(message.id, str):
                sentences[message.id] = str(message.string)
            else:
                plurals[message.id[0]] = tuple(message.string or ())
    return Language(tag, locale(_LOCALES.get(tag, tag)), sentences, plurals)


def choose(accepted: str | None, wanted: str | None = None) -> Language:
    """The ``wanted`` language, or the best one for an ``Accept-Language`` header; English if there is none."""
    return _choose((accepted or "")[:_MAX_HEADER_LENGTH], wanted or "")


@lru_cache(_KEPT)
def _choose(accepted: str, wanted: str) -> Language:
    for preference in (wanted, *_preferences(accepted)):
        if (tag := _match(preference)) is not None:
            return language(tag)
    return language(ENGLISH)


def _preferences(accepted: str) -> list[str]:
    """The tags of the header, the most preferred first."""
    preferences = []
    for position, item in enumerate(accepted.split(",")[:_MAX_PREFERENCES]):
        tag, _, parameter = item.strip().partition(";")
        name, _, value = parameter.strip().partition("=")
        try:
            quality = float(value) if name == "q" else 1.0
        except ValueError:
            continue
        if quality > 0:
            preferences.append((-quality, position, tag.strip()))
    return [tag for _, _, tag in sorted(preferences)]


def _match(preference: str) -> str | None:
    """Our tag for ``preference``: the same language and script, and the same country if there is a choice."""
    requested = _parts(preference)
    if requested is None:
        return None
    matching = [tag for tag in NAMES if (_parts(tag) or requested)[:2] == requested[:2]]
    same_country = [tag for tag in matching if requested[2] and (_parts(tag) or requested)[2] == requested[2]]
    return next(iter(same_country or matching), None)


def _parts(tag: str) -> tuple[str, str, str] | None:
    """The language, the script (the likely one if the tag has none) and the country of a tag."""
    from babel.core import get_global, parse_locale

    try:
        name, country, script = parse_locale(tag.replace("_", "-"), sep="-")[:3]
    except ValueError:
        return None
    if script is None:
        likely = get_global("likely_subtags")
        subtags = likely.get(f"{name}_{country}") or likely.get(name) or name
        script = next((part for part in subtags.split("_")[1:] if len(part) == len("Latn")), None)
    return name, script or "", country or ""
