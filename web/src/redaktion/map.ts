import 'maplibre-gl/dist/maplibre-gl.css';
import { LngLatBounds, Map, Marker, NavigationControl, setWorkerUrl, type GeoJSONSource, type StyleSpecification } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import type { Point } from './gpx';
import { tr } from './words';

export interface Picker { show(longitude: number, latitude: number): void; centre(): [number, number]; remove(): void }

const colour = (name: string) => {
  const probe = document.createElement('span');
  probe.className = `probe-${name}`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
};

/** A map with what the operator configured below it, and boundaries. It throws where there is no WebGL. */
function openMap(container: HTMLElement, at: [number, number], zoom: number): Map {
  setWorkerUrl(workerUrl);
  const { basemap, credit } = document.body.dataset;
  const style: StyleSpecification = {
    version: 8,
    sources: { umland: { type: 'vector', tiles: [`${location.origin}/tiles/{z}/{x}/{y}.mvt`], minzoom: 0, maxzoom: 16 } },
    layers: [{ id: 'land', type: 'background', paint: { 'background-color': colour('sunk') } }],
  };
  if (basemap) {
    style.sources.basemap = { type: 'raster', tiles: [basemap], tileSize: 256, attribution: (credit ?? '').replaceAll('&', '&amp;').replaceAll('<', '&lt;') };
    style.layers.push({ id: 'basemap', type: 'raster', source: 'basemap' });
  }
  style.layers.push(
    { id: 'border', type: 'line', source: 'umland', 'source-layer': 'boundaries', paint: { 'line-width': 1, 'line-color': colour('edge') } },
  );
  const map = new Map({
    container, style, center: at, zoom, minZoom: 4, maxZoom: 18, dragRotate: false, pitchWithRotate: false, fadeDuration: 0, cooperativeGestures: true,
    attributionControl: basemap ? { compact: true } : false,
    locale: {
      'NavigationControl.ZoomIn': tr('Vergrößern', 'Zoom in'), 'NavigationControl.ZoomOut': tr('Verkleinern', 'Zoom out'), 'Map.Title': tr('Karte', 'Map'), 'Marker.Title': tr('Markierung', 'Marker'),
      'CooperativeGesturesHandler.WindowsHelpText': tr('Mit Strg und Mausrad vergrößern', 'Use Ctrl + scroll to zoom'), 'CooperativeGesturesHandler.MacHelpText': tr('Mit ⌘ und Mausrad vergrößern', 'Use ⌘ + scroll to zoom'),
      'CooperativeGesturesHandler.MobileHelpText': tr('Mit zwei Fingern bewegen', 'Use two fingers to move the map'),
    },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  return map;
}

/** A map with one pin, which is set by a click and can be dragged. It throws where there is no WebGL. */
export function openPicker(container: HTMLElement, at: [number, number], pinned: boolean, picked: (longitude: number, latitude: number) => void): Picker {
  const map = openMap(container, at, pinned ? 14 : 11);
  let marker: Marker | undefined;
  const set = (longitude: number, latitude: number) => {
    if (!marker) {
      marker = new Marker({ draggable: true, color: colour('brand') }).setLngLat([longitude, latitude]).addTo(map);
      marker.on('dragend', () => { const p = marker!.getLngLat(); picked(p.lng, p.lat); });
    } else marker.setLngLat([longitude, latitude]);
  };
  if (pinned) set(...at);
  map.on('click', (e) => { set(e.lngLat.lng, e.lngLat.lat); picked(e.lngLat.lng, e.lngLat.lat); });
  return {
    show(longitude, latitude) { set(longitude, latitude); },
    centre() { const c = map.getCenter(); return [c.lng, c.lat]; },
    remove() { map.remove(); },
  };
}

export interface Drawer { show(line: Point[]): void; fit(line: Point[]): void; centre(): Point; remove(): void }

/** A map with a line, to which each click gives a point. It throws where there is no WebGL. */
export function openDrawer(container: HTMLElement, at: Point, line: Point[], clicked: (p: Point) => void): Drawer {
  const map = openMap(container, at, 12);
  let now = line;
  const data = () => ({
    type: 'FeatureCollection' as const,
    features: [
      ...(now.length > 1 ? [{ type: 'Feature' as const, properties: {}, geometry: { type: 'LineString' as const, coordinates: now } }] : []),
      ...now.filter((_, i) => now.length <= 200 || i === 0 || i === now.length - 1).map((p) => ({ type: 'Feature' as const, properties: {}, geometry: { type: 'Point' as const, coordinates: p } })),
    ],
  });
  const show = (next: Point[]) => {
    now = next;
    map.getSource<GeoJSONSource>('way')?.setData(data());
  };
  const fit = (l: Point[]) => {
    if (l.length > 1) map.fitBounds(l.reduce((b, p) => b.extend(p), new LngLatBounds(l[0]!, l[0]!)), { padding: 30, maxZoom: 15, animate: false });
  };
  map.on('load', () => {
    map.addSource('way', { type: 'geojson', data: data() });
    map.addLayer({ id: 'way', type: 'line', source: 'way', filter: ['==', ['geometry-type'], 'LineString'], layout: { 'line-join': 'round', 'line-cap': 'round' }, paint: { 'line-width': 4, 'line-color': colour('brand') } });
    map.addLayer({ id: 'points', type: 'circle', source: 'way', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 5, 'circle-color': colour('brand'), 'circle-stroke-width': 2, 'circle-stroke-color': '#fff' } });
    fit(now);
  });
  map.on('click', (e) => clicked([e.lngLat.lng, e.lngLat.lat]));
  return { show, fit, centre() { const c = map.getCenter(); return [c.lng, c.lat]; }, remove() { map.remove(); } };
}
