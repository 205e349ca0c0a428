"""Each setting of a link has an option, and is in what is printed."""

from __future__ import annotations

from pathlib import Path

import click

from tests.support.sends.all_settings import VALUES
from tests.system.command import Client
from tui.cli.send.fields import field_options, option_of
from tui.rules.link_settings import FLAGS
from tui.rules.typed_settings import TYPED
from tui.wire.share import Document

#: What is printed of it, where that isn't the setting itself.
PRINTED = {"password": "has_password"}


@click.command
@field_options()
def command() -> None: ...


def test_it_has_an_option() -> None:
    options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    for name in TYPED:
        assert {f"--{option_of(name)}", f"--{name}-stdin"} & options, name
    for name in FLAGS:
        assert {f"--{option_of(name)}", f"--no-{option_of(name)}"} <= options, name


def test_it_is_in_what_a_send_prints(client: Client, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("content")
    document = client("send", str(tmp_path / "a.txt"), "--json").documents[0]
    for name in VALUES:
        assert PRINTED.get(name, name) in document.keys() & Document.model_fields.keys()
