"""Presets in the dialogs: chosen by a key, filled in within the policy, undone, and the settings of the last send."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from tests.support.app.app import put_cursor_on, said, screen_of, screen_text, sent_folder, until
from tests.support.checks.long import more
from tests.support.pictures.scene_start import about_to_send
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.tui.conftest import MakeApp
from tui.config.preferences import Preferences
from tui.locations.location import Location
from tui.rules.presets import read_presets
from tui.ui.base.prompt import Prompt
from tui.ui.base.question import Question
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.preset_choice import PresetChoice
from tui.ui.send.resend import ResendDialog
from tui.ui.send.send import SendDialog
from tui.ui.widgets.button import Button
from tui.ui.widgets.checkbox import Checkbox
from tui.ui.widgets.field import Field

OWN = Preferences(
    presets=read_presets(
        {
            "client": {"password": True, "expires": "7d", "downloads": 5},
            "court": {"expires": "1d", "to": "registry@court.example"},
            "old": {"expires": "2020-01-01"},
        },
        datetime.now(UTC),
    )
)


def value(dialog: SendDialog | ResendDialog, name: str) -> str:
    return dialog.query_one(f"#{name}", Field).value


async def choose(pilot: Pilot[Any], dialog: SendDialog | ResendDialog, wanted: str) -> None:
    """Opens the presets and takes the one whose line begins with that."""
    await pilot.press("ctrl+o")
    found = (await screen_of(pilot, PresetChoice)).query_one(OptionList)
    lines = [str(option.prompt) for option in found.options]
    (index,) = [number for number, line in enumerate(lines) if line.startswith(wanted)]
    dialog.say("")
    await pilot.press(*["down"] * index, "enter")
    await until(pilot, lambda: pilot.app.screen is dialog and told(dialog), "what was done")


def told(dialog: SendDialog | ResendDialog) -> str:
    return said(dialog, "#overall" if isinstance(dialog, SendDialog) else "#said")


async def test_one_is_filled_in_changed_replaced_and_undone(make_app: MakeApp, files: Location) -> None:
    async with make_app(preferences=OWN).run_test(size=(80, 24)) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        await choose(pilot, dialog, "client")
        assert said(dialog, "#overall") == "The preset “client” is filled in; z undoes that."
        made = value(dialog, "password")
        assert len(made.split("-")) == 7
        assert dialog.query_one("#password", Field).password, "others may see the screen"
        assert made not in screen_text(pilot)
        assert (value(dialog, "expires"), value(dialog, "downloads")) == ("7d", "5")
        await until(pilot, lambda: "strong" in screen_text(pilot))
        # What was typed since stays, what wasn't goes with its preset.
        dialog.query_one("#downloads", Field).value = "6"
        await choose(pilot, dialog, "court")
        # Nothing else shows it: the field is empty, as one that never had any.
        assert said(dialog, "#overall") == (
            "The preset “court” is filled in, and the password is removed; z undoes that."
        )
        assert (value(dialog, "password"), value(dialog, "expires"), value(dialog, "downloads")) == (
            "",
            "1d",
            "6",
        )
        assert value(dialog, "to") == "registry@court.example"
        await choose(pilot, dialog, "Undo")
        assert (value(dialog, "password"), value(dialog, "expires"), value(dialog, "to")) == (made, "7d", "")
        await choose(pilot, dialog, "Undo")
        assert (value(dialog, "password"), value(dialog, "expires"), value(dialog, "downloads")) == (
            "",
            "",
            "6",
        )
        await pilot.press("ctrl+o")
        options = (await screen_of(pilot, PresetChoice)).query_one(OptionList).options
        assert not any(str(option.prompt).startswith("Undo") for option in options)
        await pilot.press("escape")
        assert pilot.app.screen is dialog


@more
async def test_one_that_is_not_allowed_changes_nothing(
    make_app: MakeApp, files: Location, policy: Callable[..., None]
) -> None:
    """Also where the policy has changed since the dialog was opened: the server says so, and the dialog knows it from
    then on."""
    async with make_app(preferences=OWN).run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        dialog = await about_to_send(pilot, main, files)
        await choose(pilot, dialog, "old")
        assert said(dialog, "#overall") == (
            "The preset “old” is refused for the expiration date: 2020-01-01 is in the past."
        )
        policy(expires_max="3d", presets="firm: expires=2d")
        await choose(pilot, dialog, "client")
        await pilot.press("ctrl+y")
        await until(pilot, lambda: "3 days at most" in said(dialog, "#overall"))
        dialog.query_one("#expires", Field).value = ""
        await choose(pilot, dialog, "client")
        assert said(dialog, "#overall") == (
            "The preset “client” is refused for the expiration date: your firm lets links last 3 days at most."
        )
        assert value(dialog, "expires") == ""
        await choose(pilot, dialog, "firm")
        assert value(dialog, "expires") == "2d"


async def test_the_settings_of_the_last_send_are_offered(make_app: MakeApp, files: Location) -> None:
    """Also after the app was closed; a password was made anew, and recipients are not taken over."""
    async with make_app().run_test(size=(80, 24)) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files, "space")
        await pilot.press("ctrl+o")
        await screen_of(pilot, PresetChoice)
        assert "No presets yet." in screen_text(pilot)
        await pilot.press("escape")
        dialog.query_one("#expires", Field).value = "2w"
        dialog.query_one("#to", Field).value = "anna@x.example"
        await pilot.press("ctrl+g")
        first = value(dialog, "password")
        await pilot.press("ctrl+y")
        await screen_of(pilot, LinksScreen)
    async with make_app().run_test(size=(80, 24)) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files, "space")
        await choose(pilot, dialog, "Last settings  password · 2w · no limit")
        assert said(dialog, "#overall") == "Your last settings are filled in; z undoes that."
        assert (value(dialog, "expires"), value(dialog, "downloads"), value(dialog, "to")) == (
            "2w",
            "none",
            "",
        )
        assert value(dialog, "password") not in ("", first)
        await choose(pilot, dialog, "Last settings  password · 2w · no limit")
        assert said(dialog, "#overall") == (
            "Your last settings are filled in, with another password; z undoes that."
        )
        # Where the key does nothing, it isn't offered.
        dialog.query_one("#send_now").focus()
        await choose(pilot, dialog, "Last settings  password · 2w · no limit")
        assert said(dialog, "#overall") == "Your last settings are filled in, with another password."


@more
async def test_sending_again_takes_them_and_keeps_the_recipients(
    make_app: MakeApp, three_sent: ServerProcess
) -> None:
    with Sender(three_sent) as me:
        me.request("PATCH", "/policy", json={"presets": ["bare: password=none expires=none to=a@x.de"]})
    async with make_app(preferences=OWN).run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "First.pdf")
        await pilot.press("s")
        dialog = await screen_of(pilot, ResendDialog)
        await choose(pilot, dialog, "client")
        assert (value(dialog, "expires"), value(dialog, "downloads")) == ("7d", "5")
        await choose(pilot, dialog, "bare")
        assert said(dialog, "#said") == (
            "The preset “bare” is filled in, without to, which you can't change here, and the password is removed."
        )
        assert (value(dialog, "password"), value(dialog, "downloads")) == ("", "")
        assert dialog.query_one("#no_password", Checkbox).checked
        assert dialog.query_one("#no_expires", Checkbox).checked
        await choose(pilot, dialog, "Undo")
        assert not dialog.query_one("#no_expires", Checkbox).checked
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not isinstance(pilot.app.screen, ResendDialog))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main or not isinstance(pilot.app.screen, MainScreen))
    with Sender(three_sent) as me:
        sent = {d["name"]: d for d in me.get(f"/folders/{me.folder}/documents")["documents"]}
    assert sent["First.pdf"]["downloads_permitted"] == 5
    assert sent["First.pdf"]["has_password"]


@more
async def test_the_key_undoes_what_was_done_last(make_app: MakeApp, files: Location) -> None:
    """A preset and changes of the rows, in whichever order they came; so does the button."""
    async with make_app(preferences=OWN).run_test(size=(80, 24)) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        before = dialog.state.count
        assert dialog.query_one("#undo", Button).disabled
        await pilot.press("d")
        await choose(pilot, dialog, "client")
        assert value(dialog, "expires") == "7d"
        await pilot.press("z")
        assert (value(dialog, "expires"), dialog.state.count) == ("", before - 1)
        assert said(dialog, "#overall") == "The preset “client” is undone."
        await choose(pilot, dialog, "court")
        await pilot.press("d", "z")
        assert (value(dialog, "expires"), dialog.state.count) == ("1d", before - 1)
        await pilot.press("z")
        assert (value(dialog, "expires"), dialog.state.count) == ("", before - 1)
        await pilot.press("z")
        assert dialog.state.count == before
        await until(pilot, lambda: dialog.query_one("#undo", Button).disabled)
        await pilot.press("z")
        assert said(dialog, "#overall") == "Nothing to undo."
        await choose(pilot, dialog, "court")
        await pilot.click("#undo")
        assert value(dialog, "expires") == ""


async def name_preset(pilot: Pilot[Any], name: str) -> Prompt:
    """Asks to save the settings, and types a name."""
    await pilot.press("ctrl+n")
    prompt = await screen_of(pilot, Prompt)
    await pilot.press(*name, "enter")
    return prompt


async def test_the_settings_are_saved_under_a_name(
    make_app: MakeApp, files: Location, policy: Callable[..., None], tmp_path: Path
) -> None:
    """The rest of the configuration stays; a name of the firm's, or what its policy forbids, is refused."""
    policy(expires_max="9d", presets="firm: expires=2d")
    file = tmp_path / "home" / "config.toml"
    file.parent.mkdir()
    file.write_text('# mine\ntheme = "dark"\n')
    async with make_app(preferences=Preferences(file=file)).run_test(size=(80, 24)) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        dialog.query_one("#expires", Field).value = "10d"
        await pilot.press("ctrl+n")
        await until(pilot, lambda: "9 days at most" in said(dialog, "#overall"))
        assert pilot.app.screen is dialog
        dialog.query_one("#expires", Field).value = "7d"
        dialog.query_one("#to", Field).value = "anna@x.example"
        await pilot.press("ctrl+g")
        prompt = await name_preset(pilot, "Firm")
        assert said(prompt, "#said") == "Your firm has a preset called Firm; choose another name."
        about = str(prompt.query_one(".box > Static", Static).content)
        assert "password · 7d · no limit" in about
        await pilot.press(*["backspace"] * 4, *"last", "enter")
        assert "stands for the settings of your last send" in said(prompt, "#said")
        await pilot.press(*["backspace"] * 4, *"client", "enter")
        await until(pilot, lambda: pilot.app.screen is dialog and "saved" in told(dialog))
        assert told(dialog) == "The preset “client” is saved; ^o offers it."
        written = tomllib.loads(file.read_text())["presets"]["client"]
        assert {**written, "notify": False} == {
            "password": True, "expires": "7d", "downloads": "none", "notify": False,
        }  # fmt: skip
        assert file.read_text().startswith('# mine\ntheme = "dark"\n')
        # Again, it is replaced after a question.
        dialog.query_one("#expires", Field).value = "3d"
        await name_preset(pilot, "CLIENT")
        question = await screen_of(pilot, Question)
        assert question.text[0] == "Replace the preset “client”?"
        dialog.say("")
        # Back is where the name was typed.
        await pilot.press("n")
        prompt = await screen_of(pilot, Prompt)
        assert prompt.query_one(Field).value == "CLIENT"
        await pilot.press("enter")
        await screen_of(pilot, Question)
        await pilot.press("y")
        await until(pilot, lambda: pilot.app.screen is dialog and "saved" in told(dialog))
        assert tomllib.loads(file.read_text())["presets"]["client"]["expires"] == "3d"
        dialog.query_one("#expires", Field).value = "1d"
        await choose(pilot, dialog, "client")
        assert value(dialog, "expires") == "3d"


async def test_saving_is_offered_with_the_presets(make_app: MakeApp, files: Location) -> None:
    """In the demo, or without a file, it lasts until the end; whoever goes back has changed nothing."""
    async with make_app().run_test(size=(80, 24)) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        await pilot.press("ctrl+o")
        await screen_of(pilot, PresetChoice)
        await pilot.press("end", "enter")
        await screen_of(pilot, Prompt)
        await pilot.press("c", "escape")
        await until(pilot, lambda: pilot.app.screen is dialog)
        # By the key that the choice names, too.
        await pilot.press("ctrl+o")
        await screen_of(pilot, PresetChoice)
        await pilot.press("ctrl+n")
        await screen_of(pilot, Prompt)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is dialog)
        app: Any = pilot.app
        assert app.preferences.presets == ()
        await name_preset(pilot, "c")
        await until(pilot, lambda: pilot.app.screen is dialog and app.preferences.presets)
