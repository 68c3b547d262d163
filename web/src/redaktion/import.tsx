/** @jsxImportSource preact */
import { useMemo, useRef, useState } from 'preact/hooks';
import { ask, type Provider, type UserError, type Viewer } from './api';
import { decode, guess, maxRows, notText, parse, targetName, targets, toInput, type LineFault, type Row, type Table, type Target } from './csv';
import type { Input } from './draft';
import { faultText } from './faults';
import { ProviderPicker } from './provider';
import { announce, Choice, Problem, Tick, to, useAsk, useWork, View } from './ui';
import { fieldName, kindName, kinds, locale, tr } from './words';

interface Tree { slug: string; label: string; narrower?: Tree[] }
interface Result { offering: { id?: string; status: string; title: string; schedule?: { text: string } | null } | null; userErrors: UserError[] }
interface Checked { faults: LineFault[]; good: { row: Row; input: Input; status: string; text: string }[] }

const batch = 100;

/** Many offerings at once, from a table. */
export function Import({ viewer }: { viewer: Viewer }) {
  const own = viewer.grants.filter((g) => g.provider).map((g) => g.provider!);
  const [table, setTable] = useState<Table>();
  const [columns, setColumns] = useState<(Target | '')[]>([]);
  const [kind, setKind] = useState('EVENT');
  const [provider, setProvider] = useState<Provider | null>(own.length === 1 ? own[0]! : null);
  const [publish, setPublish] = useState(false);
  const [checked, setChecked] = useState<Checked>();
  const [done, setDone] = useState<{ saved: number; faults: LineFault[] }>();
  const [progress, setProgress] = useState('');
  const [wrongFile, setWrongFile] = useState('');
  /** How far saving has come: where the line broke, it goes on from there. */
  const going = useRef({ at: 0, saved: 0, faults: [] as LineFault[] });
  const { busy, problem, work } = useWork();
  const tree = useAsk<{ categories: Tree[] }>('Categories', { locale: locale() });
  const area = viewer.grants.find((g) => g.municipality || g.region);
  const around = useAsk<{ providers: { nodes: Provider[] } }>('Providers', { search: null, municipality: area?.municipality?.ags ?? null, region: area?.region?.key ?? null }, !area);
  const known = useMemo(() => {
    const flat = (t: Tree): Tree[] => [t, ...(t.narrower ?? []).flatMap(flat)];
    return {
      kind, provider: provider?.id ?? '',
      providers: new Map([...own, ...(around.data?.providers.nodes ?? [])].map((p) => [p.name.toLowerCase(), p.id])),
      categories: new Map((tree.data?.categories ?? []).flatMap(flat).flatMap((t) => [[t.label.toLowerCase(), t.slug], [t.slug, t.slug]] as [string, string][])),
    };
  }, [kind, provider, around.data, tree.data]);
  const reset = () => { setChecked(undefined); setDone(undefined); going.current = { at: 0, saved: 0, faults: [] }; };
  const take = (text: string) => {
    const t = parse(text);
    setTable(t);
    setColumns(guess(t.header));
    reset();
    announce(tr(`${t.rows.length} Zeilen gelesen.`, `${t.rows.length} rows read.`));
  };
  const lineFaults = (row: Row, errors: UserError[]): LineFault[] => errors.map((e) => {
    const path = e.path.slice(e.path.indexOf('inputs') + 2);
    return { line: row.line, field: fieldName(path[0] ?? ''), text: faultText(e) };
  });
  const check = () => work(async () => {
    reset();
    const out: Checked = { faults: [], good: [] };
    // There may be more providers around than one list has.
    const named = columns.indexOf('provider');
    const names = named < 0 || !area ? [] : [...new Set(table!.rows.map((r) => r.cells[named] ?? ''))].filter((n) => n && !known.providers.has(n.toLowerCase()));
    for (const search of names.slice(0, 200)) {
      const { providers } = await ask<{ providers: { nodes: Provider[] } }>('Providers', { search, municipality: area?.municipality?.ags ?? null, region: area?.region?.key ?? null });
      const one = providers.nodes.find((p) => p.name.toLowerCase() === search.toLowerCase());
      if (one) known.providers.set(search.toLowerCase(), one.id);
    }
    const rows = table!.rows.map((row) => ({ row, ...toInput(row, columns, known) }));
    for (const r of rows) out.faults.push(...r.faults);
    const fine = rows.filter((r) => r.faults.length === 0);
    for (let i = 0; i < fine.length; i += batch) {
      setProgress(tr(`Zeile ${i + 1} von ${fine.length} wird geprüft …`, `Row ${i + 1} of ${fine.length} is checked …`));
      const part = fine.slice(i, i + batch);
      const { saveOfferings } = await ask<{ saveOfferings: { results: Result[] } }>('Check', { inputs: part.map((r) => ({ ...r.input, publish })), locale: locale() });
      saveOfferings.results.forEach((res, j) => {
        const r = part[j]!;
        if (res.userErrors.length > 0) out.faults.push(...lineFaults(r.row, res.userErrors));
        else out.good.push({ row: r.row, input: r.input, status: res.offering?.status ?? '', text: res.offering?.schedule?.text ?? '' });
      });
    }
    out.faults.sort((a, b) => a.line - b.line);
    setProgress('');
    setChecked(out);
    announce(tr(`${out.good.length} Zeilen in Ordnung, ${out.faults.length} Fehler.`, `${out.good.length} rows are fine, ${out.faults.length} faults.`));
  });
  const save = () => work(async () => {
    const result = going.current;
    for (; result.at < checked!.good.length; result.at += batch) {
      setProgress(tr(`${result.at} von ${checked!.good.length} gespeichert …`, `${result.at} of ${checked!.good.length} saved …`));
      const part = checked!.good.slice(result.at, result.at + batch);
      const { saveOfferings } = await ask<{ saveOfferings: { results: Result[] } }>('Import', { inputs: part.map((r) => ({ ...r.input, publish })) });
      saveOfferings.results.forEach((res, j) => {
        if (res.offering) result.saved++;
        else result.faults.push(...lineFaults(part[j]!.row, res.userErrors));
      });
    }
    setProgress('');
    setDone(result);
    announce(tr(`${result.saved} Angebote gespeichert.`, `${result.saved} offerings saved.`));
  });
  const faultList = (list: LineFault[]) => <ul class="bullets" id="line-faults">{list.slice(0, 200).map((f, i) => <li key={i}><strong>{tr(`Zeile ${f.line}:`, `Line ${f.line}:`)}</strong> {f.field ? `${f.field}: ` : ''}{f.text}</li>)}</ul>;
  return (
    <View title={tr('Viele auf einmal einlesen', 'Import many at once')} lead={tr('Eine Tabelle als CSV, wie sie jedes Tabellenprogramm speichert. Die erste Zeile sind die Namen der Spalten.', 'A table as CSV, as every spreadsheet saves it. The first line has the names of the columns.')}>
      <section class="part" aria-labelledby="step-1">
        <h2 id="step-1">{tr('1. Datei', '1. File')}</h2>
        <div class="f">
          <label for="csv-file">{tr('CSV-Datei', 'CSV file')}</label>
          <input id="csv-file" type="file" accept=".csv,.txt,.tsv,text/csv" onChange={(e) => { const f = e.currentTarget.files?.[0]; if (f) work(async () => { const bytes = await f.arrayBuffer(); const wrong = notText(bytes); setWrongFile(wrong); if (!wrong) take(decode(bytes)); }); }} />
          {wrongFile && <p class="message bad" role="alert">{wrongFile}</p>}
        </div>
        {table && table.rows.length === 0 && <p class="message bad" role="alert">{tr('In dieser Datei stehen keine Zeilen.', 'There are no rows in this file.')}</p>}
        {table && table.more > 0 && <p class="message warn">{tr(`Es werden nur die ersten ${maxRows} Zeilen gelesen.`, `Only the first ${maxRows} rows are read.`)}</p>}
      </section>
      {table && table.rows.length > 0 && (
        <>
          <section class="part" aria-labelledby="step-2">
            <h2 id="step-2">{tr('2. Was steht in welcher Spalte?', '2. What is in which column?')}</h2>
            <div class="table-frame" role="region" aria-label={tr('Spalten', 'Columns')} tabIndex={0}>
              <table>
                <thead><tr><th scope="col">{tr('Spalte', 'Column')}</th><th scope="col">{tr('Beispiel', 'Example')}</th><th scope="col">{tr('bedeutet', 'means')}</th></tr></thead>
                <tbody>
                  {table.header.map((h, i) => (
                    <tr key={i}>
                      <th scope="row">{h || tr(`Spalte ${i + 1}`, `Column ${i + 1}`)}</th>
                      <td class="quiet">{table.rows.find((r) => r.cells[i])?.cells[i]?.slice(0, 60)}</td>
                      <td><select aria-label={tr(`Bedeutung der Spalte ${h}`, `Meaning of the column ${h}`)} value={columns[i]} onChange={(e) => { setColumns(columns.map((c, j) => (j === i ? (e.currentTarget.value as Target) : c))); reset(); }}>
                        <option value="">{tr('nicht einlesen', 'leave out')}</option>
                        {targets.map((t) => <option key={t} value={t}>{targetName(t)}</option>)}
                      </select></td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <div class="stack">
              {!columns.includes('kind') && <Choice label={tr('Alle Zeilen sind', 'All rows are')} value={kind} onChange={(v) => { setKind(v); reset(); }} options={kinds.map((k) => [k, kindName(k)])} />}
              {!columns.includes('provider') && <ProviderPicker viewer={viewer} value={provider} onChange={(p) => { setProvider(p); reset(); }} fault={undefined} />}
              <Tick label={viewer.scopes.includes('publish') ? tr('Gleich veröffentlichen (sonst werden es Entwürfe)', 'Publish at once (else they become drafts)') : tr('Gleich einreichen (sonst werden es Entwürfe)', 'Submit at once (else they become drafts)')} checked={publish} onChange={(v) => { setPublish(v); reset(); }} />
            </div>
          </section>
          <section class="part" aria-labelledby="step-3">
            <h2 id="step-3">{tr('3. Prüfen', '3. Check')}</h2>
            <p><button type="button" class="button primary" disabled={busy} onClick={check}>{tr(`${table.rows.length} Zeilen prüfen, ohne zu speichern`, `Check ${table.rows.length} rows without saving`)}</button></p>
            <p role="status" class="quiet">{busy ? progress : ''}</p>
            {!checked && <Problem text={problem} />}
            {checked && (
              <>
                {checked.faults.length > 0 && <div class="message bad"><p><strong>{tr('Diese Zeilen stimmen noch nicht und werden ausgelassen:', 'These rows are wrong and are left out:')}</strong></p>{faultList(checked.faults)}</div>}
                {checked.good.length > 0 && (
                  <>
                    <p>{tr(`${checked.good.length} Zeilen sind in Ordnung. So werden die ersten aussehen:`, `${checked.good.length} rows are fine. The first will look so:`)}</p>
                    <div class="table-frame" role="region" aria-label={tr('Vorschau', 'Preview')} tabIndex={0}>
                      <table>
                        <thead><tr><th scope="col">{tr('Zeile', 'Line')}</th><th scope="col">{tr('Titel', 'Title')}</th><th scope="col">{tr('Wann', 'When')}</th><th scope="col">{tr('Ort', 'Place')}</th></tr></thead>
                        <tbody>{checked.good.slice(0, 8).map((g) => <tr key={g.row.line}><td>{g.row.line}</td><th scope="row">{g.input.title}</th><td>{g.text}</td><td>{g.input.place?.name ?? g.input.place?.locality ?? ''}</td></tr>)}</tbody>
                      </table>
                    </div>
                  </>
                )}
              </>
            )}
          </section>
          {checked && checked.good.length > 0 && (
            <section class="part" aria-labelledby="step-4">
              <h2 id="step-4">{tr('4. Speichern', '4. Save')}</h2>
              {done
                ? <div class="message good"><p>{tr(`${done.saved} Angebote sind gespeichert.`, `${done.saved} offerings are saved.`)} <a href={to('', { status: 'all' })}>{tr('Zu meinen Angeboten', 'To my offerings')}</a></p>{done.faults.length > 0 && faultList(done.faults)}</div>
                : <div class="stack"><Problem text={problem} />{problem && going.current.at > 0 && <p>{tr(`${going.current.at} von ${checked.good.length} Zeilen sind schon gespeichert. Der Rest fehlt noch; nichts wird doppelt gespeichert.`, `${going.current.at} of ${checked.good.length} rows are saved already. The rest is missing; nothing is saved twice.`)}</p>}<p><button type="button" class="button primary" disabled={busy} onClick={save}>{going.current.at > 0 && !busy ? tr('Weiter speichern', 'Go on saving') : checked.good.length === 1 ? tr('Ein Angebot speichern', 'Save one offering') : tr(`${checked.good.length} Angebote speichern`, `Save ${checked.good.length} offerings`)}</button></p></div>}
            </section>
          )}
        </>
      )}
    </View>
  );
}
