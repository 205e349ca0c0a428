"""Settings of links under a name: *client*, *court*. A preset has texts for them, as they are typed in the dialog.

Every setting of :class:`~.link_settings.LinkSettings` can be in one: those of ``TYPED`` and ``FLAGS``, and *to*. Users
have presets in their configuration, administrators in the policy. A preset never has a password, only whether one is to
be made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from .addresses import parse_addresses
from .display import counted
from .errors import InvalidValue, PolicyBreach
from .link_settings import FLAGS, LEFT_OUT, LinkSettings
from .policy import Policy
from .preset_lines import LAST, check_count, check_name, read_lines, written_line
from .sent_text import recipients_text
from .similar import did_you_mean
from .spoken_passwords import made_password
from .text import printable
from .typed_settings import TYPED

#: What a preset says of a password: that one is made, or that there is none.
MAKE, NONE = "make", "none"
ON, OFF = "on", "off"
_YES, _NO = ("make", "on", "yes", "true"), ("none", "off", "no", "false")
_TO = "to"
#: The names of the settings, in the order of the dialog.
SETTINGS: Final = (*TYPED, *FLAGS, _TO)
_LABELS: Final[Mapping[str, str]] = {
    **{name: setting.label for name, setting in TYPED.items()},
    **{name: flag.label for name, flag in FLAGS.items()},
    _TO: "recipients",
}
#: Problems that depend on when a preset is used, not on how it is written.
_OF_THE_TIME = ("expires.past", "expires.too_far")


@dataclass(frozen=True, slots=True)
class Preset:
    """``texts`` are as typed, by the names of the settings, of those that it has."""

    name: str
    texts: Mapping[str, str]

    @property
    def is_last(self) -> bool:
        """Whether it is what was sent with last."""
        return self.name == LAST

    @property
    def line(self) -> str:
        """The preset as a line of text."""
        return written_line(self.name, self.texts)

    @property
    def values(self) -> dict[str, str | int | bool]:
        """What a configuration has for it."""
        return {key: _configured(key, text) for key, text in self.texts.items()}

    def settings(self, rules: Policy, now: datetime, given: LinkSettings | None = None) -> LinkSettings:
        """The ``given`` settings with its own for what they leave out; a password that is to be made is a new one.

        ``now`` is the server's time. Raises :class:`InvalidValue` or :class:`PolicyBreach` for the first of its own
        that links can't have, with a sentence that names it.
        """
        given = given or LinkSettings()
        found: dict[str, Any] = {}
        for key, text in self.texts.items():
            if getattr(given, _attribute(key)) is not LEFT_OUT:
                continue
            try:
                found[_attribute(key)] = _value(key, text, rules, now)
            except InvalidValue as error:
                raise _refused(self, key, error) from error
        return given.over(LinkSettings.of(found, found.pop("password", LEFT_OUT)))

    def summary(self) -> str:
        """What it sets, in a few words: ``made password · 7d · 5 downloads``."""
        parts = [_summary(key, text) for key, text in self.texts.items()]
        return " · ".join(part for part in parts if part) or "nothing"


def _configured(key: str, text: str) -> str | int | bool:
    if key in FLAGS:
        return text == ON
    if key in TYPED and TYPED[key].is_secret:
        return text == MAKE
    return int(text) if key == "downloads" and text.isascii() and text.isdigit() else text


def _attribute(key: str) -> str:
    if key == _TO:
        return "recipients"
    return TYPED[key].attribute if key in TYPED else key


def _value(key: str, text: str, rules: Policy, now: datetime) -> Any:
    if key == _TO:
        return parse_addresses(text)
    if key in FLAGS:
        return text == ON
    setting = TYPED[key]
    if text == NONE:
        value = None
    elif setting.is_secret:
        return made_password(rules)
    else:
        value = setting.parse(text, now)
    if breach := setting.breach(rules, value, now, ()):
        raise breach
    return value


def _refused(preset: Preset, key: str, error: InvalidValue) -> InvalidValue:
    """The same problem as a sentence about a preset; what to do is left out, since nothing was typed."""
    why = error.message.partition(";")[0].rstrip(".")
    why = why[:1].lower() + why[1:] if why.startswith("Your ") else why
    of = "Your last settings are" if preset.is_last else f"The preset “{preset.name}” is"
    message = f"{of} refused for the {_LABELS[key].lower()}: {why}."
    kind = PolicyBreach if isinstance(error, PolicyBreach) else InvalidValue
    return kind(error.code, message, error.field)


def _summary(key: str, text: str) -> str:
    if key in FLAGS:
        return FLAGS[key].label.lower() if text == ON else f"no {FLAGS[key].label.lower()}"
    if key == _TO:
        return f"to {printable(text)}"
    label = {"password": "password", "expires": "expiry", "downloads": "limit"}.get(key, _LABELS[key].lower())
    if text == NONE:
        return f"no {label}"
    if TYPED[key].is_secret:
        return label
    return counted(int(text), "download") if key == "downloads" and text.isdigit() else printable(text)


# ---------------------------------------------------------------- reading


def read_preset(name: str, values: Mapping[str, object], now: datetime) -> Preset:
    """The preset of that name, with values as a configuration has them. Raises :class:`InvalidValue`.

    A date that is past is none of its mistakes: it once wasn't.
    """
    check_name(name)
    return Preset(name, _read(name, values, now))


def read_last(text: str, now: datetime) -> Preset:
    """The settings that were sent with last, from :attr:`Preset.line`. Raises :class:`InvalidValue`."""
    values = next(iter(read_lines(text.replace(f"{LAST}:", "l:", 1)).values()))
    return last_preset(values, now)


def last_preset(values: Mapping[str, object], now: datetime) -> Preset:
    """What was sent with last as a preset. Raises :class:`InvalidValue`."""
    return Preset(LAST, _read(LAST, values, now))


def read_presets(tables: Mapping[str, object], now: datetime) -> tuple[Preset, ...]:
    """The presets of a configuration, a table each. Raises :class:`InvalidValue`."""
    check_count(len(tables))
    found: dict[str, Preset] = {}
    for name, values in tables.items():
        check_name(name)
        if not isinstance(values, dict):
            raise _wrong(name, f"write it as a table, [presets.{name}]")
        if name.casefold() in found:
            raise _wrong(name, "another one has the same name but for capitals; rename it")
        found[name.casefold()] = read_preset(name, values, now)
    return tuple(found.values())


def presets_of(rules: Policy, now: datetime) -> tuple[Preset, ...]:
    """The administrator's presets, without any that this version can't read."""
    found: list[Preset] = []
    for line in rules.presets or ():
        try:
            found += read_presets(read_lines(line), now)
        except InvalidValue:
            continue
    return tuple(found)


def check_presets(rules: Policy, now: datetime) -> None:
    """Raise :class:`InvalidValue` for the first preset of the policy that is wrong, or that breaks the policy."""
    for preset in read_presets(read_lines("\n".join(rules.presets or ())), now):
        preset.settings(rules, now)


def united(own: Sequence[Preset], rules: Policy, now: datetime) -> tuple[Preset, ...]:
    """The user's presets and, after them, those of the administrator that have other names."""
    names = {preset.name.casefold() for preset in own}
    return (*own, *(each for each in presets_of(rules, now) if each.name.casefold() not in names))


def named(name: str, presets: Iterable[Preset]) -> Preset:
    """The preset of that name; whether its letters are capitals makes no difference. Raises :class:`InvalidValue`."""
    known = {preset.name.casefold(): preset for preset in presets}
    if found := known.get(name.strip().casefold()):
        return found
    names = [preset.name for preset in known.values()]
    there = f"There are {', '.join(names)}." if len(names) > 1 else f"There is only {''.join(names)}."
    if not names:
        there = "There are none yet; the guide Presets says how to make one."
    message = f"There is no preset {printable(name[:60])}. {did_you_mean(name, names) or there}"
    raise InvalidValue("preset.unknown", message, "preset")


def _read(name: str, values: Mapping[str, object], now: datetime) -> dict[str, str]:
    for key in values:
        if key not in SETTINGS:
            meant = did_you_mean(key, SETTINGS) or f"There are {', '.join(SETTINGS)}."
            message = f"The preset {name} has no setting {printable(key[:60])}. {meant}"
            raise InvalidValue("preset.unknown_key", message, "preset")
    # In one order, wherever they come from.
    return {key: _reader(key)(name, key, values[key], now) for key in SETTINGS if key in values}


_Reader = Callable[[str, str, object, datetime], str]


def _reader(key: str) -> _Reader:
    if key == _TO:
        return _recipients
    if key in FLAGS:
        return _flag
    return _made_or_none if TYPED[key].is_secret else _typed


def _word(value: object) -> str:
    return str(value).strip().lower()


def _flag(name: str, key: str, value: object, _: datetime) -> str:
    if _word(value) not in (*_YES, *_NO):
        raise _wrong(name, f"{key} is on or off")
    return ON if _word(value) in _YES else OFF


def _made_or_none(name: str, key: str, value: object, _: datetime) -> str:
    if _word(value) not in (*_YES, *_NO):
        raise _wrong(name, f"it keeps no {key}; write {key} = true to have one made")
    return MAKE if _word(value) in _YES else NONE


def _typed(name: str, key: str, value: object, now: datetime) -> str:
    # A date without quotation marks is one to TOML, too.
    text = value.isoformat() if isinstance(value, date) else str(value).strip()
    setting = TYPED[key]
    if value is False or setting.is_none(text):
        return NONE
    if isinstance(value, bool) or not isinstance(value, (str, int, date)) or setting.is_empty(text):
        raise _wrong(name, f"{key} is what you would type, like {setting.example}, or none")
    try:
        setting.parse(text, now)
    except InvalidValue as error:
        if error.code not in _OF_THE_TIME:
            raise _wrong(name, error.message.rstrip(".")) from error
    return text


def _recipients(name: str, key: str, value: object, _: datetime) -> str:
    given = value if isinstance(value, list) else [value]
    texts = [text for text in given if isinstance(text, str)]
    if len(texts) < len(given):
        raise _wrong(name, f"{key} is an address, or a list of them")
    try:
        return recipients_text(parse_addresses(", ".join(texts)))
    except InvalidValue as error:
        raise _wrong(name, error.message.rstrip(".")) from error


def _wrong(name: str, what: str) -> InvalidValue:
    return InvalidValue("preset.value", f"The preset {name}: {what}.", "preset")
