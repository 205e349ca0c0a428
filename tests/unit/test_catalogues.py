"""The languages of the recipients' pages: nothing missing, nothing left over, and formats as in each language."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from tests.support.pages.catalogues import catalogue, english, forms, sentences
from tui.server.pages.language import categories_of
from tui.server.pages.languages import ENGLISH, NAMES, choose, language

OTHERS = [tag for tag in NAMES if tag != ENGLISH]
MILLION = 1_000_000
MOMENT = datetime(2026, 12, 3, 23, 5, tzinfo=UTC)


@pytest.mark.parametrize("tag", OTHERS)
class TestCatalogue:
    def test_it_has_every_sentence_and_no_other(self, tag: str) -> None:
        """``python -m tests.support.pages.catalogues`` updates the catalogue."""
        held = {message.id: forms(message) for message in catalogue(tag) if message.id}
        assert set(held) == set(sentences())
        assert [message for message, said in held.items() if not all(map(str.strip, said))] == []

    def test_a_number_has_each_form_of_the_language(self, tag: str) -> None:
        """The categories of CLDR, as the catalogue's own rule for plurals orders them."""
        locale = Locale.parse(tag, sep="-")
        for message in catalogue(tag):
            if isinstance(message.id, tuple):
                assert len(forms(message)) == len(categories_of(locale)) == catalogue(tag).num_plurals

    def test_what_is_put_in_stands_there(self, tag: str) -> None:
        for message in catalogue(tag):
            if message.id:
                for form in forms(message):
                    places = [sorted(re.findall(r"%\(\w+\)s|%", text)) for text in (english(message), form)]
                    assert places[0] == places[1], message.id
                    assert "<" not in form

    def test_sentences_end_alike(self, tag: str) -> None:
        """A sentence that ends with a full stop or a colon does so in every language."""
        for message in catalogue(tag):
            for end, others in ((".", "。"), (":", "：")):
                if english(message).endswith(end) and not english(message).endswith("%(moment)s."):
                    assert all(form.endswith((end, others)) for form in forms(message)), message.id

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


BERLIN = ZoneInfo("Europe/Berlin")
#: Blanks that don't break lines are blanks here.
SPACES = str.maketrans({"\u202f": " ", "\xa0": " "})


#: A language, a size, a moment in Berlin, and the second line of an expiry.
EXAMPLES = (
    ("en", "3.0 MB (3,000,000 bytes)", "7 December 2026, 21:22 (Berlin)", "20:22 UTC, in 7 days"),
    ("de", "3,0 MB (3.000.000 Byte)", "7. Dezember 2026, 21:22 (Berlin)", "20:22 UTC, in 7 Tagen"),
    ("fr", "3,0 Mo (3 000 000 octets)", "7 décembre 2026 à 21:22 (Berlin)", "20:22 UTC, dans 7 jours"),
    (
        "es",
        "3,0 MB (3.000.000 bytes)",
        "7 de diciembre de 2026, 21:22 (Berlín)",
        "20:22 UTC, dentro de 7 días",
    ),
    ("it", "3,0 MB (3.000.000 byte)", "7 dicembre 2026, 21:22 (Berlino)", "20:22 UTC, tra 7 giorni"),
    ("nl", "3,0 MB (3.000.000 byte)", "7 december 2026, 21:22 (Berlijn)", "20:22 UTC, over 7 dagen"),
    (
        "pt-PT",
        "3,0 MB (3 000 000 bytes)",
        "7 de dezembro de 2026 às 21:22 (Berlim)",
        "20:22 UTC, dentro de 7 dias",
    ),
    (
        "pt-BR",
        "3,0 MB (3.000.000 bytes)",
        "7 de dezembro de 2026 às 21:22 (Berlim)",
        "20:22 UTC, em 7 dias",
    ),
    ("ja", "3.0 MB（3,000,000バイト）", "2026年12月7日 21:22（ベルリン）", "20:22 UTC、7日後"),
    ("zh-Hans", "3.0 MB（3,000,000字节）", "2026年12月7日 21:22（柏林）", "20:22 UTC，7天后"),
    ("zh-Hant", "3.0 MB（3,000,000位元組）", "2026年12月7日 21:22（柏林）", "20:22 UTC，7天後"),
)


@pytest.mark.parametrize(("tag", "size", "moment", "in_utc"), EXAMPLES, ids=list(NAMES))
def test_as_each_writes_it(tag: str, size: str, moment: str, in_utc: str) -> None:
    """Sizes and times as in that language: the order, the brackets and the blanks, and a word for each unit."""
    t, evening = language(tag), datetime(2026, 12, 7, 20, 22, tzinfo=UTC)
    assert t.write_size(3_000_000).translate(SPACES) == size
    local, world = t.write_moment_in_parts(evening, BERLIN)
    assert local == moment
    assert t.join(world, t.write_when(timedelta(days=7))) == in_utc
    assert t.write_moment(evening, BERLIN) == f"{moment} · 20:22 UTC"


@pytest.mark.parametrize(
    ("tag", "first"),
    [
        ("en", "1 December 2026"),
        ("de", "1. Dezember 2026"),
        ("fr", "1er décembre 2026"),
        ("it", "1º dicembre 2026"),
        ("pt-PT", "1 de dezembro de 2026"),
        ("pt-BR", "1º de dezembro de 2026"),
        ("ja", "2026年12月1日"),
    ],
)
def test_the_first_day_of_a_month(tag: str, first: str) -> None:
    assert language(tag).write_moment(datetime(2026, 12, 1, 12, tzinfo=UTC)).startswith(first)
    other = language(tag).write_moment(datetime(2026, 12, 11, 12, tzinfo=UTC))
    assert not re.search("1(er|º)", other)


def test_a_moment_of_another_day_in_utc_has_both_days() -> None:
    late = datetime(2026, 12, 3, 23, 5, tzinfo=UTC)
    assert (
        language("en").write_moment(late, BERLIN)
        == "4 December 2026, 00:05 (Berlin) · 3 December 2026, 23:05 UTC"
    )
    assert (
        language("ja")
        .write_moment(late, BERLIN)
        .startswith("2026年12月4日 00:05（ベルリン） · 2026年12月3日")
    )


def test_a_moment_of_one_day_names_it_once() -> None:
    noon = MOMENT.replace(hour=12)
    assert (
        language("en").write_moment(noon, ZoneInfo("Asia/Tokyo"))
        == "3 December 2026, 21:05 (Tokyo) · 12:05 UTC"
    )
    assert language("en").write_moment(noon) == "3 December 2026, 12:05 UTC"
    assert language("en").write_moment_in_parts(noon)[1] == ""


@pytest.mark.parametrize(
    ("tag", "count", "said"),
    [
        ("en", 1, "You can download it 1 more time."),
        ("en", 2, "You can download it 2 more times."),
        ("en", MILLION, "You can download it 1,000,000 more times."),
        ("de", 1, "Sie können das Dokument noch 1-mal herunterladen."),
        ("de", 1200, "Sie können das Dokument noch 1.200-mal herunterladen."),
        ("fr", 1, "Vous pouvez encore télécharger le document 1 fois."),
        ("fr", 2, "Vous pouvez encore télécharger le document 2 fois."),
        ("fr", MILLION, "Vous pouvez encore télécharger le document 1 000 000 de fois."),
        ("es", 1, "Puede descargar el documento 1 vez más."),
        ("es", 21, "Puede descargar el documento 21 veces más."),
        ("es", MILLION, "Puede descargar el documento 1.000.000 de veces más."),
        ("it", 1, "Può scaricare il documento ancora 1 volta."),
        ("it", 2, "Può scaricare il documento ancora 2 volte."),
        ("it", MILLION, "Può scaricare il documento ancora 1.000.000 di volte."),
        ("nl", 1, "U kunt het document nog 1 keer downloaden."),
        ("pt-PT", 1, "Pode transferir o documento mais 1 vez."),
        ("pt-PT", 2, "Pode transferir o documento mais 2 vezes."),
        ("pt-BR", 1, "Você pode baixar o documento mais 1 vez."),
        ("pt-BR", MILLION, "Você pode baixar o documento mais 1.000.000 de vezes."),
        ("ja", 2, "あと2回ダウンロードできます。"),
        ("zh-Hans", 2, "您还可以下载2次。"),
        ("zh-Hant", 2, "您還可以下載2次。"),
    ],
)
def test_numbers_of_things(tag: str, count: int, said: str) -> None:
    sentence = language(tag).plural(
        "You can download it %(count)s more time.", "You can download it %(count)s more times.", count
    )
    assert sentence.translate(SPACES) == said


#: What a reader of each language found wrong, and what it says instead.
SAID = [
    ("de", "Word document", "Word-Dokument"),
    ("de", "CSV table", "CSV-Tabelle"),
    ("de", "Audio file", "Audiodatei"),
    ("de", "The password is not correct. Check it, and try again.", "Das Passwort stimmt nicht."),
    ("fr", "Spreadsheet", "Classeur"),
    ("fr", "Downloading it again is not counted. Available until %(moment)s.", "Disponible jusqu’à"),
    ("es", "The file's SHA-256 checksum is:", "suma de verificación"),
    ("es", "The server is busy. Your password was not checked. Try again %(when)s.", "ocupado"),
    ("it", "Downloading it again is not counted. Available until %(moment)s.", "Disponibile fino a"),
    ("nl", "Too many requests", "verzoeken"),
]
COMPARE = "Compare it with the checksum of your copy. These commands show it on your computer:"
SAID += [
    ("nl", COMPARE, "Met deze opdrachten ziet u de waarde op"),
    ("pt-PT", COMPARE, "Estes comandos mostram-no"),
    ("pt-BR", COMPARE, "Estes comandos o mostram"),
]


@pytest.mark.parametrize(("tag", "message", "said"), SAID)
def test_what_readers_corrected(tag: str, message: str, said: str) -> None:
    assert message in sentences()
    assert said in language(tag).gettext(message)


@pytest.mark.parametrize("tag", ["ja", "zh-Hans", "zh-Hant"])
def test_east_asian_sentences(tag: str) -> None:
    """Their marks are of full width, and there is no blank next to a time span."""
    for message in catalogue(tag):
        if message.id:
            text = "".join(forms(message))
            assert not re.search(r" %\((when|count)\)s|%\((when|count)\)s ", text), text
            assert not re.search(r"[(),.:;?!]", re.sub(r"%\(\w+\)s", "", text)), text


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
