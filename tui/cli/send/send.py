"""``sentlinks send``: send files and Work documents as secure links, or resume or discard an interrupted send."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from ...rules.errors import InvalidValue
from ...rules.link_settings import FLAGS
from ..base import common, outcomes
from ..base.common import CommandSession
from ..base.options import Choice, Id, option
from ..base.output import OutputClosed, flush
from ..plain import missing
from . import carried, delivery, fields
from .link_settings import check_preset
from .recipients import notes_fields
from .resumed_send import Discarded, Resumed
from .send_run import Sending, SendOutcome
from .sending import NewSend, names_of, tell_renamed
from .server_wait import Awaited

#: Options of a new send; an interrupted one already has them.
_OF_A_NEW_ONE = ("preset", "carries", "expires", "no_expires", "downloads", "no_downloads", *FLAGS)


@click.command("send")
@click.argument("items", nargs=-1, metavar="ITEM...", shell_complete=fields.complete_files)
@option(
    "--name",
    "typed",
    multiple=True,
    metavar="ITEM=NAME",
    show_default="the item's own",
    help="The link name of an item.",
)
@fields.field_options()
@delivery.delivery_options()
@option(
    "--resume",
    type=Id("sentlinks sends"),
    metavar="ID",
    help="Resume an interrupted send; sentlinks sends lists them.",
)
@option(
    "--discard",
    type=Id("sentlinks sends"),
    metavar="ID",
    help="Discard an interrupted send; what is published stays published.",
)
@option(
    "--patience",
    metavar="SPAN",
    show_default="10m; 8s if it was never reached",
    help="How long to wait for an unreachable server (90s, 10m, 24h).",
)
@option(
    "--carries",
    type=Choice(carried.WAYS),
    metavar="off|warn|refuse",
    show_default="the configuration's, or off",
    help="Look into the documents first: tell what they carry besides their text, or send none that does.",
)
@option("--anew", is_flag=True, help="Start a new send, even if one of the same items was interrupted.")
@common.remote
def send_command(
    session: CommandSession,
    /,
    *,
    items: tuple[str, ...],
    typed: tuple[str, ...],
    delivered: delivery.LinkDelivery,
    resume: str | None,
    discard: str | None,
    anew: bool,
    patience: str | None,
    **given: Any,
) -> int:
    """Send documents as secure links.

    They are sent in the order given. An ITEM is a path, or a document of Work: ACTIVE:453.1 is that version,
    ACTIVE:453 the latest.
    """
    from ...sending.journal.same_items import started

    # Before the first pause: it counts what the process has taken, and a pause isn't part of that.
    session.began = started(session.began)
    asks = missing.is_asked(session) and resume is None and discard is None
    _check_what(items, typed, resume, discard, anew, given, asks=asks)
    awaits = Awaited(session, patience)
    asked = None
    if asks:
        asked = missing.ask_for_send(
            session, items, typed, given, delivered.recipients, awaits, asks=not delivered.yes
        )
        items, given = asked.documents, given | asked.settings.options
        delivered = delivered.to_whom(asked.settings.recipients)
    carries = given.pop("carries")
    recipients = delivered.recipients
    told_names = frozenset[str]() if asked is None else asked.told_names
    if delivered.is_confirmed and items and asked is None and common.has_terminal():
        told_names = tell_renamed(session, items, typed, awaits)
    mailing = delivered.check(session)
    sending: Sending
    password = None
    if discard is not None:
        sending = Discarded(session, _whole_id(session, discard), awaits)
    elif resume is not None:
        chosen = replace(fields.read_fields(**given), recipients=recipients)
        sending = Resumed(session, _whole_id(session, resume), chosen, awaits, asks=not delivered.yes)
    else:
        names = names_of(items, typed)
        chosen = replace(fields.read_fields(**given), recipients=recipients)
        if asked is not None and asked.settings.password is not None:
            chosen = replace(chosen, password=asked.settings.password)
        check_preset(session, chosen)
        way = carried.way(session, carries)
        new = sending = NewSend(
            session, items, names, chosen, awaits, anew=anew, asks=not delivered.yes, carries=way
        )
        new.looked_at = recipients if asked is not None else ()
        new.told_names = told_names
        password = chosen.password
    with fields.naming_options():
        outcome = session.both(sending.run)
    odd = notes_fields(outcome.recipients_notes)
    status = outcomes.finish(session, outcome.results, **outcome.extra_fields, **odd)
    outcome.documents = delivery.without_stopped(outcome.documents)
    _tell_rest(session, outcome)
    if outcome.documents:
        delivery.tell_strength(session, password)
    undelivered = delivered.deliver(session, outcome.documents, sending.sender, mailing)
    try:
        flush()
    except OutputClosed:
        # Nobody has seen the links: the next send prints them.
        return outcome.interrupted or status or 1
    outcome.shown()
    return outcome.interrupted or status or undelivered or int(outcome.incomplete)


def _whole_id(session: CommandSession, ident: str) -> str:
    from ...sending.journal.unfinished import whole_id

    return whole_id(session.config.places.state, ident)


def _check_what(
    items: tuple[str, ...],
    typed: tuple[str, ...],
    resume: str | None,
    discard: str | None,
    anew: bool,
    given: dict[str, Any],
    *,
    asks: bool,
) -> None:
    """Check the command line as a whole; ``asks``: items that are missing are asked for.

    Raises :class:`InvalidValue` or :class:`click.UsageError`.
    """
    if resume is None and discard is None:
        if not items and not asks:
            raise click.UsageError("Missing argument 'ITEM...'.")
        if "" in items:
            # As a path, it would be the current folder.
            message = "An item is empty; name a file, or a document like ACTIVE!453."
            raise InvalidValue("item.empty", message, "item")
        return
    named = "--resume" if resume is not None else "--discard"
    if resume is not None and discard is not None:
        raise InvalidValue("options.contrary", "Give --resume or --discard, not both.")
    if items or typed or anew:
        raise InvalidValue(
            "options.contrary", f"{named} takes no items and no names: the send already has them."
        )
    of_a_new_one = [*_OF_A_NEW_ONE, *(("password_stdin", "generate_password") if discard is not None else ())]
    for name in of_a_new_one:
        if given[name] not in (None, False) or (name in FLAGS and given[name] is False):
            message = f"{named} takes no --{fields.option_of(name)}: the send keeps its settings."
            raise InvalidValue("options.contrary", message)


def _tell_rest(session: CommandSession, outcome: SendOutcome) -> None:
    if not session.json:
        delivery.print_links(outcome.documents)
        for secret in outcome.extra_fields.values():
            delivery.tell_password(secret)
    outcome.tell()
