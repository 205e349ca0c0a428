"""Signing in to a Work server with a real browser, which returns to the program by itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.support.checks.long import telling
from tests.support.servers.server import ServerProcess
from tests.support.users.work import PASSWORD, add_person
from tests.system.command import Running, run


@pytest.mark.parametrize("redirect", telling(["", "http://localhost/back"], ""))
def test_a_person_signs_in_and_the_program_goes_on(
    server: ServerProcess, page: Page, tmp_path: Path, redirect: str
) -> None:
    """After a wrong password and then the right one, the page says to go back to the terminal."""
    name = f"WORKER{len(redirect)}"
    add_person(server, name)
    environ = {
        "SENTLINKS_HOME": str(tmp_path / "own"),
        "SENTLINKS_WORK_SERVER": server.url,
        "SENTLINKS_WORK_REDIRECT": redirect,
        "BROWSER": "",
        "DISPLAY": "",
        "WAYLAND_DISPLAY": "",
    }
    process = Running(["login", "--work", "--json"], cwd=tmp_path, env=os.environ | environ)
    address = process.err.readline().decode().split()[-1]
    page.goto(address)
    assert "sentlinks" in page.locator("main").inner_text()
    for password in ("wrong", PASSWORD):
        page.get_by_label("User").fill(name)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button").click()
    page.get_by_role("heading", name="Back to the terminal").wait_for()
    assert page.evaluate("document.referrer") == ""
    done = process.done()
    assert done.status == 0, done.err
    assert done.json["user"] == name
    assert run("find", "x", "--json", SENTLINKS_HOME=environ["SENTLINKS_HOME"]).status == 0
