/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { Differences } from './diff';
import { countsText, type Change, type Run } from './harvesting';
import { Status, to, when } from './ui';
import { outcomeName, tr } from './words';

const actionTitle = (action: string, n: number, dry: boolean): string =>
  ({
    GONE: dry ? tr(n === 1 ? 'Eines würde verschwinden' : `${n} würden verschwinden`, `${n} would go`) : tr(n === 1 ? 'Eines fehlt' : `${n} fehlen auf einmal`, `${n} missing`),
    CHANGED: tr(n === 1 ? 'Eines würde sich ändern' : `${n} würden sich ändern`, `${n} would change`), NEW: tr(n === 1 ? 'Eines käme neu dazu' : `${n} kämen neu dazu`, `${n} would be new`),
  })[action] ?? action;

/** One item with what would become of it. */
function Item({ change: c }: { change: Change }) {
  const title = <>{c.offering ? <a href={to(`/angebot/${c.offering}`)}>{c.title}</a> : <strong>{c.title}</strong>}{c.status && c.status !== (c.action === 'GONE' ? 'WITHDRAWN' : 'PUBLISHED') && <> <Status of={c.status} /></>}</>;
  const fields = c.fields.filter((f) => f.name !== 'kind' || c.action !== 'NEW').filter((f) => f.name !== 'title' || c.action !== 'NEW');
  return (
    <li>
      <p>{title}</p>
      {c.action === 'GONE' && c.status === 'PUBLISHED' && <p class="quiet">{tr('Bleibt öffentlich: Jemand anderes hat es auch.', 'Stays public: somebody else has it, too.')}</p>}
      {fields.length > 0 && <details class="more"><summary>{c.action === 'NEW' ? tr('Was darin steht', 'What it says') : tr('Was sich ändert', 'What changes')}<span class="sr">: {c.title}</span></summary>
        <Differences changes={fields} {...(c.action === 'NEW' ? {} : { before: tr('Jetzt', 'Now') })} after={c.action === 'NEW' ? tr('Neu', 'New') : tr('Danach', 'Then')} name={c.title} /></details>}
      {c.action === 'CHANGED' && fields.length === 0 && <p class="quiet">{tr('Am Angebot selbst ändert sich nichts.', 'Nothing of the offering itself changes.')}</p>}
    </li>
  );
}

const few = 8;

/** What a run would do, item by item. */
export function Changes({ run }: { run: Run }) {
  const [all, setAll] = useState<string[]>([]);
  const total: Record<string, number> = { GONE: run.gone, CHANGED: run.changed, NEW: run.new };
  return (
    <>
      {['GONE', 'CHANGED', 'NEW'].map((action) => {
        const list = run.changes.filter((c) => c.action === action);
        if (list.length === 0) return null;
        const shown = all.includes(action) ? list : list.slice(0, few);
        const more = (total[action] ?? 0) - shown.length;
        return (
          <div key={action} class={`change-group change-${action.toLowerCase()}`}>
            <h3>{actionTitle(action, total[action] ?? list.length, run.dryRun)}</h3>
            <ul class="changes">{shown.map((c) => <Item key={c.externalId} change={c} />)}</ul>
            {list.length > shown.length ? <button type="button" class="button small" onClick={() => setAll([...all, action])}>{tr(`${list.length - shown.length} weitere zeigen`, `Show ${list.length - shown.length} more`)}</button>
              : more > 0 && <p class="quiet">{tr(`… und ${more} weitere.`, `… and ${more} more.`)}</p>}
          </div>
        );
      })}
    </>
  );
}

/** Items that were left out, with reasons. */
export function Refusals({ run }: { run: Run }) {
  if (run.refused === 0) return null;
  return (
    <div class="change-group change-refused">
      <h3>{run.refused === 1 ? tr('Ein Eintrag ist nicht lesbar und wird ausgelassen', 'One item is not readable and is left out') : tr(`${run.refused} Einträge sind nicht lesbar und werden ausgelassen`, `${run.refused} items are not readable and are left out`)}</h3>
      <ul class="bullets">{run.refusals.slice(0, 50).map((r, i) => <li key={i}><strong>{r.item}:</strong> {r.message}</li>)}</ul>
      {run.refused > Math.min(run.refusals.length, 50) && <p class="quiet">{tr(`… und ${run.refused - Math.min(run.refusals.length, 50)} weitere.`, `… and ${run.refused - Math.min(run.refusals.length, 50)} more.`)}</p>}
    </div>
  );
}

/** The numbers of a run. */
export function Numbers({ run }: { run: Run }) {
  const tiles: [string, number, string][] = [['new', run.new, tr('neu', 'new')], ['changed', run.changed, tr('geändert', 'changed')], ['same', run.same, tr('gleich', 'the same')], ['gone', run.gone, tr('weg', 'gone')], ['refused', run.refused, tr('nicht lesbar', 'not readable')]];
  return <ul class="tiles">{tiles.map(([k, n, name]) => <li key={k} class={n > 0 ? `tile tile-${k}` : 'tile'}><strong>{n}</strong> {name}</li>)}</ul>;
}

/** A run in one line. */
export const RunLine = ({ run }: { run: Run }) => <>{when(run.startedAt)} · {run.dryRun && run.outcome !== 'DRY_RUN' ? `${tr('Probelauf', 'Trial')}: ` : ''}{outcomeName(run.outcome)}{run.outcome !== 'UNCHANGED' && run.outcome !== 'FAILED' && <> · {countsText(run)}</>}</>;
