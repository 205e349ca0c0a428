"""A tour on the app: presses keys, looks at the screen, and shows the captions below it.

The app is the real one, in all of the terminal but the rows of the bar; it doesn't know that it is played.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from textual import events
from textual.keys import Keys
from textual.strip import Strip

from ...rules.errors import NotFound, Problem
from ...tour.bar import ROWS, bar
from ...tour.frames import ScreenFrame, text_of
from ...tour.player import LEAST, Picture, Player, Press, TourEnded
from ...tour.script import Visit
from ..textual_patches.keys import first_keys, key_of, sign_of
from ..textual_patches.painted import paint_below, painted_rows
from .looks import row_of, segments_of

if TYPE_CHECKING:
    from ...tour.recording import Recording
    from ..app import SentlinksApp

#: Seconds between two looks at the screen.
LOOK_SECONDS = 0.05
#: The keys with which the viewer ends the tour.
_END = ("q", "Q", "escape", "ctrl+c", "ctrl+q")
_TOO_SMALL = f"Make the terminal larger, and the tour goes on: it needs {LEAST[0]} × {LEAST[1]}."


class Tour:
    """Plays ``player`` on ``app``; ``recording`` gets each frame, if there is one."""

    def __init__(
        self,
        app: SentlinksApp,
        player: Player,
        recording: Recording | None = None,
        *,
        clock: Callable[[], float] = monotonic,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self.app = app
        self.player = player
        #: How the tour has ended; ``None`` if the viewer has ended it.
        self.ended: TourEnded | None = None
        #: The pictures that its steps have taken.
        self.pictures: dict[str, ScreenFrame] = {}
        #: What is on the screen, with the bar below it.
        self.frame = ScreenFrame(0, ())
        self._recording = recording
        self._clock = clock
        self._look_seconds = look_seconds
        self._seen: list[str] = []
        self._bar: tuple[object, ...] = ()
        self._strips: list[Strip] = []
        self._visiting: asyncio.Task[None] | None = None

    def viewer_typed(self, key: str) -> None:
        """Handle a key of the viewer: most do nothing."""
        if key == Keys.Space.value:
            self.player.hurry()
        elif key in _END:
            self.app.exit(0)

    async def play(self) -> None:
        """Play until the end of the tour or of the app."""
        try:
            while self.app.is_running and not self.app.ending:
                self._go_on()
                await asyncio.sleep(self._look_seconds)
        finally:
            if self._visiting is not None:
                self._visiting.cancel()

    # ------------------------------------------------------------ what the tour does

    @property
    def _is_too_small(self) -> bool:
        size = self.app.size
        return size.width < LEAST[0] or size.height + ROWS < LEAST[1]

    def _go_on(self) -> None:
        """Look at the screen, and do what is next."""
        now = self._clock()
        self._show_bar()
        self._look(now)
        if self._is_too_small:
            return
        match self.player.next(self._seen, now):
            case Press() as pressed:
                self._press_all(pressed)
            case Visit() as wanted:
                self._visiting = asyncio.create_task(self._visit(wanted))
            case Picture(name):
                self.pictures[name] = self.frame
            case TourEnded(why) as ended:
                self.ended = ended
                self.app.exit(1 if why else 0)

    def _press_all(self, pressed: Press) -> None:
        """Press a key; if it begins a sequence, the one after it, too, however busy the machine is."""
        self._press(pressed)
        begins = not pressed.is_typed and pressed.key in first_keys(self.app.focused or self.app.screen)
        if begins and (rest := self.player.next_key()) is not None:
            self._press(rest)

    def _press(self, pressed: Press) -> None:
        """Press a key, as the terminal would report it."""
        key = pressed.key
        name = key_of(key) if len(key) == 1 and not key.isalnum() else key
        if len(key) == 1:
            character: str | None = key
        else:
            character = " " if key == Keys.Space.value else sign_of(key)
        self.app.post_message(events.Key(name, character))

    async def _visit(self, wanted: Visit) -> None:
        import httpx

        from ...tour.recipient import visit

        try:
            url = await self._url_of(wanted.document)
            lines = await visit(wanted, url, self.app.session.target.url)
        except Problem as problem:
            self.player.failed(problem.message.rstrip("."))
        except httpx.HTTPError as error:
            self.player.failed(f"the recipient didn't get through ({type(error).__name__})")
        else:
            self.player.answered(lines)

    async def _url_of(self, name: str) -> str:
        """The link of the newest document of that name. Raises :class:`Problem`."""
        share = self.app.session.share
        folder = (await share.current_folder()).folder
        documents = (await share.documents(folder.id)).documents if folder is not None else []
        for document in documents:
            if document.name == name and document.url:
                return document.url
        raise NotFound("tour.no_link", f"no document called “{name}” was sent.")

    # ------------------------------------------------------------ what is seen

    def _show_bar(self) -> None:
        """Paint the bar; the driver writes only what isn't there."""
        player, columns = self.player, self.app.size.width
        caption = _TOO_SMALL if self._is_too_small else player.caption
        shown = (caption, player.visited, player.caption_number, columns, self.app.theme)
        if shown != self._bar:
            self._bar = shown
            tokens = self.app.get_css_variables()
            lines = bar(caption, player.visited, player.caption_number, player.script.captions, columns)
            self._strips = [Strip(segments_of(line, tokens), columns) for line in lines]
        paint_below(self.app, self._strips)

    def _look(self, now: float) -> None:
        rows = [row_of(segments) for segments in painted_rows(self.app)]
        if len(rows) < self.app.size.height:
            # It hasn't been laid out, yet.
            return
        self._seen = [text_of(row) for row in rows]
        self.frame = ScreenFrame(self.app.size.width, (*rows, *(row_of(strip) for strip in self._strips)))
        if self._recording is not None:
            self._recording.add(self.frame, now)
