"""The answers to a recipient that are a sentence or two: a page for a browser, a line for a program."""

from __future__ import annotations

from fastapi.responses import Response

from .render import message_page, plain_answer
from .view import View

#: So many seconds are asked for where a document is unavailable: somebody has to put its file back.
_RETRY_SECONDS = 60


def _answer(view: View, status: int, heading: str, text: str, *, html: bool, back: bool = False) -> Response:
    if html:
        return message_page(view, status, heading, text, back=back)
    return plain_answer(view, status, f"{heading}: {text}\n")


def not_found(view: View, *, html: bool) -> Response:
    """The one answer for every link or grant that is not, or no longer, good."""
    t = view.language
    text = t.text(
        "Could not find the item you are looking for. It may have been deleted, or you may no longer have access to it."
    )
    return _answer(view, 404, t.text("Not Found"), text, html=html)


def throttled(view: View, seconds: int, *, html: bool) -> Response:
    """Says when a file can be had that others are fetching."""
    t = view.language
    text = t.text("Others are downloading this document. Try again %(when)s.", when=t.write_when(seconds))
    answer = _answer(view, 429, t.text("Too many requests"), text, html=html)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def too_large(view: View, *, html: bool) -> Response:
    """For a form that is larger than any password."""
    t = view.language
    heading, text = t.text("The password is too long"), t.text("Go back and try again.")
    return _answer(view, 413, heading, text, html=html, back=True)


def failed(view: View, status: int, *, html: bool) -> Response:
    """For what the server cannot do just now; its log says why."""
    t = view.language
    text = t.text("The document cannot be downloaded right now. Try again later, or contact the sender.")
    answer = _answer(view, status, t.text("Something went wrong"), text, html=html)
    if status == 503:
        answer.headers["Retry-After"] = str(_RETRY_SECONDS)
    return answer
