"""Share's addresses, under ``/share/v1``."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/share/v1")
