"""Each setting of a link in the dialogs and in a document's details."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Event
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.worker import WorkerState

from tests.support.app.app import until
from tests.support.sends.all_settings import PASSWORD, VALUES, settings
from tests.support.sends.journals import sent
from tests.tui.conftest import MakeApp
from tui.rules.link_settings import FLAGS, LEFT_OUT, LinkSettings
from tui.rules.password_strength import Strength, strength
from tui.rules.policy import Policy
from tui.rules.typed_settings import FIELD_OF, TYPED
from tui.ui.actions.sent_documents import sent_again
from tui.ui.dialogs.details import sent_details
from tui.ui.send import typed_password
from tui.ui.send.link_settings_fields import SETTING_IDS, LinkSettingsFields
from tui.ui.send.resend import question_about
from tui.ui.widgets.checkbox import Checkbox
from tui.ui.widgets.field import Field

#: What an answer has instead of the setting itself.
ANSWERED: dict[str, dict[str, Any]] = {
    "password": {"has_password": True},
    "recipients": {"recipients": list(VALUES["recipients"])},
}


async def shown(
    pilot: Pilot[Any], *, again: bool = False, first: LinkSettings | None = None
) -> LinkSettingsFields:
    """The fields, with all settings offered."""
    flags = dict.fromkeys(FLAGS, False)
    fields = LinkSettingsFields(Policy(), lambda: datetime.now(UTC), flags=flags, again=again)
    if first is not None:
        fields.begin_with(first, ["set"], has_password=True)
    await pilot.app.screen.mount(fields)
    return fields


@pytest.mark.parametrize("name", VALUES)
def test_details_show_it(name: str) -> None:
    plain = sent("a.txt")
    given = plain.model_copy(update=ANSWERED.get(name, {name: VALUES[name]}))
    now = datetime.now(UTC)
    assert sent_details(given, now) != sent_details(plain, now)


@pytest.mark.parametrize("name", [name for name in VALUES if name != "recipients"])
def test_removing_it_is_asked_for_and_told_if_it_protects(name: str) -> None:
    bare = sent("a.txt")
    protected = bare.model_copy(update=ANSWERED.get(name, {name: VALUES[name]}))
    is_flag = name in FLAGS
    nothing: dict[str, Any] = {name: False if is_flag else None}
    removal = LinkSettings(**nothing)
    if is_flag and not FLAGS[name].protection:
        assert question_about(removal, [protected]) is None
        return
    word = FLAGS[name].protection if is_flag else TYPED[FIELD_OF[name]].protection
    asked = question_about(removal, [protected])
    assert asked is not None
    assert asked[0] == f"Send again without the {word}?"
    assert f", without its {word}, " in sent_again([bare], [protected])
    for kept in (LinkSettings(), LinkSettings(**{name: VALUES[name]})):
        assert question_about(kept, [protected]) is None
    assert question_about(removal, [bare]) is None
    assert " without " not in sent_again([bare], [bare])


async def test_a_send_that_is_resumed_fills_the_fields_with_it(make_app: MakeApp) -> None:
    async with make_app().run_test() as pilot:
        fields = await shown(pilot, first=settings("password"))
        fields.query_one("#password", Field).value = PASSWORD
        found = fields.settings()
        # Times are typed to the minute.
        expires = VALUES["expires_at"].replace(second=0)
        assert {name: getattr(found, name) for name in VALUES} == {**VALUES, "expires_at": expires}


async def test_fields_that_close_while_a_password_is_estimated_are_left_alone(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The estimate takes a while; a dialog may be closed at once."""
    begun, goes_on = Event(), Event()

    def estimate(password: str) -> Strength:
        begun.set()
        goes_on.wait(60)
        return strength(password)

    monkeypatch.setattr(typed_password, "strength", estimate)
    async with make_app().run_test() as pilot:
        fields = await shown(pilot)
        fields.query_one("#password", Field).value = PASSWORD
        await until(pilot, begun.is_set)
        workers = [each for each in fields.workers if each.group == "password strength"]
        assert len(workers) == 1
        await fields.remove_children()
        goes_on.set()
        await until(pilot, lambda: all(worker.is_finished for worker in workers))
        assert all(worker.state is not WorkerState.ERROR for worker in workers)


@pytest.mark.parametrize("again", [False, True])
async def test_it_is_asked_for_and_left_out_unless_it_is_changed(make_app: MakeApp, again: bool) -> None:
    async with make_app().run_test() as pilot:
        fields = await shown(pilot, again=again)
        offered = {*TYPED, *FLAGS} if again else set(SETTING_IDS)
        assert offered <= {widget.id for widget in fields.query("*")}
        left_out = fields.settings()
        for name in FLAGS:
            assert getattr(left_out, name) is LEFT_OUT
            fields.query_one(f"#{name}", Checkbox).checked = True
        assert fields.settings().flags == dict.fromkeys(FLAGS, True)
        assert fields.touched
