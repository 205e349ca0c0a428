"""Documents' bytes, behind one interface: a local folder first."""

from .base import Blobs
from .local import LocalBlobs

__all__ = ["Blobs", "LocalBlobs"]
