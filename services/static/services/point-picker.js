// A point on a map drawn from local files. Reads the data- attributes of services/point_picker.html;
// the two number inputs stay the form's values and work without it.
"use strict";
(function () {
  const STEP_PX = 4; // one arrow key; five times as much with Shift
  const CLOSE_ZOOM = 11;
  const CITIES_FROM_ZOOM = 10, CODES_FROM_ZOOM = 12;
  const NORTH_AMERICA = [[22, -128], [56, -62]];
  const LINES = {
    world: { color: "#9aa5ad", weight: 1 },
    neighbors: { color: "#7d8a93", weight: 1 },
    states: { color: "#5f6d77", weight: 1.2 },
  };

  function icon(name) {
    return L.divIcon({ className: name, iconSize: [28, 28], iconAnchor: [14, 14] });
  }

  function unpacked(line, digits) {
    const scale = 10 ** digits, points = [];
    for (let i = 0, x = 0, y = 0; i < line.length; i += 2) {
      x += line[i];
      y += line[i + 1];
      points.push([y / scale, x / scale]);
    }
    return points;
  }

  async function drawOutlines(map, address) {
    const answer = await fetch(address);
    if (!answer.ok) return; // the map works without its outlines
    for (const layer of (await answer.json()).layers) {
      const lines = layer.lines.map((line) => unpacked(line, layer.digits));
      L.polyline(lines, { ...LINES[layer.name], interactive: false }).addTo(map);
    }
  }

  function drawPlaces(map, places) {
    const cities = L.layerGroup(), codes = L.layerGroup();
    map.createPane("names").style.zIndex = 450; // below the markers
    for (const [lat, lon, name, isCity] of places) {
      const className = isCity ? "point-picker-city" : "point-picker-code";
      L.circleMarker([lat, lon], { radius: isCity ? 3 : 2, weight: 1, color: "#5f6d77", interactive: false })
        .bindTooltip(name, { permanent: true, direction: "right", className, offset: [4, 0], pane: "names" })
        .addTo(isCity ? cities : codes);
    }
    const from = (zoom, layer) => (map.getZoom() >= zoom ? layer.addTo(map) : layer.remove());
    const show = () => {
      from(CITIES_FROM_ZOOM, cities);
      from(CODES_FROM_ZOOM, codes);
    };
    map.on("zoomend", show);
    show();
  }

  function drawDisplaced(map, point) {
    L.marker(point, { icon: icon("point-picker-displaced"), keyboard: false, interactive: false })
      .bindTooltip("What anyone sees", { permanent: true, direction: "bottom", offset: [0, 12] })
      .addTo(map);
  }

  // The inputs and the marker say the same; the inputs count.
  class Picker {
    constructor(map, root) {
      this.map = map;
      [this.lat, this.lon] = root.querySelectorAll(".point-picker-numbers input");
      this.clear = root.querySelector("[data-clear]");
      this.marker = null;
      this.clear.hidden = false;
      this.clear.addEventListener("click", () => this.setPoint(null));
      for (const input of [this.lat, this.lon]) {
        input.addEventListener("change", () => this.readInputs());
        input.addEventListener("paste", (event) => this.paste(event));
      }
      map.on("click", (event) => this.marker || this.setPoint(event.latlng.wrap()));
      this.readInputs();
    }

    readInputs() {
      const usable = [this.lat, this.lon].every((input) => input.value && input.validity.valid);
      this.draw(usable ? L.latLng(Number(this.lat.value), Number(this.lon.value)) : null);
      if (usable) this.map.setView(this.marker.getLatLng(), Math.max(this.map.getZoom() || 0, CLOSE_ZOOM));
    }

    paste(event) {
      const both = event.clipboardData.getData("text").match(/^\s*(-?\d+\.?\d*)\s*[,\s]\s*(-?\d+\.?\d*)\s*$/);
      if (!both) return;
      event.preventDefault();
      [this.lat.value, this.lon.value] = both.slice(1);
      this.readInputs();
    }

    setPoint(point) {
      this.lat.value = point ? point.lat.toFixed(6) : "";
      this.lon.value = point ? point.lng.toFixed(6) : "";
      this.draw(point);
    }

    draw(point) {
      if (!point || !this.marker) {
        if (this.marker) this.marker.remove();
        this.marker = point ? this.newMarker(point) : null;
      } else {
        this.marker.setLatLng(point);
      }
    }

    newMarker(point) {
      const marker = L.marker(point, { icon: icon("point-picker-marker"), draggable: true, autoPan: true }).addTo(this.map);
      const element = marker.getElement();
      element.setAttribute("aria-label", "The site’s point. Arrow keys move it, with Shift farther.");
      marker.on("dragend", () => this.setPoint(marker.getLatLng().wrap()));
      element.addEventListener("keydown", (event) => this.nudge(event, marker));
      return marker;
    }

    nudge(event, marker) {
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] || [0, 0];
      if (!dx && !dy) return;
      event.preventDefault();
      event.stopPropagation(); // or the map would move too
      const step = event.shiftKey ? 5 * STEP_PX : STEP_PX;
      const pixel = this.map.latLngToContainerPoint(marker.getLatLng()).add([dx * step, dy * step]);
      this.setPoint(this.map.containerPointToLatLng(pixel).wrap());
      this.map.panInside(marker.getLatLng(), { padding: [30, 30] });
    }
  }

  function begin(root) {
    const shown = JSON.parse(root.dataset.shown), box = root.querySelector("[data-map]");
    box.hidden = false;
    const map = L.map(box, { attributionControl: false, preferCanvas: true, minZoom: 2, scrollWheelZoom: false });
    map.fitBounds(NORTH_AMERICA);
    L.control.scale().addTo(map);
    drawOutlines(map, root.dataset.baseMap);
    if (shown.point) map.setView(shown.point, CLOSE_ZOOM);
    if (root.querySelector(".point-picker-numbers")) new Picker(map, root);
    else if (shown.point) L.marker(shown.point, { icon: icon("point-picker-marker"), interactive: false, keyboard: false }).addTo(map);
    if (shown.places) drawPlaces(map, shown.places);
    if (shown.displaced) drawDisplaced(map, shown.displaced);
    const legend = root.querySelector("[data-legend]");
    legend.hidden = false;
    legend.textContent = `${shown.seen_as || ""} Outlines: US Census Bureau, Natural Earth.`.trim();
    new ResizeObserver(() => map.invalidateSize()).observe(box);
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-point-picker]").forEach(begin));
})();
