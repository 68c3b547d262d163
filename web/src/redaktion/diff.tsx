/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import type { FieldChange } from './api';
import { ruleText, type ScheduleInput } from './schedule';
import { languageName } from './texts';
import { dateText, local, momentText, plusDays } from './time';
import { answerName, audienceName, channelName, fieldName, kindName, locale, meansName, occurrenceName, tr } from './words';

const words = (v: string): string => {
  for (const name of [answerName, audienceName, kindName, channelName, meansName, occurrenceName]) if (name(v) !== v) return name(v);
  return v;
};

const labels: Record<string, () => string> = {
  start: () => tr('Beginn', 'Begins'), end: () => tr('Ende', 'Ends'), rrule: () => tr('Wiederholung', 'Repeats'), exclude: () => tr('ohne', 'except'), include: () => tr('und', 'and'),
  allDay: () => tr('ganztägig', 'all day'), timeZone: () => tr('Zeitzone', 'Time zone'), free: () => tr('kostenlos', 'free'), fromCents: () => tr('ab', 'from'), toCents: () => tr('bis', 'to'), note: () => tr('Hinweis', 'Note'),
  name: () => tr('Name', 'Name'), email: () => tr('E-Mail', 'Mail'), phone: () => tr('Telefon', 'Telephone'), street: () => tr('Straße', 'Street'), postalCode: () => tr('PLZ', 'Postal code'), locality: () => tr('Ort', 'Locality'),
  url: () => tr('Adresse', 'Address'), title: () => tr('Titel', 'Title'), alt: () => tr('Bildtext', 'Image text'), status: () => tr('Stand', 'Status'), original: () => tr('Termin', 'Date'),
  credit: () => tr('Foto', 'Photo'), locale: () => tr('Sprache', 'Language'), machine: () => tr('maschinell übersetzt', 'translated by a machine'), longitude: () => tr('Länge', 'Longitude'), latitude: () => tr('Breite', 'Latitude'),
  registration: () => tr('Anmeldung', 'Signing up'), required: () => tr('nötig', 'needed'), until: () => tr('bis', 'until'), capacity: () => tr('Plätze', 'Places'), trial: () => tr('zum Ausprobieren', 'to try'),
  leika: () => tr('LeiKa-Schlüssel', 'LeiKa key'), channels: () => tr('Wie man es bekommt', 'How it can be had'), onlineService: () => tr('Online-Dienst', 'Online service'), requirements: () => tr('Mitzubringen', 'To bring'),
  rentable: () => tr('zu mieten', 'for rent'), features: () => tr('Was es dort gibt', 'What is there'), means: () => tr('Unterwegs', 'Travelling by'), lengthKm: () => tr('Kilometer', 'Kilometres'), ascentM: () => tr('Anstieg in Metern', 'Ascent in metres'),
  minutes: () => tr('Minuten', 'Minutes'), loop: () => tr('Rundweg', 'Round trip'), task: () => tr('Aufgabe', 'Task'), hoursPerMonth: () => tr('Stunden im Monat', 'Hours per month'), skills: () => tr('Was man können sollte', 'What one should know'),
  added: () => tr('zusätzlich', 'additional'), address: () => tr('Anschrift', 'Address'),
};

/** Whether a value says nothing to people. */
const empty = (v: unknown, key = ''): boolean =>
  v === null || v === undefined || v === '' || v === false || v === 'UNKNOWN' || (key === 'licence' && v === 'NOASSERTION') || /^(line|id|municipality|placeId)$/.test(key) || (key === 'timeZone' && v === 'Europe/Berlin')
  || (Array.isArray(v) ? v.length === 0 : typeof v === 'object' && Object.entries(v).every(([k, x]) => empty(x, k)));

/** A value of a field, for people to read. */
export function show(v: unknown, key = ''): ComponentChildren {
  if (typeof v !== 'boolean' && empty(v, key)) return <span class="quiet">{tr('nichts', 'nothing')}</span>;
  if (typeof v === 'boolean') return v ? tr('ja', 'yes') : tr('nein', 'no');
  if (typeof v === 'number') return key.endsWith('Cents') ? `${(v / 100).toFixed(2).replace('.', ',')} €` : String(v);
  if (key === 'locale') return languageName(String(v));
  if (typeof v === 'string') return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(v) ? momentText(local(v), locale()) : key === 'description' ? v.replace(/<[^>]+>/g, ' ').trim() : words(v);
  if (Array.isArray(v)) {
    if (v.every((x) => typeof x !== 'object')) return v.map((x) => (/^\d{4}-/.test(String(x)) ? momentText(local(String(x)), locale()) : words(String(x)))).join(', ');
    return <ul>{v.map((x, i) => <li key={i}>{show(x)}</li>)}</ul>;
  }
  const moments = spoken(v as Record<string, unknown>);
  const price = v as { fromCents?: number; toCents?: number };
  const one = price.fromCents !== undefined && price.fromCents !== null && price.fromCents === price.toCents;
  const entries = Object.entries((key === 'details' ? Object.assign({}, ...Object.values(v as object)) : v) as object).filter(([k, x]) => one && k === 'toCents' ? false : x === false ? key === 'details' : !empty(x, k));
  return <dl class="inner-values">{entries.map(([k, x]) => <div key={k}><dt>{k === 'fromCents' && one ? tr('Betrag', 'Amount') : labels[k]?.() ?? fieldName(k)}</dt><dd>{moments[k] ?? (k === 'url' && image(String(x)) ? <img class="thumb" src={String(x)} alt="" /> : show(x, k))}</dd></div>)}</dl>;
}

/** Whether an address is that of an image on this server. */
const image = (url: string): boolean => url.startsWith(`${location.origin}/media/`);

/** What of a schedule or an exception people say in other words: its rule, and days without a time. */
function spoken(v: Record<string, unknown>): Record<string, string> {
  const out: Record<string, string> = {};
  if (typeof v.start !== 'string' || !('rrule' in v || 'allDay' in v)) return out;
  if (v.rrule) out.rrule = ruleText(v as unknown as ScheduleInput);
  const zone = typeof v.timeZone === 'string' ? v.timeZone : undefined;
  if (!v.allDay) {
    for (const k of ['start', 'end']) if (v[k]) out[k] = momentText(local(String(v[k]), zone), locale());
    return out;
  }
  const day = (x: unknown) => local(String(x), zone).slice(0, 10);
  const days = (x: unknown) => (Array.isArray(x) ? x.map((d) => dateText(day(d), locale())).join(', ') : '');
  out.start = dateText(day(v.start), locale());
  if (v.end) out.end = dateText(plusDays(day(v.end), -1), locale());
  for (const k of ['exclude', 'include']) if (days(v[k])) out[k] = days(v[k]);
  return out;
}

/** What differs, side by side; without `before`, what there is. name tells it from others in a list. */
export function Differences({ changes, before, after, name }: { changes: FieldChange[]; before?: string; after: string; name?: string }) {
  changes = changes.filter((c) => !(empty(c.before, c.name) && empty(c.after, c.name)));
  if (changes.length === 0) return <p class="quiet">{tr('Kein Unterschied.', 'No difference.')}</p>;
  return (
    <div class="table-frame" role={name ? 'group' : 'region'} aria-label={`${tr('Vergleich', 'Comparison')}${name ? `: ${name}` : ''}`} tabIndex={0}>
      <table class="differences">
        <thead><tr><th scope="col">{tr('Feld', 'Field')}</th>{before && <th scope="col">{before}</th>}<th scope="col">{after}</th></tr></thead>
        <tbody>{changes.map((c) => <tr key={c.name}><th scope="row">{fieldName(c.name)}</th>{before && <td class="was">{show(c.before, c.name)}</td>}<td class="is">{show(c.after, c.name)}</td></tr>)}</tbody>
      </table>
    </div>
  );
}

/** One list of changes out of several that followed each other, the oldest first. */
export function merged(steps: FieldChange[][]): FieldChange[] {
  const by = new Map<string, FieldChange>();
  for (const step of steps) {
    for (const c of step) by.set(c.name, { name: c.name, before: by.has(c.name) ? by.get(c.name)!.before : c.before, after: c.after });
  }
  return [...by.values()].filter((c) => JSON.stringify(c.before) !== JSON.stringify(c.after));
}
