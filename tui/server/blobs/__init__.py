"""Documents' bytes, behind one interface: a local folder first."""

from .base import Blobs, Discard
from .local import LocalBlobs

__all__ = ["Blobs", "Discard", "LocalBlobs"]
