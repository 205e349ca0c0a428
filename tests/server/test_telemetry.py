"""What the server does is recorded in its audit, and reported to no one else."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from opentelemetry import trace

from tui.server.app import application


async def test_nothing_is_reported_to_a_tracer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request to the application in a process that has a tracer."""
    spans: list[str] = []

    class Tracer(trace.NoOpTracer):
        def start_span(self, name: str, *args: Any, **more: Any) -> trace.Span:
            spans.append(name)
            return super().start_span(name, *args, **more)

    class Provider(trace.TracerProvider):
        def get_tracer(self, *args: Any, **more: Any) -> trace.Tracer:
            return Tracer()

    monkeypatch.setattr(trace, "_TRACER_PROVIDER", Provider())
    # Without a database, every request fails.
    transport = httpx.ASGITransport(application(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
        assert (await client.get("/share/v1/me")).status_code == 500
    assert spans == []
