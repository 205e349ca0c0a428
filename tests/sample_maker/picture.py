"""PNG pictures (scanned exhibits, plans, photographs), from one drawing command per line.

``size W H COLOUR`` comes first; then ``rect``, ``oval``, ``line``, ``poly``, ``text``, ``para``, ``stamp``,
``specks`` and ``tilt`` in any order, painted on top of one another.
"""

from __future__ import annotations

import io
import random
import textwrap
from typing import cast

from PIL import Image, ImageColor, ImageDraw, ImageFont

INK = "#2a2a2e"
DUST = "#8a8a86"


def make(text: str) -> bytes:
    lines = text.splitlines()
    _, width, height, colour = lines[0].split()
    easel = _Easel(int(width), int(height), colour)
    for line in lines[1:]:
        name, *words = line.split()
        easel.paint(name, words)
    out = io.BytesIO()
    easel.reduced().save(out, "PNG", optimize=True)
    return out.getvalue()


def _font(size: int) -> ImageFont.FreeTypeFont:
    return cast(ImageFont.FreeTypeFont, ImageFont.load_default(size))


class _Easel:
    def __init__(self, width: int, height: int, colour: str) -> None:
        self.paper = colour
        self.image = Image.new("RGB", (width, height), colour)
        self.colours = {ImageColor.getrgb(shade) for shade in (colour, INK, DUST)}

    def reduced(self) -> Image.Image:
        """The picture in the colours that were used, and no others: that keeps the file small."""
        palette = Image.new("P", (1, 1))
        palette.putpalette([value for colour in sorted(self.colours) for value in colour])
        return self.image.quantize(palette=palette, dither=Image.Dither.NONE)

    @property
    def pen(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.image)

    def paint(self, name: str, words: list[str]) -> None:
        self.colours |= {ImageColor.getrgb(word) for word in words if word.startswith("#")}
        if name == "rect":
            x, y, width, height = map(int, words[:4])
            self.pen.rectangle((x, y, x + width, y + height), fill=words[4])
        elif name == "oval":
            x, y, width, height = map(int, words[:4])
            self.pen.ellipse((x, y, x + width, y + height), outline=words[4], width=int(words[5]))
        elif name == "line":
            self.pen.line([int(word) for word in words[2:]], fill=words[0], width=int(words[1]))
        elif name == "poly":
            self.pen.polygon([int(word) for word in words[1:]], fill=words[0])
        elif name == "text":
            x, y, size = map(int, words[:3])
            self.pen.text((x, y), " ".join(words[4:]), fill=words[3], font=_font(size))
        elif name == "para":
            self._paragraph(words)
        elif name == "stamp":
            self._stamp(words)
        elif name == "specks":
            self._specks(int(words[0]), int(words[1]))
        elif name == "tilt":
            self.image = self.image.rotate(float(words[0]), Image.Resampling.BICUBIC, fillcolor=self.paper)
        else:
            raise ValueError(f"no such command: {name}")

    def _paragraph(self, words: list[str]) -> None:
        """``para X Y SIZE COLUMNS words``: in near-black, wrapped."""
        x, y, size, columns = map(int, words[:4])
        for line in textwrap.wrap(" ".join(words[4:]), columns):
            self.pen.text((x, y), line, fill=INK, font=_font(size))
            y += round(size * 1.45)

    def _stamp(self, words: list[str]) -> None:
        """``stamp X Y COLOUR words``: framed, and slightly askew."""
        x, y, colour = int(words[0]), int(words[1]), words[2]
        label, font = " ".join(words[3:]), _font(26)
        width, height = round(font.getlength(label)) + 28, 50
        patch = Image.new("RGBA", (width, height), (0, 0, 0, 0))
        pen = ImageDraw.Draw(patch)
        pen.rectangle((2, 2, width - 3, height - 3), outline=colour, width=3)
        pen.text((14, 8), label, fill=colour, font=font)
        patch = patch.rotate(5, Image.Resampling.BICUBIC, expand=True)
        self.image.paste(patch, (x, y), patch)

    def _specks(self, seed: int, count: int) -> None:
        """Dust on the scanner's glass: the same dust each time."""
        dice = random.Random(seed)
        for _ in range(count):
            x, y = dice.randrange(self.image.width), dice.randrange(self.image.height)
            self.pen.point((x, y), fill=DUST)
