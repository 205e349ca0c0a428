"""What the server does is recorded in its audit, and reported to no one else."""

from __future__ import annotations

import subprocess
import sys

#: Sends a request to the application in a process that has a tracer, and prints the names of its spans.
SCRIPT = """
import asyncio
import httpx
from opentelemetry import trace
from tui.server.app import application

spans = []

class Tracer(trace.NoOpTracer):
    def start_span(self, name, *args, **more):
        spans.append(name)
        return super().start_span(name, *args, **more)

class Provider(trace.TracerProvider):
    def get_tracer(self, *args, **more):
        return Tracer()

async def ask():
    # Without a database, every request fails.
    transport = httpx.ASGITransport(application(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
        return (await client.get("/share/v1/me")).status_code

trace.set_tracer_provider(Provider())
print(asyncio.run(ask()), spans)
"""


def test_nothing_is_reported_to_a_tracer() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout == "500 []\n"
