/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import type { Draft } from './draft';
import { Checks, Choice, Text } from './ui';
import { locale, tr } from './words';

/** Languages that are offered first: what is spoken here, and Leichte Sprache. */
const common = ['en', 'de-simple', 'pl', 'uk', 'ar', 'ru', 'tr', 'fr', 'hsb', 'dsb', 'nds'];

export function languageName(code: string): string {
  // Not every browser knows the names of the small ones.
  const own: Record<string, string> = {
    'de-simple': tr('Leichte Sprache', 'Easy German (Leichte Sprache)'), hsb: tr('Obersorbisch', 'Upper Sorbian'), dsb: tr('Niedersorbisch', 'Lower Sorbian'), nds: tr('Niederdeutsch', 'Low German'),
  };
  if (own[code]) return own[code];
  try {
    return new Intl.DisplayNames([locale()], { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** In which languages it is offered. */
export function Languages({ value, onChange, fault }: { value: string; onChange: (v: string) => void; fault: string | undefined }) {
  const chosen = value.split(/[,;\s]+/).filter(Boolean);
  const all = [...new Set(['de', ...common.filter((c) => c !== 'de-simple'), ...chosen])];
  return <Checks legend={tr('In welchen Sprachen ist es zu haben?', 'In which languages can it be had?')} value={chosen} onChange={(v) => onChange(v.join(', '))} options={all.map((c) => [c, languageName(c)])} fault={fault} path="languages" hint={tr('Nichts gewählt heißt: keine Angabe.', 'None chosen means: not given.')} />;
}

/** The texts in other languages. */
export function Translations({ value, onChange, fault }: { value: Draft['translations']; onChange: (v: Draft['translations']) => void; fault: (path: string) => string | undefined }) {
  const [next, setNext] = useState('');
  const free = common.filter((c) => !value.some((t) => t.locale === c));
  const edit = (i: number, change: Partial<Draft['translations'][number]>) => onChange(value.map((t, j) => (j === i ? { ...t, ...change } : t)));
  const add = (code: string) => { if (code && value.length < 20) { onChange([...value, { locale: code, title: '', summary: '', description: '', machine: false }]); setNext(''); } };
  return (
    <div class="stack">
      {value.map((t, i) => {
        const name = languageName(t.locale);
        return (
          <fieldset key={t.locale} class="boxed stack">
            <legend>{name}</legend>
            {t.machine && <p class="message">{tr('Diese Übersetzung hat ein Programm gemacht. Bitte lesen Sie sie durch.', 'A machine has made this translation. Please read it over.')}</p>}
            {fault(`translations.${i}.locale`) && <p class="fault">{fault(`translations.${i}.locale`)}</p>}
            <Text label={tr(`Titel (${name})`, `Title (${name})`)} required value={t.title} onInput={(title) => edit(i, { title })} fault={fault(`translations.${i}.title`)} path={`translations.${i}.title`} />
            <Text label={tr(`Kurztext (${name})`, `Summary (${name})`)} rows={2} value={t.summary} onInput={(summary) => edit(i, { summary })} fault={fault(`translations.${i}.summary`)} path={`translations.${i}.summary`} />
            <Text label={tr(`Beschreibung (${name})`, `Description (${name})`)} rows={4} value={t.description} onInput={(description) => edit(i, { description })} fault={fault(`translations.${i}.description`)} path={`translations.${i}.description`}
              hint={t.locale === 'de-simple' ? tr('Kurze Sätze. Jeder Satz sagt nur eine Sache. Schwere Wörter erklären.', 'Short sentences, one thing in each. Explain difficult words.') : undefined} />
            <p><button type="button" class="button small" onClick={() => onChange(value.filter((_, j) => j !== i))}>{tr('Entfernen', 'Remove')}<span class="sr">: {name}</span></button></p>
          </fieldset>
        );
      })}
      {free.length > 0 && value.length < 20 && (
        <div class="row end-row">
          <Choice label={tr('Weitere Sprache', 'A further language')} class="narrow" value={next} onChange={setNext} options={[['', tr('Bitte wählen', 'Please choose')], ...free.map((c) => [c, languageName(c)] as [string, string])]} />
          <button type="button" class="button" disabled={!next} onClick={() => add(next)}>{tr('Übersetzung hinzufügen', 'Add a translation')}</button>
        </div>
      )}
    </div>
  );
}
