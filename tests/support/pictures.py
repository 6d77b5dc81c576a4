"""Pictures as phones, browsers and people with bad intentions send them."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image, PngImagePlugin

RED, GREEN, BLUE, WHITE = (220, 20, 20), (20, 160, 20), (20, 20, 220), (255, 255, 255)
GPS_WORD = b"PARIJSPLEIN-GPS"
"""Planted in metadata: a scan for these bytes finds whatever was not stripped."""
_ORIENTATION, _MAKE, _GPS_IFD, _GPS_AREA = 0x0112, 0x010F, 0x8825, 0x001C


def encode(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The bytes of an image file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def decode(data: bytes) -> Image.Image:
    """A loaded image."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def plain(width: int = 64, height: int = 48, colour: tuple[int, int, int] = GREEN) -> Image.Image:
    """One colour."""
    return Image.new("RGB", (width, height), colour)


def corner_marked(width: int = 64, height: int = 32) -> Image.Image:
    """Green, with a red square in the upper left corner."""
    image = plain(width, height)
    image.paste(RED, (0, 0, 16, 16))
    return image


def exif(orientation: int = 1) -> Image.Exif:
    """What a phone writes: its maker, how it was held, and where."""
    data = Image.Exif()
    data[_ORIENTATION] = orientation
    data[_MAKE] = GPS_WORD.decode()
    data.get_ifd(_GPS_IFD)[_GPS_AREA] = GPS_WORD
    return data


def phone_photo(orientation: int = 1, **options: Any) -> bytes:
    """A JPEG that shows its red corner upper left only when it is turned as `orientation` says."""
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    image = corner_marked()
    held = image if undo is None else image.transpose(undo)
    return encode(held, exif=exif(orientation), **options)


def talkative_png() -> bytes:
    """Text chunks, EXIF and a colour profile."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", GPS_WORD.decode())
    info.add_itxt("XML:com.adobe.xmp", GPS_WORD.decode())
    return encode(plain(), "PNG", pnginfo=info, exif=exif(), icc_profile=GPS_WORD)


def animated_gif() -> bytes:
    """Red first, then blue."""
    return encode(plain(colour=RED), "GIF", save_all=True, append_images=[plain(colour=BLUE)], duration=50)


def bomb_png(width: int = 30_000, height: int = 30_000) -> bytes:
    """A few bytes that say they are a huge picture."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, data) for name, data in ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
