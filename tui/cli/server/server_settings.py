"""The server's settings, from the options of a command and from the configuration."""

from __future__ import annotations

import getpass
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ... import config
from ...rules import accounts, names
from ...rules.errors import InvalidValue
from ...rules.text import without_password

if TYPE_CHECKING:
    from ...server.base.firm import Firm
    from ...server.base.mailer import Mailer
    from ...server.base.settings import Budgets, Settings

#: Where a server listens that is told nothing else.
HOST = "127.0.0.1"
#: The highest number of a port.
MOST_PORT = 65535
#: As many as a link may have of downloads.
_MOST_PRESSES = 1_000_000
_DATABASES = ("sqlite", "postgresql", "postgres")


def server_settings(settings: config.Config, options: dict[str, Any] | None = None) -> Settings:
    """The settings to start a server with; ``options`` override the configuration. Raises :class:`InvalidValue`."""
    from ...server.base.settings import KEPT_BYTES, UNFINISHED_BYTES, Settings, parse_proxies

    given = {key: value for key, value in (options or {}).items() if value is not None}

    def value(key: str, default: Any = None) -> Any:
        return given[key] if key in given else settings.value(key, default)

    return Settings(
        data=Path(value("data", settings.places.data)).absolute(),
        host=value("host", HOST),
        port=_port(value("port", config.DEFAULT_PORT)),
        database_url=_database(value("database_url")),
        store=_store(value("store")),
        public_url=_public(value("public_url")),
        user=_person(value("user")),
        full_name=accounts.full_name(value("full_name", "")),
        proxies=parse_proxies(value("proxies", "")),
        budgets=_budgets(value("connections_per_address"), value("presses_per_hour")),
        kept_bytes=_bytes("kept_bytes", value("kept_bytes", KEPT_BYTES)),
        unfinished_bytes=_bytes("unfinished_bytes", value("unfinished_bytes", UNFINISHED_BYTES)),
        firm=_firm(settings),
        mailer=_mailer(settings),
    )


def _firm(settings: config.Config) -> Firm:
    from ...mail.templates import read_template
    from ...server.base import firm
    from ...server.base.logo import read_logo

    mail_text, mail_html = settings.value("firm_mail_template"), settings.value("firm_mail_html")
    logo, zone = settings.value("firm_logo"), settings.value("time_zone")
    light, dark = settings.value("firm_color"), settings.value("firm_color_dark")
    return firm.Firm(
        name=firm.line(settings.value("firm_name", ""), "firm_name"),
        contact=firm.line(settings.value("firm_contact", ""), "firm_contact"),
        logo=read_logo(Path(logo)) if logo else None,
        color=firm.color(light, dark=False) if light else "",
        color_dark=firm.color(dark, dark=True) if dark else "",
        zone=firm.time_zone(zone) if zone else firm.system_time_zone(),
        mail_text=read_template(mail_text) if mail_text else "",
        mail_html=read_template(mail_html, html=True) if mail_html else "",
    )


def _mailer(settings: config.Config) -> Mailer | None:
    url = settings.value("notify_smtp_url")
    if url is None:
        return None
    from ...server.base.mailer import parse_mailer

    password = settings.value("notify_password", "")
    return parse_mailer(url, settings.value("notify_from", ""), password)


def _budgets(connections: int | None, presses: int | None) -> Budgets:
    from ...server.base.settings import Budgets

    budgets = Budgets()
    if connections is not None:
        if connections < 1:
            raise InvalidValue(
                "connections.invalid", "connections_per_address must be a whole number of 1 or more."
            )
        budgets = replace(budgets, connections_per_address=connections)
    if presses is not None:
        if not 0 <= presses <= _MOST_PRESSES:
            raise InvalidValue(
                "presses.invalid",
                f"presses_per_hour must be a whole number from 0 (any number) to {_MOST_PRESSES:,}.",
            )
        budgets = replace(budgets, presses_per_hour=presses)
    return budgets


def _port(number: int) -> int:
    if not 0 <= number <= MOST_PORT:
        raise InvalidValue("port.invalid", f"port must be a whole number from 0 to {MOST_PORT}.")
    return number


def _bytes(key: str, number: int) -> int:
    if number < 0:
        raise InvalidValue("bytes.invalid", f"{key} must be a whole number of bytes.")
    return number


def _database(url: str | None) -> str | None:
    if url is not None and urlsplit(url).scheme.split("+")[0] not in _DATABASES:
        raise InvalidValue(
            "database.unknown",
            "That database can't be used; write sqlite:///PATH or postgresql://USER@HOST/NAME.",
        )
    return url


def _store(url: str | None) -> str | None:
    if url is None:
        return None
    from ...server.blobs.s3.address import endpoint_of, parse_store

    endpoint_of(os.environ)
    return parse_store(url).url


def _public(url: str | None) -> str | None:
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
        # A name and a password would be in every link.
        good = good and parts.username is None and parts.port != 0 and url.isprintable() and " " not in url
    except ValueError:
        good = False
    if not good:
        raise InvalidValue(
            "public_url.unknown",
            f"{without_password(url)} is not an address that links can begin with; write one like https://links.example.com.",
        )
    return url.rstrip("/")


def _person(name: str | None) -> str:
    if name is not None:
        return accounts.kept_name(name)
    try:
        return accounts.kept_name(names.clean(getpass.getuser()))
    except (OSError, KeyError, InvalidValue):  # a container's user ID without a name
        return "USER"
