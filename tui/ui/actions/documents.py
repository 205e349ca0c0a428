"""Commands that show more about the document under the cursor, in every list."""

from __future__ import annotations

from ...override import override
from ..base.command_group import CommandGroup, nothing_chosen, still_loading
from ..base.screen_commands import HIDDEN, NOT_OPEN
from ..base.workers import worker_action


class DocumentCommands(CommandGroup):
    """Details and audit."""

    IDS = ("facts", "audit_document")

    @override
    def disabled_reason(self, ident: str) -> str | None:
        if not self.main.ready:
            return NOT_OPEN
        if ident == "audit_document" and not self.main.browser.kind.offers("main.audit_document"):
            return HIDDEN
        if why := still_loading(self.main):
            return why
        row = self.main.current
        if row is None or not row.selectable:
            return nothing_chosen(self.main, "Choose a document first.")
        return None

    @worker_action(exclusive=True, group="facts", opens=True, command="facts")
    async def facts(self) -> None:
        """Show the details of the document."""
        main = self.main
        row = main.current
        if row is not None and row.selectable:
            from ..dialogs.details import details_dialog

            await main.show_dialog(await details_dialog(main.session, main.browser.kind, row))

    @worker_action(exclusive=True, group="facts", opens=True, command="audit_document")
    async def audit_document(self) -> None:
        """Show what happened to the document, in Work and Share."""
        row = self.main.current
        if row is None or not row.selectable:
            return
        from ...clients.timeline import timeline
        from ..dialogs.timeline import TimelineScreen

        session, data = self.main.session, row.data
        sent = self.main.browser.kind.server == "share"
        await self.main.show_dialog(
            TimelineScreen(
                session,
                f"Activity of {row.name}",
                lambda: timeline(
                    session.share,
                    session.work,
                    document=data.id if sent else None,
                    source=data.source if sent else data.id,
                ),
                one=True,
            )
        )
