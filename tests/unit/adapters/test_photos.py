"""Cleaning photos with Pillow: nothing but pixels passes, and nothing hostile gets far."""

from __future__ import annotations

import tracemalloc
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from adapters.photos import LONGEST_SIDE, PillowPhotos
from bot.model.errors import PhotoError
from tests.support.pictures import (
    BLUE,
    GPS_WORD,
    GREEN,
    RED,
    WHITE,
    animated_gif,
    bomb_png,
    corner_marked,
    decode,
    encode,
    exif,
    phone_photo,
    plain,
    talkative_png,
)

PHOTOS = PillowPhotos()
VALID = {
    "jpeg": phone_photo(6, comment=GPS_WORD, xmp=GPS_WORD, icc_profile=GPS_WORD),
    "png": talkative_png(),
    "gif": animated_gif(),
    "webp": encode(plain(), "WEBP", exif=exif(), xmp=GPS_WORD, icc_profile=GPS_WORD),
}


def near(image: Image.Image, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    """Is the pixel about this colour? JPEG is not exact."""
    pixel = image.getpixel(at)
    assert isinstance(pixel, tuple)
    return all(abs(seen - meant) <= 12 for seen, meant in zip(pixel, colour, strict=True))


def segments(jpeg: bytes) -> list[int]:
    """The markers before the pixels of a JPEG."""
    found, at = [], 2
    while jpeg[at + 1] != 0xDA:
        found.append(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


# Upright and small


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_upright_however_the_phone_was_held(orientation: int) -> None:
    clean = decode(PHOTOS.clean(phone_photo(orientation)))
    assert clean.size == (64, 32)
    assert near(clean, (4, 4), RED)
    assert all(near(clean, corner, GREEN) for corner in ((60, 4), (4, 28), (60, 28)))


def test_a_png_with_an_orientation_is_turned_as_well() -> None:
    turned = encode(corner_marked().transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif(6))
    assert near(decode(PHOTOS.clean(turned)), (4, 4), RED)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("width", "height"), [(4000, 100), (100, 4000), (2049, 2049)])
def test_the_longest_side_is_at_most_2048_and_the_shape_stays(kind: str, width: int, height: int) -> None:
    clean = decode(PHOTOS.clean(encode(plain(width, height), kind)))
    assert max(clean.size) == LONGEST_SIDE
    assert clean.width / clean.height == pytest.approx(width / height, rel=0.02)


def test_a_small_photo_is_not_blown_up() -> None:
    assert decode(PHOTOS.clean(encode(plain(3, 2)))).size == (3, 2)


# Nothing but pixels


@pytest.mark.parametrize("kind", VALID)
def test_the_planted_words_are_really_in_what_comes_in(kind: str) -> None:
    assert kind == "gif" or GPS_WORD in VALID[kind]


@pytest.mark.parametrize("kind", VALID)
def test_no_place_maker_comment_or_profile_goes_out(kind: str) -> None:
    clean = PHOTOS.clean(VALID[kind])
    assert GPS_WORD not in clean
    image = decode(clean)
    assert not image.getexif()
    assert set(image.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("kind", VALID)
def test_a_clean_photo_holds_only_the_segments_a_decoder_needs(kind: str) -> None:
    tables_and_frame = {0xE0, 0xDB, 0xC0, 0xC4}
    assert set(segments(PHOTOS.clean(VALID[kind]))) <= tables_and_frame


def test_bytes_behind_the_end_of_a_photo_stay_behind() -> None:
    assert GPS_WORD not in PHOTOS.clean(encode(plain()) + GPS_WORD)


def test_cleaning_a_clean_photo_changes_nothing_one_can_see() -> None:
    once = PHOTOS.clean(phone_photo(3))
    again = decode(PHOTOS.clean(once))
    assert again.size == decode(once).size
    assert near(again, (4, 4), RED)


# Every kind of picture


def test_of_a_moving_picture_only_the_first_frame_is_kept() -> None:
    clean = decode(PHOTOS.clean(animated_gif()))
    assert getattr(clean, "n_frames", 1) == 1
    assert near(clean, (5, 5), RED)


def test_what_was_transparent_becomes_white() -> None:
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    image.paste((*BLUE, 255), (0, 0, 32, 64))
    clean = decode(PHOTOS.clean(encode(image, "PNG")))
    assert near(clean, (10, 32), BLUE)
    assert near(clean, (54, 32), WHITE)


def test_a_transparent_palette_becomes_white_as_well() -> None:
    image = Image.new("P", (32, 32), 0)
    image.putpalette([0, 0, 0, *RED])
    image.paste(1, (0, 0, 16, 32))
    clean = decode(PHOTOS.clean(encode(image, "PNG", transparency=0)))
    assert near(clean, (8, 16), RED)
    assert near(clean, (24, 16), WHITE)


@pytest.mark.parametrize("kind", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_mode_of_png_becomes_rgb(kind: str) -> None:
    assert decode(PHOTOS.clean(encode(Image.new(kind, (8, 8)), "PNG"))).mode == "RGB"


def test_a_print_jpeg_becomes_rgb() -> None:
    assert decode(PHOTOS.clean(encode(Image.new("CMYK", (8, 8))))).mode == "RGB"


def test_sixteen_bits_of_grey_are_scaled_and_not_clipped() -> None:
    half = Image.new("I;16", (16, 16), 32768)
    assert near(decode(PHOTOS.clean(encode(half, "PNG"))), (8, 8), (128, 128, 128))


# What is no photo


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00",
        b"hallo",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"RIFF\x00\x00\x00\x00WEBP",
    ],
)
def test_what_is_no_image_is_refused(raw: bytes) -> None:
    with pytest.raises(PhotoError):
        PHOTOS.clean(raw)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "PPM", "ICO", "TGA"])
def test_kinds_of_files_that_phones_do_not_send_never_reach_a_decoder(kind: str) -> None:
    with pytest.raises(PhotoError):
        PHOTOS.clean(encode(plain(), kind))


@pytest.mark.parametrize("kind", VALID)
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_half_a_photo_is_refused(kind: str, part: float) -> None:
    noisy = Image.effect_noise((200, 200), 80).convert("RGB")
    raw = encode(noisy, kind.upper())
    assert PHOTOS.clean(raw)
    with pytest.raises(PhotoError):
        PHOTOS.clean(raw[: int(len(raw) * part)])


def test_a_hundred_megabytes_are_refused_without_being_read() -> None:
    raw = encode(plain()) + bytes(100 * 1024 * 1024)
    tracemalloc.start()
    try:
        with pytest.raises(PhotoError, match="20 MB"):
            PHOTOS.clean(raw)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_the_largest_allowed_photo_is_accepted_and_one_byte_more_is_not() -> None:
    raw = encode(plain())
    assert PillowPhotos(max_bytes=len(raw)).clean(raw)
    with pytest.raises(PhotoError, match="te groot"):
        PillowPhotos(max_bytes=len(raw) - 1).clean(raw)


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (8_000, 7_000), (10_000, 10_000)])
def test_a_decompression_bomb_is_refused_before_a_pixel_is_decoded(width: int, height: int) -> None:
    bomb = bomb_png(width, height)
    assert len(bomb) < 200
    # Decoding would have stumbled over the missing rows and said so in other words.
    with pytest.raises(PhotoError, match="beeldpunten"):
        PHOTOS.clean(bomb)


def test_a_decompression_bomb_is_refused_where_warnings_are_not_errors_too() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(PhotoError, match="10000 bij 10000"):
            PHOTOS.clean(bomb_png(10_000, 10_000))


def test_the_largest_allowed_picture_is_accepted_and_one_row_more_is_not() -> None:
    small = PillowPhotos(max_pixels=64 * 48)
    assert small.clean(encode(plain(64, 48)))
    with pytest.raises(PhotoError, match="64 bij 49"):
        small.clean(encode(plain(64, 49)))


def test_the_resident_is_told_in_dutch_and_the_cause_is_kept_for_the_operator() -> None:
    with pytest.raises(PhotoError) as caught:
        PHOTOS.clean(phone_photo()[:-200])
    assert caught.value.what == "Deze foto kan ik niet lezen."
    assert caught.value.__cause__ is not None


# Whatever comes in


@given(st.binary(max_size=2000))
def test_random_bytes_raise_nothing_but_a_photo_error(raw: bytes) -> None:
    with pytest.raises(PhotoError):
        PHOTOS.clean(raw)


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(sorted(VALID)),
    damage=st.lists(st.tuples(st.integers(0, 5000), st.binary(min_size=1, max_size=6)), max_size=5),
    end=st.integers(0, 5000),
)
def test_a_damaged_photo_is_cleaned_or_refused_and_never_leaks(
    kind: str, damage: list[tuple[int, bytes]], end: int
) -> None:
    raw = bytearray(VALID[kind])
    for at, new in damage:
        raw[at % len(raw) : at % len(raw) + len(new)] = new
    del raw[max(20, end) :]
    try:
        clean = PHOTOS.clean(bytes(raw))
    except PhotoError:
        return
    assert GPS_WORD not in clean
    assert b"Exif" not in clean
    assert not decode(clean).getexif()


@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(1, 300),
    height=st.integers(1, 300),
    orientation=st.integers(0, 9),
    kind=st.sampled_from(["JPEG", "PNG", "WEBP"]),
)
def test_no_size_or_orientation_lets_metadata_through(
    width: int, height: int, orientation: int, kind: str
) -> None:
    clean = PillowPhotos(longest_side=100).clean(encode(plain(width, height), kind, exif=exif(orientation)))
    image = decode(clean)
    assert max(image.size) <= 100
    assert GPS_WORD not in clean
    assert not image.getexif()
