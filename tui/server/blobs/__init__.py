"""Documents' bytes, behind one interface: a local folder first."""

from .base import Blobs, Damaged, Discard, Fault
from .local import LocalBlobs

__all__ = ["Blobs", "Damaged", "Discard", "Fault", "LocalBlobs"]
