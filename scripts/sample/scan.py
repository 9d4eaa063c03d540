"""Makes a PDF whose pages are only images: black on white, slightly askew, as an office scanner leaves them."""

import random
from io import BytesIO
from itertools import groupby
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
)

NEXT_PAGE = "=== next page ===\n"  # a line of the text
_SIZE = (1240, 1754)  # A4 at 150 dots an inch
_POINTS = (595, 842)
_FONT = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"


def print_scan(text: str) -> bytes:
    """Return a PDF with one image a page."""
    writer = PdfWriter()
    for number, page in enumerate(text.split(NEXT_PAGE)):
        _add_page(writer, _drawn(page.strip("\n"), random.Random(number)))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _drawn(text: str, chance: random.Random) -> Image.Image:
    """Draw a page of text in black, turn it by half a degree and add the specks of the glass."""
    image = Image.new("L", _SIZE, 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(_FONT, 21, layout_engine=ImageFont.Layout.BASIC)
    draw.multiline_text((130, 140), text, fill=20, font=font, spacing=11)
    image = image.rotate(chance.uniform(-0.6, 0.6), Image.Resampling.BILINEAR, fillcolor=255)
    draw = ImageDraw.Draw(image)
    for _ in range(90):
        x, y = chance.randrange(_SIZE[0]), chance.randrange(_SIZE[1])
        draw.ellipse((x, y, x + chance.randrange(3), y + 1), fill=0)
    return image.point(lambda shade: 255 if shade > 140 else 0).convert("1", dither=Image.Dither.NONE)


def _add_page(writer: PdfWriter, image: Image.Image) -> None:
    """Add a page that shows nothing but the image."""
    picture = StreamObject()
    picture._data = packed(image.tobytes())
    for key, value in {
        "/Type": NameObject("/XObject"),
        "/Subtype": NameObject("/Image"),
        "/Width": NumberObject(image.width),
        "/Height": NumberObject(image.height),
        "/ColorSpace": NameObject("/DeviceGray"),
        "/BitsPerComponent": NumberObject(1),
        "/Filter": NameObject("/RunLengthDecode"),
    }.items():
        picture[NameObject(key)] = value
    show = DecodedStreamObject()
    show.set_data(b"q %d 0 0 %d 0 0 cm /Scan Do Q" % _POINTS)
    page = writer.add_blank_page(*_POINTS)
    images = DictionaryObject({NameObject("/Scan"): writer._add_object(picture)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): images})
    page[NameObject("/Contents")] = writer._add_object(show)
    page[NameObject("/MediaBox")] = ArrayObject([NumberObject(0), NumberObject(0), *map(FloatObject, _POINTS)])


def packed(data: bytes) -> bytes:
    """Encode bytes as PDF's RunLengthDecode expects (PDF 32000-1, 7.4.5); zlib's bytes differ between its builds."""
    out = bytearray()
    plain = bytearray()
    for value, run in groupby(data):
        length = len(list(run))
        if length < 3:
            plain += bytes([value]) * length
            continue
        out += _literal(plain)
        plain.clear()
        for start in range(0, length, 128):
            part = min(128, length - start)
            out += bytes([257 - part, value]) if part > 1 else bytes([0, value])
    return bytes(out + _literal(plain) + b"\x80")


def _literal(data: bytearray) -> bytes:
    parts = (data[start : start + 128] for start in range(0, len(data), 128))
    return b"".join(bytes([len(part) - 1]) + part for part in parts)
