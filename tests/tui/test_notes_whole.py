"""What is said of a setting in *Send again* has room, whatever is typed and however narrow the terminal is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.app.app import settled
from tests.support.checks.long import some
from tests.support.pictures.scene_start import opened
from tests.tui.conftest import MakeApp
from tui.ui.send.resend import ResendDialog
from tui.ui.widgets.field import Field
from tui.ui.widgets.fit import ELLIPSIS
from tui.ui.widgets.status_line import StatusLine

STRICT = {
    "password_required": True,
    "password_min_length": 12,
    "password_classes": 3,
    "expires_required": True,
    "expires_max": "30d",
    "downloads_required": True,
    "downloads_max": 5,
}
TYPED = {
    "password": ("", "abc", "Blue-Harbour7", "correct horse battery staple 99 Z"),
    "expires": ("", "friday", "wat", "03/04/2027", "1y", "1m", "1.1.27", "31 Feb", "99999y", "none"),
    "downloads": ("", "0", "x", "100", "none"),
}


def _cut(dialog: ResendDialog, what: str) -> list[str]:
    said = [str(line.render()) for line in dialog.fields.query(StatusLine)]
    hints = [field.placeholder for field in dialog.fields.query(Field)]
    return [f"{what}: {text}" for text in (*said, *hints) if text.endswith(ELLIPSIS)]


@pytest.mark.parametrize("rules", some(1, [STRICT, {}]), ids=lambda rules: "strict" if rules else "free")
async def test_nothing_said_of_a_setting_is_cut(
    rules: dict[str, object], make_app: MakeApp, policy: Callable[..., None]
) -> None:
    policy(**rules)
    for width in (100, 80, 79, 60, 40):
        async with make_app().run_test(size=(width, 40)) as pilot:
            dialog = await opened(pilot, "s", ResendDialog)
            for name, values in TYPED.items():
                field, removal = dialog.query_one(f"#{name}", Field), dialog.query_one(f"#no_{name}")
                for text in values:
                    field.focus()
                    field.value = text
                    await settled(pilot, dialog)
                    assert _cut(dialog, f"{width}, {name} {text}") == []
                field.value = ""
                removal.focus()
                await pilot.pause()
                assert _cut(dialog, f"{width}, removing {name}") == []
