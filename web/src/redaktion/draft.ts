import type { Image, Offering, Provider } from './api';
import { build as buildHours, emptyWeek, read as readHours, type Week } from './hours';
import { fromHTML, toPosted } from './prose';
import { build as buildPlan, emptyPlan, read as readPlan, type Plan } from './schedule';
import { instant, local } from './time';
import { tr, type Kind } from './words';

/** What the form holds. Texts are as they were typed. */
export interface Draft {
  kind: Kind;
  title: string; summary: string; description: string;
  provider: Provider | null;
  place: { id: string; name: string; street: string; postalCode: string; locality: string; longitude: string; latitude: string };
  online: boolean;
  categories: string[]; audiences: string[];
  wheelchair: string;
  languages: string;
  price: { mode: 'unknown' | 'free' | 'amount'; from: string; to: string; note: string; /** It may cost more than `from`. */ open: boolean };
  contact: { name: string; email: string; phone: string };
  links: { url: string; title: string }[];
  images: Image[];
  week: Week; plan: Plan;
  details: Record<string, any>;
  publishAt: string; expiresAt: string;
  translations: { locale: string; title: string; summary: string; description: string; machine: boolean }[];
  serviceArea: { ags: string; name: string }[];
  /** Empty: nobody said. */
  licence: string;
  externalId: string;
}

export type Input = Record<string, any>;
export interface FieldFault { path: string; text: string }

const noLicence = 'NOASSERTION';

export const emptyDraft = (kind: Kind, provider: Provider | null): Draft => ({
  kind, title: '', summary: '', description: '', provider,
  place: { id: '', name: '', street: '', postalCode: '', locality: '', longitude: '', latitude: '' },
  online: false, categories: [], audiences: [], wheelchair: 'UNKNOWN', languages: '',
  price: { mode: 'unknown', from: '', to: '', note: '', open: false }, contact: { name: '', email: '', phone: '' }, links: [], images: [],
  week: emptyWeek(), plan: { ...emptyPlan(), mode: kind === 'EVENT' ? 'once' : kind === 'ACTIVITY' ? 'weekly' : 'none' }, details: kind === 'TOUR' ? { means: 'HIKING' } : {},
  publishAt: '', expiresAt: '', translations: [], serviceArea: [], licence: '', externalId: '',
});

const euros = (cents: number | null) => (cents === null ? '' : (cents / 100).toFixed(2).replace('.', ','));

export function fromOffering(o: Offering): Draft {
  const d = { ...o.details };
  if (d.registration) d.registration = { ...d.registration, until: d.registration.until ? local(d.registration.until) : '' };
  return {
    kind: o.kind, title: o.title, summary: o.summary ?? '', description: o.description ? fromHTML(o.description) : '', provider: o.provider,
    place: {
      id: o.place?.id ?? '', name: o.place?.name ?? '', street: o.place?.address.street ?? '', postalCode: o.place?.address.postalCode ?? '',
      locality: o.place?.address.locality ?? '', longitude: o.place?.longitude?.toString() ?? '', latitude: o.place?.latitude?.toString() ?? '',
    },
    online: o.online, categories: o.categories.map((c) => c.slug), audiences: o.audiences, wheelchair: o.wheelchair, languages: o.languages.join(', '),
    price: {
      mode: o.price.free ? 'free' : o.price.free === false || o.price.fromCents !== null || o.price.toCents !== null ? 'amount' : 'unknown',
      from: euros(o.price.fromCents), to: o.price.toCents === o.price.fromCents ? '' : euros(o.price.toCents), note: o.price.note ?? '',
      open: o.price.fromCents !== null && o.price.toCents === null,
    },
    contact: { name: o.contact?.name ?? '', email: o.contact?.email ?? '', phone: o.contact?.phone ?? '' },
    links: o.links.map((l) => ({ url: l.url, title: l.title ?? '' })), images: o.images,
    week: readHours(o.openingHours?.osm), plan: readPlan(o.schedule), details: d,
    publishAt: o.editorial?.publishAt ? local(o.editorial.publishAt) : '', expiresAt: o.editorial?.expiresAt ? local(o.editorial.expiresAt) : '',
    translations: o.translations.map((t) => ({ ...t, summary: t.summary ?? '', description: t.description ?? '' })), serviceArea: o.serviceArea,
    licence: o.provenance.licence === noLicence ? '' : o.provenance.licence, externalId: o.provenance.source ? '' : (o.provenance.externalId ?? ''),
  };
}

/** Cents of an amount as people write it: `4`, `4,50`, `1.200,00 €`. Nothing is null, what is none is NaN. */
export function cents(text: string): number | null {
  const t = text.replace(/[€\s]|EUR/g, '');
  if (!t) return null;
  if (!/^\d{1,3}(\.\d{3})*(,\d{1,2})?$|^\d+([.,]\d{1,2})?$/.test(t)) return NaN;
  const plain = /^\d+\.\d{1,2}$/.test(t) ? t : t.replaceAll('.', '').replace(',', '.');
  return Math.round(Number(plain) * 100);
}

const or = (s: string) => s.trim() || null;
const address = (s: string) => { const t = s.trim(); return t && !/^[a-z]+:/i.test(t) ? `https://${t}` : t; };
const member: Record<string, string> = { SERVICE: 'service', FACILITY: 'facility', EVENT: 'event', ACTIVITY: 'activity', TOUR: 'tour', VOLUNTEERING: 'volunteering' };

/** The key of OfferingInput for what only the kind has. */
export const memberOf = (kind: string): string => member[kind] ?? 'event';

function detailsInput(d: Draft): Input {
  const x = d.details;
  const number = (v: unknown) => (v === '' || v === null || v === undefined ? null : Number(String(v).replace(',', '.')));
  const list = (v: unknown) => (Array.isArray(v) ? v : String(v ?? '').split(/[,\n]/)).map((s: string) => s.trim()).filter(Boolean);
  const r = x.registration;
  const registration = r && (r.required || r.url || r.until || r.note)
    ? { required: Boolean(r.required), url: or(address(r.url ?? '')), until: r.until ? instant(r.until) : null, note: or(r.note ?? '') } : null;
  switch (d.kind) {
    case 'SERVICE': return { leika: or(x.leika ?? ''), channels: x.channels ?? [], onlineService: or(address(x.onlineService ?? '')), requirements: or(x.requirements ?? '') };
    case 'FACILITY': return { rentable: x.rentable ?? null, features: list(x.features) };
    case 'EVENT': return { registration, capacity: number(x.capacity) };
    case 'ACTIVITY': return { registration, capacity: number(x.capacity), trial: x.trial ?? null };
    case 'TOUR': return { means: x.means || 'HIKING', lengthKm: number(x.lengthKm), ascentM: number(x.ascentM), minutes: number(x.minutes), loop: x.loop ?? null, line: x.line ?? [] };
    case 'VOLUNTEERING': return { task: or(x.task ?? ''), hoursPerMonth: number(x.hoursPerMonth), skills: list(x.skills) };
  }
}

/** The numbers among the details of a kind, and whether they are whole ones. */
const numbers: Record<string, [string, boolean][]> = {
  EVENT: [['capacity', true]], ACTIVITY: [['capacity', true]], TOUR: [['lengthKm', false], ['ascentM', true], ['minutes', true]], VOLUNTEERING: [['hoursPerMonth', true]],
};

/** What the API takes of a draft, and what can be seen to be missing before it is asked. */
export function toInput(d: Draft): { input: Input; faults: FieldFault[] } {
  const faults: FieldFault[] = [];
  const need = (path: string, text: string) => void faults.push({ path, text });
  if (!d.title.trim()) need('title', tr('Bitte geben Sie einen Titel ein.', 'Please give a title.'));
  if (!d.provider) need('provider', tr('Bitte wählen Sie, wer das anbietet.', 'Please choose who offers this.'));
  const plan = buildPlan(d.plan);
  for (const f of plan.faults) need(`schedule.${f.field}`, tr(f.de, f.en));
  if (d.kind === 'EVENT' && d.plan.mode === 'none') need('schedule.mode', tr('Eine Veranstaltung braucht einen Termin.', 'An event needs a date.'));
  const hours = buildHours(d.week);
  if (d.week.mode === 'week' && hours.wrong.length > 0) need('openingHours', tr('Bitte geben Sie zu jedem Zeitraum Anfang und Ende an.', 'Please give a beginning and an end for each span.'));
  const from = cents(d.price.from);
  const to = cents(d.price.to);
  if (d.price.mode === 'amount') {
    const only = tr('Bitte geben Sie hier nur einen Betrag an, zum Beispiel 4,50. Ermäßigungen und anderes gehören in den Hinweis darunter.', 'Please give one amount here, such as 4.50. Reductions and the like belong in the note below.');
    if (Number.isNaN(from)) need('price.fromCents', only);
    if (Number.isNaN(to)) need('price.toCents', only);
  }
  d.images.forEach((im, i) => {
    if (!im.alt?.trim()) need(`images.${i}.alt`, tr('Bitte beschreiben Sie das Bild in einem Satz, für alle, die es nicht sehen.', 'Please describe the image in a sentence, for those who do not see it.'));
  });
  d.translations.forEach((t, i) => {
    if (!t.title.trim()) need(`translations.${i}.title`, tr('Bitte geben Sie auch in dieser Sprache einen Titel ein, oder entfernen Sie die Übersetzung.', 'Please give a title in this language, too, or remove the translation.'));
  });
  for (const [name, whole] of numbers[d.kind] ?? []) {
    const v = String(d.details[name] ?? '').trim();
    if (v && !(whole ? /^\d{1,9}$/ : /^\d+([.,]\d+)?$/).test(v)) need(`${memberOf(d.kind)}.${name}`, whole ? tr('Bitte geben Sie hier nur eine ganze Zahl ein.', 'Please give a whole number here.') : tr('Bitte geben Sie hier nur eine Zahl ein, zum Beispiel 12,5.', 'Please give a number here, such as 12.5.'));
  }
  for (const name of ['longitude', 'latitude'] as const) {
    const v = d.place[name].trim();
    if (!d.place.id && ((v && Number.isNaN(Number(v.replace(',', '.')))) || (!v && (d.place.longitude + d.place.latitude).trim()))) need(`place.${name}`, tr('Bitte geben Sie beide Zahlen an, zum Beispiel 12,5937 und 52,1411.', 'Please give both numbers, such as 12.5937 and 52.1411.'));
  }
  if (d.kind === 'TOUR' && d.details.line?.length === 1) need('tour.line', tr('Ein Weg hat mindestens zwei Punkte.', 'A way has two points at least.'));
  const p = d.place;
  const described = p.name || p.street || p.postalCode || p.locality || p.longitude || p.latitude;
  const number = (s: string) => (s.trim() ? Number(s.replace(',', '.')) : null);
  const input: Input = {
    kind: d.kind, title: d.title.trim(), provider: d.provider?.id ?? '', summary: or(d.summary), description: d.description.trim() ? toPosted(d.description.trim()) : null,
    place: p.id ? { id: p.id } : described
      ? { name: or(p.name), street: or(p.street), postalCode: or(p.postalCode), locality: or(p.locality), longitude: number(p.longitude), latitude: number(p.latitude) } : null,
    categories: d.categories, audiences: d.audiences, wheelchair: d.wheelchair, languages: d.languages.split(/[,;\s]+/).filter(Boolean), online: d.online,
    price: d.price.mode === 'free' ? { free: true, fromCents: null, toCents: null, note: or(d.price.note) }
      : d.price.mode === 'amount' ? { free: false, fromCents: Number.isNaN(from) ? null : from, toCents: Number.isNaN(to) ? null : (to ?? (d.price.open ? null : from)), note: or(d.price.note) }
      : { free: null, fromCents: null, toCents: null, note: or(d.price.note) },
    contact: d.contact.name || d.contact.email || d.contact.phone ? { name: or(d.contact.name), email: or(d.contact.email), phone: or(d.contact.phone) } : null,
    links: d.links.filter((l) => l.url.trim()).map((l) => ({ url: address(l.url), title: or(l.title) })),
    images: d.images.map((im) => ({ url: im.url, alt: or(im.alt ?? ''), credit: or(im.credit ?? ''), licence: or(im.licence ?? '') })),
    openingHours: hours.osm, schedule: plan.schedule, [memberOf(d.kind)]: detailsInput(d),
    publishAt: d.publishAt ? instant(d.publishAt) : null, expiresAt: d.expiresAt ? instant(d.expiresAt) : null,
    translations: d.translations.map((t) => ({ locale: t.locale, title: t.title.trim(), summary: or(t.summary), description: or(t.description) })),
    serviceArea: d.serviceArea.map((t) => t.ags), licence: d.licence.trim() || noLicence, ...(d.externalId.trim() ? { externalId: d.externalId.trim() } : {}),
  };
  return { input, faults };
}

/** What of the input differs from what it was; what names the offering stays. */
export function changed(before: Input, after: Input): Input {
  const out: Input = { kind: after.kind, title: after.title, provider: after.provider };
  for (const [k, v] of Object.entries(after)) {
    if (JSON.stringify(v) !== JSON.stringify(before[k])) out[k] = v;
  }
  return out;
}
