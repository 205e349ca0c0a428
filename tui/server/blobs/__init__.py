"""Storage of documents' bytes: an interface, and its implementation with a local folder."""

from .base import Blobs, Damaged, Discard, Fault, StoredBytes
from .local import LocalBlobs

__all__ = ["Blobs", "Damaged", "Discard", "Fault", "LocalBlobs", "StoredBytes"]
