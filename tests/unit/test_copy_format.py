"""What copied links look like (D3, T2)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui import config
from tui.config import preferences
from tui.rules.errors import InvalidValue
from tui.terminal.copy_format import CopiedLink, check_format, formatted

LINKS = [
    CopiedLink("Plan.pdf", "https://links.example/s/two"),
    CopiedLink("Offer [2] _draft_.pdf", "https://links.example/s/one"),
]


@pytest.mark.parametrize(
    ("form", "lines"),
    [
        ("links", ["https://links.example/s/two", "https://links.example/s/one"]),
        (
            "names",
            ["Plan.pdf: https://links.example/s/two", "Offer [2] _draft_.pdf: https://links.example/s/one"],
        ),
        (
            "markdown",
            [
                "[Plan.pdf](https://links.example/s/two)",
                "[Offer \\[2\\] \\_draft\\_.pdf](https://links.example/s/one)",
            ],
        ),
        ("- $url ($$)", ["- https://links.example/s/two ($)", "- https://links.example/s/one ($)"]),
        ("${name} <$url>", ["Plan.pdf <https://links.example/s/two>"]),
    ],
)
def test_formats(form: str, lines: list[str]) -> None:
    assert formatted(LINKS, check_format(form, "the test")).split("\n")[: len(lines)] == lines


def test_a_name_is_one_line_and_no_control_character() -> None:
    text = formatted([CopiedLink("a\nb\x1b[2J$url.pdf", "https://x/s/1")], "names")
    assert "\n" not in text
    assert "\x1b" not in text
    assert "$url.pdf: https://x/s/1" in text


def test_an_underscore_in_a_word_is_left_alone() -> None:
    assert formatted([CopiedLink("a_b &amp; c & d.pdf", "u")], "markdown") == "[a_b \\&amp; c & d.pdf](u)"


@pytest.mark.parametrize("form", ["", "Markdown", "$name", "$url $password", "$url $", "${url"])
def test_what_is_no_format(form: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_format(form, "copy_format in /x/config.toml")
    assert "copy_format in /x/config.toml" in refused.value.message
    assert "links, names, markdown" in refused.value.message


def test_the_setting(tmp_path: Path) -> None:
    environ = {"SENTLINKS_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    assert preferences.of(config.load(environ)).copy_format == "links"
    (tmp_path / "config.toml").write_text('copy_format = "$name – $url"\n')
    assert preferences.of(config.load(environ)).copy_format == "$name – $url"
    assert preferences.of(config.load({**environ, "SENTLINKS_COPY_FORMAT": "names"})).copy_format == "names"
    (tmp_path / "config.toml").write_text('copy_format = "html"\n')
    with pytest.raises(InvalidValue, match="copy_format"):
        preferences.of(config.load(environ))
