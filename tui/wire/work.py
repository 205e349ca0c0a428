"""Work's messages: the part of the iManage Work REST API v2 that is read.

Servers differ. Unknown keys are ignored, missing ones are ``None``, and a value of the wrong type counts as missing,
so that one odd entry never hides a whole list. Times are timezone-aware, in UTC if the server gives no offset; sizes
are in bytes; ``extension`` is in lower case.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

#: Work's codes for activities in the history.
ACTIVITY_CODES = {
    "LAUNCH": 0,
    "VIEW": 1,
    "CHECKOUT": 2,
    "CHECKIN": 3,
    "PROFILEEDIT": 4,
    "CLOSE": 5,
    "NEWDOCUMENT": 6,
    "NEWDOCVER": 7,
    "SECURITYCHANGE": 8,
    "COPYDOC": 9,
    "PRINT": 10,
    "MAIL": 11,
    "DELETE": 13,
    "RELEASE": 17,
    "EXPORT": 18,
    "MODIFY": 19,
    "SHARED": 60,
    "SHARE_EXPIRATION_MODIFIED": 61,
    "SHARE_REVOKED": 62,
}

#: The path of the calls on servers whose discovery doesn't include it.
USUAL_PATH = "/work/api/v2"

#: The ``view_type`` of shared folders, such as the Secure Sent Links folders.
SHARE_VIEW = "imanage_share"


def _lenient(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, int | float) else None


def _name(value: Any) -> str:
    return _text(value) or ""


def _moment(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    found = _lenient(value, handler)
    return found.replace(tzinfo=UTC) if isinstance(found, datetime) and found.tzinfo is None else found


# A value of the right type is accepted without further validation, because lists have thousands of them.
_AT_ONCE = Field(union_mode="left_to_right")
Text = Annotated[StrictStr | Annotated[str | None, PlainValidator(_text)], _AT_ONCE]
Name = Annotated[StrictStr | Annotated[str, PlainValidator(_name)], _AT_ONCE]
Whole = Annotated[StrictInt | Annotated[int | None, WrapValidator(_lenient)], _AT_ONCE]
Flag = Annotated[StrictBool | Annotated[bool | None, WrapValidator(_lenient)], _AT_ONCE]
Moment = Annotated[datetime | None, WrapValidator(_moment)]

# A document's id ends in its number and version. Longer numbers aren't read: Python refuses very long ones.
_ID_PARTS, _MOST_DIGITS = 2, 18


class Message(BaseModel):
    model_config = ConfigDict(extra="ignore", defer_build=True)


class Library(Message):
    """``kind`` is ``worksite`` or ``linksite``."""

    id: str
    kind: Text = Field(None, validation_alias=AliasChoices("type", "kind"))
    display_name: Text = None
    is_hidden: Flag = None


class Entry(Message):
    """What documents, containers and shortcuts have in common. ``wstype`` is in lower case."""

    id: str
    name: Name = ""
    wstype: Name = ""
    database: Text = None
    description: Text = None
    parent_id: Text = None
    workspace_id: Text = None
    workspace_name: Text = None
    edit_date: Moment = None
    activity_date: Moment = None
    default_security: Text = None
    effective_security: Text = None
    is_external: Flag = None


class Document(Entry):
    """A version of a document. ``name`` is without the extension."""

    document_number: Whole = None
    version: Whole = None
    extension: Name = ""
    type: Text = None
    size: Whole = None
    checksum: Text = None
    document_class: Text = Field(None, validation_alias=AliasChoices("class", "document_class"))
    class_description: Text = None
    author: Text = None
    author_description: Text = None
    operator: Text = None
    operator_description: Text = None
    last_user: Text = None
    last_user_description: Text = None
    create_date: Moment = None
    file_edit_date: Moment = None
    access: Text = None
    comment: Text = None
    iwl: Text = None
    is_checked_out: Flag = None
    is_in_use: Flag = Field(None, validation_alias=AliasChoices("is_in_use", "in_use"))
    in_use_by: Text = None
    in_use_by_description: Text = None
    checkout_date: Moment = None
    checkout_due_date: Moment = None
    checkout_path: Text = None
    checkout_comment: Text = None
    is_latest: Flag = None
    latest_version: Whole = Field(None, validation_alias=AliasChoices("latest_version", "latest"))

    @property
    def file_name(self) -> str:
        """``Offer.docx``: the name with its extension."""
        tail = f".{self.extension}"
        if not self.extension or self.name.lower().endswith(tail):
            return self.name
        return self.name + tail

    @property
    def checked_out_by(self) -> str | None:
        """The id of the user who has it checked out; ``""`` if it is checked out and the server doesn't say by whom."""
        if self.is_checked_out or (self.is_checked_out is None and self.is_in_use):
            return self.in_use_by or ""
        return None

    @property
    def sha256(self) -> str | None:
        """The digest in lower-case hexadecimal, if the server's checksum is of this kind."""
        kind, _, digits = (self.checksum or "").rpartition(":")
        digits = digits.strip().lower()
        right = kind.strip().upper().replace("-", "") in ("", "SHA256")
        return digits if right and len(digits) == 64 and not set(digits) - set("0123456789abcdef") else None


class Container(Entry):
    """A workspace or a folder."""

    folder_type: Text = None
    view_type: Text = None
    owner: Text = None
    owner_description: Text = None
    has_documents: Flag = None
    has_subfolders: Flag = None
    share_id: Text = Field(None, validation_alias=AliasChoices("imanage_share_eid", "share_id"))

    @property
    def is_workspace(self) -> bool:
        return self.wstype == "workspace"

    @property
    def is_share(self) -> bool:
        """Whether it is a shared folder, such as a Secure Sent Links folder."""
        return (self.view_type or "").lower() == SHARE_VIEW


class Target(Message):
    """The target of a shortcut."""

    id: str
    wstype: Name = ""
    name: Text = None


class Shortcut(Entry):
    """A shortcut, or (without ``target``) a category that holds some."""

    category_type: Text = None
    target: Target | None = None

    @property
    def is_category(self) -> bool:
        return self.target is None


class Activity(Message):
    """An entry of a version's history. ``name`` is Work's own term, such as ``EXPORT``."""

    name: Name = Field("", validation_alias=AliasChoices("activity", "name"))
    code: Whole = Field(None, validation_alias=AliasChoices("activity_code", "code"))
    at: Moment = Field(None, validation_alias=AliasChoices("activity_date", "at"))
    user: Text = None
    user_fullname: Text = None
    version: Whole = None
    document_id: Text = None
    application_name: Text = None
    location: Text = None
    comments: Text = None
    duration: Whole = None


class Tokens(Message):
    """The response of the token endpoint. ``expires_in`` is in seconds."""

    access_token: str
    refresh_token: Text = None
    expires_in: Whole = None


class Discovery(Message):
    """Who the token belongs to, and the base address of the calls: ``url`` is that of ``versions[v2]``. Whatever the
    server omits is empty."""

    customer_id: int = 1
    user_id: Name = ""
    user_name: Text = None
    email: Text = None
    library: Name = ""
    libraries: tuple[str, ...] = ()
    url: str
    dms_version: Text = None


M = TypeVar("M", bound=Message)


def _read(model: type[M], raw: Any) -> M | None:
    if not isinstance(raw, Mapping):
        return None
    # A null value is treated like a missing one.
    present = {key: value for key, value in raw.items() if value is not None}
    for key in ("wstype", "extension"):
        if isinstance(present.get(key), str):
            present[key] = present[key].strip().lower()
    if model is Document and isinstance(present.get("extension"), str):
        present["extension"] = present["extension"].lstrip(".")
    try:
        return model.model_validate(present)
    except ValidationError:
        return None


def document(raw: Any) -> Document | None:
    """Read a document's profile; ``None`` if ``raw`` isn't one. Missing number and version are taken from the id."""
    found = _read(Document, raw)
    if found is None:
        return None
    tail = found.id.rpartition("!")[2].split(".")
    digits = [int(part) for part in tail if part.isascii() and part.isdigit() and len(part) <= _MOST_DIGITS]
    if len(digits) == len(tail) == _ID_PARTS:
        found.document_number = digits[0] if found.document_number is None else found.document_number
        found.version = digits[1] if found.version is None else found.version
    return found


def container(raw: Any) -> Container | None:
    return _read(Container, raw)


def shortcut(raw: Any) -> Shortcut | None:
    """Read a shortcut; ``None`` if ``raw`` isn't one, or its target has no id."""
    if isinstance(raw, Mapping) and raw.get("target") is not None and _read(Target, raw["target"]) is None:
        return None
    found = _read(Shortcut, raw)
    if found is not None and found.target is not None:
        found.target.wstype = found.target.wstype.strip().lower()
    return found


def entry(raw: Any) -> Document | Container | Shortcut | None:
    """Read an entry of a mixed list according to its ``wstype``; ``None`` for an unknown kind."""
    if not isinstance(raw, Mapping):
        return None
    kind = str(raw.get("wstype") or _kind_of(raw)).strip().lower()
    if kind in ("document", "email"):
        return document(raw)
    if kind in ("folder", "workspace", "tab"):
        return container(raw)
    if kind.endswith("_shortcut") or kind == "category":
        return shortcut(raw)
    return None


def _kind_of(raw: Mapping[str, Any]) -> str:
    """Guess the ``wstype`` of an entry that has none, from fields that only that kind has."""
    if isinstance(raw.get("target"), Mapping):
        return "folder_shortcut"
    if "." in str(raw.get("id") or "").rpartition("!")[2]:
        return "document"
    return "folder" if "folder_type" in raw or "has_subfolders" in raw else ""


def library(raw: Any) -> Library | None:
    return _read(Library, raw)


def activity(raw: Any) -> Activity | None:
    return _read(Activity, raw)


def tokens(raw: Any) -> Tokens | None:
    return _read(Tokens, raw)


def _mapping(raw: Any, key: str) -> Mapping[str, Any]:
    found = raw.get(key) if isinstance(raw, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _mappings(raw: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = raw.get(key)
    return [part for part in found if isinstance(part, Mapping)] if isinstance(found, list) else []


def discovery(raw: Any) -> Discovery | None:
    """Read a discovery response; ``None`` if ``raw`` isn't one."""
    data = _mapping(raw, "data")
    if not data.keys() & {"user", "work", "versions"}:
        return None
    user, work = _mapping(data, "user"), _mapping(data, "work")
    urls = [version.get("url") for version in _mappings(data, "versions") if version.get("name") == "v2"]
    aliases = [library.get("alias") or library.get("id") for library in _mappings(work, "libraries")]
    names = [name for name in aliases if isinstance(name, str)]
    return _read(
        Discovery,
        {
            "customer_id": user.get("customer_id", 1),
            "user_id": user.get("id"),
            "user_name": user.get("name"),
            "email": user.get("email"),
            "library": work.get("preferred_library") or (names[0] if names else None),
            "libraries": names,
            "url": next((url for url in urls if isinstance(url, str)), USUAL_PATH),
            "dms_version": data.get("dms_version"),
        },
    )


def items(raw: Any) -> list[Any]:
    """The entries of a list, under either ``data.results`` or ``data``."""
    data = raw.get("data") if isinstance(raw, Mapping) else raw
    if isinstance(data, Mapping):
        data = data.get("results")
    return list(data) if isinstance(data, list) else []
