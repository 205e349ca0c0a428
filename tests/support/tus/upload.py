"""Uploads a file with tuspy: ``python -m tests.support.tus.upload FILE STORAGE OPTIONS``.

STORAGE is a file in which the client notes unfinished uploads; if FILE is one of them, it is resumed. OPTIONS are
``endpoint``, ``headers`` and ``metadata`` as JSON. Prints the upload's address.
"""

from __future__ import annotations

import json
import sys

from tusclient.client import TusClient
from tusclient.storage.filestorage import FileStorage


def main() -> None:
    path, storage, text = sys.argv[1:]
    options = json.loads(text)
    uploader = TusClient(options["endpoint"], options["headers"]).uploader(
        path, metadata=options["metadata"], store_url=True, url_storage=FileStorage(storage)
    )
    uploader.upload()
    print(uploader.url)


if __name__ == "__main__":
    main()
