"""What lists consist of: documents and folders of Share and Work, and files of this machine.

``more`` replaces the usual fields.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tui.clients.files import FolderEntry
from tui.wire import folders, share, work, work_reading

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


def sent(**more: Any) -> share.Document:
    """A document in the folder of :func:`folder`."""
    usual: dict[str, Any] = {
        "id": "d1", "work_id": "ACTIVE!9.1", "name": "Offer.pdf", "folder": {"id": "f1", "name": "F"}, "url": None,
        "size": 1234, "sha256": "ab" * 32, "published": True, "reason": None, "has_password": False, "locked": False,
        "expires_at": None, "downloads_permitted": None, "downloads": 2, "last_download_at": None, "sent_at": NOW,
        "source": "ACTIVE!453.2",
    }  # fmt: skip
    return share.Document.model_validate({**usual, **more})


def folder(**more: Any) -> folders.Folder:
    """A Secure Sent Links folder of the user."""
    usual = {"id": "f1", "name": "DJONES - Secure", "work_id": "A!7", "owner": "DJONES", "current": False}
    return folders.Folder.model_validate({**usual, "created_at": NOW, **more})


def paper(**more: Any) -> work.Document:
    """A document in a folder of Work."""
    found = work_reading.document({"id": "ACTIVE!453.2", "name": "Offer", "extension": "docx", **more})
    assert found is not None
    return found


def container(**more: Any) -> work.Container:
    """A folder of Work."""
    found = work_reading.container({"id": "A!1", "wstype": "folder", "name": "Drafts", **more})
    assert found is not None
    return found


def entry(name: str, *, folder: bool = False, usable: bool = True) -> FolderEntry:
    """A file or folder of this machine."""
    entry: Any = SimpleNamespace(
        name=name, path=Path("/x") / name, is_folder=folder, usable=usable, size=5, modified=NOW
    )
    return entry
