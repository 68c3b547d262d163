/** @jsxImportSource preact */
import { useRef, useState } from 'preact/hooks';
import { ask, type Provider, type UserError, type Viewer } from './api';
import { faultText } from './faults';
import type { Source } from './harvesting';
import { licenceOptions } from './licence';
import { TownPicker, townsOf, type Town } from './municipality';
import { ProviderPicker } from './provider';
import { Choice, Problem, Text, Tick, useWork } from './ui';
import { formatName, formats, tr } from './words';

/** Formats that can be told more, as which column is what. */
const withOptions = ['csv', 'geojson', 'sva'];

const optionText = (s: Source | undefined): string => (s?.options ?? []).map((o) => `${o.name} = ${o.value}`).join('\n');

/** Options as people write them, `name = value` in lines; what is none is null. */
export function readOptions(text: string): { name: string; value: string }[] | null {
  const out: { name: string; value: string }[] = [];
  for (const line of text.split('\n').map((l) => l.trim()).filter(Boolean)) {
    const at = line.indexOf('=');
    if (at < 1) return null;
    out.push({ name: line.slice(0, at).trim(), value: line.slice(at + 1).trim() });
  }
  return out;
}

/** Adds a source, which waits for its trial then, or changes one. */
export function SourceForm({ viewer, source, onSaved }: { viewer: Viewer; source?: Source; onSaved: (id: string) => void }) {
  const { towns } = townsOf(viewer);
  const [url, setURL] = useState(source?.url ?? '');
  const [format, setFormat] = useState(source?.format ?? 'ical');
  const [name, setName] = useState(source?.name ?? '');
  const [town, setTown] = useState<Town | null>(source ? source.municipality : towns.length === 1 ? towns[0]! : null);
  const [own, setOwn] = useState(!source);
  const [provider, setProvider] = useState<Provider | null>(source?.provider ?? null);
  const [licence, setLicence] = useState(source && source.licence !== 'NOASSERTION' ? source.licence : '');
  const [attribution, setAttribution] = useState(source?.attribution ?? '');
  const [every, setEvery] = useState(String(source?.everyMinutes ?? 360));
  const [options, setOptions] = useState(optionText(source));
  const [faults, setFaults] = useState<{ path: string; text: string }[]>([]);
  const { busy, problem, work } = useWork();
  const summary = useRef<HTMLDivElement>(null);
  const fault = (path: string) => faults.find((f) => f.path === path)?.text;
  const refused = (list: { path: string; text: string }[]) => {
    setFaults(list);
    setTimeout(() => summary.current?.focus(), 0);
  };
  const save = () => {
    const read = readOptions(options);
    const address = url.trim() && !/^[a-z]+:/i.test(url.trim()) ? `https://${url.trim()}` : url.trim().replace(/^webcal:/i, 'https:');
    const missing = [
      ...(address ? [] : [{ path: 'url', text: tr('Bitte geben Sie die Adresse der Quelle an.', 'Please give the address of the source.') }]),
      ...(town || source ? [] : [{ path: 'municipality', text: tr('Bitte wählen Sie eine Gemeinde.', 'Please choose a municipality.') }]),
      ...(read ? [] : [{ path: 'options', text: tr('Bitte schreiben Sie jede Angabe in eine Zeile: Name = Wert.', 'Please write each option in a line: name = value.') }]),
    ];
    if (missing.length > 0) return refused(missing);
    work(async () => {
      const { saveSource: saved } = await ask<{ saveSource: { source: { id: string } | null; userErrors: UserError[] } }>('SaveSource', {
        input: {
          ...(source ? { id: source.id } : { paused: true }), url: address, format, name: name.trim() || null, ...(town ? { municipality: town.ags } : {}), ...(!own && provider ? { provider: provider.id } : {}),
          licence: licence.trim() || 'NOASSERTION', attribution: attribution.trim() || null, everyMinutes: Number(every), options: read,
        },
      });
      if (saved.userErrors.length > 0 || !saved.source) return refused(saved.userErrors.map((e) => ({ path: e.path.at(-1) === 'input' ? '' : e.path.filter((p) => p !== 'input')[0] ?? '', text: faultText(e) })));
      onSaved(saved.source.id);
    });
  };
  const spans: [string, string][] = [['60', tr('jede Stunde', 'every hour')], ['360', tr('alle 6 Stunden', 'every 6 hours')], ['1440', tr('jeden Tag', 'every day')], ['10080', tr('jede Woche', 'every week')], ['0', tr('nie von selbst', 'never by itself')]];
  if (!spans.some(([m]) => m === every)) spans.push([every, tr(`alle ${every} Minuten`, `every ${every} minutes`)]);
  return (
    <form class="part" noValidate onSubmit={(e) => { e.preventDefault(); save(); }} aria-label={tr('Quelle', 'Source')}>
      {faults.length > 0 && <div class="message bad" ref={summary} tabIndex={-1} role="alert" id="faults"><ul class="bullets">{faults.map((f) => <li key={f.path}>{f.text}</li>)}</ul></div>}
      <Text label={tr('Adresse', 'Address')} type="url" required value={url} onInput={setURL} fault={fault('url')} path="url" hint={tr('Bei einem Kalender die Adresse, mit der man ihn abonniert, oft mit .ics am Ende.', 'Of a calendar the address by which one subscribes to it, often with .ics at its end.')} />
      <Choice label={tr('Was ist das?', 'What is it?')} value={format} onChange={setFormat} options={[...new Set([...formats, format])].map((f) => [f, formatName(f)])} fault={fault('format')} path="format" />
      <Text label={tr('Name', 'Name')} value={name} onInput={setName} fault={fault('name')} path="name" hint={tr('So heißt sie in den Listen. Bleibt das leer, der Name des Servers.', 'As it is called in lists. Left empty, the name of its server.')} />
      {(town || !source) && <TownPicker viewer={viewer} value={town} onChange={setTown} fault={fault('municipality')} path="municipality" />}
      {!source && <Tick label={tr('Einträge ohne Veranstalter gehören der Gemeinde', 'Items without an organiser are the municipality\'s')} checked={own} onChange={setOwn} />}
      {!own && <ProviderPicker viewer={viewer} value={provider} onChange={setProvider} fault={fault('provider')} />}
      {(withOptions.includes(format) || options) && <Text label={tr('Spalten und weitere Angaben', 'Columns and further options')} rows={4} value={options} onInput={setOptions} fault={fault('options')} path="options"
        hint={tr('Nur nötig, wenn der Probelauf etwas nicht erkennt. Eine Angabe je Zeile, zum Beispiel: title = Veranstaltung', 'Needed only where the trial does not understand something. One in each line, such as title = Veranstaltung')} />}
      <Choice label={tr('Wie oft lesen?', 'How often is it read?')} class="narrow" value={every} onChange={setEvery} options={spans} fault={fault('everyMinutes')} path="everyMinutes" />
      <Choice label={tr('Lizenz der Texte', 'Licence of its texts')} value={licence} onChange={setLicence} options={licenceOptions(licence)} fault={fault('licence')} path="licence" />
      <Text label={tr('Wer ist zu nennen?', 'Who is to be named?')} value={attribution} onInput={setAttribution} fault={fault('attribution')} path="attribution" hint={tr('Zum Beispiel: Stadt Bad Belzig', 'Such as: Stadt Bad Belzig')} />
      <Problem text={problem} />
      <div class="row"><button class="button primary" disabled={busy}>{source ? tr('Speichern', 'Save') : tr('Speichern und ausprobieren', 'Save and try')}</button></div>
    </form>
  );
}
