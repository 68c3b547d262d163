/** @jsxImportSource preact */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { starts, withdrawn, type Plan } from './schedule';
import { dateText, instant, isDate, local, plusDays } from './time';
import { Tick, useAsk } from './ui';
import { locale, tr } from './words';

/** School holidays by their first and last day. */
export interface Holiday { name: string; first: string; last: string }

/** How far ahead dates are looked at: as far as the API tells of holidays. */
const ahead = 1090; // days

export const holidayOn = (list: Holiday[], date: string): Holiday | undefined => list.find((h) => date.slice(0, 10) >= h.first && date.slice(0, 10) <= h.last);

/** The dates of a series that lie in the holidays. */
export const inHolidays = (p: Plan, list: Holiday[], from: string): string[] =>
  list.length === 0 ? [] : starts(p, from, ahead).filter((d) => holidayOn(list, d) !== undefined);

/** The plan without its dates in the holidays. */
export const without = (p: Plan, dates: string[]): string[] => [...p.exclude, ...dates.filter((d) => !withdrawn(p, d))];

export interface School { known: boolean; state: string; list: Holiday[] }

/** The school holidays around a plan's dates; undefined until they are known. */
export function useSchool(ags: string | undefined, from: string): School | undefined {
  const { data } = useAsk<{ municipality: { regions: { key: string; name: string }[]; schoolHolidays: { name: string; start: string; end: string }[] } | null }>(
    'SchoolHolidays', { ags: ags ?? '', from: instant(from), to: instant(plusDays(from, ahead)) }, !ags);
  return useMemo(() => data?.municipality && {
    known: data.municipality.schoolHolidays.length > 0, state: data.municipality.regions.find((r) => r.key.length === 2)?.name ?? '',
    list: data.municipality.schoolHolidays.map((h) => ({ name: h.name, first: local(h.start).slice(0, 10), last: plusDays(local(h.end).slice(0, 10), -1) })),
  } || undefined, [data]);
}

/** Leaves out the dates that lie in the school holidays. */
export function SchoolHolidays({ plan, school, from, onChange }: { plan: Plan; school: School; from: string; onChange: (exclude: string[]) => void }) {
  const dates = isDate(from) ? inHolidays(plan, school.list, from) : [];
  const [wanted, setWanted] = useState<boolean | null>(null);
  const on = wanted ?? (dates.length > 0 && dates.every((d) => withdrawn(plan, d)));
  const rule = JSON.stringify([dates, school.list]);
  const taken = useRef(new Set<string>()); // the days that were left out here
  useEffect(() => {
    // With another rule it is other dates; what was chosen by hand since stays until then.
    if (!wanted || dates.every((d) => withdrawn(plan, d))) return;
    onChange(without({ ...plan, exclude: plan.exclude.filter((x) => !taken.current.has(x.slice(0, 10))) }, dates));
    taken.current = new Set(dates.map((d) => d.slice(0, 10)));
  }, [rule, wanted]);
  if (!school.known) return <p class="message" id="school">{tr(`Für ${school.state} sind auf diesem Server keine Schulferien hinterlegt. Was in den Ferien ausfällt, nehmen Sie bitte unten einzeln heraus.`, `This server knows no school holidays of ${school.state}. Please take out below, one by one, what does not take place in the holidays.`)}</p>;
  const until = school.list.reduce((latest, h) => (h.last > latest ? h.last : latest), '');
  const lang = locale();
  const all = starts(plan, from, ahead).filter((d) => d.slice(0, 10) <= until);
  const out = dates.filter((d) => withdrawn(plan, d));
  const names = [...new Set(out.map((d) => holidayOn(school.list, d)!.name))];
  const left = all.filter((d) => !withdrawn(plan, d));
  return (
    <div class="stack tight" id="school">
      <Tick label={tr(`nicht in den Schulferien (${school.state})`, `not in the school holidays (${school.state})`)} checked={on}
        onChange={(v) => { setWanted(v); if (!v) onChange(plan.exclude.filter((x) => !dates.some((d) => d.slice(0, 10) === x.slice(0, 10)))); }} />
      {on && <p role="status">{out.length === 0 ? tr('Keiner der Termine liegt in den Ferien.', 'None of the dates is in the holidays.')
        : tr(`${out.length === 1 ? 'Ein Termin fällt' : `${out.length} Termine fallen`} aus (${names.join(', ')}): ${few(out, lang)}. ${left.length === 1 ? 'Einer bleibt' : `${left.length} bleiben`} bis dahin: ${few(left, lang)}.`, `${out.length} dates are left out (${names.join(', ')}): ${few(out, lang)}. ${left.length} are left until then: ${few(left, lang)}.`)}</p>}
      <p class="hint">{tr(`Die Schulferien sind bis ${dateText(until, lang)} hinterlegt. Für spätere Termine setzen Sie das Häkchen bitte dann noch einmal.`, `School holidays are known until ${dateText(until, lang)}. For later dates please set the tick again then.`)}</p>
    </div>
  );
}

/** The first of some dates, in words. */
const few = (dates: string[], lang: string): string => dates.slice(0, 5).map((d) => dateText(d, lang)).join('; ') + (dates.length > 5 ? ' …' : '');
