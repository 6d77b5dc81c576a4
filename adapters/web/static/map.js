// Draws the neighbourhood from our own GeoJSON, with pins; needs no internet.

const NETHERLANDS = [52.1, 5.3];
const LETTER_PX = 3.8;
const PLACE_NAMES_FROM_ZOOM = 16.5;
const MOST_NAMES = 120;

function nameOf(feature) {
  const facts = feature.properties || {};
  return String(facts.name || facts.naam || facts.label || "");
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text) made.textContent = text;
  return made;
}

function label(point, text, className, degrees = 0) {
  const word = element("span", className, text);
  word.style.transform = `translate(-50%, -50%) rotate(${degrees}deg)`;
  const icon = L.divIcon({ html: word, className: "map-label", iconSize: [0, 0] });
  return L.marker(point, { icon, interactive: false, keyboard: false });
}

function longestPart(map, latlngs) {
  const parts = Array.isArray(latlngs[0]) ? latlngs : [latlngs];
  let best = null;
  for (const part of parts) {
    for (let i = 1; i < part.length; i += 1) {
      const [from, to] = [map.project(part[i - 1], 17), map.project(part[i], 17)];
      const length = from.distanceTo(to);
      if (!best || length > best.length) best = { from, to, length };
    }
  }
  if (!best) return null;
  let degrees = (Math.atan2(best.to.y - best.from.y, best.to.x - best.from.x) * 180) / Math.PI;
  if (degrees > 90) degrees -= 180;
  if (degrees < -90) degrees += 180;
  return { point: map.unproject(best.from.add(best.to).divideBy(2), 17), degrees, length: best.length };
}

// A street's name appears from the zoom at which it about fits: a name may stick out of its longest part.
function namesOf(map, found) {
  const names = [];
  for (const { feature, layer } of found) {
    const text = nameOf(feature);
    if (!text || names.length >= MOST_NAMES) continue;
    if (layer.getLatLng) {
      names.push({ from: PLACE_NAMES_FROM_ZOOM, mark: label(layer.getLatLng(), text, "map-place-name") });
    } else {
      const part = longestPart(map, layer.getLatLngs());
      if (!part) continue;
      const from = 17 + Math.log2((text.length * LETTER_PX) / Math.max(part.length, 1));
      names.push({ from, mark: label(part.point, text, "map-street-name", part.degrees) });
    }
  }
  return names;
}

async function drawStreets(map, url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) return { bounds: null, features: [] };
  const area = await answer.json();
  const found = [];
  const kind = (feature) => feature.geometry.type;
  const draw = (className, test, options = {}) =>
    L.geoJSON(area, {
      filter: test,
      interactive: false,
      style: { className },
      pointToLayer: (_, at) => L.circleMarker(at, { radius: 3, interactive: false, className }),
      ...options,
    }).addTo(map);
  const outline = draw("map-outline", (f) => kind(f).endsWith("Polygon"));
  draw("map-street-edge", (f) => kind(f).endsWith("LineString"));
  const remember = { onEachFeature: (feature, layer) => found.push({ feature, layer }) };
  const streets = draw("map-street", (f) => kind(f).endsWith("LineString"), remember);
  const places = draw("map-place", (f) => kind(f) === "Point", remember);
  const names = namesOf(map, found);
  const toggle = () => {
    for (const { from, mark } of names) map.getZoom() >= from ? mark.addTo(map) : mark.remove();
  };
  map.on("zoomend", toggle);
  let bounds = outline.getBounds();
  for (const layer of [streets, places]) if (!bounds.isValid()) bounds = layer.getBounds();
  return { bounds: bounds.isValid() ? bounds : null, features: found, toggle };
}

function popup(spot) {
  const box = element("div", "map-popup");
  box.append(element("strong", "", spot.title));
  for (const line of spot.lines) box.append(element("p", "", line));
  if (spot.link) {
    const link = element("a", "", "Open deze melding");
    link.href = spot.link;
    box.append(link);
  }
  return box;
}

function drawPins(map, layer, pins) {
  layer.clearLayers();
  const taken = new Map();
  for (const spot of pins) {
    const key = `${spot.lat.toFixed(5)} ${spot.lon.toFixed(5)}`;
    const nth = taken.get(key) || 0;
    taken.set(key, nth + 1);
    const icon = L.divIcon({
      html: element("span", `pin tone-${spot.tone}`),
      className: "pin-box",
      iconSize: [28, 36],
      iconAnchor: [14 - nth * 12, 36],
      popupAnchor: [nth * 12, -34],
    });
    const marker = L.marker([spot.lat, spot.lon], { icon, riseOnHover: true });
    marker.bindPopup(popup(spot), { maxWidth: 240 });
    marker.on("popupopen", (event) => {
      const close = event.popup.getElement().querySelector(".leaflet-popup-close-button");
      if (close) close.setAttribute("aria-label", "Sluiten");
    });
    layer.addLayer(marker);
    marker.getElement().setAttribute("aria-label", [spot.title, ...spot.lines].join(". "));
  }
}

export async function drawMap(box, data, options = {}) {
  const map = L.map(box, {
    zoomControl: false,
    attributionControl: Boolean(data.tiles && data.credit),
    scrollWheelZoom: false,
    zoomSnap: 0.5,
    minZoom: 6,
    maxZoom: 19,
    ...options,
  });
  L.control.zoom({ zoomInTitle: "Dichterbij", zoomOutTitle: "Verder weg" }).addTo(map);
  map.setView(NETHERLANDS, 7);
  if (data.tiles) L.tileLayer(data.tiles, { attribution: data.credit, maxZoom: 19 }).addTo(map);
  const layer = L.layerGroup().addTo(map);
  const { bounds, features, toggle } = await drawStreets(map, data.streets);
  drawPins(map, layer, data.pins);
  const spots = data.pins.map((spot) => [spot.lat, spot.lon]);
  if (spots.length === 1) map.setView(spots[0], 16.5);
  else if (bounds) map.fitBounds(spots.reduce((all, spot) => all.extend(spot), bounds), { padding: [8, 8] });
  else if (spots.length) map.fitBounds(spots, { padding: [30, 30], maxZoom: 17 });
  if (toggle) toggle();
  return { map, features, setPins: (pins) => drawPins(map, layer, pins), nameOf };
}

const box = document.getElementById("kaart");
if (box) {
  const source = document.getElementById("kaart-gegevens");
  const drawn = drawMap(box, JSON.parse(source.textContent));
  document.addEventListener("bart:map", async (event) => {
    (await drawn).setPins(event.detail.pins);
  });
}
