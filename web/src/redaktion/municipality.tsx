/** @jsxImportSource preact */
import { useEffect, useState } from 'preact/hooks';
import type { Viewer } from './api';
import { Choice, Text, useAsk } from './ui';
import { tr } from './words';

export interface Town { ags: string; name: string; postalCode?: string | null; regions?: { key?: string; name: string }[] }

/** Finds a municipality by the beginning of its name or postal code. */
export function TownSearch({ label, onPick, without = [], fault, path }: { label: string; onPick: (t: Town) => void; without?: string[]; fault?: string | undefined; path?: string }) {
  const [search, setSearch] = useState('');
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(search.trim()), 250);
    return () => clearTimeout(timer);
  }, [search]);
  const { data } = useAsk<{ municipalities: { nodes: Town[] } }>('Municipalities', { search: asked }, asked.length < 2);
  const found = asked.length < 2 ? [] : (data?.municipalities.nodes ?? []).filter((t) => !without.includes(t.ags));
  return (
    <div class="stack tight">
      <Text label={label} type="search" class="narrow" value={search} onInput={setSearch} fault={fault} {...(path ? { path } : {})} hint={tr('Name oder Postleitzahl', 'Name or postal code')} />
      {found.length > 0 && (
        <ul class="row">
          {found.map((t) => <li key={t.ags}><button type="button" class="button small" onClick={() => { onPick(t); setSearch(''); setAsked(''); }}>{t.name}{t.regions?.[1] && <span class="quiet"> ({t.regions[1].name})</span>}</button></li>)}
        </ul>
      )}
      {asked.length >= 2 && data && found.length === 0 && <p class="quiet" role="status">{tr('Keine Gemeinde gefunden.', 'No municipality found.')}</p>}
    </div>
  );
}

/** The municipalities that the viewer has a role in, and whether there may be others: a region's, or all. */
export function townsOf(viewer: Viewer): { towns: Town[]; more: boolean } {
  const towns = new Map(viewer.grants.filter((g) => g.municipality).map((g) => [g.municipality!.ags, g.municipality! as Town]));
  return { towns: [...towns.values()], more: viewer.grants.some((g) => g.region || g.role === 'OPERATOR') };
}

/** Which municipality is meant; nothing to choose where there is one alone. */
export function TownPicker({ viewer, value, onChange, fault, path }: { viewer: Viewer; value: Town | null; onChange: (t: Town) => void; fault?: string | undefined; path?: string }) {
  const { towns, more } = townsOf(viewer);
  const all = [...new Map([...(value ? [value] : []), ...towns].map((t) => [t.ags, t])).values()];
  return (
    <div class="stack tight">
      {(all.length > 1 || (more && all.length > 0)) && <Choice label={tr('Gemeinde', 'Municipality')} class="narrow" value={value?.ags ?? ''} fault={fault} {...(path ? { path } : {})}
        onChange={(ags) => { const t = all.find((x) => x.ags === ags); if (t) onChange(t); }} options={[...(value ? [] : ([['', tr('Bitte wählen', 'Please choose')]] as [string, string][])), ...all.map((t) => [t.ags, t.name] as [string, string])]} />}
      {all.length === 1 && !more && <p class="fixed"><span class="quiet">{tr('Gemeinde:', 'Municipality:')}</span> <strong>{all[0]!.name}</strong></p>}
      {more && <TownSearch label={value ? tr('Andere Gemeinde suchen', 'Find another municipality') : tr('Gemeinde suchen', 'Find a municipality')} onPick={onChange} fault={all.length === 0 ? fault : undefined} />}
    </div>
  );
}
