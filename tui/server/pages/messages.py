"""Responses to recipients that are a sentence or two: a page for a browser, a line for a program."""

from __future__ import annotations

from fastapi.responses import Response

from .render import message_page, plain_response
from .view import PageView

#: ``Retry-After`` of an unavailable document, in seconds: an administrator has to restore its file.
_RETRY_SECONDS = 60


def _response(
    view: PageView, status: int, heading: str, text: str, *, html: bool, back: bool = False
) -> Response:
    if html:
        return message_page(view, status, heading, text, back=back)
    return plain_response(view, status, f"{heading}: {text}\n")


def not_found(view: PageView, *, html: bool) -> Response:
    """The same response for every link or grant that doesn't exist or is no longer valid."""
    t = view.language
    text = t.text(
        "Could not find the item you are looking for. It may have been deleted, or you may no longer have access to it."
    )
    return _response(view, 404, t.text("Not Found"), text, html=html)


def downloaded(view: PageView) -> Response:
    """The page in place of a download that has ended because all of the document has arrived."""
    t = view.language
    text = t.text(
        "This download is complete and no longer available. Look in your Downloads folder. If you need the document "
        "again, ask the sender."
    )
    return message_page(view, 200, t.text("You have downloaded this"), text)


def throttled(view: PageView, seconds: int, *, html: bool) -> Response:
    """The response if others are fetching the file: when to try again."""
    t = view.language
    text = t.text("Others are downloading this document. Try again %(when)s.", when=t.write_when(seconds))
    response = _response(view, 429, t.text("Too many requests"), text, html=html)
    response.headers["Retry-After"] = str(seconds)
    return response


def too_large(view: PageView, *, html: bool) -> Response:
    """The response to a form that is larger than any password."""
    t = view.language
    heading, text = t.text("The password is too long"), t.text("Go back and try again.")
    return _response(view, 413, heading, text, html=html, back=True)


def failed(view: PageView, status: int, *, html: bool) -> Response:
    """The response if the server can't do something at the moment; its log has the reason."""
    t = view.language
    text = t.text("The document cannot be downloaded right now. Try again later, or contact the sender.")
    response = _response(view, status, t.text("Something went wrong"), text, html=html)
    if status == 503:
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response
