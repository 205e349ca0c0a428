"""What CLDR knows of a language, reduced to what the pages use of it: else each language takes a megabyte of the
server, and what is said of all languages together two more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from babel import Locale, localedata
from babel.core import get_global

#: What formats of sizes, times and time spans are made of.
_USED = frozenset(
    (
        "character_order",
        "date_fields",
        "date_formats",
        "datetime_formats",
        "datetime_skeletons",
        "days",
        "decimal_formats",
        "default_numbering_system",
        "locale_id",
        "months",
        "number_symbols",
        "numbering_systems",
        "plural_form",
        "time_zones",
        "zone_formats",
    )
)
_UNITS, _USED_UNITS = "unit_patterns", "digital-"
#: Of what is said of all languages: nothing asks for these. The likely scripts of some languages are kept.
_UNUSED = (
    "all_currencies",
    "currency_fractions",
    "territory_currencies",
    "territory_languages",
    "windows_zone_mapping",
)


def locale(tag: str) -> Locale:
    """The locale with this tag, whose data nobody else shares."""
    found = Locale.parse(tag, sep="-")
    data = localedata.load(str(found))
    for name, values in data.items():
        if isinstance(values, dict) and name not in _USED:
            used = values if name == _UNITS else {}
            data[name] = {key: value for key, value in used.items() if key.startswith(_USED_UNITS)}
    # It takes its data when it is first asked for some. What that was put together from, the others' too, can go then.
    _ = found.character_order
    localedata.clear_caches()
    return found


def keep_only(languages: Iterable[str]) -> None:
    """Of what is said of all languages, keep what is needed for these, such as ``de``. Others get no script then."""
    kept = frozenset(languages)
    likely = cast("dict[str, Any]", get_global("likely_subtags"))
    some = {tag: subtags for tag, subtags in likely.items() if tag.partition("_")[0] in kept}
    # A dictionary gets smaller only when it is empty.
    likely.clear()
    likely.update(some)
    for name in _UNUSED:
        cast("Any", get_global)(name).clear()
