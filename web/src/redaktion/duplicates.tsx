/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { ask, type Offering, type Page, type UserError, type Viewer } from './api';
import { faultText } from './faults';
import { TownPicker, townsOf, type Town } from './municipality';
import { announce, go, Problem, Status, to, useAsk, useWork, View, Waiting } from './ui';
import { kindName, locale, tr, type Kind } from './words';

interface Side {
  id: string; kind: Kind; title: string; summary: string | null; status: string; version: number; provider: { id: string; name: string }; municipality: { name: string };
  place: { name: string; address: { street: string | null; locality: string | null } } | null; schedule: { text: string } | null; openingHours: { text: string } | null;
  price: { free: boolean | null; note: string | null }; contact: { phone: string | null; email: string | null } | null; provenance: { source: { name: string } | null; url: string | null };
}
interface Pair { score: number; reasons: { field: string; score: number; text: string }[]; a: Side; b: Side }

const reasonName = (f: string): string =>
  ({ title: tr('Titel', 'Title'), time: tr('Zeit', 'Time'), place: tr('Ort', 'Place'), organiser: tr('Veranstalter', 'Organiser'), details: tr('Einzelheiten', 'Details') })[f] ?? f;

const percent = (score: number): string => `${Math.round(score * 100)} %`;

/** Runs one of the mutations about what is the same, and says what went wrong. */
function useDecision() {
  const w = useWork();
  const [fault, setFault] = useState('');
  const decide = (name: 'Merge' | 'Split' | 'KeepApart', field: string, variables: Record<string, unknown>, then: (answer: any) => void) => w.work(async () => {
    setFault('');
    const answer = (await ask<Record<string, { userErrors: UserError[] }>>(name, variables))[field]!;
    if (answer.userErrors[0]) setFault(faultText(answer.userErrors[0]));
    else then(answer);
  });
  return { busy: w.busy, problem: fault || w.problem, decide };
}

/** What may be the same thing, side by side, for somebody to decide. */
export function Duplicates({ viewer, query }: { viewer: Viewer; query: URLSearchParams }) {
  const { towns } = townsOf(viewer);
  const ags = query.get('gemeinde');
  const [town, setTown] = useState<Town | null>(() => towns.find((t) => t.ags === ags) ?? (ags ? { ags, name: ags } : (towns[0] ?? null)));
  const after = query.get('after');
  const list = useAsk<{ municipality: Town | null; duplicates: Page<Pair> }>('Duplicates', { municipality: town?.ags ?? '', after, locale: locale() }, !town);
  const page = list.data?.duplicates;
  return (
    <View title={tr('Doppelte', 'Duplicates')} wide lead={tr('Manches steht in zwei Quellen, oder zwei Leute haben es eingetragen. Hier stehen Paare, die dasselbe sein könnten.', 'Some things are in two sources, or two people have posted them. These pairs may be the same thing.')}>
      <TownPicker viewer={viewer} value={list.data?.municipality ?? town} onChange={(t) => { setTown(t); go(to('/doppelt', { gemeinde: t.ags }), true); }} />
      {town && <Waiting of={list} />}
      {page && page.totalCount === 0 && <p class="message good">{tr('Keine Verdachtsfälle. Was sicher dasselbe ist, hat Umland schon zusammengeführt.', 'No suspects. What is the same for sure is one already.')}</p>}
      {page && page.totalCount > 0 && <p class="quiet" role="status">{page.totalCount === 1 ? tr('Ein Paar', 'One pair') : tr(`${page.totalCount} Paare, die wahrscheinlichsten zuerst`, `${page.totalCount} pairs, the likeliest first`)}</p>}
      <ul class="pairs">{page?.nodes.map((p) => <PairCard key={`${p.a.id}${p.b.id}`} pair={p} />)}</ul>
      <p class="row">
        {after && <a class="button" href={to('/doppelt', { gemeinde: town?.ags })}>{tr('Zum Anfang', 'To the beginning')}</a>}
        {page?.pageInfo.hasNextPage && <a class="button" href={to('/doppelt', { gemeinde: town?.ags, after: page.pageInfo.endCursor })}>{tr('Weitere', 'More')}</a>}
      </p>
    </View>
  );
}

function PairCard({ pair: { a, b, score, reasons } }: { pair: Pair }) {
  const [stays, setStays] = useState(a.id);
  const [state, setState] = useState<'open' | 'merged' | 'apart' | 'split'>('open');
  const { busy, problem, decide } = useDecision();
  const other = stays === a.id ? b.id : a.id;
  const says = (s: 'open' | 'merged' | 'apart' | 'split', text: string) => { setState(s); announce(text); };
  if (state !== 'open') {
    const kept = stays === a.id ? a : b;
    return (
      <li class="message good">
        {state === 'merged' && <><p>{tr('Zusammengeführt zu', 'Merged into')} <a href={to(`/angebot/${kept.id}`)}>{kept.title}</a>.</p>
          <button type="button" class="button small" disabled={busy} onClick={() => decide('Split', 'splitOffering', { id: stays, offering: other }, () => says('split', tr('Wieder getrennt.', 'Split again.')))}>{tr('Rückgängig', 'Undo')}<span class="sr">: {kept.title}</span></button></>}
        {state === 'split' && <p>{tr('Wieder getrennt. Umland merkt sich, dass es zwei verschiedene sind:', 'Split again. Umland remembers that these are two:')} <a href={to(`/angebot/${a.id}`)}>{a.title}</a>, <a href={to(`/angebot/${b.id}`)}>{b.title}</a></p>}
        {state === 'apart' && <p>{tr('Gemerkt: Das sind zwei verschiedene:', 'Remembered: these are two:')} <a href={to(`/angebot/${a.id}`)}>{a.title}</a>, <a href={to(`/angebot/${b.id}`)}>{b.title}</a></p>}
        <Problem text={problem} />
      </li>
    );
  }
  const rows: [string, (s: Side) => string][] = [
    [tr('Anbieter', 'Provider'), (s) => s.provider.name], [tr('Wann', 'When'), (s) => s.schedule?.text ?? s.openingHours?.text ?? ''],
    [tr('Wo', 'Where'), (s) => [s.place?.name, s.place?.address.street, s.place?.address.locality].filter((x, i, all) => x && all.indexOf(x) === i).join(', ')], [tr('Kurztext', 'Summary'), (s) => s.summary ?? ''],
    [tr('Preis', 'Price'), (s) => (s.price.free ? tr('kostenlos', 'free') : (s.price.note ?? ''))], [tr('Kontakt', 'Contact'), (s) => [s.contact?.phone, s.contact?.email].filter(Boolean).join(', ')],
    [tr('Quelle', 'Source'), (s) => s.provenance.source?.name ?? tr('eingetragen', 'posted')],
  ];
  const shown = rows.filter(([, f]) => f(a) || f(b));
  return (
    <li class="boxed stack pair">
      <div class="row between">
        <h2>{a.title}{a.title !== b.title && <> <span class="quiet">{tr('und', 'and')}</span> {b.title}</>}</h2>
        <p><label><span class="quiet">{tr('Wie sicher:', 'How sure:')}</span> <meter min={0} max={1} value={score}>{percent(score)}</meter></label> <strong>{percent(score)}</strong></p>
      </div>
      <div class="table-frame" role="group" aria-label={tr(`Vergleich: ${a.title}`, `Comparison: ${a.title}`)} tabIndex={0}>
        <table>
          <thead><tr><th scope="col">{tr('Feld', 'Field')}</th>{[a, b].map((s, i) => <th key={s.id} scope="col"><a href={to(`/angebot/${s.id}`)}>{s.title}<span class="sr"> ({i + 1})</span></a> {s.status !== 'PUBLISHED' && <Status of={s.status} />}<br />{kindName(s.kind)}</th>)}</tr></thead>
          <tbody>{shown.map(([name, f]) => <tr key={name} class={f(a) === f(b) ? 'alike' : ''}><th scope="row">{name}</th><td>{f(a) || <span class="quiet">{tr('nichts', 'nothing')}</span>}</td><td>{f(b) || <span class="quiet">{tr('nichts', 'nothing')}</span>}</td></tr>)}</tbody>
        </table>
      </div>
      <details class="more">
        <summary>{tr('Was dafür spricht', 'What speaks for it')}<span class="sr">: {a.title}</span></summary>
        <ul class="reasons">{reasons.map((r, i) => <li key={i}><strong>{reasonName(r.field)}</strong> <span>{r.text}</span> <span class="quiet">{percent(r.score)}</span></li>)}</ul>
      </details>
      <fieldset class="f">
        <legend>{tr('Wenn es dasselbe ist: Welches bleibt?', 'If it is the same: which one stays?')}</legend>
        <div class="stack tight">
          {[a, b].map((s, i) => <label key={s.id} class="check"><input type="radio" name={`stays-${a.id}-${b.id}`} checked={stays === s.id} onChange={() => setStays(s.id)} /><span class="text">{s.title} <span class="quiet">({[s.provider.name, s.provenance.source?.name ?? tr('eingetragen', 'posted')].join(', ')})</span>{a.title === b.title && <span class="sr"> {i + 1}</span>}</span></label>)}
        </div>
        <p class="hint">{tr('Das andere wird zurückgezogen; das Beste aus beiden bleibt. Es lässt sich rückgängig machen.', 'The other one is withdrawn; the best of both stays. It can be undone.')}</p>
      </fieldset>
      <Problem text={problem} />
      <div class="row">
        <button type="button" class="button primary" disabled={busy} onClick={() => decide('Merge', 'mergeOfferings', { id: stays, others: [other] }, () => says('merged', tr('Zusammengeführt.', 'Merged.')))}>{tr('Dasselbe: zusammenführen', 'The same: merge')}<span class="sr">: {a.title}</span></button>
        <button type="button" class="button" disabled={busy} onClick={() => decide('KeepApart', 'keepApart', { id: a.id, other: b.id }, () => says('apart', tr('Gemerkt.', 'Remembered.')))}>{tr('Sind verschieden', 'They are different')}<span class="sr">: {a.title}</span></button>
      </div>
    </li>
  );
}

/** Of which things an offering is made, each of which can be taken out of it again. */
export function MergedParts({ offering: o, mayMerge, onChanged }: { offering: Offering; mayMerge: boolean; onChanged: () => void }) {
  const { busy, problem, decide } = useDecision();
  const merged = o.editorial?.merged ?? [];
  const records = o.provenance.records.length > 1 ? o.provenance.records : [];
  const into = o.editorial?.mergedInto;
  if (merged.length + records.length === 0 && !into) return null;
  const done = () => { announce(tr('Getrennt.', 'Split.')); onChanged(); };
  if (into) {
    return (
      <div class="message">
        <p>{tr('Dieses Angebot wurde mit einem anderen zusammengeführt, das an seiner Stelle steht.', 'This offering was merged with another one, which stands for it.')} <a href={to(`/angebot/${into}`)}>{tr('Zum anderen Angebot', 'To the other offering')}</a></p>
        <Problem text={problem} />
        {mayMerge && <button type="button" class="button small" disabled={busy} onClick={() => decide('Split', 'splitOffering', { id: into, offering: o.id }, done)}>{tr('Zusammenführung rückgängig machen', 'Undo the merge')}</button>}
      </div>
    );
  }
  return (
    <details class="more merged">
      <summary>{tr(`Zusammengeführt aus ${Math.max(merged.length + 1, records.length)} Angeboten`, `Merged from ${Math.max(merged.length + 1, records.length)} offerings`)}</summary>
      <div class="stack">
        <p class="hint">{tr('Ist etwas davon doch etwas anderes? Dann nehmen Sie es wieder heraus.', 'Is one of these something else after all? Then take it out again.')}</p>
        <ul class="lines">
          {merged.map((m) => (
            <li key={m.id}><p><a href={to(`/angebot/${m.id}`)}>{m.title}</a> · {m.provider.name} · <span class="quiet">{m.source?.name ?? tr('eingetragen', 'posted')}</span></p>
              {mayMerge && <button type="button" class="button small" disabled={busy} onClick={() => decide('Split', 'splitOffering', { id: o.id, offering: m.id }, done)}>{tr('Wieder trennen', 'Split again')}<span class="sr">: {m.title}</span></button>}</li>
          ))}
          {merged.length === 0 && records.map((r) => (
            <li key={`${r.source.id}${r.externalId}`}><p>{r.source.name} · {r.url ? <a href={r.url} rel="noreferrer">{r.externalId}</a> : <span class="quiet">{r.externalId}</span>}</p>
              {mayMerge && <button type="button" class="button small" disabled={busy} onClick={() => decide('Split', 'splitOffering', { id: o.id, source: r.source.id, externalId: r.externalId }, done)}>{tr('Herausnehmen', 'Take out')}<span class="sr">: {r.source.name}, {r.externalId}</span></button>}</li>
          ))}
        </ul>
        <Problem text={problem} />
      </div>
    </details>
  );
}
