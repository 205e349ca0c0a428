"""Work's messages: the part of the iManage Work REST API v2 that is read (``work_reading.py``).

Times are timezone-aware, in UTC if the server gives no offset; sizes are in bytes; ``extension`` is in lower case.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

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

#: The activity of a preview, and as a parameter what a client asks for with it.
PREVIEW = "PREVIEW"
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
    # Our own: the text of a version was looked at, which is no use of it.
    PREVIEW: 1001,
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


class WorkMessage(BaseModel):
    """A message of Work. Unknown fields are ignored: there are many that the program has no use for."""

    model_config = ConfigDict(extra="ignore", defer_build=True)


class Library(WorkMessage):
    """``kind`` is ``worksite`` or ``linksite``."""

    id: str
    kind: Text = Field(None, validation_alias=AliasChoices("type", "kind"))
    display_name: Text = None
    is_hidden: Flag = None


class Entry(WorkMessage):
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
    sent_copy: Flag = None

    @property
    def is_sent_copy(self) -> bool:
        """Whether it is a copy in a Secure Sent Links folder. A server that doesn't say so in its searches lists it as
        an external document without a workspace, as long as its link works."""
        if self.sent_copy is not None:
            return self.sent_copy
        return bool(self.is_external) and not (self.workspace_id or self.workspace_name)

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
        """Whether it is a workspace: at the top, in no other container."""
        return self.wstype == "workspace"


class ShortcutTarget(WorkMessage):
    """What a shortcut leads to, by its id."""

    id: str
    wstype: Name = ""
    name: Text = None


class Shortcut(Entry):
    """A shortcut, or (without ``target``) a category that holds some."""

    category_type: Text = None
    target: ShortcutTarget | None = None

    @property
    def is_category(self) -> bool:
        """Whether it holds shortcuts instead of being one."""
        return self.target is None


class Activity(WorkMessage):
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


class Tokens(WorkMessage):
    """The response of the token endpoint. ``expires_in`` is in seconds."""

    access_token: str
    refresh_token: Text = None
    expires_in: Whole = None


class Discovery(WorkMessage):
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
