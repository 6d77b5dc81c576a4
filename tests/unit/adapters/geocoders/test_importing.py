"""Importing a user's own streets and places: what is right comes in whole, what is wrong is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.geocoders.gazetteer.features import PLACE, STREET, read_geojson
from adapters.geocoders.gazetteer.importing import import_file, read
from bot.model.errors import GazetteerError


def saved(tmp_path: Path, text: str | bytes, name: str = "mine.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def geojson(*features: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def feature(
    name: object = "Dorpsstraat", coordinates: object = (5.1, 52.1), **properties: object
) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"name": name, **properties},
        "geometry": {"type": "Point", "coordinates": coordinates},
    }


def test_a_csv_of_points_becomes_places(tmp_path: Path) -> None:
    source = saved(tmp_path, "name,lat,lon,aliases,number\nlantaarnpaal,52.1,5.1,lamp|mast,17\nbrug,52.2,5.2,,\n")

    done = import_file(source, tmp_path / "out" / "g.geojson")

    features = read_geojson(tmp_path / "out" / "g.geojson")
    assert (done.streets, done.places, done.outlines) == (0, 2, 0)
    assert features[0].aliases == ("lamp", "mast", "lantaarnpaal 17")
    assert features[1].kind == PLACE
    assert features[1].point.lat == 52.2


def test_a_csv_of_lines_becomes_streets(tmp_path: Path) -> None:
    source = saved(tmp_path, "name;wkt\nDorpsstraat;LINESTRING (5.1 52.1, 5.2 52.1)\n")

    street = read(source)[0]

    assert street.kind == STREET
    assert street.point.lon == pytest.approx(5.15)


def test_a_spreadsheets_byte_order_mark_is_fine(tmp_path: Path) -> None:
    assert read(saved(tmp_path, b"\xef\xbb\xbfname,lat,lon\nbrug,52.1,5.1\n"))[0].name == "brug"


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("", "mine.csv", "is empty"),
        ("name,lat,lon\n", "mine.csv", "has no streets or places"),
        ("naam,lat,lon\nx,52,5\n", "line 1", '"naam" is none of'),
        ("lat,lon\n52,5\n", "line 1", "no column name"),
        ("name,lat\nx,52\n", "line 1", "no columns lat and lon"),
        ("name,lat,lon\nbrug,5.1,52.1\n", "line 2", "look swapped"),
        ("name,lat,lon\nbrug,52.1,5.1\nkerk,48.8,2.3\n", "line 3", "outside the Netherlands"),
        ("name,lat,lon\n ,52.1,5.1\n", "line 2", "has no name"),
        ("name,lat,lon\nbrug,noord,5.1\n", "line 2", "is no number"),
        ("name,lat,lon\nbrug,nan,5.1\n", "line 2", "outside the Netherlands"),
        ("name,lat,lon\nbrug,52.1\n", "line 2", "more or fewer values"),
        ("name,lat,lon\nbrug,52.1,5.1,9\n", "line 2", "more or fewer values"),
        ("name,lat,lon\nbrug,52.1,5.1\nBrug,52.1,5.1\n", "line 3", "duplicate of"),
        ('name,lat,lon\n"brug,52.1,5.1\n', "line", "no valid CSV"),
        ("name,lat,lon,kind\nbrug,52.1,5.1,river\n", "line 2", 'kind "river"'),
        ("name,lat,lon,kind\nbrug,52.1,5.1,street\n", "line 2", "needs a line"),
        ("name,wkt\nx,CIRCLE(5 52)\n", "line 2", "POINT or LINESTRING"),
        ("name,wkt\nx,LINESTRING(5 52)\n", "line 2", "wrong number of points"),
        ("name,wkt\nx,POINT(5)\n", "line 2", "not two numbers"),
        ("name,lat,lon\nbr\0ug,52.1,5.1\n", "mine.csv", "binary"),
    ],
)
def test_a_wrong_csv_says_what_and_where(tmp_path: Path, text: str, where: str, what: str) -> None:
    with pytest.raises(GazetteerError, match=what) as caught:
        read(saved(tmp_path, text))

    assert where in caught.value.where


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("{", "mine.geojson", "no valid JSON"),
        ("[" * 100_000, "mine.geojson", "no valid JSON"),
        ("[]", "mine.geojson", "no GeoJSON FeatureCollection"),
        (geojson(), "mine.geojson", "has no streets or places"),
        (geojson(feature(), 3), "feature 2", "no GeoJSON Feature"),
        (geojson(feature(name=None)), "feature 1", "has no name"),
        (geojson(feature(name="x" * 101)), "feature 1", "longer than"),
        (geojson(feature(coordinates=[52.1, 5.1])), "feature 1", "look swapped"),
        (geojson(feature(coordinates=["5.1", 52.1])), "feature 1", "is no number"),
        (geojson(feature(coordinates=[True, 52.1])), "feature 1", "is no number"),
        (geojson(feature(coordinates=5)), "feature 1", "position"),
        (geojson(feature(), feature()), "feature 2", "duplicate of"),
        (geojson(feature(aliases="x")), "feature 1", "aliases"),
        (geojson(feature(numbers=[1])), "feature 1", "numbers"),
        (geojson({"type": "Feature", "properties": {}, "geometry": None}), "feature 1", "no geometry"),
        (
            geojson({"type": "Feature", "properties": {"name": "x"}, "geometry": {"type": "Circle"}}),
            "feature 1",
            "Circle",
        ),
    ],
)
def test_a_wrong_geojson_says_what_and_where(tmp_path: Path, text: str, where: str, what: str) -> None:
    with pytest.raises(GazetteerError, match=what) as caught:
        read(saved(tmp_path, text, "mine.geojson"))

    assert where in caught.value.where


def test_another_encoding_is_named(tmp_path: Path) -> None:
    with pytest.raises(GazetteerError, match="not UTF-8"):
        read(saved(tmp_path, "name,lat,lon\ncafé,52.1,5.1\n".encode("latin-1")))


def test_another_kind_of_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(GazetteerError, match=r"no \.csv"):
        read(saved(tmp_path, "x", "mine.xlsx"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(GazetteerError, match="cannot be read"):
        read(tmp_path / "nowhere.csv")


def test_a_failed_import_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "data" / "g.geojson"
    import_file(saved(tmp_path, "name,lat,lon\nbrug,52.1,5.1\n"), target)
    before = target.read_bytes()

    with pytest.raises(GazetteerError):
        import_file(saved(tmp_path, "name,lat,lon\nbrug,52.1,5.1\nkerk,1,1\n"), target)

    assert target.read_bytes() == before
    assert [path.name for path in target.parent.iterdir()] == ["g.geojson"]


def test_a_target_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, no folder")

    with pytest.raises(GazetteerError, match="cannot be written"):
        import_file(saved(tmp_path, "name,lat,lon\nbrug,52.1,5.1\n"), tmp_path / "data" / "g.geojson")


def test_what_is_written_reads_back_the_same(tmp_path: Path) -> None:
    lines = [[[5.1, 52.1], [5.2, 52.1]], [[5.2, 52.2], [5.3, 52.2]]]
    shape = {"type": "MultiLineString", "coordinates": lines}
    street = {"type": "Feature", "properties": {"name": "Dijk", "numbers": [1, 9]}, "geometry": shape}
    area = {"type": "Polygon", "coordinates": [[[5, 52], [5.1, 52], [5.1, 52.1], [5, 52]]]}
    outline = {"type": "Feature", "properties": {"name": "wijk", "kind": "outline"}, "geometry": area}
    source = saved(tmp_path, geojson(street, outline, feature(aliases=["Straat"])), "mine.geojson")

    import_file(source, tmp_path / "out.geojson")

    assert read_geojson(tmp_path / "out.geojson") == read_geojson(source)


@given(raw=st.binary(max_size=400))
def test_any_bytes_give_features_or_a_clear_error(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    for name in ("any.csv", "any.geojson"):
        said = ""
        try:
            said = read(saved(folder, raw, name))[0].name
        except GazetteerError as error:
            said = str(error)
        assert said
