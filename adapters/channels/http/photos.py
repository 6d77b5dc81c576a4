"""Photos of an app: by address, fetched after consent from the app's own place only; or inside the message."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections import OrderedDict

import httpx

from bot.model.errors import Gone, InputError, Later, Refused

LARGEST = 5 * 1024 * 1024
"""Bytes of one photo inside a message."""
KEPT = 64 * 1024 * 1024
"""Bytes of all photos that wait in memory for a yes; the oldest go first."""
LONGEST_URL = 1000
INLINE = "inline:"
_PLAIN_URL = re.compile(r"[!-~]+")
_STEPS = re.compile(r"(?i)(?:^|/)(?:\.|%2e){1,2}(?:/|%2f|\\|%5c|$)|\\|%5c|%00")
"""Segments that climb, and signs that some servers take for a slash."""


def check_url(where: str, url: str, base: str) -> str:
    """The address, when it lies under `base`; raises `InputError`."""
    if not base:
        raise InputError(where, "no photos are fetched for this app; send `data` instead")
    if len(url) > LONGEST_URL or not _PLAIN_URL.fullmatch(url):
        raise InputError(where, f"is no address of at most {LONGEST_URL} plain characters")
    path = url[len(base) :].partition("?")[0]
    if not url.startswith(base) or "#" in url or _STEPS.search(path):
        raise InputError(where, f"must lie under {base}")
    return url


class Inline:
    """Photos that came inside a message. In memory only: after a restart they are gone."""

    def __init__(self, limit: int = KEPT) -> None:
        self._limit = limit
        self._photos: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0

    def read(self, where: str, data: str) -> bytes:
        """The photo in this base64; raises `InputError`."""
        try:
            photo = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            raise InputError(where, "is not base64") from None
        if not 0 < len(photo) <= LARGEST:
            raise InputError(where, f"has {len(photo)} bytes; 1 to {LARGEST} fit")
        return photo

    def keep(self, photo: bytes) -> str:
        """Its address; the same photo has the same."""
        ref = self.address(photo)
        if ref not in self._photos:
            self._photos[ref] = photo
            self._bytes += len(photo)
        while self._bytes > self._limit:
            self._bytes -= len(self._photos.popitem(last=False)[1])
        return ref

    @staticmethod
    def address(photo: bytes) -> str:
        """Where it will be kept."""
        return INLINE + hashlib.sha256(photo).hexdigest()[:32]

    def get(self, ref: str, limit: int) -> bytes:
        """Raises `Gone` and `Refused`."""
        photo = self._photos.get(ref)
        if photo is None:
            raise Gone("no such photo any more")
        if len(photo) > limit:
            raise Refused("the photo is larger than asked for")
        return photo


async def download(client: httpx.AsyncClient, url: str, limit: int) -> bytes:
    """At most `limit` bytes. Follows no redirect: it could lead anywhere."""
    try:
        async with client.stream("GET", url) as response:
            if response.status_code in (404, 410):
                raise Gone("the app has no such photo any more")
            if response.status_code == 429 or response.is_server_error:
                raise Later(30.0, "the app cannot give the photo now")
            if not response.is_success:
                raise Refused(f"the app answered {response.status_code} for a photo")
            photo = b""
            async for piece in response.aiter_bytes():
                photo += piece
                if len(photo) > limit:
                    raise Refused("the photo is larger than asked for")
            return photo
    except httpx.TransportError as error:
        raise Later(30.0, type(error).__name__) from None
