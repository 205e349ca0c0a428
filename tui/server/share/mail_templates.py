"""The administrator's templates of the e-mail with the links."""

from __future__ import annotations

from fastapi import APIRouter

from ...rules.authorization import Action
from ...wire.policy import MailTemplates
from ..library.routing import LanedRoute
from .answers import PREFIX, SIGNED_IN, problems
from .caller import CallerDep, require

router = APIRouter(prefix=PREFIX, route_class=LanedRoute, dependencies=SIGNED_IN)


@router.get("/mail-templates", responses=problems(401))
async def mail_templates(by: CallerDep) -> MailTemplates:
    """The templates of the e-mail, as the server's administrator set them; `null` for those that aren't set."""
    require(by, Action.READ_POLICY)
    firm = by.context.settings.firm
    return MailTemplates(text=firm.mail_text or None, html=firm.mail_html or None)
