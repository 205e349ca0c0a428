"""Whom documents are for, changed by a command after they were sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...rules.errors import Problem
from ..base.common import Result
from ..base.output import tell

if TYPE_CHECKING:
    from ...clients.share import ShareClient


async def keep_recipients(
    share: ShareClient, results: Sequence[Result], recipients: Sequence[str]
) -> list[Result]:
    """Keep ``recipients``, if there are any, with the documents that were sent. Returns the results with them.

    A failure is reported, and no more: the links must be printed in any case.
    """
    from ...sending.recipients import set_recipients

    if not recipients:
        return list(results)
    try:
        await set_recipients(share, [each.document for each in results if each.document], recipients)
    except Problem as problem:
        tell(f"The recipients were not kept with the links: {problem.message}")
        return list(results)
    return [_with(each, recipients) for each in results]


def _with(result: Result, recipients: Sequence[str]) -> Result:
    if result.document is None:
        return result
    return replace(result, document=result.document.model_copy(update={"recipients": list(recipients)}))
