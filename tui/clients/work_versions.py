"""Versions of Work's documents, as the questions before a send ask about them."""

from __future__ import annotations

from ..rules.versions import Version
from ..wire.work import Document


def version_of(document: Document) -> Version:
    """The version's fields that the questions before a send need."""
    return Version(
        id=document.id,
        number=document.document_number or 0,
        version=document.version or 1,
        name=document.file_name,
        checked_out_by=_holder(document),
        checked_out_at=document.checkout_date,
        edited_at=document.edit_date,
        author=document.author or "",
        comment=document.comment or "",
    )


def _holder(document: Document) -> str | None:
    if document.checked_out_by is None:
        return None
    return document.in_use_by_description or document.checked_out_by or "somebody"
