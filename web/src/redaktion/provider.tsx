/** @jsxImportSource preact */
import { useEffect, useState } from 'preact/hooks';
import { ask, type Provider, type UserError, type Viewer } from './api';
import { faultText } from './faults';
import { Choice, Field, Problem, Text, useAsk, useWork } from './ui';
import { tr } from './words';

/** Where the viewer may look for providers beyond those that are its own. */
export const areaOf = (viewer: Viewer): { municipality: string | null; region: string | null } | null => {
  const g = viewer.grants.find((x) => x.municipality || x.region || x.role === 'OPERATOR');
  return g ? { municipality: g.municipality?.ags ?? null, region: g.region?.key ?? null } : null;
};

/** Who offers it. */
export function ProviderPicker({ viewer, value, onChange, fault }: { viewer: Viewer; value: Provider | null; onChange: (p: Provider) => void; fault: string | undefined }) {
  const own = viewer.grants.filter((g) => g.provider).map((g) => g.provider!);
  const area = areaOf(viewer);
  const [search, setSearch] = useState('');
  const [asked, setAsked] = useState('');
  const [adding, setAdding] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(search.trim()), 250);
    return () => clearTimeout(timer);
  }, [search]);
  const { data } = useAsk<{ providers: { totalCount: number; nodes: Provider[] } }>('Providers', { search: asked || null, municipality: area?.municipality, region: area?.region }, !area);
  const found = data?.providers.nodes ?? [];
  const all = [...new Map([...(value ? [value] : []), ...own, ...found].map((p) => [p.id, p])).values()];
  if (!area && own.length === 1 && value) return <p class="fixed"><span class="quiet">{tr('Anbieter:', 'Provider:')}</span> <strong>{value.name}</strong></p>;
  const many = (data?.providers.totalCount ?? 0) > 100 || asked !== '';
  return (
    <div class="stack">
      {many && <Text label={tr('Anbieter suchen', 'Find a provider')} value={search} onInput={setSearch} type="search" />}
      <Choice required label={tr('Wer bietet es an?', 'Who offers it?')} value={value?.id ?? ''} onChange={(id) => { const p = all.find((x) => x.id === id); if (p) onChange(p); }} fault={fault} path="provider"
        options={[...(value ? [] : ([['', tr('Bitte wählen', 'Please choose')]] as [string, string][])), ...all.map((p) => [p.id, p.name] as [string, string])]} />
      {area?.municipality && (adding
        ? <NewProvider municipality={area.municipality} onDone={(p) => { setAdding(false); if (p) onChange(p); }} />
        : <p><button type="button" class="button small" onClick={() => setAdding(true)}>{tr('Er fehlt: Anbieter anlegen', 'It is missing: add a provider')}</button></p>)}
    </div>
  );
}

function NewProvider({ municipality, onDone }: { municipality: string; onDone: (p: Provider | null) => void }) {
  const [name, setName] = useState('');
  const [kind, setKind] = useState('CLUB');
  const [faults, setFaults] = useState<UserError[]>([]);
  const { busy, problem, work } = useWork();
  const save = () => work(async () => {
    const { saveProvider } = await ask<{ saveProvider: { provider: Provider | null; userErrors: UserError[] } }>('SaveProvider', { input: { name, kind, municipality } });
    setFaults(saveProvider.userErrors);
    if (saveProvider.provider) onDone(saveProvider.provider);
  });
  return (
    <fieldset class="boxed">
      <legend>{tr('Neuer Anbieter', 'New provider')}</legend>
      <Field label={tr('Name', 'Name')} fault={faults[0] ? faultText(faults[0]) : undefined}>{(p) => <input {...p} value={name} onInput={(e) => setName(e.currentTarget.value)} />}</Field>
      <Choice label={tr('Was ist das?', 'What is it?')} value={kind} onChange={setKind} options={[['CLUB', tr('Verein', 'Club')], ['MUNICIPALITY', tr('Gemeinde', 'Municipality')], ['CHURCH', tr('Kirche', 'Church')], ['BUSINESS', tr('Betrieb', 'Business')], ['INITIATIVE', 'Initiative'], ['EDUCATION', tr('Bildung', 'Education')], ['HEALTH', tr('Gesundheit', 'Health')], ['OTHER', tr('Sonstiges', 'Other')]]} />
      <Problem text={problem} />
      <div class="row"><button type="button" class="button" disabled={busy || !name.trim()} onClick={save}>{tr('Anlegen', 'Add')}</button><button type="button" class="button" onClick={() => onDone(null)}>{tr('Abbrechen', 'Cancel')}</button></div>
    </fieldset>
  );
}
