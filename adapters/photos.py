"""Residents' photos, made safe to pass on: decoded, turned upright, and encoded afresh without metadata.

Pillow warns about decompression bombs through `warnings`, whose filters belong to the whole process and not
to one thread; the check on pixels here is stricter than Pillow's and needs no filter.
"""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from bot.model.errors import PhotoError

FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 50_000_000
LONGEST_SIDE = 2048
QUALITY = 85
_TO_8_BITS = 1 / 256


class PillowPhotos:
    """Implements `Photos`. Sizes are checked before a pixel is decoded."""

    def __init__(
        self,
        *,
        max_bytes: int = MAX_BYTES,
        max_pixels: int = MAX_PIXELS,
        longest_side: int = LONGEST_SIDE,
    ) -> None:
        self._max_bytes = max_bytes
        self._max_pixels = max_pixels
        self._longest_side = longest_side

    def clean(self, raw: bytes) -> bytes:
        """A JPEG of the first frame, on white where it was transparent. Raises `PhotoError`, in Dutch."""
        if not raw:
            raise PhotoError("photo", "De foto is leeg.")
        if len(raw) > self._max_bytes:
            raise PhotoError("photo", f"De foto is te groot. Hooguit {self._max_bytes // 1024**2} MB kan.")
        try:
            return self._clean(raw)
        except PhotoError:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise PhotoError("photo", "De foto heeft te veel beeldpunten.") from error
        # Decoders meet hostile bytes here and raise whatever they stumble over (OSError, SyntaxError,
        # struct.error, IndexError and more): all of it means that this is no photo to pass on.
        except Exception as error:
            raise PhotoError("photo", "Deze foto kan ik niet lezen.") from error

    def _clean(self, raw: bytes) -> bytes:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as image:
            width, height = image.size
            if width * height > self._max_pixels:
                raise PhotoError("photo", f"De foto heeft te veel beeldpunten: {width} bij {height}.")
            if image.format == "JPEG":
                # Decodes at a fraction of the size, never below what is kept.
                image.draft(None, (self._longest_side, self._longest_side))
            image.load()
            upright = ImageOps.exif_transpose(image)
        return _encode(self._shrink(_on_white(upright)))

    def _shrink(self, image: Image.Image) -> Image.Image:
        image.thumbnail((self._longest_side, self._longest_side), Image.Resampling.LANCZOS)
        return image


def _on_white(image: Image.Image) -> Image.Image:
    """RGB; what was transparent becomes white."""
    if image.mode.startswith("I"):
        # 16 bits of grey; Pillow would clip them to the brightest 8 instead of scaling.
        image = image.convert("I").point(lambda value: value * _TO_8_BITS).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    white = Image.new("RGB", layered.size, "white")
    white.paste(layered, mask=layered.getchannel("A"))
    return white


def _encode(image: Image.Image) -> bytes:
    """Pixels only: into a new image first, so that nothing the decoder remembered can come along."""
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
