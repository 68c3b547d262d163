const zone = 'Europe/Berlin';

/** Saturday 00:00 and the Monday 00:00 after it, RFC 3339 with the offset of Europe/Berlin. */
export interface Weekend {
  samstag: string;
  montag: string;
}

/** The weekend that runs at the instant now in Europe/Berlin, or else the next one. */
export function weekendOf(now: Date): Weekend {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, year: 'numeric', month: 'numeric', day: 'numeric' })
    .formatToParts(now);
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  const today = new Date(Date.UTC(part('year'), part('month') - 1, part('day')));
  const weekday = today.getUTCDay();
  const toSaturday = weekday === 0 ? -1 : 6 - weekday;
  return { samstag: midnight(today, toSaturday), montag: midnight(today, toSaturday + 2) };
}

function midnight(day: Date, addDays: number): string {
  const date = new Date(day);
  date.setUTCDate(date.getUTCDate() + addDays);
  // The clocks change at 01:00 UTC, so an hour before midnight UTC has the offset of local midnight.
  const name = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(date.getTime() - 3_600_000)
    .find((p) => p.type === 'timeZoneName')?.value;
  return `${date.toISOString().slice(0, 10)}T00:00:00${name?.replace('GMT', '')}`;
}
