"""Keyrings to be chosen by name, as a user can: one that never answers, one that asks on the terminal."""

from __future__ import annotations

import getpass
import time

from keyring.backend import KeyringBackend


class Silent(KeyringBackend):
    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        time.sleep(3600)
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        time.sleep(3600)


class Asking(KeyringBackend):
    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        return getpass.getpass("Password of the keyring: ")

    def set_password(self, service: str, username: str, password: str) -> None:
        getpass.getpass("Password of the keyring: ")
