"""Options that several commands have."""

from __future__ import annotations

import click

no_mouse_option = click.option(
    "--no-mouse", is_flag=True, help="Don't use the mouse in the app; your terminal selects text with it."
)
