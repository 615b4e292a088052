// Points of a located table on a local base map; loaded when the map comes into view. The table is its alternative.

const place = document.querySelector("[data-map]");
place.setAttribute("role", "region");
place.setAttribute("aria-label", place.dataset.label);
place.append(document.createElement("span"));

new IntersectionObserver((entries, observer) => {
  if (!entries.some((entry) => entry.isIntersecting)) return;
  observer.disconnect();
  show().catch((fault) => {
    const note = document.createElement("p");
    note.textContent = `${place.dataset.failed} (${fault.message})`;
    place.replaceWith(note);
  });
}, { rootMargin: "200px" }).observe(place);

async function show() {
  const [maplibre, answer] = await Promise.all([
    import(place.dataset.library),
    fetch(place.dataset.source, { headers: { Accept: "application/geo+json" } }),
  ]);
  if (!answer.ok) throw new Error(String(answer.status));
  const points = await answer.json();
  points.features = points.features.filter((feature) => feature.geometry);
  const bounds = new maplibre.LngLatBounds();
  for (const feature of points.features) extend(bounds, feature.geometry.coordinates);
  maplibre.setWorkerUrl?.(place.dataset.worker);
  place.replaceChildren();
  const map = new maplibre.Map({
    container: place,
    attributionControl: false,
    style: {
      version: 8,
      sources: {
        land: { type: "geojson", data: new URL(place.dataset.land, location.href).href },
        points: { type: "geojson", data: points },
      },
      layers: [
        { id: "sea", type: "background", paint: { "background-color": "#e3eff8" } },
        { id: "land", type: "fill", source: "land", paint: { "fill-color": "#fbfaf6" } },
        { id: "coast", type: "line", source: "land", paint: { "line-color": "#8fa3b3", "line-width": 1 } },
        {
          id: "points", type: "circle", source: "points", filter: ["==", ["geometry-type"], "Point"],
          paint: {
            "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 4, 16, 8],
            "circle-color": "#0017c1", "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.5,
          },
        },
      ],
    },
    bounds: bounds.isEmpty() ? [[138.9, 35.4], [140.0, 35.95]] : bounds,
    fitBoundsOptions: { padding: 40, maxZoom: 15 },
  });
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibre.ScaleControl({ unit: "metric" }));
  map.getCanvas().setAttribute("aria-label", place.dataset.label);
  map.on("mouseenter", "points", () => { map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", "points", () => { map.getCanvas().style.cursor = ""; });
  map.on("click", "points", (event) => {
    const feature = event.features[0];
    new maplibre.Popup({ maxWidth: "20rem" }).setLngLat(feature.geometry.coordinates.slice()).setDOMContent(facts(feature.properties)).addTo(map);
  });
}

function extend(bounds, coordinates) {
  if (typeof coordinates[0] === "number") bounds.extend(coordinates);
  else for (const inner of coordinates) extend(bounds, inner);
}

function facts(properties) {
  const list = document.createElement("dl");
  list.className = "map__popup";
  const told = Object.entries(properties).filter(([, value]) => value !== null && value !== "" && value !== "null");
  for (const [name, value] of told.slice(0, 8)) {
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = name;
    text.textContent = String(value);
    list.append(term, text);
  }
  return list;
}
