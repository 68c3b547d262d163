/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { firstDate, repeats, starts, withdrawn, type Plan } from './schedule';
import { holidayOn, SchoolHolidays, useSchool } from './school';
import { berlin, dateText, isDate, momentText, plusDays, weekday } from './time';
import { Checks, Choice, Radios, Text, Tick } from './ui';
import { locale, tr } from './words';

const dayNames = (): [string, string][] =>
  (tr('Montag,Dienstag,Mittwoch,Donnerstag,Freitag,Samstag,Sonntag', 'Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday').split(',')).map((d, i) => [String(i), d]);

function interval(mode: Plan['mode'], n: number): string {
  if (mode === 'weekly') return n === 1 ? tr('jede Woche', 'every week') : tr(`alle ${n} Wochen`, `every ${n} weeks`);
  if (mode === 'yearly') return n === 1 ? tr('jedes Jahr', 'every year') : tr(`alle ${n} Jahre`, `every ${n} years`);
  return n === 1 ? tr('jeden Monat', 'every month') : tr(`alle ${n} Monate`, `every ${n} months`);
}

/** The last day of the first date when that begins on another one: it lasts as long as before. */
const moved = (p: Plan, date: string): string =>
  isDate(p.endDate) && isDate(p.date) && isDate(date) ? plusDays(date, Math.round((Date.parse(p.endDate) - Date.parse(p.date)) / 86_400_000)) : p.endDate;

/** When it takes place, as a person says it. */
export function ScheduleEditor({ plan, ags, onChange, fault, required, sentence }: { plan: Plan; ags: string | undefined; onChange: (p: Plan) => void; fault: (path: string) => string | undefined; required: boolean; sentence: string }) {
  const [shown, setShown] = useState(12);
  const set = (change: Partial<Plan>) => onChange({ ...plan, ...change });
  const modes: [string, string][] = [
    ...(required ? [] : ([['none', tr('kein fester Termin', 'no fixed date')]] as [string, string][])),
    ['once', tr('einmal', 'once')], ['dates', tr('an mehreren Tagen', 'on several days')], ['weekly', tr('jede Woche', 'every week')],
    ['monthly', tr('jeden Monat, an einem Wochentag', 'every month, on a weekday')], ['monthday', tr('jeden Monat, am selben Tag', 'every month, on the same day')],
    ['yearly', tr('jedes Jahr', 'every year')], ['daily', tr('täglich', 'daily')],
    ...(plan.mode === 'custom' ? ([['custom', tr('eigene Regel', 'a rule of its own')]] as [string, string][]) : []),
  ];
  const mode = (m: string) => {
    const next = { ...plan, mode: m as Plan['mode'] };
    if (isDate(plan.date)) {
      if ((m === 'weekly' || m === 'monthly') && plan.weekdays.length === 0) next.weekdays = [weekday(plan.date)];
      if (m === 'monthly' && plan.nth.length === 0) next.nth = [Math.min(4, Math.ceil(Number(plan.date.slice(8)) / 7))];
      if (m === 'monthday') next.monthDay = Number(plan.date.slice(8));
    }
    onChange(next);
  };
  const series = repeats(plan);
  const today = new Date().toISOString().slice(0, 10);
  const from = isDate(plan.date) && plan.date > today ? plan.date : today;
  const list = series ? starts(plan, from, shown + 1) : [];
  const school = useSchool(series ? ags : undefined, from);
  const first = series ? firstDate(plan) : '';
  const lang = locale();
  return (
    <div class="stack">
      <Radios legend={tr('Wie oft?', 'How often?')} name="mode" value={plan.mode} onChange={mode} options={modes} fault={fault('schedule.mode') ?? fault('schedule')} path="schedule.mode" />
      {plan.mode !== 'none' && (
        <>
          {(plan.mode === 'weekly' || plan.mode === 'monthly') && (
            <div class="stack">
              {plan.mode === 'monthly' && (
                <Checks legend={tr('Der wievielte im Monat?', 'Which one of the month?')} value={plan.nth.map(String)} onChange={(v) => set({ nth: v.map(Number) })} fault={fault('schedule.nth')} path="schedule.nth"
                  options={[['1', tr('1.', '1st')], ['2', tr('2.', '2nd')], ['3', tr('3.', '3rd')], ['4', tr('4.', '4th')], ['-1', tr('letzter', 'last')]]} />
              )}
              <Checks legend={tr('An welchem Wochentag?', 'On which weekday?')} value={plan.weekdays.map(String)} onChange={(v) => set({ weekdays: v.map(Number) })} options={dayNames()} fault={fault('schedule.weekdays')} path="schedule.weekdays" />
            </div>
          )}
          {plan.mode === 'monthday' && (
            <Choice label={tr('Am wievielten?', 'On which day?')} class="narrow" value={String(plan.monthDay)} onChange={(v) => set({ monthDay: Number(v) })}
              options={[...Array.from({ length: 31 }, (_, i) => [String(i + 1), `${i + 1}.`] as [string, string]), ['-1', tr('am letzten Tag', 'on the last day')]]} />
          )}
          {series && plan.mode !== 'daily' && (
            <Choice label={tr('Abstand', 'Interval')} class="narrow" value={String(plan.interval)} onChange={(v) => set({ interval: Number(v) })}
              options={[...new Set([1, 2, 3, 4, 6, plan.interval])].map((n) => [String(n), interval(plan.mode, n)])} />
          )}
          <div class="grid">
            <Text type="date" label={series ? tr('Ab wann?', 'From when on?') : tr('Datum', 'Date')} required value={plan.date} onInput={(date) => set({ date, endDate: moved(plan, date) })} fault={fault('schedule.date') ?? fault('schedule.start')} path="schedule.date"
              hint={series && first && first !== plan.date ? tr(`Der erste Termin ist ${dateText(first)}.`, `The first date is ${dateText(first, 'en')}.`) : undefined} />
            {!plan.allDay && <Text type="time" label={tr('Beginn', 'Begins at')} required value={plan.time} onInput={(time) => set({ time })} fault={fault('schedule.time')} path="schedule.time" />}
            {!plan.allDay && <Text type="time" label={tr('Ende (wenn bekannt)', 'Ends at (if known)')} value={plan.endTime} onInput={(endTime) => set({ endTime })} fault={fault('schedule.end')} path="schedule.end" />}
            {(plan.mode === 'once' || plan.allDay || plan.endDate) && <Text type="date" label={series || plan.mode === 'dates' ? tr('Letzter Tag des ersten Termins (wenn ein anderer)', 'Last day of the first date (if another)') : tr('Letzter Tag (wenn ein anderer)', 'Last day (if another)')} value={plan.endDate} onInput={(endDate) => set({ endDate })} fault={fault('schedule.endDate')} path="schedule.endDate" />}
          </div>
          {plan.zone !== berlin && <p class="message">{tr(`Alle Zeiten hier gelten in der Zeitzone ${plan.zone}.`, `All times here are of the time zone ${plan.zone}.`)}</p>}
          <Tick label={tr('ganztägig, ohne Uhrzeit', 'all day, without a time')} checked={plan.allDay} onChange={(allDay) => set({ allDay })} />
          {(plan.mode === 'dates' || plan.mode === 'custom') && (
            <fieldset class="f">
              <legend>{tr('Weitere Tage', 'Further days')}</legend>
              <ul class="lines">
                {plan.dates.map((d, i) => (
                  <li key={i}>
                    <input type="date" aria-label={tr(`Weiterer Tag ${i + 1}`, `Further day ${i + 1}`)} value={d.slice(0, 10)} onInput={(e) => set({ dates: plan.dates.map((x, j) => (j === i ? e.currentTarget.value + x.slice(10) : x)) })} />
                    {!plan.allDay && <input type="time" aria-label={tr(`Beginn am weiteren Tag ${i + 1}`, `Begins at on further day ${i + 1}`)} value={d.slice(11) || plan.time} onInput={(e) => set({ dates: plan.dates.map((x, j) => (j === i ? `${x.slice(0, 10)}T${e.currentTarget.value}` : x)) })} />}
                    <button type="button" class="button" onClick={() => set({ dates: plan.dates.filter((_, j) => j !== i) })}>{tr('Entfernen', 'Remove')}<span class="sr"> {dateText(d || today, lang)}</span></button>
                  </li>
                ))}
              </ul>
              <button type="button" class="button" onClick={() => set({ dates: [...plan.dates, ''] })}>{tr('Tag hinzufügen', 'Add a day')}</button>
            </fieldset>
          )}
          {plan.mode === 'custom' && <Text label={tr('Regel (RFC 5545)', 'Rule (RFC 5545)')} value={plan.rrule} onInput={(rrule) => set({ rrule })} fault={fault('schedule.rrule')} path="schedule.rrule" hint={tr('Diese Regel kam aus einer Quelle. Sie können sie so lassen oder oben eine einfachere wählen.', 'This rule came from a source. Leave it, or choose a simpler one above.')} />}
          {series && (
            <div class="stack">
              <Radios legend={tr('Bis wann?', 'Until when?')} name="ends" value={plan.ends} onChange={(v) => set({ ends: v as Plan['ends'] })}
                options={[['never', tr('ohne Ende', 'without an end')], ['until', tr('bis zu einem Tag', 'until a day')], ['count', tr('eine bestimmte Zahl', 'a number of times')]]} />
              {plan.ends === 'until' && <Text type="date" class="narrow" label={tr('Letzter möglicher Tag', 'Last possible day')} value={plan.until} onInput={(until) => set({ until })} fault={fault('schedule.until')} path="schedule.until" />}
              {plan.ends === 'count' && <Text type="number" class="narrow" label={tr('Wie viele Termine?', 'How many dates?')} value={String(plan.count || '')} onInput={(v) => set({ count: Number(v) })} fault={fault('schedule.count')} path="schedule.count" />}
            </div>
          )}
          {series && school && <SchoolHolidays plan={plan} school={school} from={from} onChange={(exclude) => set({ exclude })} />}
          {list.length > 0 && (
            <fieldset class="f dates">
              <legend>{tr('Die nächsten Termine', 'The next dates')}</legend>
              <p class="hint">{tr('Nicht an einem Feiertag? Nehmen Sie das Häkchen weg, dann fällt der Termin aus.', 'Not on a public holiday? Take the tick away, and the date does not take place.')}</p>
              <ul class="tickets">
                {list.slice(0, shown).map((d) => (
                  <li key={d}><Tick label={[momentText(d, lang), holidayOn(school?.list ?? [], d)?.name].filter(Boolean).join(' · ')} checked={!withdrawn(plan, d)} onChange={(on) => set({ exclude: on ? plan.exclude.filter((x) => x.slice(0, 10) !== d.slice(0, 10)) : [...plan.exclude, d] })} /></li>
                ))}
              </ul>
              {list.length > shown && <button type="button" class="button" onClick={() => setShown(shown + 12)}>{tr('Spätere Termine zeigen', 'Show later dates')}</button>}
            </fieldset>
          )}
          {sentence && <p class="said"><span class="quiet">{tr('Öffentlich steht da:', 'The public reads:')}</span> <strong>{sentence}</strong></p>}
        </>
      )}
    </div>
  );
}
