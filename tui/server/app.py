"""The web application: the Work and Share protocols, the recipients' pages, and error handling."""

from __future__ import annotations

import errno
import logging
import warnings
from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.telemetry import TelemetryConfig
from pydantic.warnings import UnsupportedFieldAttributeWarning
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from .. import __version__
from ..override import override
from ..rules.errors import Failed, Problem, Throttled, Unavailable
from .base.disk import ReadOnly, disk_full, no_more_files
from .context import Context, context_of
from .database.tables import installation
from .health.troubles import find_troubles
from .http.proxies import BehindProxies
from .http.trickle import PATH as TRICKLE
from .http.trickle import trickle
from .library.plain_bytes import at_rest
from .library.routing import LanedRoute, at_entrance, in_lane
from .limits.query_limits import Lane
from .pages.routes import ROUTES as PAGES
from .pages.routes import failed, not_found
from .share.answers import problem_answer, what_is_wrong
from .share.hub import Hub
from .share.openapi import allowed, describe, described
from .share.routes import ROUTES as SHARE
from .work.routes import ROUTES as WORK
from .work.routes import error_answer as work_error

log = logging.getLogger("sentlinks")

#: What the paths of the recipients' pages begin with.
_PAGES = ("/s/", "/g/", "/logo")
#: Otherwise a provider that the environment sets up would get paths, and messages of errors: who opened what.
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(context: Context) -> FastAPI:
    """Return the application, set up to serve ``context``."""
    app = application()
    app.state.context = context
    app.state.events = Hub(context)
    return app


class Application(FastAPI):
    """FastAPI serves the protocols. The recipients' pages are an application of their own, with the same state and the
    same handling of errors: passing through FastAPI would take as long as finding a link."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.pages = Starlette(routes=PAGES, middleware=[Middleware(BehindProxies)])
        # It would redirect "/logo/" to an address with the Host header of the request.
        self.pages.router.redirect_slashes = False
        self.pages.state = self.state
        self.pages.exception_handlers = self.exception_handlers

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
        elif scope["path"].startswith(_PAGES):
            await self.pages(scope, receive, send)
        else:
            await self._enter(scope, receive, send)

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        try:
            async with at_entrance(self.state.context, scope):
                await super().__call__(scope, receive, send)
        except Problem as error:
            # The entrance's own: those of routes have been answered.
            response = _error_response(Request(scope), error.http_status, error)
            await response(scope, receive, send)


@cache
def application() -> Application:
    """Return the application of this process, without a context."""
    # FastAPI ignores this warning while it creates its fields; that's too early for models built on first use.
    warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)
    app = Application(
        title="Secure Sent Links: Share",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
    )
    # One flat list: FastAPI makes a copy of each route of an included router, and searches them twice for each request.
    app.router.routes += [*SHARE, *WORK]
    app.add_middleware(BehindProxies)

    app.router.route_class = LanedRoute

    @app.get("/healthz", include_in_schema=False)
    @in_lane(Lane.GUESTS)
    async def healthz(request: Request) -> dict[str, str]:
        async with context_of(request).database.read() as connection:
            await connection.execute(select(installation.c.id))
        return {"status": "ok", "version": __version__}

    @app.get("/livez", include_in_schema=False)
    @in_lane(Lane.GUESTS)
    async def livez() -> dict[str, str]:
        """Whether this process answers, whatever its database does."""
        return {"status": "ok", "version": __version__}

    app.get(TRICKLE, include_in_schema=False)(in_lane(Lane.GUESTS)(trickle))

    @app.get("/readyz", include_in_schema=False)
    @in_lane(Lane.GUESTS)
    async def readyz(request: Request) -> Response:
        """Whether this server should get requests, and what is wrong with it, even if it should."""
        troubles = await find_troubles(context_of(request))
        stopping = next((each for each in troubles if each.stops), None)
        answer: dict[str, Any] = {"status": stopping.kind if stopping else "ok", "version": __version__}
        if stopping is None:
            answer["at_rest"] = await at_rest(context_of(request))
        if stopping is not None:
            answer["detail"] = stopping.detail
        if troubles:
            answer["troubles"] = [{"id": each.kind, "detail": each.detail} for each in troubles]
        return JSONResponse(answer, 503 if stopping else 200)

    describe(app)

    @app.get("/share/v1/openapi.json", include_in_schema=False)
    @in_lane(Lane.FREE)
    async def description() -> Response:
        return Response(await described(app), media_type="application/json")

    _handle_errors(app)
    return app


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return _error_response(request, error.http_status, error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return _error_response(
            request, 422, Failed("request.invalid", what_is_wrong(error.errors(), "The request"))
        )

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        phrase = HTTPStatus(error.status_code).phrase
        code = phrase.lower().replace(" ", "_").replace("-", "_")
        response = _error_response(request, error.status_code, Failed(code, f"{phrase}."))
        response.headers.update(error.headers or {})
        if error.status_code == 405 and request.url.path.startswith("/share/"):
            response.headers["Allow"] = allowed(app, request.url.path)
        return response

    @app.exception_handler(ClientDisconnect)
    async def client_disconnected(request: Request, error: ClientDisconnect) -> Response:
        # The client has gone, so no one reads this response.
        return Response(status_code=400)

    @app.exception_handler(SQLAlchemyError)
    @app.exception_handler(OSError)
    async def storage(request: Request, error: Exception) -> Response:
        refused: Problem | None = None
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            refused = no_more_files() if context_of(request).disk.files == 0 else disk_full()
        elif isinstance(error, OSError) and error.errno == errno.EROFS:
            refused = ReadOnly()
        if refused is not None:
            return _error_response(request, refused.http_status, refused)
        return _unexpected(request, error)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        response = _unexpected(request, error)
        # The error is raised again after this, and the connection closed: no request is to follow on it.
        response.headers["Connection"] = "close"
        return response


def _unexpected(request: Request, error: Exception) -> Response:
    # The URL isn't logged: it may contain a secret.
    log.error("a %s request failed unexpectedly", request.method, exc_info=error)
    return _error_response(
        request, 500, Failed("server.error", "Internal server error. The server's log has details.")
    )


def _error_response(request: Request, status: int, error: Problem) -> Response:
    path = request.url.path
    if path == "/work" or path.startswith(("/work/", "/api", "/auth")):
        response: Response = work_error(status, error)
    elif path.startswith("/share/"):
        response = problem_answer(status, error)
    elif path.startswith(("/s/", "/g/")) and (status >= 500 or status in (408, 429)):
        response = failed(request, status)
    elif path.startswith(("/s/", "/g/")) or status == 404:
        response = not_found(request)
    else:
        response = JSONResponse({"detail": error.message, "code": error.code}, status)
    if isinstance(error, Throttled | Unavailable) and error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response
