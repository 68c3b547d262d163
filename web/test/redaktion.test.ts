import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, type GraphQLInputObjectType, parse as parseGraphQL, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { Offering } from '../src/redaktion/api';
import { cents, changed, emptyDraft, fromOffering, memberOf, toInput } from '../src/redaktion/draft';
import * as csv from '../src/redaktion/csv';
import { build as buildHours, emptyWeek, read as readHours, type Week } from '../src/redaktion/hours';
import { operations } from '../src/redaktion/operations';
import { blocks, toPosted } from '../src/redaktion/prose';
import { build, emptyPlan, firstDate, read, ruleText, starts, type Plan } from '../src/redaktion/schedule';
import { lengthKm, simplify, type Point } from '../src/redaktion/gpx';
import { inHolidays, without } from '../src/redaktion/school';
import { readOptions } from '../src/redaktion/source-form';
import { instant, local } from '../src/redaktion/time';
import { kinds } from '../src/redaktion/words';

const schema = buildSchema(readFileSync(join(import.meta.dirname, '../../schema.graphqls'), 'utf8'));

test.each(Object.entries(operations))('%s is an operation of the API', (name, text) => {
  const document = parseGraphQL(text);
  expect(validate(schema, document)).toEqual([]);
  expect(document.definitions).toHaveLength(1);
  expect(document.definitions[0]).toMatchObject({ name: { value: name } });
});

test.each([
  ['2026-12-14T19:00', '2026-12-14T19:00:00+01:00'],
  ['2026-07-01T08:30', '2026-07-01T08:30:00+02:00'],
  ['2026-12-14', '2026-12-14T00:00:00+01:00'],
  ['2026-10-25T12:00', '2026-10-25T12:00:00+01:00'],
  ['2027-03-28T12:00', '2027-03-28T12:00:00+02:00'],
])('the instant of %s in Berlin', (wall, at) => {
  expect(instant(wall)).toBe(at);
  expect(local(at).startsWith(wall)).toBe(true);
  expect(local(new Date(at).toISOString()).startsWith(wall)).toBe(true);
});

const plan = (p: Partial<Plan>): Plan => ({ ...emptyPlan(), date: '2026-12-01', time: '19:00', ...p });

describe('schedules', () => {
  test.each<[string, Partial<Plan>, string, string | null, string[]]>([
    ['once', { mode: 'once' }, '2026-12-01T19:00:00+01:00', null, ['2026-12-01T19:00']],
    ['the 2nd Monday', { mode: 'monthly', weekdays: [0], nth: [2] }, '2026-12-14T19:00:00+01:00', 'FREQ=MONTHLY;BYDAY=2MO', ['2026-12-14T19:00', '2027-01-11T19:00', '2027-02-08T19:00']],
    ['the last Friday, every other month', { mode: 'monthly', weekdays: [4], nth: [-1], interval: 2 }, '2026-12-25T19:00:00+01:00', 'FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR', ['2026-12-25T19:00', '2027-02-26T19:00', '2027-04-30T19:00']],
    ['1st and 3rd Tuesday', { mode: 'monthly', weekdays: [1], nth: [3, 1] }, '2026-12-01T19:00:00+01:00', 'FREQ=MONTHLY;BYDAY=1TU,3TU', ['2026-12-01T19:00', '2026-12-15T19:00', '2027-01-05T19:00']],
    ['Tuesdays and Thursdays', { mode: 'weekly', weekdays: [3, 1] }, '2026-12-01T19:00:00+01:00', 'FREQ=WEEKLY;BYDAY=TU,TH', ['2026-12-01T19:00', '2026-12-03T19:00', '2026-12-08T19:00']],
    ['every other Monday', { mode: 'weekly', weekdays: [0], interval: 2 }, '2026-12-07T19:00:00+01:00', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO', ['2026-12-07T19:00', '2026-12-21T19:00', '2027-01-04T19:00']],
    ['the 31st', { mode: 'monthday', monthDay: 31 }, '2026-12-31T19:00:00+01:00', 'FREQ=MONTHLY;BYMONTHDAY=31', ['2026-12-31T19:00', '2027-01-31T19:00', '2027-03-31T19:00']],
    ['the last day', { mode: 'monthday', monthDay: -1 }, '2026-12-31T19:00:00+01:00', 'FREQ=MONTHLY;BYMONTHDAY=-1', ['2026-12-31T19:00', '2027-01-31T19:00', '2027-02-28T19:00']],
    ['yearly', { mode: 'yearly', ends: 'count', count: 2 }, '2026-12-01T19:00:00+01:00', 'FREQ=YEARLY;COUNT=2', ['2026-12-01T19:00', '2027-12-01T19:00']],
    ['daily until', { mode: 'daily', ends: 'until', until: '2026-12-02' }, '2026-12-01T19:00:00+01:00', 'FREQ=DAILY;UNTIL=20261202', ['2026-12-01T19:00', '2026-12-02T19:00']],
    ['without some', { mode: 'weekly', weekdays: [1], exclude: ['2026-12-08T19:00'] }, '2026-12-01T19:00:00+01:00', 'FREQ=WEEKLY;BYDAY=TU', ['2026-12-01T19:00', '2026-12-08T19:00', '2026-12-15T19:00']],
  ])('%s', (_, change, start, rrule, dates) => {
    const p = plan(change);
    const { schedule, faults } = build(p);
    expect(faults).toEqual([]);
    expect(schedule).toMatchObject({ start, rrule, exclude: p.exclude.map((d) => instant(d)) });
    expect(starts(p, '2026-12-01', 3)).toEqual(dates);
    const again = read(schedule);
    expect(again).toMatchObject({ mode: p.mode, time: '19:00', interval: p.interval, ends: p.ends, exclude: p.exclude });
    expect(build(again).schedule).toEqual(schedule);
  });

  test('ends: the same evening, after midnight, another day, all day', () => {
    expect(build(plan({ mode: 'once', endTime: '21:30' })).schedule?.end).toBe('2026-12-01T21:30:00+01:00');
    expect(build(plan({ mode: 'once', endTime: '02:00' })).schedule?.end).toBe('2026-12-02T02:00:00+01:00');
    expect(build(plan({ mode: 'once', endTime: '18:00', endDate: '2026-12-03' })).schedule?.end).toBe('2026-12-03T18:00:00+01:00');
    expect(build(plan({ mode: 'once', allDay: true, endDate: '2026-12-03' })).schedule).toMatchObject({ start: '2026-12-01T00:00:00+01:00', end: '2026-12-04T00:00:00+01:00', allDay: true });
    for (const p of [plan({ mode: 'once', endTime: '02:00' }), plan({ mode: 'once', endTime: '18:00', endDate: '2026-12-03' }), plan({ mode: 'once', allDay: true, time: '', endDate: '2026-12-03' })]) {
      expect(read(build(p).schedule)).toEqual(p);
    }
  });

  test('what is missing is named', () => {
    expect(build(plan({ mode: 'monthly', date: '', time: '' })).faults.map((f) => f.field)).toEqual(['date', 'time', 'weekdays', 'nth']);
    expect(build(plan({ mode: 'weekly', weekdays: [0], ends: 'until', until: '2026-01-01' })).faults.map((f) => f.field)).toEqual(['until']);
    expect(build(emptyPlan())).toEqual({ schedule: null, faults: [] });
  });

  test('a rule that the form cannot say stays as it is', () => {
    const s = { start: '2026-12-01T19:00:00+01:00', timeZone: 'Europe/Berlin', rrule: 'FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1', exclude: ['2027-01-26T19:00:00+01:00'] };
    expect(read(s).mode).toBe('custom');
    expect(build(read(s)).schedule).toMatchObject({ start: s.start, rrule: s.rrule, exclude: s.exclude });
    expect(read({ start: '2026-12-01T19:00:00+01:00', rrule: 'FREQ=MONTHLY;BYDAY=2MO' }).mode).toBe('custom'); // its first date is no Monday
  });

  test('the first date', () => {
    expect(firstDate(plan({ mode: 'monthly', weekdays: [0], nth: [2], date: '2026-12-15' }))).toBe('2027-01-11');
    expect(firstDate(plan({ mode: 'monthday', monthDay: 31, date: '2026-02-01' }))).toBe('2026-03-31');
  });
});

describe('opening hours', () => {
  const week = (change: Partial<Week>, days: Record<number, [string, string][]> = {}): Week => ({ ...emptyWeek(), mode: 'week', ...change, days: emptyWeek().days.map((d, i) => days[i] ?? d) });
  const morning: [string, string][] = [['08:00', '12:00']];
  test.each<[string, Week, string | null]>([
    ['nothing', emptyWeek(), null], ['always', week({ mode: 'always' }), '24/7'], ['by appointment', week({ mode: 'appointment' }), '"nach Vereinbarung"'],
    ['a week', week({ holidays: 'closed' }, { 0: morning, 1: [['08:00', '12:00'], ['14:00', '18:00']], 2: morning, 3: morning, 4: morning }), 'Mo,We-Fr 08:00-12:00; Tu 08:00-12:00,14:00-18:00; PH off'],
    ['weekend and holidays', week({ holidays: 'open' }, { 5: morning, 6: morning, 7: [['10:00', '16:00']] }), 'Sa,Su 08:00-12:00; PH 10:00-16:00'],
  ])('%s', (_, w, osm) => {
    expect(buildHours(w)).toEqual({ osm, wrong: [] });
    expect(readHours(osm)).toEqual(w);
  });
  test('what is not complete is named, what the grid cannot show stays', () => {
    expect(buildHours(week({}, { 2: [['08:00', '']] })).wrong).toEqual([2]);
    for (const osm of ['Apr-Oct Mo-Fr 08:00-12:00', 'Mo 08:00-12:00 "nach Anmeldung"', 'Fr-Mo 08:00-12:00', 'Mo 08:00+']) expect(readHours(osm)).toMatchObject({ mode: 'custom', osm });
  });
});

test.each([['4', 400], ['4,5', 450], ['4,50 €', 450], ['1.200', 120_000], ['1.200,50', 120_050], ['4.50', 450], ['', null], ['vier', NaN], ['4,505', NaN]])('%s as an amount', (text, amount) => {
  expect(cents(text)).toEqual(amount);
});

test('an input holds what was filled in, and an update only what has changed', () => {
  const d = emptyDraft('EVENT', { id: 'prv_1', name: 'Verein', municipality: { ags: '12069020', name: 'Bad Belzig', longitude: 12, latitude: 52 } });
  expect(toInput(d).faults.map((f) => f.path)).toEqual(['title', 'schedule.date', 'schedule.time']);
  const filled = { ...d, title: ' Fest ', plan: plan({ mode: 'once' }), links: [{ url: 'verein.example', title: '' }], images: [{ url: 'https://x.example/a.jpg', alt: '', credit: null, licence: null }] };
  const { input, faults } = toInput(filled);
  expect(faults.map((f) => f.path)).toEqual(['images.0.alt']);
  expect(input).toMatchObject({ title: 'Fest', links: [{ url: 'https://verein.example', title: null }], place: null, schedule: { start: '2026-12-01T19:00:00+01:00' } });
  expect(changed(input, toInput({ ...filled, summary: 'Neu' }).input)).toEqual({ kind: 'EVENT', title: 'Fest', provider: 'prv_1', summary: 'Neu' });
});

describe('tables', () => {
  const known = { kind: 'EVENT', provider: 'prv_1', providers: new Map([['sv einheit', 'prv_2']]), categories: new Map([['musik', 'musik']]) };
  test('rows know their line, also after cells of several lines', () => {
    const t = csv.parse('\uFEFFTitel;Beschreibung\r\nA;"eins\r\nzwei"\r\n\r\nB;drei\r\n');
    expect(t.header).toEqual(['Titel', 'Beschreibung']);
    expect(t.rows.map((r) => [r.line, r.cells[0]])).toEqual([[2, 'A'], [5, 'B']]);
  });
  test('the columns are guessed', () => {
    expect(csv.guess(['Titel', 'Datum', 'Uhrzeit', 'Veranstaltungsort', 'PLZ', 'Ort', 'Eintritt', 'Was anderes', 'Titel'])).toEqual(['title', 'date', 'time', 'placeName', 'postalCode', 'locality', 'price', '', '']);
  });
  test.each([['14.12.2026', '2026-12-14', ''], ['1.2.27', '2027-02-01', ''], ['2026-12-14', '2026-12-14', ''], ['Mo., 14.12.2026 19:30 Uhr', '2026-12-14', '19:30'], ['2026-12-14T19:30:00', '2026-12-14', '19:30']])('%s as a date', (text, date, time) => {
    expect(csv.readDate(text)).toEqual({ date, time });
  });
  test.each(['31.02.2026', 'morgen', '14/12/2026', ''])('%s is no date', (text) => expect(csv.readDate(text)).toBeNull());
  test('a row becomes an input', () => {
    const columns = csv.guess(['Titel', 'Datum', 'Uhrzeit', 'Ende Uhrzeit', 'Anbieter', 'Thema', 'Eintritt', 'Link']);
    const { input, faults } = csv.toInput({ line: 2, cells: ['Tanz', '31.12.2026', '20 Uhr', '2:00', 'SV Einheit', 'Musik', '4,50', 'sv.example'] }, columns, known);
    expect(faults).toEqual([]);
    expect(input).toEqual({
      kind: 'EVENT', title: 'Tanz', provider: 'prv_2', categories: ['musik'], price: { free: false, fromCents: 450, toCents: 450 }, links: [{ url: 'https://sv.example' }],
      schedule: { start: '2026-12-31T20:00:00+01:00', end: '2027-01-01T02:00:00+01:00', allDay: false },
    });
  });
  test('a postal code keeps its nought', () => {
    expect(csv.toInput({ line: 2, cells: ['Tanz', '14.12.2026', '4808', 'ab 12 €'] }, ['title', 'date', 'postalCode', 'price'], known)).toMatchObject({ faults: [], input: { place: { postalCode: '04808' }, price: { free: false, fromCents: 1200 } } });
  });
  test('every fault of a row is told with its line', () => {
    const { faults } = csv.toInput({ line: 7, cells: ['', '31.02.2026', '25:00', 'Unbekannt', '123'] }, ['title', 'date', 'time', 'provider', 'postalCode'], known);
    expect(faults.map((f) => [f.line, f.field])).toEqual([[7, 'Titel'], [7, 'Anbieter'], [7, 'Datum'], [7, 'Uhrzeit'], [7, 'Postleitzahl']]);
  });
  test('files of old spreadsheets', () => {
    expect(csv.decode(Uint8Array.from([0x46, 0xfc, 0x6e, 0x66]).buffer)).toBe('Fünf');
    expect(csv.decode(new TextEncoder().encode('Fünf').buffer as ArrayBuffer)).toBe('Fünf');
  });
});

const fieldsOf = (type: string) => Object.keys((schema.getType(type) as GraphQLInputObjectType).getFields()).sort();

/** An offering with something in every field. */
const town = { ags: '12069020', name: 'Bad Belzig', longitude: 12, latitude: 52 };
const registration = { required: true, url: 'https://example.org/', until: '2026-12-01T12:00:00+01:00', note: 'früh' };
const full = (kind: (typeof kinds)[number], details: Record<string, unknown>): Offering => ({
  id: 'off_1', kind, title: 'Titel', status: 'PUBLISHED', version: 3, updatedAt: '2026-11-01T00:00:00Z', summary: 'Kurz', description: null, publishedAt: null, online: true, audiences: ['SENIORS'], wheelchair: 'PARTLY',
  languages: ['de', 'hsb'], provider: { id: 'prv_1', name: 'Verein', municipality: town }, municipality: town,
  place: { id: 'plc_1', name: 'Saal', address: { street: 'Weg 1', postalCode: '14806', locality: 'Bad Belzig' }, longitude: 12.5, latitude: 52.1 }, categories: [{ slug: 'musik', label: 'Musik' }],
  price: { free: false, fromCents: 350, toCents: 500, note: 'Spende' }, contact: { name: 'A', email: 'a@example.org', phone: '1' }, links: [{ url: 'https://example.org/', title: 'Seite' }],
  images: [{ url: 'https://example.org/a.jpg', alt: 'Bild', credit: 'B', licence: 'CC0-1.0' }], openingHours: { osm: 'Mo 08:00-12:00', text: '' },
  schedule: { start: '2026-12-07T19:00:00+01:00', end: '2026-12-07T20:00:00+01:00', allDay: false, timeZone: 'Europe/Berlin', rrule: 'FREQ=WEEKLY;BYDAY=MO', exclude: ['2026-12-14T19:00:00+01:00'], include: [], text: '' }, details,
  serviceArea: [{ ags: '12069020', name: 'Bad Belzig' }], translations: [{ locale: 'sv', title: 'Titel', summary: 'Kort', description: 'Lång', machine: true }],
  provenance: { source: null, externalId: 'x-1', licence: 'https://example.org/lizenz', records: [], fields: [] },
  editorial: { mayEdit: true, mayPublish: true, mayReview: true, reviewNote: null, reviewBy: null, publishAt: '2026-12-01T08:00:00+01:00', expiresAt: '2027-12-01T08:00:00+01:00', withdrawnReason: null },
});
const detailsOf = {
  EVENT: { registration, capacity: 10 }, ACTIVITY: { registration, capacity: 10, trial: false }, SERVICE: { leika: '99010001001000', channels: ['PHONE'], onlineService: 'https://example.org/', requirements: 'Ausweis' },
  FACILITY: { rentable: true, features: ['Küche'] }, TOUR: { means: 'CYCLING', lengthKm: 12.5, ascentM: 3, minutes: 60, loop: true, line: [[12, 52], [12.1, 52.1]] }, VOLUNTEERING: { task: 'Hilfe', hoursPerMonth: 4, skills: ['Zeit'] },
};

test.each(kinds)('the form holds all that the API takes of %s, and gives it back as it was', (kind) => {
  const offering = full(kind, detailsOf[kind]);
  const { input, faults } = toInput(fromOffering(offering));
  expect(faults).toEqual([]);
  const elsewhere = ['id', 'expectedVersion', 'publish']; // given by the buttons
  const members = kinds.map(memberOf);
  expect(Object.keys(input).sort()).toEqual(fieldsOf('OfferingInput').filter((f) => !elsewhere.includes(f) && (!members.includes(f) || f === memberOf(kind))));
  const nested = (value: object, type: string) => expect(Object.keys(value).sort()).toEqual(fieldsOf(type));
  nested(input.price, 'PriceInput');
  nested(input.contact, 'ContactInput');
  nested(input.links[0], 'LinkInput');
  nested(input.images[0], 'ImageInput');
  nested(input.schedule, 'ScheduleInput');
  nested(input.translations[0], 'TranslationInput');
  nested(input[memberOf(kind)], `${kind[0]}${kind.slice(1).toLowerCase()}Input`);
  if (input[memberOf(kind)].registration) nested(input[memberOf(kind)].registration, 'RegistrationInput');
  expect(input[memberOf(kind)]).toEqual(detailsOf[kind]);
  expect(input).toMatchObject({ languages: offering.languages, serviceArea: ['12069020'], licence: 'https://example.org/lizenz', externalId: 'x-1', place: { id: 'plc_1' }, publishAt: offering.editorial!.publishAt, images: offering.images, price: offering.price });
  expect(changed(input, toInput({ ...fromOffering(offering), title: 'Anders' }).input)).toEqual({ kind, title: 'Anders', provider: 'prv_1' });
});

test('a place that is described is described whole', () => {
  const d = fromOffering(full('EVENT', detailsOf.EVENT));
  expect(Object.keys(toInput({ ...d, place: { ...d.place, id: '' } }).input.place).sort()).toEqual(fieldsOf('PlaceInput').filter((f) => f !== 'id'));
});

test('exceptions follow the rule', () => {
  const p = plan({ mode: 'weekly', weekdays: [1], exclude: ['2026-12-08T19:00', '2026-12-15T19:00'] });
  expect(build({ ...p, time: '20:00' }).schedule?.exclude).toEqual(['2026-12-08T20:00:00+01:00', '2026-12-15T20:00:00+01:00']);
  expect(build({ ...p, weekdays: [2] }).schedule?.exclude).toEqual([]);
  expect(build({ ...p, ends: 'until', until: '2026-12-10' }).schedule?.exclude).toEqual(['2026-12-08T19:00:00+01:00']);
  expect(build({ ...p, ends: 'count', count: 2 }).schedule?.exclude).toEqual(['2026-12-08T19:00:00+01:00']);
});

test('not in the school holidays', () => {
  const p = plan({ mode: 'weekly', weekdays: [1], exclude: ['2026-12-08'] });
  const list = [{ name: 'Weihnachtsferien', first: '2026-12-22', last: '2027-01-02' }, { name: 'Winterferien', first: '2027-02-02', last: '2027-02-02' }];
  const dates = inHolidays(p, list, '2026-12-01');
  expect(dates).toEqual(['2026-12-22T19:00', '2026-12-29T19:00', '2027-02-02T19:00']);
  expect(build({ ...p, exclude: without(p, dates) }).schedule?.exclude).toEqual(['2026-12-08T19:00:00+01:00', '2026-12-22T19:00:00+01:00', '2026-12-29T19:00:00+01:00', '2027-02-02T19:00:00+01:00']);
  expect(inHolidays(p, [], '2026-12-01')).toEqual([]);
});

test('a recorded way is thinned out, and stays where it was', () => {
  const way = Array.from({ length: 20_000 }, (_, i): Point => [12 + i / 1e5, 52 + Math.sin(i / 500) / 100]);
  const thin = simplify(way);
  expect(thin.length).toBeGreaterThan(20);
  expect(thin.length).toBeLessThanOrEqual(2000);
  expect([thin[0], thin.at(-1)]).toEqual([way[0], [12.19999, Number(way.at(-1)![1].toFixed(6))]]);
  expect(Math.abs(lengthKm(thin) / lengthKm(way) - 1)).toBeLessThan(0.001);
  expect(lengthKm([[12, 52], [12, 53]])).toBeCloseTo(111.2, 1);
  expect(simplify([[1, 1], [1, 1], [2, 2]])).toEqual([[1, 1], [2, 2]]);
});

test('options of a source are lines', () => {
  expect(readOptions(' title = Veranstaltung \n\nurl=https://a/?b=c')).toEqual([{ name: 'title', value: 'Veranstaltung' }, { name: 'url', value: 'https://a/?b=c' }]);
  expect(readOptions('ohne Zeichen')).toBeNull();
});

test.each([
  ['Nur Text mit < und * und snake_case_wort.', 'Nur Text mit < und * und snake_case_wort.'],
  ['Zeile\nZeile\n\nAbsatz', 'Zeile\nZeile\n\nAbsatz'],
  ['Siehe [hier](https://example.org/?a=1&b="2") oder **fett & _schräg_**.', '<p>Siehe <a href="https://example.org/?a=1&amp;b=&quot;2&quot;">hier</a> oder <strong>fett &amp; <em>schräg</em></strong>.</p>'],
  ['Liste:\n- eins\n- <b>zwei\n\n1. a\n2. b', '<p>Liste:</p><ul><li>eins</li><li>&lt;b&gt;zwei</li></ul><ol><li>a</li><li>b</li></ol>'],
  ['## Kopf\nText\n> gesagt\n> getan', '<h3>Kopf</h3><p>Text</p><blockquote>gesagt<br>getan</blockquote>'],
  ['[böse](javascript:alert(1)) und **', '[böse](javascript:alert(1)) und **'],
])('what is typed as %j is posted', (typed, posted) => {
  expect(toPosted(typed)).toBe(posted);
});

test('a text of nothing says nothing', () => {
  expect(blocks(' \n\n \n')).toEqual([]);
});

test.each([
  [{ mode: 'weekly', weekdays: [3, 1] }, 'jede Woche am Dienstag und Donnerstag'],
  [{ mode: 'weekly', weekdays: [1], interval: 2, ends: 'until', until: '2027-03-30' }, 'alle 2 Wochen am Dienstag bis Di., 30. März 2027'],
  [{ mode: 'monthly', weekdays: [0], nth: [2, -1] }, 'jeden Monat am 2. und letzten Montag'],
  [{ mode: 'monthday', monthDay: -1, ends: 'count', count: 4 }, 'jeden Monat am letzten Tag, 4-mal'],
  [{ mode: 'yearly' }, 'jedes Jahr'], [{ mode: 'daily', interval: 3 }, 'alle 3 Tage'],
  [{ mode: 'custom', rrule: 'FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1' }, 'FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1'],
] as [Partial<Plan>, string][])('the rule of %j in words', (change, words) => {
  expect(ruleText(build(plan(change)).schedule!)).toBe(words);
});

test('a price is what was typed, and "ab" only where that is said', () => {
  const priced = (price: Partial<ReturnType<typeof emptyDraft>['price']>) => {
    const d = emptyDraft('SERVICE', null);
    return toInput({ ...d, price: { ...d.price, mode: 'amount', ...price } }).input.price;
  };
  expect(priced({ from: '5' })).toMatchObject({ free: false, fromCents: 500, toCents: 500 });
  expect(priced({ from: '5', open: true })).toMatchObject({ fromCents: 500, toCents: null });
  expect(priced({ from: '5', to: '7,50' })).toMatchObject({ fromCents: 500, toCents: 750 });
  expect(toInput({ ...emptyDraft('TOUR', null), details: { lengthKm: 'etwa 12' } }).faults.map((f) => f.path)).toContain('tour.lengthKm');
});

test('hours with appointments besides', () => {
  const osm = 'Mo-Fr 08:00-12:00; PH off || "nach Vereinbarung"';
  expect(readHours(osm)).toMatchObject({ mode: 'week', besides: true, holidays: 'closed' });
  expect(buildHours(readHours(osm)).osm).toBe(osm);
});

test('a workbook is told from a table', () => {
  expect(csv.notText(new Uint8Array([0x50, 0x4b, 3, 4, 20]).buffer)).toContain('Arbeitsmappe');
  expect(csv.notText(new TextEncoder().encode('Titel;Datum').buffer as ArrayBuffer)).toBe('');
  expect(csv.decode(new Uint8Array([0xff, 0xfe, 0x54, 0, 0xfc, 0]).buffer)).toBe('Tü');
});
