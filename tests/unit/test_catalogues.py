"""The languages of the recipients' pages: nothing missing, nothing left over, and formats as in each language."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.catalogues import catalogue, sentences
from tui.server.pages.languages import ENGLISH, NAMES, choose, language

OTHERS = [tag for tag in NAMES if tag != ENGLISH]
MOMENT = datetime(2026, 12, 3, 23, 5, tzinfo=UTC)


@pytest.mark.parametrize("tag", OTHERS)
class TestCatalogue:
    def test_it_has_every_sentence_and_no_other(self, tag: str) -> None:
        """``python -m tests.support.catalogues`` updates the catalogue."""
        held = {str(message.id): str(message.string) for message in catalogue(tag) if message.id}
        assert set(held) == set(sentences())
        assert [message for message, said in held.items() if not said.strip()] == []

    def test_what_is_put_in_stands_there(self, tag: str) -> None:
        for message in catalogue(tag):
            if message.id:
                places = [
                    sorted(re.findall(r"%\(\w+\)s|%", str(text))) for text in (message.id, message.string)
                ]
                assert places[0] == places[1], message.id
                assert "<" not in str(message.string)

    def test_sentences_end_alike(self, tag: str) -> None:
        """A sentence that ends with a full stop or a colon does so in every language."""
        for message in catalogue(tag):
            if str(message.id).endswith(".") and "%(moment)s." not in str(message.id):
                assert str(message.string).endswith((".", "。")), message.id
            if str(message.id).endswith(":"):
                assert str(message.string).endswith((":", "：")), message.id

    def test_the_button_fits(self, tag: str) -> None:
        """At 320 px the button has 246 px for its text: 14 East Asian characters, or 22 of the widest Latin letters."""
        for message in ("Download", "Download again"):
            said = language(tag).text(message)
            assert len(said) <= (14 if tag[:2] in ("ja", "zh") else 26), said


@pytest.mark.parametrize(
    ("wishes", "tag"),
    [
        (None, "en"),
        ("", "en"),
        ("*", "en"),
        ("xx, nb;q=0.9", "en"),
        ("nb, de;q=0.5, fr;q=0.7", "fr"),
        ("de;q=0, it", "it"),
        ("de;q=high, it", "it"),
        ("de-CH", "de"),
        ("DE_at", "de"),
        ("fr-CA,fr;q=0.8,en;q=0.6", "fr"),
        ("es-419", "es"),
        ("nl-BE", "nl"),
        ("pt", "pt-PT"),
        ("pt-AO", "pt-PT"),
        ("pt-PT", "pt-PT"),
        ("pt-BR", "pt-BR"),
        ("ja-JP", "ja"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-MO", "zh-Hant"),
        ("zh-Hant-CN", "zh-Hant"),
        ("zh-Hans-TW", "zh-Hans"),
        ("sr-Latn", "en"),
        ("q" * 10_000, "en"),
        (",;,q=, ;;;", "en"),
    ],
)
def test_the_language_is_the_nearest(wishes: str | None, tag: str) -> None:
    assert choose(wishes).tag == tag


def test_the_one_that_is_wanted_comes_first() -> None:
    assert choose("de", "fr").tag == "fr"
    assert choose("de", "zh-tw").tag == "zh-Hant"
    assert choose("de", "klingon").tag == "de"
    assert choose("de", "").tag == "de"


@pytest.mark.parametrize(
    ("tag", "size", "days", "when"),
    [
        ("en", "3.0 MB (3,000,000 bytes)", "4 December 2026, |3 December 2026, |Berlin", "in 7 days"),
        ("de", "3,0 MB (3.000.000 Byte)", "4. Dezember 2026, |3. Dezember 2026, |Berlin", "in 7 Tagen"),
        ("fr", "3,0 Mo (3 000 000 octets)", "4 décembre 2026, |3 décembre 2026, |Berlin", "dans 7 jours"),
        ("ja", "3.0 MB (3,000,000 バイト)", "2026年12月4日 |2026年12月3日 |ベルリン", "7 日後"),
        ("zh-Hant", "3.0 MB (3,000,000 byte)", "2026年12月4日 |2026年12月3日 |柏林", "7 天後"),
    ],
)
def test_as_each_writes_it(tag: str, size: str, days: str, when: str) -> None:
    t = language(tag)
    local, world, place = days.split("|")
    spaces = str.maketrans({"\u202f": " ", "\xa0": " "})
    assert t.write_size(3_000_000).translate(spaces) == size
    assert t.write_moment(MOMENT, ZoneInfo("Europe/Berlin")) == f"{local}00:05 ({place}; {world}23:05 UTC)"
    assert t.write_when(timedelta(days=7)) == when


def test_a_moment_of_one_day_names_it_once() -> None:
    noon = MOMENT.replace(hour=12)
    assert (
        language("en").write_moment(noon, ZoneInfo("Asia/Tokyo"))
        == "3 December 2026, 21:05 (Tokyo; 12:05 UTC)"
    )
    assert language("en").write_moment(noon) == "3 December 2026, 12:05 UTC"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "in 1 second"),
        (1, "in 1 second"),
        (119, "in 119 seconds"),
        (120, "in 2 minutes"),
        (7200, "in 2 hours"),
        (7201, "in 3 hours"),
        (172_800, "in 2 days"),
        (31_536_000, "in 365 days"),
    ],
)
def test_a_span_is_never_told_too_short(seconds: int, said: str) -> None:
    assert language("en").write_when(seconds) == said
