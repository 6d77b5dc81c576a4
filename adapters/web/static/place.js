// Picks a place: the pin is the middle of the map, so that the arrow keys and a finger do the same.

import { drawMap } from "./map.js";

const byId = (id) => document.getElementById(id);

function fillStreets(list, features, nameOf) {
  const named = features
    .map(({ feature, layer }) => ({ name: nameOf(feature), layer }))
    .filter((one) => one.name)
    .sort((a, b) => a.name.localeCompare(b.name, "nl"));
  named.forEach((one, index) => list.append(new Option(one.name, String(index))));
  return named.map(({ layer }) => (layer.getLatLng ? layer.getLatLng() : layer.getBounds().getCenter()));
}

export function placePicker(data, words, share) {
  const box = byId("plekkiezer");
  let drawn = null;

  async function open() {
    box.showModal();
    byId("plek-fout").textContent = "";
    if (drawn) {
      drawn.map.invalidateSize();
      return;
    }
    drawn = await drawMap(byId("plek-kaart"), data, { scrollWheelZoom: "center", touchZoom: "center" });
    drawn.map.setZoom(Math.max(drawn.map.getZoom(), 16));
    const spots = fillStreets(byId("plek-straat"), drawn.features, drawn.nameOf);
    byId("plek-straat").addEventListener("change", (event) => {
      if (event.target.value) drawn.map.setView(spots[Number(event.target.value)], 17);
    });
  }

  function give(lat, lon) {
    box.close();
    share({ lat: Number(lat.toFixed(6)), lon: Number(lon.toFixed(6)) });
  }

  function here() {
    const sorry = () => (byId("plek-fout").textContent = words.no_position);
    if (!navigator.geolocation) {
      sorry();
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => give(coords.latitude, coords.longitude),
      sorry,
      { enableHighAccuracy: true, timeout: 10000 },
    );
  }

  byId("plek").addEventListener("click", open);
  byId("plek-stop").addEventListener("click", () => box.close());
  byId("plek-hier").addEventListener("click", here);
  byId("plek-deel").addEventListener("click", () => {
    const centre = drawn?.map.getCenter();
    if (centre) give(centre.lat, centre.lng);
  });
}
