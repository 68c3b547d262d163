import 'maplibre-gl/dist/maplibre-gl.css';
import { LngLatBounds, Map, Marker, NavigationControl, Popup, ScaleControl, setWorkerUrl, type ExpressionSpecification, type StyleSpecification } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';

/** The map of the page. */
export interface MapView {
  /** Takes up what another content of the page wants to see. */
  update(section: HTMLElement): void;
  /** Lights the offering with the id, or none. */
  light(id: string | undefined): void;
  /** Takes up the colours of the page. */
  paint(): void;
}

interface Feature {
  count: number;
  id?: string;
  title?: string;
  kind?: string;
  west?: number;
  south?: number;
  east?: number;
  north?: number;
}

/** A point on its way to the map, with what holds it. */
interface Cluster extends Feature {
  west: number;
  south: number;
  east: number;
  north: number;
  at: { lng: number; lat: number };
}

const markerSize = 40; // pixels that a marker needs for itself

const english = () => document.documentElement.lang === 'en';
const tr = (de: string, en: string) => (english() ? en : de);
const still = matchMedia('(prefers-reduced-motion: reduce)');
const lastZoom = 16;

const colour = (name: string) => {
  // Tokens are light-dark(…); only the browser knows which of the two holds.
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
};

/** The tokens that the layers are painted with. */
const paints: Record<string, [string, string]> = {
  land: ['background-color', '--sunk'],
  area: ['fill-color', '--card'],
  own: ['fill-color', '--brand'],
  border: ['line-color', '--line'],
  district: ['line-color', '--line'],
  state: ['line-color', '--edge'],
  line: ['line-color', '--tour'],
};

const tilesOf = (section: HTMLElement) => [`${location.origin}/tiles/{z}/{x}/{y}.mvt?${section.dataset.query ?? ''}`];

function styleOf(section: HTMLElement): StyleSpecification {
  const style: StyleSpecification = {
    version: 8,
    sources: { umland: { type: 'vector', tiles: tilesOf(section), minzoom: 0, maxzoom: lastZoom } },
    layers: [{ id: 'land', type: 'background', paint: {} }],
  };
  const { basemap, credit } = section.dataset;
  if (basemap) {
    style.sources.basemap = { type: 'raster', tiles: [basemap], tileSize: 256, attribution: escaped(credit ?? '') };
    style.layers.push({ id: 'basemap', type: 'raster', source: 'basemap' });
  }
  const own: ExpressionSpecification = ['in', ['get', 'ags'], ['literal', (section.dataset.own ?? '').split(',')]];
  style.layers.push(
    { id: 'area', type: 'fill', source: 'umland', 'source-layer': 'boundaries', paint: { 'fill-opacity': basemap ? 0 : 1 } },
    { id: 'own', type: 'fill', source: 'umland', 'source-layer': 'boundaries', filter: own, paint: { 'fill-opacity': 0.16 } },
    { id: 'border', type: 'line', source: 'umland', 'source-layer': 'boundaries', paint: { 'line-width': 1 } },
    { id: 'district', type: 'line', source: 'umland', 'source-layer': 'districts', filter: ['==', ['get', 'level'], 'district'], paint: { 'line-width': 0.7 } },
    { id: 'state', type: 'line', source: 'umland', 'source-layer': 'districts', filter: ['==', ['get', 'level'], 'state'], paint: { 'line-width': 1.4 } },
  );
  for (const layer of style.layers) {
    const [property, token] = paints[layer.id] ?? [];
    if (property && token) layer.paint = { ...layer.paint, [property]: colour(token) };
  }
  return style;
}

/** MapLibre takes credits as HTML. */
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const words = () => ({
  'NavigationControl.ZoomIn': tr('Vergrößern', 'Zoom in'),
  'NavigationControl.ZoomOut': tr('Verkleinern', 'Zoom out'),
  'NavigationControl.ResetBearing': tr('Nach Norden ausrichten', 'Reset bearing to north'),
  'AttributionControl.ToggleAttribution': tr('Quellen zeigen', 'Toggle attribution'),
  'Map.Title': tr('Karte', 'Map'),
  'Marker.Title': tr('Markierung', 'Marker'),
  'Popup.Close': tr('Schließen', 'Close'),
  'CooperativeGesturesHandler.WindowsHelpText': tr('Mit Strg und Mausrad vergrößern', 'Use Ctrl + scroll to zoom the map'),
  'CooperativeGesturesHandler.MacHelpText': tr('Mit ⌘ und Mausrad vergrößern', 'Use ⌘ + scroll to zoom the map'),
  'CooperativeGesturesHandler.MobileHelpText': tr('Mit zwei Fingern bewegen', 'Use two fingers to move the map'),
});

/** Opens the map in the section. go leads to another list. It throws where there is no WebGL. */
export function openMap(first: HTMLElement, go: (to: URL) => void): MapView {
  setWorkerUrl(workerUrl);
  let section = first;
  const map = new Map({
    container: section.querySelector<HTMLElement>('.map-canvas')!,
    style: styleOf(section),
    bounds: boundsOf(section),
    fitBoundsOptions: { padding: 40, maxZoom: 13 },
    minZoom: 3,
    maxZoom: 18,
    locale: words(),
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    cooperativeGestures: section.matches('.small') || !matchMedia('(min-width: 64rem)').matches,
    attributionControl: section.dataset.basemap ? { compact: true } : false,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  map.addControl(new ScaleControl({}), 'bottom-left');

  const markers = new globalThis.Map<string, { marker: Marker; ids: string | undefined }>();
  let popup: Popup | undefined;
  let lit: string | undefined;

  const say = (at: { lng: number; lat: number }, content: HTMLElement) => {
    popup?.remove();
    const from = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    const said = new Popup({ maxWidth: '18rem', focusAfterOpen: true }).setLngLat(at).setDOMContent(content).addTo(map);
    said.getElement().addEventListener('keydown', (event) => {
      if (event.key === 'Escape') said.remove();
    });
    // The focus that was in it goes back to where it came from.
    said.on('close', () => {
      if (document.activeElement === document.body && from?.isConnected) from.focus({ preventScroll: true });
    });
    popup = said;
  };

  /** Says something above the map until it moves. */
  const note = (text: string) => {
    const span = document.createElement('span');
    span.textContent = text;
    section.querySelector('.map-note')?.replaceChildren(span);
  };

  const link = (href: string, text: string) => {
    const a = document.createElement('a');
    a.href = href;
    a.textContent = text;
    return a;
  };

  const inLanguage = (path: string) => (english() ? `${path}?lang=en` : path);

  const single = (f: Feature, at: { lng: number; lat: number }) => {
    const p = document.createElement('p');
    p.append(link(inLanguage(`/angebot/${encodeURIComponent(f.id ?? '')}`), f.title ?? ''));
    say(at, p);
  };

  /** What stands at one place: the list itself says it. */
  const several = async (f: Feature, at: { lng: number; lat: number }) => {
    const margin = 0.0003;
    const to = new URL('/', location.href);
    to.search = section.dataset.query ?? '';
    to.searchParams.set('box', [f.west! - margin, f.south! - margin, f.east! + margin, f.north! + margin].map((x) => x.toFixed(5)).join(','));
    if (english()) to.searchParams.set('lang', 'en');
    const answer = await fetch(to, { credentials: 'same-origin' });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const list = document.createElement('ul');
    for (const a of page.querySelectorAll<HTMLAnchorElement>('.card h3 a')) {
      const li = document.createElement('li');
      li.append(link(a.getAttribute('href') ?? '', a.textContent ?? ''));
      list.append(li);
    }
    if (page.querySelector('.steps [rel=next]')) {
      const li = document.createElement('li');
      li.append(link(to.href, tr('Alle zeigen', 'Show all')));
      list.append(li);
    }
    say(at, list);
  };

  const press = (f: Feature, at: { lng: number; lat: number }) => {
    if (f.count === 1) {
      single(f, at);
    } else if (map.getZoom() >= lastZoom || (f.east! - f.west! < 2e-4 && f.north! - f.south! < 2e-4)) {
      void several(f, at).catch(() => note(tr('Das ließ sich gerade nicht laden.', 'This could not be loaded just now.')));
    } else {
      map.fitBounds([f.west!, f.south!, f.east!, f.north!], { padding: 70, maxZoom: lastZoom, animate: !still.matches });
    }
  };

  const button = (f: Feature, at: { lng: number; lat: number }) => {
    const b = document.createElement('button');
    b.type = 'button';
    if (f.count > 1) {
      b.className = 'marker cluster';
      b.textContent = f.count.toLocaleString(english() ? 'en' : 'de');
      b.setAttribute('aria-label', tr(`${f.count} Angebote`, `${f.count} offerings`));
    } else {
      const kind = (f.kind ?? '').toLowerCase();
      b.className = `marker kind-${kind}`;
      b.setAttribute('aria-label', f.title ?? '');
      b.title = f.title ?? '';
      const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
      svg.setAttribute('class', 'icon');
      svg.setAttribute('aria-hidden', 'true');
      const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
      use.setAttribute('href', `#i-${kind}`);
      svg.append(use);
      b.append(svg);
    }
    b.addEventListener('click', (event) => {
      event.stopPropagation();
      press(f, at);
    });
    return b;
  };

  /** Makes one of what would lie upon each other: what has the most takes in what is too near to be pressed apart from it. */
  const apart = (found: Cluster[]) => {
    const kept: { f: Cluster; x: number; y: number }[] = [];
    for (const f of found.sort((a, b) => b.count - a.count)) {
      const { x, y } = map.project(f.at);
      const near = kept.find((k) => Math.abs(k.x - x) < markerSize + 14 && Math.abs(k.y - y) < markerSize);
      if (!near) {
        kept.push({ f: { ...f }, x, y });
        continue;
      }
      const into = near.f;
      into.count += f.count;
      into.west = Math.min(into.west, f.west);
      into.south = Math.min(into.south, f.south);
      into.east = Math.max(into.east, f.east);
      into.north = Math.max(into.north, f.north);
    }
    return kept.map(({ f }) => f);
  };

  /** Puts a button on each point of the tiles that are shown. */
  const draw = () => {
    if (section.dataset.query === undefined || !map.isStyleLoaded() || !map.areTilesLoaded()) return;
    const found: Cluster[] = [];
    const places = new Set<string>();
    for (const { geometry, properties } of map.querySourceFeatures('umland', { sourceLayer: 'offerings' })) {
      if (geometry.type !== 'Point') continue;
      const [lng, lat] = geometry.coordinates as [number, number];
      const f = properties as Feature;
      const place = `${lng} ${lat} ${f.id ?? f.count}`; // tiles that are shown in each other's place tell the same
      if (!map.getBounds().contains([lng, lat]) || places.has(place)) continue;
      places.add(place);
      found.push({ west: lng, south: lat, east: lng, north: lat, ...f, at: { lng, lat } });
    }
    const seen = new Set<string>();
    for (const f of apart(found)) {
      const key = `${f.count}/${f.count === 1 ? (f.id ?? '') : ''}/${f.at.lng.toFixed(4)}/${f.at.lat.toFixed(4)}`;
      seen.add(key);
      if (!markers.has(key)) {
        markers.set(key, { marker: new Marker({ element: button(f, f.at) }).setLngLat(f.at).addTo(map), ids: f.count === 1 ? f.id : undefined });
      }
    }
    let focusLost = false;
    for (const [key, { marker }] of markers) {
      if (!seen.has(key)) {
        focusLost ||= marker.getElement() === document.activeElement;
        marker.remove();
        markers.delete(key);
      }
    }
    // Whoever pressed a number by keyboard goes on with what it has become.
    if (focusLost) (markers.values().next().value?.marker.getElement() ?? map.getCanvas()).focus({ preventScroll: true });
    shine();
    section.dataset.ready = String(markers.size);
  };

  const shine = () => {
    for (const { marker, ids } of markers.values()) marker.getElement().classList.toggle('lit', lit !== undefined && ids === lit);
  };

  const paint = () => {
    for (const [layer, [property, token]] of Object.entries(paints)) {
      if (map.getLayer(layer)) map.setPaintProperty(layer, property as 'line-color', colour(token));
    }
  };

  /** The point and the line of the one thing that the page is about. */
  const mark = () => {
    const { point, title, line } = section.dataset;
    if (line) {
      const coordinates = line.split(' ').map((pair) => pair.split(',').map(Number));
      map.addSource('line', { type: 'geojson', data: { type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates } } });
      map.addLayer({ id: 'line', type: 'line', source: 'line', layout: { 'line-join': 'round', 'line-cap': 'round' }, paint: { 'line-width': 4, 'line-color': colour('--tour') } });
    }
    if (point) {
      const [lng, lat] = point.split(',').map(Number) as [number, number];
      const pin = document.createElement('span');
      pin.className = 'marker';
      pin.setAttribute('role', 'img');
      pin.setAttribute('aria-label', title ?? '');
      new Marker({ element: pin }).setLngLat([lng, lat]).addTo(map);
      section.dataset.ready = '1';
    }
  };

  map.on('load', () => {
    mark();
    paint();
    draw();
  });
  map.on('idle', draw);
  // A tile that does not come is said, and tried again with the next move.
  map.on('error', () => note(tr('Die Karte ist gerade unvollständig.', 'The map is incomplete just now.')));
  map.on('movestart', () => section.querySelector('.map-note > span')?.remove());
  map.on('moveend', (event) => {
    draw();
    const place = section.querySelector('.map-note');
    // Only where somebody moved it, and there is a list to narrow.
    if (!place || !section.dataset.box || !('originalEvent' in event && event.originalEvent)) return;
    const here = document.createElement('button');
    here.type = 'button';
    here.textContent = tr('Hier suchen', 'Search here');
    here.addEventListener('click', () => {
      place.replaceChildren();
      const to = new URL(section.dataset.box!, location.href);
      to.searchParams.set('box', map.getBounds().toArray().flat().map((x) => x.toFixed(4)).join(','));
      go(to);
    });
    place.replaceChildren(here);
  });
  // A municipality says its name.
  map.on('click', 'area', (event) => {
    const found = event.features?.[0]?.properties as { ags?: string; name?: string } | undefined;
    if (!found?.ags || !found.name) return;
    const p = document.createElement('p');
    p.append(link(inLanguage(`/gemeinde/${encodeURIComponent(found.ags)}`), found.name));
    say(event.lngLat, p);
  });

  return {
    update(next) {
      const { query, bounds } = section.dataset;
      section = next;
      popup?.remove();
      if (next.dataset.query !== query) {
        const source = map.getSource('umland');
        if (source && 'setTiles' in source) (source as { setTiles(tiles: string[]): void }).setTiles(tilesOf(next));
      }
      if (next.dataset.bounds !== bounds && !new URL(location.href).searchParams.has('box')) {
        map.fitBounds(boundsOf(next), { padding: 40, maxZoom: 13, animate: !still.matches });
      }
      map.resize();
      next.dataset.ready = String(markers.size);
    },
    light(id) {
      if (id === lit) return;
      lit = id;
      shine();
    },
    paint,
  };
}

/** What the map shows at first. */
function boundsOf(section: HTMLElement): LngLatBounds {
  const { bounds, point, line } = section.dataset;
  if (line) {
    const all = new LngLatBounds();
    for (const pair of line.split(' ')) all.extend(pair.split(',').map(Number) as [number, number]);
    return all;
  }
  if (point) {
    const [lng, lat] = point.split(',').map(Number) as [number, number];
    return new LngLatBounds([lng - 0.03, lat - 0.02], [lng + 0.03, lat + 0.02]);
  }
  const [west, south, east, north] = (bounds ?? '5.9,47.3,15,55').split(',').map(Number) as [number, number, number, number];
  return new LngLatBounds([west, south], [east, north]);
}
