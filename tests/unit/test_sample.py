"""The sample matters: every file opens with a library for its format, and the demo has what it needs."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from xml.etree import ElementTree

import docx
import openpyxl
import pypdf
import pytest
from PIL import Image, ImageChops, ImageStat

from tests.sample_maker.load import CONTENT, load
from tests.sample_maker.model import Matter, Shelf
from tests.support.checks.long import more
from tui import sample
from tui.sample import SampleDocument, SampleFolder, SampleVersion, matters

FILES = Path(sample.__file__).parent / "files"
EMPTY = "Dictation (not yet typed).txt"
FIRST_OF_FILE = {**dict.fromkeys(("docx", "xlsx", "odt", "pptx"), b"PK"), "pdf": b"%PDF-", "png": b"\x89PNG"}
LEAST_WORDS = 60

DOCUMENTS = list(matters().documents())
VERSIONS = [(document, version) for _, document in DOCUMENTS for version in document.versions]


def words_of_pdf(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def words_of_docx(data: bytes) -> str:
    document = docx.Document(io.BytesIO(data))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def words_of_xlsx(data: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return "\n".join(
        " ".join(str(value) for value in row if value is not None)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
    )


def words_of_csv(data: bytes) -> str:
    rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    assert len({len(row) for row in rows}) == 1, "rows of different length"
    return "\n".join(" ".join(row) for row in rows)


def parts_of(data: bytes) -> Iterator[tuple[str, bytes]]:
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    for part in message.iter_attachments():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        assert part.get_content_type() != "application/octet-stream"
        yield str(part.get_filename()), content


def words_of_eml(data: bytes) -> str:
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    for header in ("from", "to", "subject", "date", "message-id"):
        assert message[header]
        assert not message[header].defects
    for address in (*message["from"].addresses, *message["to"].addresses):
        assert address.domain.endswith(".example")
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def words_of_odt(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist()[0] == "mimetype"
        return "\n".join(ElementTree.fromstring(archive.read("content.xml")).itertext())


def words_of_pptx(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        roots = {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist()}
    return "\n".join(
        text
        for name, root in roots.items()
        if name.startswith("ppt/slides/slide")
        for text in root.itertext()
    )


def test_all_relations_of_the_presentation_lead_somewhere() -> None:
    """A program of an office refuses one in which some don't."""
    (data,) = (document.latest.read() for _, document in DOCUMENTS if document.extension == "pptx")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        typed = {
            element.attrib["PartName"].lstrip("/")
            for element in ElementTree.fromstring(archive.read("[Content_Types].xml"))
            if "PartName" in element.attrib
        }
        assert typed == {
            name for name in names if not name.endswith(".rels") and name != "[Content_Types].xml"
        }
        for name in names:
            if name.endswith(".rels"):
                folder = Path(name).parent.parent
                for element in ElementTree.fromstring(archive.read(name)):
                    target = os.path.normpath(folder / element.attrib["Target"])
                    assert target in names, (name, target)


WORDS = {
    "pdf": words_of_pdf,
    "docx": words_of_docx,
    "xlsx": words_of_xlsx,
    "csv": words_of_csv,
    "eml": words_of_eml,
    "txt": lambda data: data.decode(),
    "md": lambda data: data.decode(),
    "odt": words_of_odt,
    "pptx": words_of_pptx,
}


def looks_like_text(words: str, least: int) -> bool:
    """East Asian scripts don't put spaces between words, so two characters count as a word."""
    wide = sum(unicodedata.east_asian_width(char) == "W" for char in words)
    return len(words.split()) + wide / 2 >= least


@pytest.mark.parametrize(
    ("document", "version"), VERSIONS, ids=[version.file.replace("/", "-") for _, version in VERSIONS]
)
def test_opens_and_has_content(document: SampleDocument, version: SampleVersion) -> None:
    data = version.read()
    assert version.size == len(data)
    assert data.startswith(FIRST_OF_FILE.get(document.extension, b""))
    if document.file_name == EMPTY:
        assert data == b""
    elif document.extension == "png":
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            assert min(picture.size) >= 300
            assert max(ImageStat.Stat(picture.convert("L")).stddev) > 8, "nothing is drawn"
    else:
        words = WORDS[document.extension](data)
        assert looks_like_text(words, 20 if document.extension in ("csv", "xlsx") else LEAST_WORDS)
        assert "\ufffd" not in words


@pytest.mark.parametrize(
    "version",
    [pytest.param(version, id=version.file) for _, version in VERSIONS if version.file[-3:] == "eml"],
)
def test_attachments_open(version: SampleVersion) -> None:
    attachments = list(parts_of(version.read()))
    assert attachments
    for name, data in attachments:
        words = WORDS[name.rpartition(".")[2]](data)
        assert looks_like_text(words, 10)
        assert "\ufffd" not in words


def test_versions_of_a_document_differ_and_stay_in_order() -> None:
    for _, document in DOCUMENTS:
        contents = [version.read() for version in document.versions]
        assert len(set(contents)) == len(contents)
        days = [version.days_ago for version in document.versions]
        assert days == sorted(days, reverse=True)
        assert [version.number for version in document.versions] == list(range(1, len(days) + 1))
        if document.extension in WORDS:
            texts = [WORDS[document.extension](content) for content in contents]
            assert len(set(texts)) == len(texts)


def test_no_two_documents_are_alike() -> None:
    contents = [document.latest.read() for _, document in DOCUMENTS]
    assert len(set(contents)) == len(contents)


def test_there_is_enough_of_everything() -> None:
    kinds = Counter(document.extension for _, document in DOCUMENTS)
    few = {"pptx", "odt", "md"}
    assert kinds.keys() == {"pdf", "docx", "xlsx", "eml", "txt", "png", "csv", *few}
    assert min(count for kind, count in kinds.items() if kind not in few) >= 5
    assert kinds.total() >= 72
    assert len(matters().workspaces) >= 5
    versions = [len(document.versions) for _, document in DOCUMENTS]
    assert sum(2 <= count <= 5 for count in versions) >= 10
    assert max(versions) == 5
    depths = {len(path) - 1 for path, _ in DOCUMENTS}
    assert depths >= {0, 1, 2, 3}
    assert 5 <= len(matters().people) <= 7
    assert 8 <= len(matters().recent) <= 12


def test_some_are_checked_out() -> None:
    outs = [document for _, document in DOCUMENTS if document.checked_out]
    by = Counter(document.checked_out.by == "DJONES" for document in outs if document.checked_out)
    assert by == {False: 5, True: 2}
    for document in outs:
        assert document.checked_out
        assert document.checked_out.version == document.latest.number
        assert document.checked_out.days_ago < document.latest.days_ago
        matters().person(document.checked_out.by)


def test_names_are_as_hostile_as_in_life() -> None:
    names = [document.file_name for _, document in DOCUMENTS]
    for forbidden in '\\/:*?"<>|':
        assert any(forbidden in name for name in names)
    assert sum(len(name) > 150 or len(name.encode()) > 255 for name in names) == 3
    assert any(len(name.encode()) > 255 for name in names)
    for script in ("CJK", "GREEK", "CYRILLIC", "ARABIC"):
        assert any(script in unicodedata.name(char, "") for name in names for char in name)
    assert any("\x1b[31m" in name for name in names)
    assert any("\u202e" in name for name in names)
    assert any("\N{CAMERA}" in name for name in names)
    assert any(unicodedata.combining(char) for name in names for char in name)
    assert max(Counter(names).values()) == 2


def test_names_are_unique_in_their_folder() -> None:
    assert len({(path, document.file_name.casefold()) for path, document in DOCUMENTS}) == len(DOCUMENTS)


def test_the_first_screen_is_worth_a_look() -> None:
    first = matters().workspaces[0].folders[0]
    assert 8 <= len(first.documents) <= 14
    assert len({document.extension for document in first.documents}) >= 6
    assert sum(len(document.versions) > 1 for document in first.documents) == 2
    assert [out.by for document in first.documents if (out := document.checked_out)] == ["MKELLER"]
    assert all(document.name.isascii() and document.name.isprintable() for document in first.documents)


def test_every_person_and_path_exists() -> None:
    everything = matters()
    for workspace in everything.workspaces:
        assert everything.person(workspace.owner).email.endswith(".example")
    for document, version in VERSIONS:
        assert everything.person(document.author)
        assert everything.person(version.operator)
    for path in everything.recent:
        assert everything.document(path).versions
    assert len(set(everything.recent)) == len(everything.recent)
    for favorite in everything.favorites:
        assert everything.place(favorite.path).name == favorite.path[-1]
    with pytest.raises(LookupError, match="The sample has no 'Nothing'"):
        everything.place(("Nothing",))
    with pytest.raises(LookupError):
        everything.document((everything.workspaces[0].name, "Deal Documents", "None.pdf"))
    with pytest.raises(LookupError):
        everything.person("NOBODY")


def test_an_empty_folder_is_there() -> None:
    last = matters().workspaces[-1].folders[-1]
    assert last == SampleFolder("Closed 2019", (), ())


def test_every_file_is_used_and_all_are_small() -> None:
    there = {path.relative_to(FILES).as_posix() for path in FILES.rglob("*") if path.is_file()}
    assert there == {version.file for _, version in VERSIONS}
    assert len(VERSIONS) == len(there), "two versions share a file"
    sizes = [version.size for _, version in VERSIONS]
    assert max(sizes) < 20_000
    assert sum(sizes) < 1_000_000
    assert all(version.size for document, version in VERSIONS if document.file_name != EMPTY)


def test_every_text_belongs_to_a_document() -> None:
    written = {path.relative_to(CONTENT).as_posix() for path in CONTENT.rglob("*") if path.suffix != ".toml"}
    slugs = {f"{matter.slug}/{slug}" for matter in load().matters for slug in slugs_of(matter)}
    assert {name.partition(".")[0] for name in written if "/" in name} == slugs


def slugs_of(place: Matter | Shelf) -> Iterator[str]:
    yield from (paper.slug for paper in place.papers)
    for shelf in place.shelves:
        yield from slugs_of(shelf)


def test_the_manifest_has_no_invisible_characters() -> None:
    text = (FILES.parent / "matters.json").read_text("utf-8")
    assert not [char for char in text if unicodedata.category(char) in ("Cf", "Mn", "Cc") and char != "\n"]
    json.loads(text)


def test_the_loader_needs_the_standard_library_only() -> None:
    code = "import sys; from tui.sample import matters; matters(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"docx", "openpyxl", "fpdf", "PIL", "lxml", "pydantic", "textual", "httpx"}
    assert "tests.sample_maker" not in done.stdout.split()


def same(extension: str, one: bytes, two: bytes) -> bool:
    """Whether the content is the same. Bytes may differ if compression or fonts come from another build."""
    if one == two:
        return True
    if extension == "png":
        with Image.open(io.BytesIO(one)) as a, Image.open(io.BytesIO(two)) as b:
            if a.size != b.size:
                return False
            return max(ImageStat.Stat(ImageChops.difference(a.convert("RGB"), b.convert("RGB"))).mean) < 4
    if extension in ("docx", "xlsx", "odt", "pptx"):
        archives = (zipfile.ZipFile(io.BytesIO(data)) for data in (one, two))
        if len({tuple(archive.namelist()) for archive in archives}) != 1:
            return False
    if extension == "eml":
        pairs = zip(parts_of(one), parts_of(two), strict=True)
        for (name, data), (other_name, other) in pairs:
            if name != other_name or not same(name.rpartition(".")[2], data, other):
                return False
    return extension in WORDS and WORDS[extension](one) == WORDS[extension](two)


def made_anew(folder: Path) -> set[str]:
    """The files of a sample that another process makes in ``folder``."""
    command = [sys.executable, "-m", "tests.sample_maker", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@more
def test_made_anew_it_is_the_same(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    made = made_anew(one)
    assert made == {"matters.json", *(f"files/{version.file}" for _, version in VERSIONS)}
    assert (one / "matters.json").read_bytes() == (FILES.parent / "matters.json").read_bytes()
    others = []
    for document, version in VERSIONS:
        data = (one / "files" / version.file).read_bytes()
        assert same(document.extension, data, version.read()), version.file
        if data != version.read():
            others.append(version.file)
    # What libraries of another build make can't be compared byte by byte with what is committed, but with itself.
    if others:
        assert made_anew(two) == made
    for name in others:
        assert (one / "files" / name).read_bytes() == (two / "files" / name).read_bytes(), name
