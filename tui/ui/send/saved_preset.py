"""Saving a dialog's settings as a preset of the user's own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from ...config.edited_file import store_preset
from ...rules.errors import InvalidValue
from ...rules.policy import Policy
from ...rules.preset_lines import MOST_LETTERS, check_count, check_name
from ...rules.presets import Preset, presets_of, read_preset
from ..base.prompt import Prompt

if TYPE_CHECKING:
    from ..base.app_screen import AppScreen
    from ..base.screens_app import ScreensApp


async def ask_for_preset(
    screen: AppScreen, texts: Mapping[str, str], policy: Policy, now: datetime
) -> Preset | None:
    """Ask for the name of a preset with these settings; if one of the user's own has it already, whether to replace
    that. Returns ``None`` if the user doesn't want it. Call this from a worker."""
    own = {preset.name.casefold(): preset for preset in screen.app.preferences.presets}
    firms = {preset.name.casefold() for preset in presets_of(policy, now)}

    def checked(name: str) -> Preset:
        check_name(name)
        if name.casefold() in firms:
            raise InvalidValue(
                "preset.taken", f"Your firm has a preset called {name}; choose another name.", "preset"
            )
        same = own.get(name.casefold())
        if same is None:
            check_count(len(own) + 1)
        found = read_preset(same.name if same is not None else name, texts, now)
        found.settings(policy, now)
        return found

    summary = Preset("", texts).summary()
    about = f"Its name, such as client or court. It sets: {summary}. Recipients aren't part of it."
    name: str | None = ""
    while True:
        prompt = Prompt(
            "Save as a preset", about, name or "", keep="Save", most=MOST_LETTERS, loses=False, check=checked
        )
        name = await screen.show_dialog(prompt)
        if name is None:
            return None
        preset = checked(name)
        before = own.get(preset.name.casefold())
        # Back is where the name was typed.
        if before is None or await screen.confirm(
            f"Replace the preset “{preset.name}”?",
            f"Now: {before.summary()}\nThen: {summary}",
            yes="Replace",
            no="Back",
        ):
            return preset


async def keep_preset(app: ScreensApp, preset: Preset) -> None:
    """Save a preset, in place of the one that has its name; in the demo, it lasts until the program ends. Raises
    :class:`Problem`."""
    file = app.preferences.file
    if file is not None and not app.session.demo:
        await asyncio.to_thread(store_preset, file, preset.name, preset.values)
    app.preferences = app.preferences.with_preset(preset)
