"""Names of file types by extension, in English; the catalogues have the translations."""

from __future__ import annotations

_NAMES = {
    "PDF document": "pdf",
    "Word document": "doc docx docm dot dotx",
    "Text document": "odt rtf",
    "Spreadsheet": "xls xlsx xlsm xlsb ods",
    "Presentation": "ppt pptx pptm odp",
    "E-mail message": "eml msg",
    "Picture": "png jpg jpeg gif tif tiff bmp webp heic svg",
    "Audio file": "mp3 wav m4a flac ogg",
    "Video": "mp4 mov avi mkv webm wmv",
    "Archive": "zip 7z rar gz tgz tar bz2 xz",
    "Plain text": "txt md log",
    "CSV table": "csv",
    "Web page": "htm html xhtml",
}
_KINDS = {extension: name for name, extensions in _NAMES.items() for extension in extensions.split()}
#: All that :func:`kind_of` may return.
KINDS = (*_NAMES, "%(extension)s file", "File")


def kind_of(extension: str) -> str:
    """The name of the file type with ``extension`` (without its dot); it may contain ``%(extension)s``."""
    return _KINDS.get(extension.lower()) or ("%(extension)s file" if extension else "File")
