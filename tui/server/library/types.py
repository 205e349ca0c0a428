"""Work's names for kinds of files: the ``type`` of a version, and what it is called."""

from __future__ import annotations

_TYPES = {
    "": ("ANSI", "Text"),
    "txt": ("ANSI", "Text"),
    "htm": ("HTML", "HTML Page"),
    "html": ("HTML", "HTML Page"),
    "pdf": ("ACROBAT", "Adobe Acrobat"),
    "bmp": ("BMP", "Bitmap"),
    "xls": ("EXCEL", "Microsoft Excel 97"),
    "xlsx": ("EXCELX", "Microsoft Excel"),
    "gif": ("GIF", "GIF Picture"),
    "jpg": ("JPEG", "JPEG Picture"),
    "jpeg": ("JPEG", "JPEG Picture"),
    "msg": ("MIME", "E-mail"),
    "dxl": ("NOTES", "Lotus Notes"),
    "ppt": ("PPT", "Microsoft PowerPoint 97"),
    "pptx": ("PPTX", "Microsoft PowerPoint"),
    "tif": ("TIFF", "TIFF Picture"),
    "tiff": ("TIFF", "TIFF Picture"),
    "url": ("URL", "Web Address"),
    "doc": ("WORD", "Microsoft Word 97"),
    "docx": ("WORDX", "Microsoft Word"),
    "dotx": ("WORDXT", "Microsoft Word Template"),
    "wpd": ("WPF", "WordPerfect"),
    "xml": ("XML", "XML"),
}
_EXTENSIONS = {"ANSI": "", "TIFF": "tiff", "JPEG": "jpg", "HTML": "html"}
#: The classes that every library has, with what they are called.
CLASSES = {"DOC": "Document", "EMAIL": "E-mail", "WEBDOC": "Workspace"}
_DESCRIPTIONS = dict(_TYPES.values())
_BY_TYPE = {alias: extension for extension, (alias, _) in _TYPES.items()} | _EXTENSIONS

#: The class of documents that name none.
DEFAULT_CLASS = "DOC"


def type_of(extension: str) -> str:
    """The alias for an extension without its dot; one that is not known is its own, in capitals."""
    found = _TYPES.get(extension.lower())
    return found[0] if found else extension.upper()


def extension_of(alias: str) -> str:
    """The extension that files of the type have; ``""`` where it is not known."""
    return _BY_TYPE.get(alias.upper(), "")


def type_description(alias: str) -> str:
    return _DESCRIPTIONS.get(alias, f"{alias} File")


def class_description(name: str) -> str:
    return CLASSES.get(name, name.replace("_", " ").title())


def known_types() -> list[tuple[str, str, str]]:
    """Each type's alias, what it is called, and how files of it end, by alias."""
    return sorted((alias, description, extension) for extension, (alias, description) in _TYPES.items())
