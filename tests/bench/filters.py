"""How long filters and lists of links take: ``python -m tests.bench.filters [--documents N] [--database-url URL]``.

A folder of N sent documents (100,000) is filtered letter by letter, as somebody types it, and ``sentlinks links`` lists
one of 5,000. The time of a letter is the middle one of several requests, from the client's first byte to its last. The
exit status is 1 if a row fails.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert, select, text

from tests.bench.figures import Row, table
from tests.support.servers.fill_words import WORDS
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tui.rules import names
from tui.rules.sent_filter import source_key
from tui.server.base.keys import new_id
from tui.server.database.tables import sent_documents
from tui.server.installation.installation import open_context
from tui.server.share import links
from tui.server.share.positions import position
from tui.server.share.serializers import recipients_columns

#: Milliseconds that a letter of a filter, and seconds that a list of :data:`LISTED` links may take.
MOST_LETTER, MOST_LIST = 50.0, 1.0
LISTED = 5000
#: What is typed. Some of it many documents fit, some of it few or none.
TYPED = ("warranty", "zzz", "to:anna", "to:nobody", "from:halyard", "from:zz", "is:off", "is:waiting", "is:attacked",
         "deed to:anna is:waiting from:halyard")  # fmt: skip
ROUNDS = 5
_MATTERS = ("Halyard - Share Sale", "Estate of A. Varga", "Brightmere - Collision")
_STATES = (("published", None), ("published", None), ("unpublished", "expired"), ("unpublished", "limit"))
_SOME = 2000
_SENTLINKS = Path(sys.executable).with_name("sentlinks")


async def fill(server: ServerProcess, model: str, count: int) -> None:
    """Writes ``count`` documents like the one with the id ``model`` into its folder."""
    chance = random.Random(1)
    context = await open_context(server.settings)
    try:
        async with context.database.read() as connection:
            row = (await connection.execute(select(sent_documents).where(sent_documents.c.id == model))).one()
        for start in range(0, count, _SOME):
            rows = [_like(context, row, start + each, chance) for each in range(min(_SOME, count - start))]
            async with context.database.write() as connection:
                await connection.execute(insert(sent_documents), rows)
        async with context.database.write() as connection:
            # What both engines do by themselves after a while.
            await connection.execute(text("ANALYZE sent_documents"))
    finally:
        await context.close()


def _like(context: Any, model: Any, number: int, chance: random.Random) -> dict[str, Any]:
    ident = new_id()
    _, address_hash, address_sealed = links.mint(context, ident)
    name = f"{' '.join(chance.sample(WORDS, 4))} {number}.pdf"
    people = [f"{first} Person{chance.randrange(500)} <{first.lower()}{chance.randrange(500)}@example.com>"
              for first in chance.sample(("Anna", "Bob", "Carol", "Dora", "Emil"), chance.randrange(3))]  # fmt: skip
    matter, source = chance.choice(_MATTERS), f"ACTIVE!{number}.1"
    state, reason = chance.choice(_STATES)
    at = model.sent_at + timedelta(seconds=number)
    return {
        **model._asdict(),
        "id": ident,
        "number": model.number * 1_000_000 + number,
        "name": name,
        "name_key": names.key(name),
        "address_hash": address_hash,
        "address_sealed": address_sealed,
        "source": source,
        "matter": matter,
        "source_key": source_key(source, matter),
        **recipients_columns("\n".join(people) or None),
        "collected": state != "published",
        "state": state,
        "reason": reason,
        "downloads": 0 if state == "published" else 1,
        "sent_at": at,
        "position": position(at, 0),
        "key": None,
    }


def letters(server: ServerProcess, folder: str) -> Iterator[Row]:
    """A row for each of :data:`TYPED`: the slowest of its letters."""
    with server.client() as client:
        path = f"/share/v1/folders/{folder}/documents"
        for typed in TYPED:
            words = [typed[:length] for length in range(1, len(typed) + 1)]
            slowest, which = max(
                (_letter(client, path, word), word) for word in words if not word.endswith(":")
            )
            yield Row(f"a letter of {typed}", slowest, MOST_LETTER, "ms", of=f"the slowest is {which!r}")


def _letter(client: httpx.Client, path: str, word: str) -> float:
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        answer = client.get(path, params={"filter": word, "limit": 200})
        taken.append((time.perf_counter() - start) * 1000)
        # The words of a filter that is being typed aren't all known.
        assert answer.status_code in (200, 422), answer.text
    return statistics.median(taken)


def listing(server: ServerProcess, home: Path, *options: str) -> Row:
    """The seconds that the command takes to list the links."""
    environ = {
        **os.environ,
        "SENTLINKS_HOME": str(home),
        "SENTLINKS_SERVER": server.url,
        "SENTLINKS_TOKEN": server.token,
    }
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        done = subprocess.run(
            [_SENTLINKS, "links", *options], env=environ, check=True, stdout=subprocess.PIPE
        )
        taken.append(time.perf_counter() - start)
        assert len(done.stdout.splitlines()) > LISTED
    return Row(f"links {' '.join(options)} of {LISTED:,}", statistics.median(taken), MOST_LIST, "s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--database-url", help="a fresh PostgreSQL database")
    options = parser.parse_args()
    url = options.database_url
    with tempfile.TemporaryDirectory() as folder:
        arguments = ("--database-url", url) if url else ()
        with (
            ServerProcess(Path(folder) / "data", arguments=arguments, database_url=url) as server,
            Sender(server) as me,
        ):
            asyncio.run(fill(server, me.send()["id"], LISTED))
            rows = [listing(server, Path(folder)), listing(server, Path(folder), "--json")]
            asyncio.run(fill(server, me.send()["id"], options.documents))
            rows += letters(server, me.folder)
    print(f"{options.documents:,} documents, {'PostgreSQL' if url else 'SQLite'}")
    print(table(rows))
    return 0 if all(row.passed is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
