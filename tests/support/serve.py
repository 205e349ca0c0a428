"""A server process whose clock the tests own: ``python -m tests.support.serve DATA [--sample] [--socket S]``.

The clock is the system's plus the seconds that the file ``DATA.clock`` holds; where that holds ``@`` and a
moment, it stands still there. With ``--fixed-secrets`` addresses and ids are the same at every run, for pictures.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tui.server.__main__ import run
from tui.server.settings import Settings, parse_proxies


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user", default="DJONES")
    parser.add_argument("--socket", type=Path)
    parser.add_argument("--public-url")
    parser.add_argument("--database-url")
    parser.add_argument("--proxies", default="")
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--fixed-secrets", action="store_true")
    options = parser.parse_args()
    if options.fixed_secrets:
        numbers = itertools.count()
        secrets.token_hex = lambda n=16: hashlib.sha256(b"%d" % next(numbers)).hexdigest()[: 2 * (n or 16)]
    offset = options.data.with_name(options.data.name + ".clock")

    def clock() -> datetime:
        try:
            text = offset.read_text()
        except FileNotFoundError:
            text = "0"
        if text.startswith("@"):
            return datetime.fromisoformat(text[1:])
        return datetime.now(UTC) + timedelta(seconds=float(text or "0"))

    seed = None
    if options.sample:
        from tui.sample.load import load as seed
    settings = Settings(
        data=options.data,
        port=options.port,
        user=options.user,
        socket=options.socket,
        public_url=options.public_url,
        database_url=options.database_url,
        proxies=parse_proxies(options.proxies),
    )
    run(settings, clock, seed)


if __name__ == "__main__":
    main()
