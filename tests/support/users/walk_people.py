"""The walk of :mod:`tests.support.users.walk` over accounts and the installation."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.servers.server import ServerProcess
from tests.support.users.share import BASE
from tests.support.users.walk import Requests, Table
from tests.support.users.work import PASSWORD
from tui.rules.authorization import Action

#: The user whose account it is, another user, and an administrator; each directly, and through a program that they have
#: let in.
BY = ("SELF", "OTHER", "ADMIN")
_ADMIN_PASSWORD = "Blue-Heron-49"


@dataclass(frozen=True)
class Account:
    """The account that an action is done to. ``session`` is one of its sessions."""

    name: str
    chain: str
    session: str
    tokens: tuple[str, str]


@dataclass(frozen=True)
class OfAccount:
    """An action, as requests. If it ``spends`` the account, the next action gets a new one."""

    action: Action
    requests: Callable[[Account], Requests]
    spends: bool = False


def _one(method: str, path: str, body: Any = None) -> Callable[[Account], Requests]:
    more = {} if body is None else {"json": body}
    return lambda of: [(method, path.format(name=of.name, session=of.session), more)]


_NUMBERS = itertools.count(1)


def _new(_: Account) -> Requests:
    return [("POST", "/users", {"json": {"name": f"NEW{next(_NUMBERS)}", "password": PASSWORD}})]


def _heads(of: Account) -> Requests:
    return [("POST", "/audit/heads/check", {"json": {"chains": [{"subject": of.chain, "sequence": 1}]}})]


OF_ACCOUNTS: Mapping[str, OfAccount] = {
    "list people": OfAccount(Action.LIST_PEOPLE, _one("GET", "/users")),
    "add a person": OfAccount(Action.ADD_PERSON, _new),
    "name a person": OfAccount(Action.NAME_PERSON, _one("PATCH", "/users/{name}", {"full_name": "A. Other"})),
    "remove a person": OfAccount(Action.REMOVE_PERSON, _one("DELETE", "/users/{name}"), spends=True),
    "set a password": OfAccount(
        Action.SET_PASSWORD,
        _one("PUT", "/users/{name}/password", {"password": "Grey-Heron-48", "present": PASSWORD}),
        spends=True,
    ),
    "read the policy": OfAccount(Action.READ_POLICY, _one("GET", "/policy")),
    "change the policy": OfAccount(Action.CHANGE_POLICY, _one("PATCH", "/policy", {})),
    "read the installation's audit": OfAccount(Action.READ_INSTALLATION, _one("GET", "/audit/installation")),
    "read one's account's audit": OfAccount(Action.READ_ACCOUNT, _one("GET", "/audit/account")),
    "check the chain": OfAccount(Action.CHECK_ALL_CHAINS, _heads),
    "stop a link": OfAccount(Action.STOP_LINK, _one("POST", f"/documents/{'0' * 32}/stop")),
    "list one's sessions": OfAccount(Action.READ_SESSIONS, _one("GET", "/sessions")),
    "end the session": OfAccount(Action.END_SESSIONS, _one("DELETE", "/sessions/{session}"), spends=True),
}


@dataclass
class People:
    """The users who act; each has a token of their own and one of a program."""

    server: ServerProcess
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        with self.server.client() as admin:
            self._admin = self.server.token
            body = {"password": _ADMIN_PASSWORD}
            admin.put(f"{BASE}/users/DJONES/password", json=body).raise_for_status()
        self.tokens = {
            "OTHER": self.account("OTHER").tokens,
            "ADMIN": (self._admin, self._program("DJONES", _ADMIN_PASSWORD)),
        }

    def account(self, name: str) -> Account:
        with self.server.client() as admin:
            admin.post(f"{BASE}/users", json={"name": name, "password": PASSWORD}).raise_for_status()
        with self.server.guest() as guest:
            body = {"user": name, "password": PASSWORD}
            own = str(guest.post(f"{BASE}/login", json=body).raise_for_status().json()["token"])
        with self.server.client(own) as signed_in:
            sessions = signed_in.get(f"{BASE}/sessions").raise_for_status().json()["sessions"]
            row = signed_in.get(f"{BASE}/audit/heads").raise_for_status().json()["heads"][0]
        return Account(name, row["subject"], sessions[0]["id"], (own, self._program(name, PASSWORD)))

    def _program(self, name: str, password: str) -> str:
        """The token that a program for Work is given."""
        form = {"grant_type": "password", "username": name, "password": password, "client_id": "web"}
        with self.server.guest() as guest:
            return str(guest.post("/auth/oauth2/token", data=form).raise_for_status().json()["access_token"])

    def sign(self, token: str | None, requests: Requests) -> str:
        with self.server.client(token) if token else self.server.guest() as client:
            answers = [self._ask(client, *request) for request in requests]
        (sign,) = {_SIGNS.get(a.status_code, "+" if a.is_success else str(a.status_code)) for a in answers}
        return sign

    def _ask(self, client: httpx.Client, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        self.asked.append((method, path))
        return client.request(method, BASE + path, **more)


_SIGNS = {401: "x", 403: "-", 404: "0"}


def of_accounts(people: People, table: Table) -> Iterator[str]:
    """What differs from the table, which has a row for each action, with a pair of signs (directly, through a program)
    for each of :data:`BY`, and one for a client without a token."""
    numbers = itertools.count(1)
    account = people.account("SELF0")
    for name, row in table.items():
        done = OF_ACCOUNTS[name]
        *pairs, nobody = row.split()
        asks = [
            (f"{by} {'by a program' if program else ''}".strip(), by, program, sign)
            for by, pair in zip(BY, pairs, strict=True)
            for program, sign in enumerate(pair)
        ]
        for who, by, program, expected in [*asks, ("nobody", "", 0, nobody)]:
            tokens = account.tokens if by == "SELF" else people.tokens.get(by)
            sign = people.sign(tokens[program] if tokens else None, done.requests(account))
            if sign != expected:
                yield f"{name}: {sign} for {expected} by {who}"
            if done.spends and sign == "+":
                account = people.account(f"SELF{next(numbers)}")
