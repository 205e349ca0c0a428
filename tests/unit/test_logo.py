"""Which logos are accepted: small ones that only draw (S46)."""

from __future__ import annotations

import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tui.rules.errors import InvalidValue
from tui.server.base.logo import MOST_DEPTH, MOST_LOGO_BYTES, MOST_PIXELS, read_logo

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'


def png(width: int, height: int) -> bytes:
    """The beginning of a picture."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\6\0\0\0"


def bomb() -> str:
    """A few entities that together are a megabyte."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 8}">' for n in range(1, 6))
    return f'<!DOCTYPE svg [<!ENTITY a0 "{"x" * 32}">{entities}]>' + SVG.format("<title>&a5;</title>")


class TestLogo:
    def read(self, folder: Path, content: str | bytes) -> bytes:
        path = folder / "logo"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_logo(path).content

    def test_a_png_is_taken_as_it_is(self, tmp_path: Path) -> None:
        content = png(400, 200)
        assert self.read(tmp_path, content) == content

    def test_a_drawing_stays(self, tmp_path: Path) -> None:
        drawing = SVG.format('<g fill="#123456" transform="scale(2)"><path d="M1 1h2z" fill="url(#a)"/></g>')
        kept = ElementTree.fromstring(self.read(tmp_path, drawing))
        given = ElementTree.fromstring(drawing)
        assert [(e.tag, e.attrib) for e in kept.iter()] == [(e.tag, e.attrib) for e in given.iter()]

    @pytest.mark.parametrize(
        "inside",
        [
            "<script>alert(1)</script>",
            "<style>*{background:url(https://e.example)}</style>",
            '<image href="https://e.example/x.png"/>',
            '<use href="#x"/>',
            '<a href="javascript:alert(1)"><rect/></a>',
            "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>",
            '<animate attributeName="x"/>',
            '<x:rect xmlns:x="urn:other"/>',
            "<!-- evil --><?xml-stylesheet href='evil.css'?>",
        ],
    )
    def test_what_does_not_draw_goes(self, tmp_path: Path, inside: str) -> None:
        kept = ElementTree.fromstring(self.read(tmp_path, SVG.format(inside + "<rect/>")))
        assert [element.tag for element in kept] == ["{http://www.w3.org/2000/svg}rect"]

    @pytest.mark.parametrize(
        "attribute",
        [
            'onload="alert(1)"',
            'style="fill:red"',
            'fill="url(https://e.example)"',
            "fill=\"url( 'data:x')\"",
            'fill="u\\72l(x)"',
            'xmlns:l="http://www.w3.org/1999/xlink" l:href="#x"',
            'class="a"',
        ],
    )
    def test_attributes_that_lead_elsewhere_go(self, tmp_path: Path, attribute: str) -> None:
        kept = ElementTree.fromstring(self.read(tmp_path, SVG.format(f'<rect {attribute} width="3"/>')))
        assert kept[0].attrib == {"width": "3"}

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("", "neither a PNG nor an SVG"),
            ("<svg", "neither a PNG nor an SVG"),
            ("<html/>", "neither a PNG nor an SVG"),
            (b"\xff\xfe\x00", "neither a PNG nor an SVG"),
            ('<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format("&a;"), "declares entities"),
            (png(9, 9) + bytes(MOST_LOGO_BYTES), "can have at most 8,192 bytes"),
        ],
    )
    def test_what_is_no_logo(self, tmp_path: Path, content: str | bytes, said: str) -> None:
        with pytest.raises(InvalidValue, match=said):
            self.read(tmp_path, content)

    def test_a_file_that_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidValue, match="No such file"):
            read_logo(tmp_path / "none.png")

    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp037"]
    )
    @pytest.mark.parametrize("declared", [True, False])
    def test_a_short_file_that_becomes_a_long_one(
        self, tmp_path: Path, encoding: str, declared: bool
    ) -> None:
        """1,174 bytes that were a megabyte for every recipient: a declaration of entities can't be found by its bytes
        in an encoding that the parser knows as well."""
        declaration = f'<?xml version="1.0" encoding="{encoding}"?>' if declared else ""
        content = (declaration + bomb()).encode(encoding)
        assert len(content) < MOST_LOGO_BYTES
        with pytest.raises(InvalidValue, match=r"neither a PNG nor an SVG|in UTF-8|declares entities"):
            self.read(tmp_path, content)

    @pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "utf8"])
    def test_what_is_in_utf_8(self, tmp_path: Path, encoding: str) -> None:
        title = SVG.format("<title>Müller &amp; Söhne</title>")
        declaration = f"<?xml version='1.0' encoding='{encoding}'?>\n"
        for content in (title, declaration + title, "\ufeff" + declaration + title):
            assert "Müller &amp; Söhne" in self.read(tmp_path, content).decode()

    @pytest.mark.parametrize("encoding", ["iso-8859-1", "ascii", "windows-1252", "utf-16"])
    def test_what_says_it_is_in_another_encoding(self, tmp_path: Path, encoding: str) -> None:
        with pytest.raises(InvalidValue, match="isn't in UTF-8"):
            self.read(tmp_path, f'<?xml version="1.0" encoding="{encoding}"?>' + SVG.format("<g/>"))

    @pytest.mark.parametrize(
        "value",
        [
            "none",
            "#8a1538",
            "rgb(0 0 0 / 50%)",
            "hsl(120, 100%, 25%)",
            "url(#grad-1.a)",
            "url(#a) #fff",
            "matrix(1 0 0 1 -3.5e-2 4) rotate(45)",
            "M2.5 2v5M6-2,4.5h4z",
        ],
    )
    def test_values_that_draw(self, tmp_path: Path, value: str) -> None:
        assert (
            ElementTree.fromstring(self.read(tmp_path, SVG.format(f'<g fill="{value}"/>')))[0].get("fill")
            == value
        )

    @pytest.mark.parametrize(
        "value",
        [
            "url(//e.example/a)",
            "url( #a)",
            "url('#a')",
            "url(a.svg#a)",
            "url(#a) url(https://e.example)",
            "URL(https://e.example)",
            "image-set('//e.example/a.png' 1x)",
            "image(//e.example/a.png)",
            "src('//e.example')",
            "attr(href)",
            "var(--x)",
            "expression(alert(1))",
            "javascript:alert(1)",
            "u\\72l(//e.example)",
            "ur/**/l(//e.example)",
            "red;background:red",
            "&lt;script&gt;",
            "rgb(url(//e.example))",
        ],
    )
    @pytest.mark.parametrize("name", ["fill", "mask", "clip-path", "transform"])
    def test_values_that_do_not(self, tmp_path: Path, name: str, value: str) -> None:
        kept = ElementTree.fromstring(self.read(tmp_path, SVG.format(f'<g {name}="{value}" width="3"/>')))
        assert kept[0].attrib == {"width": "3"}

    def test_nothing_is_drawn_again_and_again(self, tmp_path: Path) -> None:
        """A few masks that each use another ten times would draw 10^8 times."""
        masks = "".join(
            f'<mask id="m{n}"><g mask="url(#m{n + 1})">'
            + f'<rect mask="url(#m{n + 1})"/>' * 10
            + "</g></mask>"
            for n in range(8)
        )
        drawing = masks + '<clipPath id="c" clip-path="url(#c)"><g><g clip-path="url(#c)"/></g></clipPath>'
        kept = self.read(tmp_path, SVG.format(drawing + '<rect mask="url(#m0)" clip-path="url(#c)"/>'))
        assert kept.count(b"url(") == 2

    def test_it_is_no_longer_than_a_logo_may_be(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidValue, match="at most 8,192 bytes"):
            self.read(tmp_path, SVG.format("<title>" + ">" * 8000 + "</title>"))
        assert len(self.read(tmp_path, SVG.format('<g id="' + ">" * 8000 + '"/>'))) < 200
        assert len(self.read(tmp_path, SVG.format(">" * 8000))) < 200

    @pytest.mark.parametrize("depth", [MOST_DEPTH, 1_100])
    def test_its_depth(self, tmp_path: Path, depth: int) -> None:
        fine = SVG.format("<g>" * (MOST_DEPTH - 1) + "</g>" * (MOST_DEPTH - 1))
        assert self.read(tmp_path, fine).count(b"<g") == MOST_DEPTH - 1
        with pytest.raises(InvalidValue, match="more than 32 elements within one another"):
            self.read(tmp_path, SVG.format("<g>" * depth + "</g>" * depth))

    @pytest.mark.parametrize("sides", [(MOST_PIXELS + 1, 1), (1, MOST_PIXELS + 1), (2**32 - 1, 2**32 - 1)])
    def test_a_picture_of_many_pixels(self, tmp_path: Path, sides: tuple[int, int]) -> None:
        assert self.read(tmp_path, png(MOST_PIXELS, MOST_PIXELS))
        with pytest.raises(InvalidValue, match="at most 2,000 pixels"):
            self.read(tmp_path, png(*sides))

    @pytest.mark.parametrize(
        "content", [b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n" + bytes(100), png(0, 9), png(9, 0)]
    )
    def test_a_picture_without_a_header(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(InvalidValue, match="neither a PNG nor an SVG"):
            self.read(tmp_path, content)
