import { berlin, dateText, instant, isDate, local, plusDays, weekday } from './time';
import { tr } from './words';

/** How a person says when something takes place. */
export interface Plan {
  mode: 'none' | 'once' | 'dates' | 'daily' | 'weekly' | 'monthly' | 'monthday' | 'yearly' | 'custom';
  /** The date, or from when on a series looks for its first one. */
  date: string;
  time: string;
  /** When it ends; empty: not known. */
  endTime: string;
  /** The last day of the first date, where that is another day. */
  endDate: string;
  allDay: boolean;
  /** Further dates: `2026-12-14`, or with a time where it differs. */
  dates: string[];
  interval: number;
  /** 0 for Monday. */
  weekdays: number[];
  /** 1 to 4, -1 for the last. */
  nth: number[];
  /** 1 to 31, -1 for the last. */
  monthDay: number;
  ends: 'never' | 'until' | 'count';
  until: string;
  count: number;
  /** Local starts that the rule gives and that do not take place. */
  exclude: string[];
  rrule: string;
  zone: string;
}

export interface ScheduleInput {
  start: string;
  end?: string | null;
  allDay?: boolean;
  timeZone?: string;
  rrule?: string | null;
  exclude?: string[];
  include?: string[];
}

export interface Fault {
  field: string;
  de: string;
  en: string;
}

const days = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

export const emptyPlan = (): Plan => ({
  mode: 'none', date: '', time: '', endTime: '', endDate: '', allDay: false, dates: [], interval: 1, weekdays: [], nth: [], monthDay: 1,
  ends: 'never', until: '', count: 10, exclude: [], rrule: '', zone: berlin,
});

const dayOf = (date: string) => Number(date.slice(8, 10));
const lastDay = (date: string) => new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 0)).getUTCDate();
const months = (date: string) => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7));
const monday = (date: string) => plusDays(date, -weekday(date));

/** Whether the rule of the plan names the date, given its first one. */
function names(p: Plan, date: string, first: string): boolean {
  switch (p.mode) {
    case 'daily':
      return ((Date.parse(date) - Date.parse(first)) / 86_400_000) % p.interval === 0;
    case 'weekly':
      return p.weekdays.includes(weekday(date)) && ((Date.parse(monday(date)) - Date.parse(monday(first))) / (7 * 86_400_000)) % p.interval === 0;
    case 'monthly': {
      const fromStart = Math.ceil(dayOf(date) / 7);
      const last = dayOf(date) + 7 > lastDay(date);
      return p.weekdays.includes(weekday(date)) && (p.nth.includes(fromStart) || (last && p.nth.includes(-1))) && (months(date) - months(first)) % p.interval === 0;
    }
    case 'monthday':
      return dayOf(date) === (p.monthDay < 0 ? lastDay(date) : p.monthDay) && (months(date) - months(first)) % p.interval === 0;
    case 'yearly':
      return date.slice(5) === first.slice(5) && (Number(date.slice(0, 4)) - Number(first.slice(0, 4))) % p.interval === 0;
    default:
      return false;
  }
}

export const repeats = (p: Plan): boolean => ['daily', 'weekly', 'monthly', 'monthday', 'yearly'].includes(p.mode);

/** The first date at or after `date` that the rule names; empty when there is none within some years. */
export function firstDate(p: Plan): string {
  if (!isDate(p.date) || !repeats(p)) return p.date;
  for (let i = 0, d = p.date; i < 1500; i++, d = plusDays(d, 1)) {
    if (names(p, d, d)) return d;
  }
  return '';
}

/** Up to n starts of the series from a date on, as the rule gives them: excluded ones, too. */
export function starts(p: Plan, from: string, n: number): string[] {
  const first = firstDate(p);
  if (!isDate(first)) return [];
  const at = (d: string) => (p.allDay || !p.time ? d : `${d}T${p.time}`);
  if (p.mode === 'once') return first >= from ? [at(first)] : [];
  if (p.mode === 'dates') {
    return [first, ...p.dates].filter((d) => isDate(d.slice(0, 10)) && d.slice(0, 10) >= from).map((d) => (d.length > 10 ? d : at(d))).sort().slice(0, n);
  }
  const out: string[] = [];
  for (let i = 0, d = first, count = 0; i < 365 * 12 && out.length < n; i++, d = plusDays(d, 1)) {
    if (p.ends === 'until' && isDate(p.until) && d > p.until) break;
    if (!names(p, d, first)) continue;
    if (p.ends === 'count' && ++count > p.count) break;
    if (d >= from) out.push(at(d));
  }
  return out;
}

/** Whether the rule of the plan gives a date on the day. */
function gives(p: Plan, date: string): boolean {
  const first = firstDate(p);
  if (!isDate(first) || date < first || !names(p, date, first)) return false;
  if (p.ends === 'until' && isDate(p.until) && date > p.until) return false;
  if (p.ends !== 'count') return true;
  const all = starts(p, first, p.count);
  return all.some((d) => d.slice(0, 10) === date) || (all.length < p.count && date > (all.at(-1) ?? ''));
}

/** Whether a date of the series does not take place. A series has one date on a day, so that the day says which, whatever its time was. */
export const withdrawn = (p: Plan, date: string): boolean => p.exclude.some((x) => (repeats(p) ? x.slice(0, 10) === date.slice(0, 10) : x === date));

function rule(p: Plan): string {
  const parts: string[] = [];
  const by = p.weekdays.toSorted((a, b) => a - b).map((d) => days[d]!);
  switch (p.mode) {
    case 'daily': parts.push('FREQ=DAILY'); break;
    case 'weekly': parts.push('FREQ=WEEKLY'); break;
    case 'monthly': case 'monthday': parts.push('FREQ=MONTHLY'); break;
    case 'yearly': parts.push('FREQ=YEARLY'); break;
  }
  if (p.interval > 1) parts.push(`INTERVAL=${p.interval}`);
  if (p.mode === 'weekly') parts.push(`BYDAY=${by.join(',')}`);
  if (p.mode === 'monthly') parts.push(`BYDAY=${p.nth.toSorted((a, b) => (a < 0 ? 9 : a) - (b < 0 ? 9 : b)).flatMap((n) => by.map((d) => `${n}${d}`)).join(',')}`);
  if (p.mode === 'monthday') parts.push(`BYMONTHDAY=${p.monthDay}`);
  if (p.ends === 'until') parts.push(`UNTIL=${p.until.replaceAll('-', '')}`);
  if (p.ends === 'count') parts.push(`COUNT=${p.count}`);
  return parts.join(';');
}

/** What the API takes, or what is missing. */
export function build(p: Plan): { schedule: ScheduleInput | null; faults: Fault[] } {
  const faults: Fault[] = [];
  const fault = (field: string, de: string, en: string) => void faults.push({ field, de, en });
  if (p.mode === 'none') return { schedule: null, faults };
  if (!isDate(p.date)) fault('date', 'Bitte geben Sie ein Datum an.', 'Please give a date.');
  if (!p.allDay && !/^\d{2}:\d{2}$/.test(p.time)) fault('time', 'Bitte geben Sie eine Uhrzeit an, oder wählen Sie „ganztägig“.', 'Please give a time, or choose “all day”.');
  if (p.endDate && isDate(p.date) && (!isDate(p.endDate) || p.endDate < p.date)) fault('endDate', 'Das Ende liegt vor dem Anfang.', 'The end lies before the beginning.');
  if ((p.mode === 'weekly' || p.mode === 'monthly') && p.weekdays.length === 0) fault('weekdays', 'Bitte wählen Sie mindestens einen Wochentag.', 'Please choose a weekday.');
  if (p.mode === 'monthly' && p.nth.length === 0) fault('nth', 'Bitte wählen Sie, der wievielte im Monat es ist.', 'Please choose which one of the month it is.');
  if (repeats(p) && p.ends === 'until' && (!isDate(p.until) || p.until < p.date)) fault('until', 'Bitte geben Sie einen letzten Tag an, der nach dem ersten liegt.', 'Please give a last day after the first.');
  if (repeats(p) && p.ends === 'count' && !(p.count >= 1 && p.count <= 1000)) fault('count', 'Bitte geben Sie eine Zahl von 1 bis 1000 an.', 'Please give a number from 1 to 1000.');
  if (faults.length > 0) return { schedule: null, faults };
  const first = firstDate(p);
  if (!first) {
    fault('date', 'An diesen Tagen gibt es keinen Termin.', 'There is no such date.');
    return { schedule: null, faults };
  }
  const at = (d: string) => instant(d.length > 10 || p.allDay ? d : `${d}T${p.time}`, p.zone);
  const schedule: ScheduleInput = { start: at(first), end: null, allDay: p.allDay, timeZone: p.zone, rrule: null, exclude: [], include: [] };
  const span = p.endDate ? Math.round((Date.parse(p.endDate) - Date.parse(p.date)) / 86_400_000) : 0;
  if (p.allDay) {
    if (span > 0) schedule.end = instant(plusDays(first, span + 1), p.zone);
  } else if (p.endTime) {
    const overnight = !p.endDate && p.endTime <= p.time ? 1 : 0; // a dance until two
    schedule.end = instant(`${plusDays(first, span + overnight)}T${p.endTime}`, p.zone);
  }
  if (repeats(p)) schedule.rrule = rule(p);
  if (p.mode === 'custom') schedule.rrule = p.rrule;
  if (p.mode === 'dates' || p.mode === 'custom') schedule.include = p.dates.filter((d) => isDate(d.slice(0, 10))).map(at);
  if (p.mode === 'custom') schedule.exclude = p.exclude.map(at);
  // What the rule does not give any more needs no exception.
  if (repeats(p)) schedule.exclude = [...new Set(p.exclude.map((d) => d.slice(0, 10)))].filter((d) => gives(p, d)).sort().map(at);
  return { schedule, faults };
}

/** The rule of a schedule in words; one that the form has no words for as it is. */
export function ruleText(s: ScheduleInput): string {
  const p = read(s);
  const n = p.interval;
  const names = tr('Montag,Dienstag,Mittwoch,Donnerstag,Freitag,Samstag,Sonntag', 'Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday').split(',');
  const list = (items: string[]) => items.join(', ').replace(/, ([^,]*)$/, tr(' und $1', ' and $1'));
  const every = (one: [string, string], more: [string, string]) => (n === 1 ? tr(...one) : tr(`alle ${n} ${more[0]}`, `every ${n} ${more[1]}`));
  const weekdays = list(p.weekdays.toSorted((a, b) => a - b).map((d) => names[d]!));
  const month = every(['jeden Monat', 'every month'], ['Monate', 'months']);
  const words: Partial<Record<Plan['mode'], () => string>> = {
    daily: () => every(['täglich', 'daily'], ['Tage', 'days']),
    weekly: () => `${every(['jede Woche', 'every week'], ['Wochen', 'weeks'])} ${tr('am', 'on')} ${weekdays}`,
    monthly: () => `${month} ${tr('am', 'on the')} ${list(p.nth.map((x) => (x < 0 ? tr('letzten', 'last') : tr(`${x}.`, ['1st', '2nd', '3rd', '4th'][x - 1]!))))} ${weekdays}`,
    monthday: () => `${month} ${p.monthDay < 0 ? tr('am letzten Tag', 'on the last day') : tr(`am ${p.monthDay}.`, `on day ${p.monthDay}`)}`,
    yearly: () => every(['jedes Jahr', 'every year'], ['Jahre', 'years']),
  };
  const said = words[p.mode]?.();
  if (!said) return s.rrule ?? '';
  return said + (p.ends === 'until' ? tr(` bis ${dateText(p.until)}`, ` until ${dateText(p.until, 'en')}`) : p.ends === 'count' ? tr(`, ${p.count}-mal`, `, ${p.count} times`) : '');
}

/** The plan that gives a schedule of the API; what a person cannot say in the form stays as it is, as `custom`. */
export function read(s: ScheduleInput | null | undefined): Plan {
  const p = emptyPlan();
  if (!s) return p;
  p.zone = s.timeZone ?? berlin;
  p.allDay = s.allDay ?? false;
  const start = local(s.start, p.zone);
  const short = (iso: string) => (p.allDay ? local(iso, p.zone).slice(0, 10) : local(iso, p.zone));
  p.date = start.slice(0, 10);
  p.time = p.allDay ? '' : start.slice(11);
  if (s.end) {
    const end = local(s.end, p.zone);
    const last = p.allDay ? plusDays(end.slice(0, 10), -1) : end.slice(0, 10);
    if (!p.allDay) p.endTime = end.slice(11);
    const overnight = !p.allDay && last === plusDays(p.date, 1) && p.endTime <= p.time;
    if (last > p.date && !overnight) p.endDate = last;
  }
  p.exclude = (s.exclude ?? []).map(short);
  p.dates = (s.include ?? []).map(short).map((d) => (d.slice(11) === p.time ? d.slice(0, 10) : d));
  if (!s.rrule) {
    p.mode = p.dates.length > 0 ? 'dates' : 'once';
    return p.exclude.length > 0 ? { ...p, mode: 'custom', rrule: '' } : p;
  }
  p.rrule = s.rrule;
  const said = new Map(s.rrule.split(';').map((part) => part.split('=', 2) as [string, string]));
  const take = (name: string) => { const v = said.get(name); said.delete(name); return v; };
  const freq = take('FREQ');
  p.interval = Number(take('INTERVAL') ?? 1);
  take('WKST');
  const until = take('UNTIL');
  const count = take('COUNT');
  if (until) [p.ends, p.until] = ['until', `${until.slice(0, 4)}-${until.slice(4, 6)}-${until.slice(6, 8)}`];
  if (count) [p.ends, p.count] = ['count', Number(count)];
  if (until && until.length > 8) p.until = local(`${until.slice(0, 4)}-${until.slice(4, 6)}-${until.slice(6, 8)}T${until.slice(9, 11)}:${until.slice(11, 13)}:00Z`, p.zone).slice(0, 10);
  const by = take('BYDAY')?.split(',').map((d) => /^(-?\d)?([A-Z]{2})$/.exec(d));
  const monthDays = take('BYMONTHDAY')?.split(',').map(Number);
  const custom: Plan = { ...p, mode: 'custom' };
  if (said.size > 0 || (by?.some((m) => !m) ?? false) || p.dates.length > 0) return custom;
  const weekdays = [...new Set(by?.map((m) => days.indexOf(m![2]!)) ?? [])];
  const nth = [...new Set(by?.filter((m) => m![1]).map((m) => Number(m![1])) ?? [])];
  switch (freq) {
    case 'DAILY': if (by || monthDays) return custom; p.mode = 'daily'; break;
    case 'WEEKLY': if (nth.length > 0 || monthDays) return custom; p.mode = 'weekly'; p.weekdays = by ? weekdays : [weekday(p.date)]; break;
    case 'MONTHLY':
      if (by && !monthDays && nth.length > 0 && by.every((m) => m![1]) && by.length === nth.length * weekdays.length && nth.every((n) => n === -1 || (n > 0 && n < 5))) {
        [p.mode, p.weekdays, p.nth] = ['monthly', weekdays, nth];
      } else if (!by && (monthDays?.length ?? 1) === 1) {
        [p.mode, p.monthDay] = ['monthday', monthDays?.[0] ?? dayOf(p.date)];
        if (p.monthDay < -1) return custom;
      } else return custom;
      break;
    case 'YEARLY': if (by || monthDays) return custom; p.mode = 'yearly'; break;
    default: return custom;
  }
  return firstDate(p) === p.date ? p : custom;
}
