"""All that a recipient reads, and how sizes and moments are written, for each language.

A language is one :class:`Texts`, entered in :data:`LANGUAGES` under its tag; :func:`choose` picks by the request's
``Accept-Language``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

_KINDS = {
    "pdf": "pdf",
    **dict.fromkeys(("doc", "docx", "docm", "dot", "dotx", "odt", "rtf"), "text"),
    **dict.fromkeys(("xls", "xlsx", "xlsm", "xlsb", "ods"), "sheet"),
    **dict.fromkeys(("ppt", "pptx", "pptm", "odp"), "slides"),
    **dict.fromkeys(("eml", "msg"), "mail"),
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "tif", "tiff", "bmp", "webp", "heic", "svg"), "picture"),
    **dict.fromkeys(("mp3", "wav", "m4a", "flac", "ogg"), "sound"),
    **dict.fromkeys(("mp4", "mov", "avi", "mkv", "webm", "wmv"), "film"),
    **dict.fromkeys(("zip", "7z", "rar", "gz", "tgz", "tar", "bz2", "xz"), "archive"),
    **dict.fromkeys(("txt", "md", "log"), "plain"),
    **dict.fromkeys(("csv", "tsv"), "table"),
    **dict.fromkeys(("htm", "html", "xhtml"), "web"),
}


@dataclass(frozen=True)
class Texts:
    """The texts of one language. ``{sender}``, ``{wait}`` and ``{moment}`` stand for what is put in."""

    lang: str
    product: str
    # The page of a link
    sent_by: str
    kind: str
    size: str
    sender: str
    expires: str
    never: str
    download: str
    counts: str
    press: str
    # Where there is a password
    protected: str
    asks: str
    password: str
    hint: str
    error: str
    wrong: str
    missing: str
    wait: str
    early: str
    busy: str
    # After the button was pressed
    started: str
    started_how: str
    again: str
    again_until: str
    #: For a program; a command follows.
    command: str
    # What does not work
    not_found: str
    could_not_find: str
    throttled: str
    come_again: str
    too_large: str
    too_large_why: str
    failed: str
    failed_why: str
    back: str
    # How things are written
    kinds: Mapping[str, str]
    unknown_kind: Callable[[str], str]
    write_size: Callable[[int], str]
    write_moment: Callable[[datetime], str]
    write_wait: Callable[[int], str]

    def kind_of(self, extension: str) -> str:
        """What a file with that extension (without its dot) is called."""
        key = _KINDS.get(extension.lower())
        return self.kinds[key] if key else self.unknown_kind(extension.upper())


def _english_size(size: int) -> str:
    if size == 1:
        return "1 byte"
    exact = f"{size:,} bytes"
    if size < 1000:
        return exact
    amount, units = size / 1000, ["kB", "MB", "GB", "TB"]
    while amount >= 999.5 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{amount:.1f} {units[0]} ({exact})" if amount < 10 else f"{amount:.0f} {units[0]} ({exact})"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _english_moment(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M} UTC"


def _english_wait(seconds: int) -> str:
    if seconds >= 3600:
        number, unit = -(-seconds // 3600), "hour"
    elif seconds >= 60:
        number, unit = -(-seconds // 60), "minute"
    else:
        number, unit = seconds, "second"
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


ENGLISH = Texts(
    lang="en",
    product="Secure Sent Links",
    sent_by="{sender} has sent you a document",
    kind="Type",
    size="Size",
    sender="Sent by",
    expires="Available until",
    never="No expiration date",
    download="Download",
    counts="Pressing the button counts as one download.",
    press="Nothing was downloaded yet. Press the button to download the document.",
    protected="A password is needed",
    asks="The document behind this link is protected. Enter its password to download it.",
    password="Password",  # noqa: S106
    hint="The sender gives it to you separately, not together with the link.",
    error="Error",
    wrong="That is not the right password. Check it, and try again.",
    missing="Enter the password to download the document.",
    wait="The next try is possible in {wait}.",
    early="Too many attempts. This password was not checked. Try again in {wait}.",
    busy="Too many passwords are being checked. Yours was not checked. Try again in {wait}.",
    started="Download started",
    started_how="If nothing happens, download the document again.",
    again="Download again",
    again_until="Downloading it again is not counted. Possible until {moment}.",
    command=(
        "Counted as one download. This command fetches the document. If it breaks off, run it again and it goes on "
        "where it stopped. Possible until {moment}."
    ),
    not_found="Not Found",
    could_not_find=(
        "Could not find the item you are looking for. It may have been deleted, "
        "or you may no longer have access to it."
    ),
    throttled="Too many requests",
    come_again="Other requests are fetching this document. Try again in {wait}.",
    too_large="That was too much",
    too_large_why="What was sent to this page is larger than any password. Go back, and try again.",
    failed="Something went wrong",
    failed_why="The document cannot be given out just now. Please try again later, or tell the sender.",
    back="Back to the link",
    kinds={
        "pdf": "PDF document",
        "text": "Text document",
        "sheet": "Spreadsheet",
        "slides": "Presentation",
        "mail": "E-mail message",
        "picture": "Picture",
        "sound": "Sound recording",
        "film": "Video",
        "archive": "Archive",
        "plain": "Plain text",
        "table": "Table (text)",
        "web": "Web page",
    },
    unknown_kind=lambda extension: f"{extension} file" if extension else "File",
    write_size=_english_size,
    write_moment=_english_moment,
    write_wait=_english_wait,
)

LANGUAGES: dict[str, Texts] = {"en": ENGLISH}


def choose(accepted: str | None) -> Texts:
    """The texts for an ``Accept-Language`` header; English where none of its languages is there."""
    wishes = []
    for place, item in enumerate((accepted or "")[:500].split(",")[:20]):
        tag, _, parameter = item.strip().partition(";")
        name, _, value = parameter.strip().partition("=")
        try:
            quality = float(value) if name == "q" else 1.0
        except ValueError:
            continue
        if quality > 0:
            wishes.append((-quality, place, tag.strip().lower()))
    for _, _, tag in sorted(wishes):
        for known in (tag, tag.partition("-")[0]):
            if known in LANGUAGES:
                return LANGUAGES[known]
    return ENGLISH
