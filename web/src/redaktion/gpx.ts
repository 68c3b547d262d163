/** A point of a way: longitude, latitude. */
export type Point = [number, number];

/** The most points that the API takes, and those above which a recorded way is thinned out. */
export const maxPoints = 5000;
const plenty = 2000;

const earth = 6371.0088; // kilometres

export function distanceKm([x1, y1]: Point, [x2, y2]: Point): number {
  const r = Math.PI / 180;
  const h = Math.sin(((y2 - y1) * r) / 2) ** 2 + Math.cos(y1 * r) * Math.cos(y2 * r) * Math.sin(((x2 - x1) * r) / 2) ** 2;
  return 2 * earth * Math.asin(Math.min(1, Math.sqrt(h)));
}

export const lengthKm = (line: Point[]): number => line.slice(1).reduce((sum, p, i) => sum + distanceKm(line[i]!, p), 0);

/** Leaves out points that lie closer to the rest than the tolerance, in degrees (Douglas and Peucker). */
function thin(line: Point[], tolerance: number): Point[] {
  const keep = new Uint8Array(line.length);
  keep[0] = keep[line.length - 1] = 1;
  const open: [number, number][] = [[0, line.length - 1]];
  while (open.length > 0) {
    const [a, b] = open.pop()!;
    const [ax, ay] = line[a]!;
    const [dx, dy] = [line[b]![0] - ax, line[b]![1] - ay];
    const square = dx * dx + dy * dy;
    let far = 0;
    let at = 0;
    for (let i = a + 1; i < b; i++) {
      const [px, py] = [line[i]![0] - ax, line[i]![1] - ay];
      const t = square === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / square));
      const d = Math.hypot(px - t * dx, py - t * dy);
      if (d > far) [far, at] = [d, i];
    }
    if (far > tolerance) {
      keep[at] = 1;
      open.push([a, at], [at, b]);
    }
  }
  return line.filter((_, i) => keep[i]);
}

/** The way with as many points as it needs: 2,000 at the most, to about a metre where they are enough. */
export function simplify(line: Point[]): Point[] {
  let out = line.map(([x, y]): Point => [Number(x.toFixed(6)), Number(y.toFixed(6))]).filter((p, i, all) => i === 0 || p[0] !== all[i - 1]![0] || p[1] !== all[i - 1]![1]);
  for (let tolerance = 1e-5; out.length > plenty; tolerance *= 2) out = thin(out, tolerance);
  return out;
}

/** The way in a GPX file: its tracks one after the other, else its routes; null where it is none. */
export function readGPX(text: string): Point[] | null {
  const doc = new DOMParser().parseFromString(text, 'application/xml');
  for (const name of ['trkpt', 'rtept']) {
    const line = [...doc.getElementsByTagNameNS('*', name)]
      .map((p): Point => [Number(p.getAttribute('lon') ?? NaN), Number(p.getAttribute('lat') ?? NaN)])
      .filter(([x, y]) => Math.abs(x) <= 180 && Math.abs(y) <= 90);
    if (line.length > 1) return simplify(line);
  }
  return null;
}
