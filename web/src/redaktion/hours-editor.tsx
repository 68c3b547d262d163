/** @jsxImportSource preact */
import { build, type Week } from './hours';
import { Radios, Text, Tick } from './ui';
import { tr } from './words';

/** When it is open, by clicks. */
export function HoursEditor({ week, onChange, fault, sentence }: { week: Week; onChange: (w: Week) => void; fault: (path: string) => string | undefined; sentence: string }) {
  const names = tr('Montag,Dienstag,Mittwoch,Donnerstag,Freitag,Samstag,Sonntag,Feiertage', 'Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday,Public holidays').split(',');
  const set = (change: Partial<Week>) => onChange({ ...week, ...change });
  const spans = (day: number, list: [string, string][]) => set({ days: week.days.map((d, i) => (i === day ? list : d)) });
  const rows = week.holidays === 'open' ? 8 : 7;
  return (
    <div class="stack">
      <Radios legend={tr('Wann ist geöffnet?', 'When is it open?')} name="hours" value={week.mode} onChange={(v) => set({ mode: v as Week['mode'], ...(v === 'custom' && !week.osm ? { osm: build(week).osm ?? '' } : {}) })} fault={fault('openingHours')} path="openingHours"
        options={[['none', tr('keine Angabe', 'not given')], ['week', tr('zu festen Zeiten', 'at fixed times')], ['appointment', tr('nach Vereinbarung', 'by appointment')], ['always', tr('immer', 'always')], ['custom', tr('anders', 'otherwise')]]} />
      {week.mode === 'week' && (
        <>
          <div class="week-grid">
            {names.slice(0, rows).map((name, day) => (
              <fieldset key={day}>
                <legend>{name}</legend>
                <ul>
                  {week.days[day]!.length === 0 && <li class="quiet">{tr('geschlossen', 'closed')}</li>}
                  {week.days[day]!.map(([a, b], i) => (
                    <li key={i}>
                      <input type="time" aria-label={tr(`${name}, geöffnet ab, ${i + 1}. Zeitraum`, `${name}, opens at, span ${i + 1}`)} value={a} onInput={(e) => spans(day, week.days[day]!.map((s, j) => (j === i ? [e.currentTarget.value, s[1]] : s)))} />
                      <span aria-hidden="true">–</span>
                      <input type="time" aria-label={tr(`${name}, geöffnet bis, ${i + 1}. Zeitraum`, `${name}, closes at, span ${i + 1}`)} value={b === '24:00' ? '00:00' : b} onInput={(e) => spans(day, week.days[day]!.map((s, j) => (j === i ? [s[0], e.currentTarget.value] : s)))} />
                      <button type="button" class="plain" onClick={() => spans(day, week.days[day]!.filter((_, j) => j !== i))}><span aria-hidden="true">×</span><span class="sr">{tr(`${name}: ${i + 1}. Zeitraum entfernen`, `${name}: remove span ${i + 1}`)}</span></button>
                    </li>
                  ))}
                </ul>
                <div class="row">
                  <button type="button" class="button small" onClick={() => spans(day, [...week.days[day]!, week.days[day]!.length === 0 ? ['09:00', '12:00'] : ['14:00', '18:00']])}><span aria-hidden="true">+ </span>{tr('Zeit', 'Add')}<span class="sr"> {tr(`für ${name} hinzufügen`, `a span on ${name}`)}</span></button>
                  {day > 0 && day < 7 && <button type="button" class="button small" onClick={() => spans(day, week.days[day - 1]!.map(([x, y]) => [x, y]))}>{tr('wie Vortag', 'as before')}<span class="sr"> ({name})</span></button>}
                </div>
              </fieldset>
            ))}
          </div>
          <Radios legend={tr('An gesetzlichen Feiertagen', 'On public holidays')} name="holidays" value={week.holidays} onChange={(v) => set({ holidays: v as Week['holidays'] })}
            options={[['unsaid', tr('keine Angabe', 'not given')], ['closed', tr('geschlossen', 'closed')], ['open', tr('eigene Zeiten', 'times of their own')]]} />
          <Tick label={tr('außerdem nach Vereinbarung', 'by appointment at other times, too')} checked={week.besides} onChange={(besides) => set({ besides })} />
        </>
      )}
      {week.mode === 'custom' && <Text label={tr('Öffnungszeiten', 'Opening hours')} value={week.osm} onInput={(osm) => set({ osm })} hint={tr('In der Schreibweise von OpenStreetMap, zum Beispiel: Apr-Oct Mo-Fr 08:00-12:00; PH off', 'As OpenStreetMap writes them, such as Apr-Oct Mo-Fr 08:00-12:00; PH off')} fault={fault('openingHours')} />}
      {sentence && week.mode !== 'none' && <p class="said"><span class="quiet">{tr('Öffentlich steht da:', 'The public reads:')}</span> <strong>{sentence}</strong></p>}
    </div>
  );
}
