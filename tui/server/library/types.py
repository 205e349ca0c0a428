"""Work's names for file types: the ``type`` of a version, and its description."""

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
#: The classes that every library has, with their descriptions.
CLASSES = {"DOC": "Document", "EMAIL": "E-mail", "WEBDOC": "Workspace"}
_DESCRIPTIONS = dict(_TYPES.values())
_BY_TYPE = {alias: extension for extension, (alias, _) in _TYPES.items()} | _EXTENSIONS

#: The class of documents that don't name one.
DEFAULT_CLASS = "DOC"


def type_of(extension: str) -> str:
    """The alias for an extension (without its dot); for an unknown one, the extension itself in capitals."""
    found = _TYPES.get(extension.lower())
    return found[0] if found else extension.upper()


def extension_of(alias: str) -> str:
    """The extension of files of the type; ``""`` if it isn't known."""
    return _BY_TYPE.get(alias.upper(), "")


def type_description(alias: str) -> str:
    """The description of a file type by its alias; an unknown one describes itself."""
    return _DESCRIPTIONS.get(alias, f"{alias} File")


def class_description(name: str) -> str:
    """The description of a document class; an unknown one is spelled with blanks and capitals."""
    return CLASSES.get(name, name.replace("_", " ").title())


def known_types() -> list[tuple[str, str, str]]:
    """Each type's alias, description and file extension, sorted by alias."""
    return sorted((alias, description, extension) for extension, (alias, description) in _TYPES.items())
