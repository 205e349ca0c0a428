"""The recipients' pages are put together from pieces that all links share; what is of a link is on its page only."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from jinja2 import Environment

from tui.server.base.firm import Firm
from tui.server.pages.grants import Grant
from tui.server.pages.languages import NAMES, language
from tui.server.pages.programs import link_text
from tui.server.pages.render import Place, link_page, message_page, password_page, started_page
from tui.server.pages.view import PageView, look_of
from tui.server.share.links import Link

NOW = datetime(2026, 12, 3, 23, 5, tzinfo=UTC)
FIRM = Firm()


def view(tag: str = "en", address: str = "https://files.example/s/1") -> PageView:
    return PageView(language(tag), FIRM, look_of(FIRM, ""), NOW, address)


def link(name: str, sender: str, expires_at: datetime | None = None) -> Link:
    return Link("1" * 32, name, 3_000_000, sender, 1, None, expires_at, None)


def text(page: bytes | memoryview) -> str:
    """The page without the id of its press, which is new each time."""
    return re.sub(r'name="press" value="\w+"', "", bytes(page).decode())


@pytest.mark.parametrize("tag", NAMES)
def test_a_page_has_what_is_of_its_link_and_nothing_of_another(tag: str) -> None:
    soon = NOW + timedelta(days=3)
    first = text(link_page(view(tag), link("Offer.pdf", "Greta", soon), "A notice").body)
    second = text(link_page(view(tag, "https://files.example/s/2"), link("Plan.docx", "Hugo")).body)
    again = text(link_page(view(tag), link("Offer.pdf", "Greta", soon), "A notice").body)
    assert first == again
    for of_the_first in ("Offer.pdf", "Greta", soon.isoformat(), "A notice", "/s/1"):
        assert of_the_first in first
        assert of_the_first not in second
    for of_the_second in ("Plan.docx", "Hugo", "/s/2"):
        assert of_the_second in second
        assert of_the_second not in first


def test_the_page_for_a_password_has_its_own_notice() -> None:
    wrong = text(password_page(view(), 403, error="Wrong").body)
    plain = text(password_page(view()).body)
    assert "Wrong" in wrong
    assert 'aria-invalid="true"' in wrong
    assert "Wrong" not in plain
    assert 'aria-invalid="true"' not in plain


@pytest.mark.parametrize("value", ["<b>&\"'", "name", "\x1fsender\x1f", "{{ sender }}", "%(sender)s"])
def test_a_value_is_text(value: str) -> None:
    """Whatever it says; it names no other value either."""
    page = text(link_page(view(), link(value, "Greta")).body)
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    escaped = escaped.replace('"', "&#34;").replace("'", "&#39;")
    assert f"<h1><bdi>{escaped}</bdi></h1>" in page


def test_a_value_with_a_mark_is_text_too() -> None:
    """No name can have one, unless someone wrote it into the database by hand."""
    page = text(link_page(view(), link("a\x1f<b>x</b>.pdf", "</bdi>\x1fGreta")).body)
    assert "<b>" not in page
    assert "</bdi>\x1f" not in page
    assert "a\x1f&lt;b&gt;x&lt;/b&gt;.pdf" in page


def test_what_a_program_gets_steers_no_terminal() -> None:
    """S12: also what was written into the database by hand."""
    told = text(link_text(view(), link("a\x1b[31m.pdf", "Greta\x9b2J"), "https://files.example/s/1").body)
    assert not set(told) & {"\x1b", "\x9b"}
    assert "[31m.pdf" in told


@pytest.mark.parametrize("template", ["{% if name %}x{% endif %}", "{{ name or 'x' }}"])
def test_a_template_does_not_decide_by_a_value(template: str) -> None:
    """It would decide for all links."""
    with pytest.raises(TypeError, match="condition"):
        Environment(autoescape=True).from_string(template).render(name=Place("name"))


def test_each_press_has_an_id_of_its_own() -> None:
    pages = [bytes(link_page(view(), link("Offer.pdf", "Greta")).body).decode() for _ in range(2)]
    assert len({re.findall(r'name="press" value="(\w{32})"', page)[0] for page in pages}) == 2


def test_no_page_shows_a_mark() -> None:
    grant = Grant(
        b"", "", "-a b.pdf", 5, "ab" * 32, "", 0, 0, None, NOW, NOW, 1, None, None, timedelta(hours=1)
    )
    pages = [
        link_page(view(), link("Offer.pdf", "Greta", NOW), "Notice"),
        password_page(view(), error="Wrong", notice="Notice"),
        started_page(view(), grant, "/g/1/a.pdf"),
        message_page(view(), 404, "Heading", "Text", back=True),
    ]
    for page in pages:
        assert b"\x1f" not in bytes(page.body)
        assert (page.headers["content-language"], page.headers["cache-control"]) == (
            "en",
            "private, no-store",
        )
        assert page.headers["content-length"] == str(len(page.body))
