"""What can be learnt of the document under the cursor, wherever it is listed."""

from __future__ import annotations

from .screen_commands import HIDDEN, NOT_OPEN, CommandGroup, one_of
from .workers import worker_action


class DocumentCommands(CommandGroup):
    """Facts and history."""

    IDS = ("facts", "audit_document")

    def disabled_reason(self, ident: str) -> str | None:
        if not self.main.ready:
            return NOT_OPEN
        if ident == "audit_document" and not self.main.location_kind.offers("main.audit_document"):
            return HIDDEN
        row = self.main.current
        return one_of([row] if row is not None and row.selectable else [], "a document")

    @worker_action(exclusive=True, group="facts", opens=True, command="facts")
    async def facts(self) -> None:
        """Shows what is known of the document."""
        main = self.main
        row = main.current
        if row is not None and row.selectable:
            from .details import facts_of

            await main.show_dialog(await facts_of(main.session, main.location_kind, row))

    @worker_action(exclusive=True, group="facts", opens=True, command="audit_document")
    async def audit_document(self) -> None:
        """What happened to the document, on both sides."""
        row = self.main.current
        if row is None or not row.selectable:
            return
        from ..clients.timeline import timeline
        from .timeline import TimelineScreen

        session, data = self.main.session, row.data
        sent = self.main.location_kind.server == "share"

        await self.main.show_dialog(
            TimelineScreen(
                f"Audit of {row.name}",
                lambda: timeline(
                    session.share,
                    session.work,
                    document=data.id if sent else None,
                    source=data.source if sent else data.id,
                ),
                one=True,
            )
        )
