import Papa from 'papaparse';
import type { Input } from './draft';
import { cents, memberOf } from './draft';
import { instant, isDate } from './time';
import { tr } from './words';

export interface Row { line: number; cells: string[] }
export interface Table { header: string[]; rows: Row[]; more: number }

export const maxRows = 5000;

/** What a file is that is no table of text; empty where it may be one. */
export function notText(bytes: ArrayBuffer): string {
  const head = [...new Uint8Array(bytes.slice(0, 4))].map((b) => b.toString(16).padStart(2, '0')).join('');
  if (head === '504b0304' || head === 'd0cf11e0') return tr('Das ist eine Arbeitsmappe, keine CSV-Datei. Bitte speichern Sie sie in Ihrem Tabellenprogramm mit „Speichern unter“ als CSV und wählen diese Datei.', 'This is a workbook, no CSV file. Please save it as CSV with “Save as” in your spreadsheet program, and choose that file.');
  if (bytes.byteLength > 20_000_000) return tr('Diese Datei ist zu groß. Bitte teilen Sie sie auf; 20 MB sind das Meiste.', 'This file is too large. Please split it; 20 MB are the most.');
  return head.startsWith('25504446') ? tr('Das ist eine PDF-Datei, keine CSV-Datei.', 'This is a PDF, no CSV file.') : '';
}

/** The text of a file as spreadsheets write it: UTF-8, UTF-16 with its mark, else Windows-1252. */
export function decode(bytes: ArrayBuffer): string {
  const [a, b] = new Uint8Array(bytes.slice(0, 2));
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return new TextDecoder(a === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** What parts the cells: what the first line has most of, outside of quotation marks. */
function delimiter(text: string): string {
  const line = text.slice(0, 20_000).replace(/"[^"]*"/g, '').split(/\r?\n/).find((l) => l.trim()) ?? '';
  const counts = [';', ',', '\t', '|'].map((d) => [d, line.split(d).length] as const);
  return counts.reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}

/** Reads a table; each row knows the line of the file on which it begins. */
export function parse(text: string): Table {
  const rows: Row[] = [];
  let line = 1;
  let at = 0;
  let more = 0;
  // Papa itself drops the mark at the beginning, but counts without it.
  const plain = text.replace(/^\uFEFF/, '');
  Papa.parse<string[]>(plain, {
    skipEmptyLines: false,
    delimiter: delimiter(plain),
    step: ({ data, meta }) => {
      const begins = line;
      for (; at < meta.cursor; at++) if (plain[at] === '\n') line++;
      if (data.every((c) => c.trim() === '')) return;
      if (rows.length > maxRows) more++;
      else rows.push({ line: begins, cells: data.map((c) => c.trim()) });
    },
  });
  const header = rows.shift()?.cells ?? [];
  return { header, rows, more };
}

export const targets = [
  'title', 'kind', 'summary', 'description', 'provider', 'date', 'time', 'endDate', 'endTime', 'placeName', 'street', 'postalCode', 'locality', 'price', 'category',
  'audience', 'wheelchair', 'openingHours', 'contactName', 'email', 'phone', 'url', 'externalId',
] as const;
export type Target = (typeof targets)[number];

export const targetName = (t: string): string =>
  ({
    title: tr('Titel', 'Title'), kind: tr('Art', 'Kind'), summary: tr('Kurztext', 'Summary'), description: tr('Beschreibung', 'Description'), provider: tr('Anbieter', 'Provider'),
    date: tr('Datum', 'Date'), time: tr('Uhrzeit', 'Time'), endDate: tr('Ende: Datum', 'End date'), endTime: tr('Ende: Uhrzeit', 'End time'), placeName: tr('Ort: Name', 'Place: name'),
    street: tr('Straße', 'Street'), postalCode: tr('Postleitzahl', 'Postal code'), locality: tr('Ort: Gemeinde', 'Locality'), price: tr('Preis', 'Price'), category: tr('Thema', 'Topic'),
    audience: tr('Für wen', 'Audience'), wheelchair: tr('Rollstuhl', 'Wheelchair'), openingHours: tr('Öffnungszeiten', 'Opening hours'), contactName: tr('Kontakt: Name', 'Contact: name'),
    email: tr('E-Mail', 'Mail'), phone: tr('Telefon', 'Telephone'), url: tr('Link', 'Link'), externalId: tr('Eigene Nummer', 'Own id'),
  })[t] ?? t;

const guesses: [Target, RegExp][] = [
  ['externalId', /^(id|nr|nummer|uid|externe?.?id|eigene nummer)$/], ['title', /^(titel|title|name|veranstaltung|bezeichnung|angebot|thema der veranstaltung)$/], ['kind', /^(art|kind|typ|type)$/],
  ['summary', /^(kurztext|kurzbeschreibung|summary|untertitel|teaser)$/], ['description', /^(beschreibung|description|text|langtext|inhalt|details)$/],
  ['provider', /^(anbieter|veranstalter|verein|organizer|provider|organisation)/], ['endDate', /^(end.?datum|datum.?bis|bis|ende|end.?date|enddatum)$/],
  ['endTime', /^(end.?zeit|uhrzeit.?bis|zeit.?bis|ende.?uhrzeit|end.?time)$/], ['date', /^(datum|date|start|beginn|anfang|tag|start.?datum|datum.?von|von)$/],
  ['time', /^(uhrzeit|zeit|time|start.?zeit|beginn.?uhrzeit|uhrzeit.?von|einlass)$/], ['placeName', /^(veranstaltungsort|ort.?name|location|place|treffpunkt|stätte|saal)$/],
  ['street', /^(straße|strasse|street|adresse|anschrift)/], ['postalCode', /^(plz|postleitzahl|zip|postal)/], ['locality', /^(ort|stadt|gemeinde|city|locality|wohnort)$/],
  ['price', /^(preis|eintritt|kosten|price|gebühr)/], ['category', /^(kategorie|thema|rubrik|category|sparte)/], ['audience', /^(zielgruppe|für wen|audience)/],
  ['wheelchair', /^(rollstuhl|barrierefrei|wheelchair)/], ['openingHours', /^(öffnungszeiten|opening)/], ['contactName', /^(kontakt|ansprechpartner|contact)/],
  ['email', /^(e-?mail|mail)/], ['phone', /^(telefon|tel|phone)/], ['url', /^(link|url|web|internet|homepage|webseite)/],
];

/** What each column seems to hold; each target once. */
export function guess(header: string[]): (Target | '')[] {
  const taken = new Set<Target>();
  return header.map((h) => {
    const found = guesses.find(([t, re]) => !taken.has(t) && re.test(h.toLowerCase().trim()))?.[0];
    if (found) taken.add(found);
    return found ?? '';
  });
}

const two = (s: string) => s.padStart(2, '0');

/** `14.12.2026`, `14.12.26`, `2026-12-14`, also with a time behind. */
export function readDate(s: string): { date: string; time: string } | null {
  const m = /^(?:\D{2,10}[.,]?\s+)?(?:(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})|(\d{4})-(\d{2})-(\d{2}))(?:[T,\s]+(\d{1,2}[:.]\d{2}).*)?$/.exec(s.trim());
  if (!m) return null;
  const date = m[4] ? `${m[4]}-${m[5]}-${m[6]}` : `${m[3]!.length === 2 ? `20${m[3]}` : m[3]}-${two(m[2]!)}-${two(m[1]!)}`;
  return isDate(date) ? { date, time: m[7] ? readTime(m[7])! : '' } : null;
}

/** `19:30`, `19.30 Uhr`, `19 Uhr`. */
export function readTime(s: string): string | null {
  const m = /^(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})?\s*(?:Uhr|h)?$/i.exec(s.trim());
  return m && Number(m[1]) < 24 && Number(m[2] ?? 0) < 60 ? `${two(m[1]!)}:${m[2] ?? '00'}` : null;
}

export interface Known {
  kind: string;
  provider: string;
  /** Ids by name in small letters. */
  providers: Map<string, string>;
  /** Slugs by name in small letters. */
  categories: Map<string, string>;
}

export interface LineFault { line: number; field: string; text: string }

const kindWords: Record<string, string> = {
  veranstaltung: 'EVENT', event: 'EVENT', gruppe: 'ACTIVITY', kurs: 'ACTIVITY', 'regelmäßige gruppe': 'ACTIVITY', activity: 'ACTIVITY', leistung: 'SERVICE', dienstleistung: 'SERVICE', service: 'SERVICE',
  ort: 'FACILITY', einrichtung: 'FACILITY', facility: 'FACILITY', tour: 'TOUR', ehrenamt: 'VOLUNTEERING', volunteering: 'VOLUNTEERING',
};
const audienceWords: Record<string, string> = {
  kinder: 'CHILDREN', jugendliche: 'YOUTH', jugend: 'YOUTH', familien: 'FAMILIES', familie: 'FAMILIES', erwachsene: 'ADULTS', senioren: 'SENIORS', ältere: 'SENIORS', 'ältere menschen': 'SENIORS', zugezogene: 'NEWCOMERS', 'neu angekommene': 'NEWCOMERS', gäste: 'VISITORS',
};
const yesNo: Record<string, string> = { ja: 'YES', yes: 'YES', nein: 'NO', no: 'NO', teilweise: 'PARTLY', partly: 'PARTLY', x: 'YES', '1': 'YES', '0': 'NO' };

/** The input of a row, and what is wrong with it. */
export function toInput(row: Row, columns: (Target | '')[], known: Known): { input: Input; faults: LineFault[] } {
  const v: Partial<Record<Target, string>> = {};
  columns.forEach((t, i) => { if (t && row.cells[i]) v[t] = row.cells[i]; });
  const faults: LineFault[] = [];
  const fault = (field: Target, text: string) => void faults.push({ line: row.line, field: targetName(field), text });
  const kind = v.kind ? (kindWords[v.kind.toLowerCase()] ?? '') : known.kind;
  if (!kind) fault('kind', tr(`„${v.kind}“ ist keine Art von Angebot.`, `“${v.kind}” is no kind of offering.`));
  if (!v.title) fault('title', tr('Der Titel fehlt.', 'The title is missing.'));
  const provider = v.provider ? known.providers.get(v.provider.toLowerCase()) : known.provider;
  if (!provider) fault('provider', v.provider ? tr(`Den Anbieter „${v.provider}“ gibt es hier nicht.`, `There is no provider “${v.provider}” here.`) : tr('Der Anbieter fehlt.', 'The provider is missing.'));
  const input: Input = { kind: kind || 'EVENT', title: v.title ?? '', provider: provider ?? '' };
  if (v.externalId) input.externalId = v.externalId;
  if (v.summary) input.summary = v.summary;
  if (v.description) input.description = v.description;
  if (v.date) {
    const start = readDate(v.date);
    const time = v.time ? readTime(v.time) : (start?.time ?? '');
    if (!start) fault('date', tr(`„${v.date}“ ist kein Datum. Schreiben Sie es wie 14.12.2026.`, `“${v.date}” is no date. Write it like 14.12.2026.`));
    if (time === null) fault('time', tr(`„${v.time}“ ist keine Uhrzeit. Schreiben Sie sie wie 19:30.`, `“${v.time}” is no time. Write it like 19:30.`));
    const end = v.endDate ? readDate(v.endDate) : null;
    if (v.endDate && !end) fault('endDate', tr(`„${v.endDate}“ ist kein Datum.`, `“${v.endDate}” is no date.`));
    const endTime = v.endTime ? readTime(v.endTime) : (end?.time ?? '');
    if (endTime === null) fault('endTime', tr(`„${v.endTime}“ ist keine Uhrzeit.`, `“${v.endTime}” is no time.`));
    if (start && time !== null && endTime !== null) {
      const last = end?.date ?? start.date;
      if (last < start.date) fault('endDate', tr('Das Ende liegt vor dem Anfang.', 'The end lies before the beginning.'));
      const next = (d: string) => new Date(Date.parse(`${d}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
      input.schedule = time
        ? { start: instant(`${start.date}T${time}`), allDay: false, ...(endTime ? { end: instant(`${!end && endTime <= time ? next(last) : last}T${endTime}`) } : {}) }
        : { start: instant(start.date), allDay: true, ...(last > start.date ? { end: instant(next(last)) } : {}) };
    }
  } else if (kind === 'EVENT') {
    fault('date', tr('Das Datum fehlt.', 'The date is missing.'));
  }
  if (/^\d{4}$/.test(v.postalCode ?? '')) v.postalCode = `0${v.postalCode}`; // spreadsheets take it for a number
  if (v.placeName || v.street || v.locality || v.postalCode) {
    input.place = { name: v.placeName ?? null, street: v.street ?? null, postalCode: v.postalCode ?? null, locality: v.locality ?? null };
    if (v.postalCode && !/^\d{5}$/.test(v.postalCode)) fault('postalCode', tr('Eine Postleitzahl hat fünf Ziffern.', 'A postal code has five digits.'));
  }
  if (v.price) {
    const amount = cents(v.price);
    const least = cents(v.price.replace(/^ab\s+/i, ''));
    if (/^(frei|kostenlos|eintritt frei|free|0|0,00 ?€?)$/i.test(v.price)) input.price = { free: true };
    else if (amount !== null && !Number.isNaN(amount)) input.price = { free: false, fromCents: amount, toCents: amount };
    else if (least !== null && !Number.isNaN(least)) input.price = { free: false, fromCents: least };
    else input.price = { note: v.price };
  }
  if (v.category) {
    const slugs = v.category.split(/[,;|]/).map((c) => c.trim()).filter(Boolean).map((c) => known.categories.get(c.toLowerCase()) ?? fault('category', tr(`Das Thema „${c}“ gibt es nicht.`, `There is no topic “${c}”.`)));
    input.categories = slugs.filter(Boolean);
  }
  if (v.audience) {
    const list = v.audience.split(/[,;|]/).map((a) => a.trim()).filter(Boolean).map((a) => audienceWords[a.toLowerCase()] ?? fault('audience', tr(`„${a}“ ist keine Zielgruppe.`, `“${a}” is no audience.`)));
    input.audiences = list.filter(Boolean);
  }
  if (v.wheelchair) input.wheelchair = yesNo[v.wheelchair.toLowerCase()] ?? 'UNKNOWN';
  if (v.openingHours) input.openingHours = v.openingHours;
  if (v.contactName || v.email || v.phone) input.contact = { name: v.contactName ?? null, email: v.email ?? null, phone: v.phone ?? null };
  if (v.url) input.links = [{ url: /^[a-z]+:/i.test(v.url) ? v.url : `https://${v.url}` }];
  if (kind === 'TOUR') input[memberOf('TOUR')] = { means: 'HIKING' };
  return { input, faults };
}
