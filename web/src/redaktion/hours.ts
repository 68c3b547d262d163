/** How a person says when something is open. */
export interface Week {
  mode: 'none' | 'week' | 'always' | 'appointment' | 'custom';
  /** For Monday to Sunday and public holidays: spans of `[08:00, 12:00]`; none is closed. */
  days: [string, string][][];
  /** What holds on public holidays: nothing said, closed, or the last of days. */
  holidays: 'unsaid' | 'closed' | 'open';
  /** Whether one may come by appointment at other times, too. */
  besides: boolean;
  /** OpenStreetMap syntax that the grid cannot show. */
  osm: string;
}

const names = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'];
const appointment = '"nach Vereinbarung"';

export const emptyWeek = (): Week => ({ mode: 'none', days: [[], [], [], [], [], [], [], []], holidays: 'unsaid', besides: false, osm: '' });

const clock = /^([01]\d|2[0-4]):[0-5]\d$/;
const text = (spans: [string, string][]) => spans.map(([a, b]) => `${a}-${b}`).join(',');

/** OpenStreetMap syntax for the week, null for none, and the days whose spans are not complete. */
export function build(w: Week): { osm: string | null; wrong: number[] } {
  if (w.mode === 'none') return { osm: null, wrong: [] };
  if (w.mode === 'always') return { osm: '24/7', wrong: [] };
  if (w.mode === 'appointment') return { osm: appointment, wrong: [] };
  if (w.mode === 'custom') return { osm: w.osm.trim() || null, wrong: [] };
  const used = w.holidays === 'open' ? w.days : w.days.slice(0, 7);
  const wrong = used.flatMap((spans, i) => (spans.some(([a, b]) => !clock.test(a) || !clock.test(b) || a === b) ? [i] : []));
  const rules: string[] = [];
  for (let i = 0; i < 7; ) {
    const same = text(w.days[i]!);
    let j = i;
    while (j + 1 < 7 && text(w.days[j + 1]!) === same) j++;
    if (same) {
      const range = j === i ? names[i]! : j === i + 1 ? `${names[i]},${names[j]}` : `${names[i]}-${names[j]}`;
      const again = rules.findIndex((r) => r.endsWith(` ${same}`));
      if (again >= 0) rules[again] = `${rules[again]!.slice(0, -same.length - 1)},${range} ${same}`;
      else rules.push(`${range} ${same}`);
    }
    i = j + 1;
  }
  if (w.holidays === 'closed' && rules.length > 0) rules.push('PH off');
  if (w.holidays === 'open' && w.days[7]!.length > 0) rules.push(`PH ${text(w.days[7]!)}`);
  return { osm: rules.length > 0 ? rules.join('; ') + (w.besides ? ` || ${appointment}` : '') : null, wrong };
}

/** The week that OpenStreetMap syntax says, as far as the grid can show it. */
export function read(osm: string | null | undefined): Week {
  const w = emptyWeek();
  if (!osm) return w;
  if (osm === '24/7') return { ...w, mode: 'always' };
  if (osm === appointment) return { ...w, mode: 'appointment' };
  const custom: Week = { ...w, mode: 'custom', osm };
  w.mode = 'week';
  w.besides = osm.endsWith(` || ${appointment}`);
  for (const part of (w.besides ? osm.slice(0, -` || ${appointment}`.length) : osm).split(';')) {
    const m = /^\s*((?:Mo|Tu|We|Th|Fr|Sa|Su|PH)(?:[-,](?:Mo|Tu|We|Th|Fr|Sa|Su|PH))*)\s+(off|closed|[\d:,\- ]+)\s*$/.exec(part);
    if (!m) return custom;
    const off = m[2] === 'off' || m[2] === 'closed';
    const spans: [string, string][] = [];
    for (const s of off ? [] : m[2]!.split(',')) {
      const t = /^\s*(\d{2}:\d{2})-(\d{2}:\d{2})\s*$/.exec(s);
      if (!t || !clock.test(t[1]!) || !clock.test(t[2]!)) return custom;
      spans.push([t[1]!, t[2]!]);
    }
    for (const range of m[1]!.split(',')) {
      const [a, b = a] = range.split('-') as [string, string?];
      if (range === 'PH') {
        w.holidays = off ? 'closed' : 'open';
        w.days[7] = spans;
        continue;
      }
      const from = names.indexOf(a);
      const to = names.indexOf(b!);
      if (from < 0 || to < from) return custom;
      for (let i = from; i <= to; i++) w.days[i] = spans.map(([x, y]) => [x, y]);
    }
  }
  return w;
}
