"""Storage of documents' bytes: an interface, and what they are stored in: a local folder, or an S3 store."""

from .base import NOT_AS_STORED, Blobs, Damaged, Discard, Fault, StoreAway, StoredBytes
from .local import LocalBlobs

__all__ = ["NOT_AS_STORED", "Blobs", "Damaged", "Discard", "Fault", "LocalBlobs", "StoreAway", "StoredBytes"]
