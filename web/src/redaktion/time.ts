/** Local times of a zone, written as `2026-12-14T19:00`, and the instants that the API takes. */
export const berlin = 'Europe/Berlin';

const two = (n: number) => String(n).padStart(2, '0');

/** Minutes by which the wall clock of the zone is ahead of UTC at an instant. */
function offset(at: number, zone: string): number {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' })
      .formatToParts(at)
      .map((p) => [p.type, Number(p.value)]),
  );
  return Math.round((Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!, parts.second!) - at) / 60_000);
}

/** The instant of a local time, with the offset of the zone; a time that a clock change skips is taken later. */
export function instant(local: string, zone = berlin): string {
  const wall = Date.parse(`${local.length === 10 ? `${local}T00:00` : local.slice(0, 16)}:00Z`);
  let minutes = offset(wall, zone);
  minutes = offset(wall - minutes * 60_000, zone);
  const here = new Date(wall).toISOString().slice(0, 16);
  const sign = minutes < 0 ? '-' : '+';
  return `${here}:00${sign}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/** What the wall clock of the zone showed at an instant. */
export function local(iso: string, zone = berlin): string {
  const at = Date.parse(iso);
  return new Date(at + offset(at, zone) * 60_000).toISOString().slice(0, 16);
}

/** The date some days after another; dates are `2026-12-14`. */
export const plusDays = (date: string, days: number): string => new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** 0 for Monday to 6 for Sunday. */
export const weekday = (date: string): number => (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;

export const isDate = (s: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(s) && !Number.isNaN(Date.parse(`${s}T00:00:00Z`)) && plusDays(s, 0) === s;

/** A date in words: `Mo., 14. Dezember 2026`. */
export const dateText = (date: string, lang = 'de'): string =>
  new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : 'de-DE', { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(`${date.slice(0, 10)}T00:00:00Z`));

/** A local time in words: `Mo., 14. Dezember 2026, 19:00`. */
export const momentText = (at: string, lang = 'de'): string => (at.length > 10 ? `${dateText(at, lang)}, ${at.slice(11, 16)}${lang === 'en' ? '' : ' Uhr'}` : dateText(at, lang));
