"""What whoever cleans photos promises (bot/ports/photos.py)."""

from __future__ import annotations

import pytest

from adapters.photos import PillowPhotos
from bot.model.errors import PhotoError
from bot.ports.fakes.photos import FakePhotos
from bot.ports.photos import Photos
from tests.support.pictures import GPS_WORD, animated_gif, encode, phone_photo, plain, talkative_png

NO_PHOTO = b"%PDF-1.7 not a photo"


@pytest.fixture(params=["pillow", "fake"])
def photos(request: pytest.FixtureRequest) -> Photos:
    return PillowPhotos() if request.param == "pillow" else FakePhotos(refuse=frozenset({NO_PHOTO}))


@pytest.mark.parametrize(
    "raw",
    [
        phone_photo(),
        talkative_png(),
        animated_gif(),
        encode(plain(), "WEBP"),
    ],
    ids=["jpeg", "png", "gif", "webp"],
)
def test_every_kind_of_photo_becomes_a_jpeg_that_tells_nothing(photos: Photos, raw: bytes) -> None:
    clean = photos.clean(raw)
    assert clean.startswith(b"\xff\xd8\xff")
    assert clean.endswith(b"\xff\xd9")
    assert GPS_WORD not in clean
    assert b"Exif" not in clean


@pytest.mark.parametrize("raw", [b"", NO_PHOTO], ids=["empty", "not-a-photo"])
def test_what_is_no_photo_is_an_error_that_says_so_in_dutch(photos: Photos, raw: bytes) -> None:
    with pytest.raises(PhotoError) as caught:
        photos.clean(raw)
    assert caught.value.where == "photo"
    assert "foto" in caught.value.what
