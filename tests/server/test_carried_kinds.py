"""Each kind of what documents carry, where the policy refuses it: the server finds it, whatever the client says."""

from __future__ import annotations

import pytest

from tests.server.test_carried_reports import published, ruled
from tests.support.carried.seed import Seed
from tests.support.carried.seeds import seeds
from tests.support.checks.long import cases
from tests.support.users.share import Sender, problem
from tui.rules.carried import KINDS


def smallest() -> dict[str, Seed]:
    """The smallest document with something of each kind."""
    found: dict[str, Seed] = {}
    for seed in sorted(seeds(), key=lambda each: len(each.content)):
        for kind in seed.counts:
            found.setdefault(kind, seed)
    return found


#: Each takes a worker: one of sixteen, but all in the long form.
CHOSEN = list(smallest().items())[:: cases(40, 1)]


@pytest.mark.parametrize(("kind", "seed"), CHOSEN, ids=[kind for kind, _ in CHOSEN])
def test_the_server_refuses_it_whatever_the_client_says(me: Sender, kind: str, seed: Seed) -> None:
    liar = {"looked": "whole", "found": {}, "overruled": []}
    with ruled(me, carries_refuse=kind):
        body = problem(published(me, seed.content, name=seed.name, carries=liar), 422, "policy.carries")
        word = KINDS[kind].one if seed.counts[kind] == 1 else KINDS[kind].many
        assert word in body["detail"]
    absent = next(each for each in KINDS if each not in seed.counts)
    with ruled(me, carries_refuse=absent):
        assert published(me, seed.content, name=seed.name, carries=liar).status_code == 201


def test_every_kind_can_be_refused() -> None:
    assert set(smallest()) == set(KINDS)
