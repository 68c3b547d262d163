/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { ask } from './api';
import { TownSearch, type Town } from './municipality';
import { announce, Problem, useAsk, useWork } from './ui';
import { tr } from './words';

const most = 500;

/** Where a service can be had, beyond its own municipality. */
export function AreaEditor({ value, home, onChange, fault }: { value: Town[]; home: Town | undefined; onChange: (v: Town[]) => void; fault: string | undefined }) {
  const [all, setAll] = useState(false);
  const { busy, problem, work } = useWork();
  const near = useAsk<{ municipalities: { nodes: Town[] } }>('Municipalities', { search: home?.name ?? '' }, !home);
  const regions = near.data?.municipalities.nodes.find((t) => t.ags === home?.ags)?.regions?.slice(1) ?? [];
  const add = (towns: Town[]) => onChange([...new Map([...value, ...towns].map((t) => [t.ags, { ags: t.ags, name: t.name }])).values()].slice(0, most));
  const whole = (key: string, name: string) => work(async () => {
    const found: Town[] = [];
    for (let after: string | null = null; found.length < most;) {
      type Answer = { region: { municipalities: { nodes: Town[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } | null };
      const { region }: Answer = await ask<Answer>('Members', { key, after });
      found.push(...(region?.municipalities.nodes ?? []));
      if (!region?.municipalities.pageInfo.hasNextPage) break;
      after = region.municipalities.pageInfo.endCursor;
    }
    add(found);
    announce(tr(`${name}: ${found.length} Gemeinden hinzugefügt.`, `${name}: ${found.length} municipalities added.`));
  });
  const shown = all ? value : value.slice(0, 24);
  return (
    <fieldset class={`f ${fault ? 'faulty' : ''}`} data-path="serviceArea" tabIndex={fault ? -1 : undefined}>
      <legend>{tr('In welchen Gemeinden ist es zu haben?', 'In which municipalities can it be had?')}</legend>
      <p class="hint">{value.length === 0 ? tr('Keine gewählt heißt: dort, wo der Ort oder der Anbieter ist.', 'None chosen means: where the place or the provider is.') : tr(`${value.length} gewählt`, `${value.length} chosen`)}</p>
      {value.length > 0 && <ul class="row">{shown.map((t) => <li key={t.ags}><button type="button" class="button small" onClick={() => onChange(value.filter((x) => x.ags !== t.ags))}>{t.name} <span aria-hidden="true">×</span><span class="sr"> {tr('entfernen', 'remove')}</span></button></li>)}</ul>}
      {value.length > shown.length && <button type="button" class="button small" onClick={() => setAll(true)}>{tr(`Alle ${value.length} zeigen`, `Show all ${value.length}`)}</button>}
      <TownSearch label={tr('Gemeinde hinzufügen', 'Add a municipality')} without={value.map((t) => t.ags)} onPick={(t) => add([t])} />
      <div class="row">
        {regions.map((r) => <button key={r.name} type="button" class="button small" disabled={busy} onClick={() => r.key && whole(r.key, r.name)}>{tr(`Alle in: ${r.name}`, `All in: ${r.name}`)}</button>)}
        {value.length > 0 && <button type="button" class="button small" onClick={() => onChange([])}>{tr('Alle entfernen', 'Remove all')}</button>}
      </div>
      <Problem text={problem} />
      {fault && <p class="fault">{fault}</p>}
    </fieldset>
  );
}
