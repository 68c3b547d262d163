/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ask, guestToken, holder, imageSource, Refusal, upload, type FieldChange, type Image, type Offering, type Provider, type Saved, type UserError, type Viewer } from './api';
import { show } from './diff';
import { changed, emptyDraft, fromOffering, memberOf, toInput, type Draft, type FieldFault, type Input } from './draft';
import { faultText, uploadText } from './faults';
import { AreaEditor } from './area';
import { lengthKm } from './gpx';
import { HoursEditor } from './hours-editor';
import { licenceOptions } from './licence';
import { LineEditor } from './line-editor';
import { PlaceEditor } from './place';
import { Preview, type Said } from './preview';
import { ProviderPicker } from './provider';
import { ScheduleEditor } from './schedule-editor';
import { Languages, Translations } from './texts';
import { instant } from './time';
import { announce, Checks, Choice, Confirm, go, Problem, Radios, Text, Tick, to, useAsk, useWork } from './ui';
import { answerName, audienceName, audiences, channelName, channels, fieldName, locale, means, meansName, tr, type Kind } from './words';

interface Tree { slug: string; label: string; narrower?: Tree[] }
interface Kept { draft: Draft; version: number | null }

const kept = (key: string): Kept | undefined => {
  try {
    const text = sessionStorage.getItem(key);
    return text ? (JSON.parse(text) as Kept) : undefined;
  } catch {
    return undefined;
  }
};

/** The path of a fault, below the input: `place.postalCode`. */
const pathOf = (e: UserError): string => {
  const at = e.path.findIndex((p) => p === 'input' || p === 'inputs');
  const rest = e.path.slice(at + 1);
  if (e.path[at] === 'inputs') rest.shift();
  return rest.join('.').replace(/^(tour\.line|serviceArea)\..*/, '$1').replace(/^(schedule\.(?:exclude|include))\..*/, '$1');
};

/** The form for an offering: a new one of a kind, one like the model, or one that is there. */
export function OfferingForm({ viewer, kind, offering, model, onSaved }: { viewer: Viewer; kind: Kind; offering?: Offering; model?: Offering; onSaved: () => void }) {
  const store = `umland:draft:${offering?.id ?? (model ? `like-${model.id}` : `new-${kind}`)}`;
  const fresh = () => (model ? { ...fromOffering(model), externalId: '', publishAt: '', expiresAt: '' } : emptyDraft(kind, onlyProvider(viewer)));
  const original = useMemo(() => (offering ? fromOffering(offering) : null), [offering]);
  const [restored, setRestored] = useState<Kept | undefined>(() => kept(store));
  const [draft, setDraft] = useState<Draft>(() => ({ ...(original ?? fresh()), ...restored?.draft }));
  const [version, setVersion] = useState<number | null>(restored ? restored.version : (offering?.version ?? null));
  const [faults, setFaults] = useState<FieldFault[]>([]);
  const [conflict, setConflict] = useState<{ saved: Saved; input: Input; publish: boolean }>();
  const { busy, problem, work } = useWork();
  const summary = useRef<HTMLDivElement>(null);
  const touched = useRef(Boolean(restored));
  const set = (change: Partial<Draft>) => {
    touched.current = true;
    setDraft((d) => ({ ...d, ...change }));
    const names = Object.keys(change);
    setFaults((list) => list.filter((f) => !names.some((n) => f.path === n || f.path.startsWith(`${n === 'plan' ? 'schedule' : n === 'week' ? 'openingHours' : n === 'details' ? memberOf(draft.kind) : n}.`) || (n === 'week' && f.path === 'openingHours'))));
  };
  const mine = useRef(holder()); // whoever signs in after this one gets nothing of it
  // At once: the page may go, or the form be made anew, before anything else is done.
  useLayoutEffect(() => {
    if (!touched.current || holder() !== mine.current) return;
    try { sessionStorage.setItem(store, JSON.stringify({ draft, version } satisfies Kept)); } catch { /* no room: the draft is kept in the page */ }
  }, [draft, version]);
  const fault = (path: string) => faults.find((f) => f.path === path)?.text;
  const below = (path: string) => fault(path) ?? faults.find((f) => f.path.startsWith(`${path}.`))?.text;
  const preview = usePreview(draft, offering);
  const tree = useAsk<{ categories: Tree[] }>('Categories', { locale: locale() });
  const topics = new Map((tree.data?.categories ?? []).flatMap(flat).map((t) => [t.slug, t.label]));

  const refused = (list: FieldFault[]) => {
    setFaults(list);
    setTimeout(() => summary.current?.focus(), 0);
  };

  const latest = useRef(draft);
  latest.current = draft;
  const send = async (input: Input, publish: boolean, expected: number | null) => {
    const sent = latest.current;
    const { saveOffering: saved } = await ask<{ saveOffering: Saved }>('Save', {
      input: { ...input, ...(offering ? { id: offering.id, expectedVersion: expected } : {}), publish },
    });
    if (saved.conflict) {
      // The API needs title, kind and provider always: what was only sent along is nobody's change.
      const base = original ? toInput(original).input : {};
      const mine = saved.conflict.mine.filter((c) => !['title', 'kind', 'provider'].includes(c.name) || JSON.stringify(input[c.name]) !== JSON.stringify(base[c.name]));
      setConflict({ saved: { ...saved, conflict: { ...saved.conflict, mine } }, input, publish });
      return;
    }
    if (saved.userErrors.length > 0 || !saved.offering) {
      setConflict(undefined);
      refused(saved.userErrors.map((e) => ({ path: pathOf(e), text: faultText(e) })));
      return;
    }
    sessionStorage.removeItem(store);
    // What was typed since it was sent is not saved yet.
    touched.current = Boolean(offering) && latest.current !== sent;
    if (!offering && latest.current !== sent && !guestToken()) sessionStorage.setItem(`umland:draft:${saved.offering.id}`, JSON.stringify({ draft: latest.current, version: saved.offering.version } satisfies Kept));
    setVersion(saved.offering.version);
    setConflict(undefined);
    const said = saved.offering.status === 'DRAFT' && publish ? tr('Gespeichert. Es wird zum gewählten Termin öffentlich.', 'Saved. It becomes public at the time that you chose.') : { DRAFT: tr('Als Entwurf gespeichert.', 'Saved as a draft.'), IN_REVIEW: tr('Eingereicht. Die Gemeinde prüft es jetzt.', 'Submitted. The municipality reviews it now.'), PUBLISHED: tr('Gespeichert und öffentlich.', 'Saved and public.'), WITHDRAWN: tr('Gespeichert. Es bleibt zurückgezogen.', 'Saved. It stays withdrawn.') }[saved.offering.status] ?? '';
    announce(said);
    sessionStorage.setItem('umland:said', said);
    if (guestToken()) onSaved();
    else if (offering) onSaved();
    else go(to(`/angebot/${saved.offering.id}`), true);
  };

  const save = (publish: boolean) => {
    const { input, faults } = toInput(draft);
    const before = original ? toInput(original).input : undefined;
    // What images of a source show is asked of whoever changes them.
    const missing = faults.filter((f) => !(before && f.path.startsWith('images.') && JSON.stringify(before.images) === JSON.stringify(input.images)));
    if (!publish && status === 'DRAFT' && draft.publishAt) missing.push({ path: 'publishAt', text: tr('Ein Entwurf wird nicht von selbst öffentlich. Wählen Sie den anderen Knopf, oder leeren Sie dieses Feld.', 'A draft does not become public by itself. Choose the other button, or empty this field.') });
    if (missing.length > 0) return refused(missing);
    const only = before ? changed(before, input) : input;
    work(async () => {
      try { await send(only, publish, version); } catch (e) {
        if (e instanceof Refusal && e.code === 'BAD_USER_INPUT') throw new Refusal(e.code, e.message);
        throw e;
      }
    });
  };

  const mayPublish = offering ? (offering.editorial?.mayPublish ?? false) : viewer.scopes.includes('publish');
  const status = offering?.status ?? 'DRAFT';
  const planned = Boolean(draft.publishAt) && Date.parse(instant(draft.publishAt)) > Date.now();
  const kindOf = draft.kind;
  const dateFirst = kindOf === 'EVENT' || kindOf === 'ACTIVITY';
  const when = (
    <Section id="when" title={tr('Wann?', 'When?')} open={dateFirst || draft.plan.mode !== 'none'}>
      <ScheduleEditor plan={draft.plan} ags={draft.provider?.municipality.ags} required={kindOf === 'EVENT'} onChange={(plan) => set({ plan })} fault={fault} sentence={preview?.schedule ?? ''} />
    </Section>
  );
  const hours = (
    <Section id="hours" title={tr('Öffnungszeiten', 'Opening hours')} open={kindOf === 'SERVICE' || kindOf === 'FACILITY' || draft.week.mode !== 'none'}>
      <HoursEditor week={draft.week} onChange={(week) => set({ week })} fault={fault} sentence={preview?.hours ?? ''} />
    </Section>
  );
  return (
    <div class="editor">
      <form class="sheet" noValidate onSubmit={(e) => e.preventDefault()} aria-label={tr('Angebot', 'Offering')}>
        {restored && (
          <div class="message">
            <p>{tr('Ihre Eingaben von vorhin sind noch da.', 'What you typed before is still here.')}</p>
            <button type="button" class="button small" onClick={() => { sessionStorage.removeItem(store); touched.current = false; setRestored(undefined); setVersion(offering?.version ?? null); setDraft(original ?? fresh()); }}>{tr('Verwerfen', 'Discard')}</button>
          </div>
        )}
        {faults.length > 0 && (
          <div class="message bad" ref={summary} tabIndex={-1} role="alert" id="faults">
            <p><strong>{faults.length === 1 ? tr('Eine Angabe fehlt oder stimmt noch nicht:', 'One thing is missing or wrong:') : tr(`${faults.length} Angaben fehlen oder stimmen noch nicht:`, `${faults.length} things are missing or wrong:`)}</strong></p>
            <ul class="bullets">{faults.map((f) => <li key={f.path}><button type="button" class="link" onClick={() => jump(f.path)}>{fieldName(f.path.split('.')[0]!)}: {f.text}</button></li>)}</ul>
          </div>
        )}
        <Section id="what" title={tr('Was ist es?', 'What is it?')} open fixed>
          <ProviderPicker viewer={viewer} value={draft.provider} onChange={(provider: Provider) => set({ provider })} fault={fault('provider')} />
          <Text label={tr('Titel', 'Title')} required value={draft.title} onInput={(title) => set({ title })} fault={fault('title')} path="title" hint={tr('Kurz und klar, zum Beispiel: Spieleabend im Heimathaus', 'Short and clear, such as: games night at the village house')} />
          <Text label={tr('Kurztext', 'Summary')} value={draft.summary} onInput={(summary) => set({ summary })} rows={2} fault={fault('summary')} path="summary" hint={tr('Ein oder zwei Sätze, die in Listen stehen.', 'One or two sentences that show in lists.')} />
          <Text label={tr('Beschreibung', 'Description')} value={draft.description} onInput={(description) => set({ description })} rows={6} fault={fault('description')} path="description"
            hint={tr('Absätze trennen Sie durch eine Leerzeile. In einer Liste beginnt jede Zeile mit einem Strich. Einen Link schreiben Sie so: [Anmeldung](https://example.org)', 'Part paragraphs by an empty line. In a list each line begins with a dash. A link is written so: [sign up](https://example.org)')} />
          <Categories tree={tree.data?.categories ?? []} value={draft.categories} onChange={(categories) => set({ categories })} fault={below('categories')} />
        </Section>
        {dateFirst && when}
        <Section id="where" title={tr('Wo?', 'Where?')} open={kindOf !== 'VOLUNTEERING'}>
          <PlaceEditor draft={draft} onChange={(place) => set({ place })} fault={fault} />
          <Tick label={tr('Es geht auch im Internet', 'It can be had online, too')} checked={draft.online} onChange={(online) => set({ online })} />
          {(kindOf === 'SERVICE' || draft.serviceArea.length > 0) && <AreaEditor value={draft.serviceArea} home={draft.provider?.municipality} onChange={(serviceArea) => set({ serviceArea })} fault={below('serviceArea')} />}
        </Section>
        {(kindOf === 'SERVICE' || kindOf === 'FACILITY') && hours}
        <Details draft={draft} onChange={(details) => set({ details })} fault={fault} />
        <Section id="who" title={tr('Für wen, und was kostet es?', 'For whom, and what does it cost?')} open>
          <Checks legend={tr('Für wen vor allem?', 'For whom above all?')} value={draft.audiences} onChange={(a) => set({ audiences: a })} options={audiences.map((a) => [a, audienceName(a)])} hint={tr('Nichts gewählt heißt: für alle.', 'None chosen means: for everyone.')} fault={below('audiences')} path="audiences" />
          <Radios legend={tr('Kommt man mit dem Rollstuhl hinein und zurecht?', 'Can it be used with a wheelchair?')} name="wheelchair" value={draft.wheelchair} onChange={(wheelchair) => set({ wheelchair })} options={['YES', 'PARTLY', 'NO', 'UNKNOWN'].map((a) => [a, answerName(a)])} fault={fault('wheelchair')} path="wheelchair" />
          <Radios legend={tr('Preis', 'Price')} name="price" value={draft.price.mode} onChange={(m) => set({ price: { ...draft.price, mode: m as Draft['price']['mode'] } })} options={[['free', tr('kostenlos', 'free')], ['amount', tr('kostet etwas', 'costs something')], ['unknown', tr('nicht bekannt', 'not known')]]} fault={fault('price.free')} path="price.free" />
          {draft.price.mode === 'amount' && (
            <div class="grid">
              <Text label={tr('Betrag in Euro', 'Amount in euros')} class="narrow" value={draft.price.from} onInput={(from) => set({ price: { ...draft.price, from } })} fault={fault('price.fromCents')} path="price.fromCents" inputMode="decimal" />
              <Text label={tr('bis zu (wenn verschieden)', 'up to (if it differs)')} class="narrow" value={draft.price.to} onInput={(v) => set({ price: { ...draft.price, to: v } })} fault={fault('price.toCents')} path="price.toCents" inputMode="decimal" />
              {!draft.price.to.trim() && <Tick label={tr('„ab“: Es kann auch mehr kosten', '“from”: it may cost more')} checked={draft.price.open} onChange={(open) => set({ price: { ...draft.price, open } })} />}
            </div>
          )}
          <Text label={tr('Hinweis zum Preis', 'Note on the price')} value={draft.price.note} onInput={(note) => set({ price: { ...draft.price, note } })} fault={fault('price.note')} path="price.note" hint={tr('Zum Beispiel: ermäßigt 3 €, Kinder frei', 'Such as: reduced 3 €, children free')} />
          <Languages value={draft.languages} onChange={(languages) => set({ languages })} fault={below('languages')} />
        </Section>
        {!dateFirst && when}
        {!(kindOf === 'SERVICE' || kindOf === 'FACILITY') && hours}
        <Section id="contact" title={tr('Kontakt und Links', 'Contact and links')} open={Boolean(draft.contact.email || draft.contact.phone || draft.contact.name || draft.links.length)}>
          <p class="hint">{tr('Diese Angaben werden öffentlich.', 'These will be public.')}</p>
          <div class="grid">
            <Text label={tr('Name', 'Name')} value={draft.contact.name} onInput={(name) => set({ contact: { ...draft.contact, name } })} fault={fault('contact.name')} path="contact.name" />
            <Text label={tr('E-Mail', 'Mail')} type="email" value={draft.contact.email} onInput={(email) => set({ contact: { ...draft.contact, email } })} fault={fault('contact.email')} path="contact.email" />
            <Text label={tr('Telefon', 'Telephone')} type="tel" value={draft.contact.phone} onInput={(phone) => set({ contact: { ...draft.contact, phone } })} fault={fault('contact.phone')} path="contact.phone" />
          </div>
          <ul class="lines">
            {draft.links.map((l, i) => (
              <li key={i}>
                <Text label={tr(`Link ${i + 1}: Adresse`, `Link ${i + 1}: address`)} type="url" value={l.url} onInput={(url) => set({ links: draft.links.map((x, j) => (j === i ? { ...x, url } : x)) })} fault={fault(`links.${i}.url`)} path={`links.${i}.url`} />
                <Text label={tr(`Link ${i + 1}: Text`, `Link ${i + 1}: text`)} value={l.title} onInput={(title) => set({ links: draft.links.map((x, j) => (j === i ? { ...x, title } : x)) })} fault={fault(`links.${i}.title`)} path={`links.${i}.title`} />
                <button type="button" class="button small" onClick={() => set({ links: draft.links.filter((_, j) => j !== i) })}>{tr('Entfernen', 'Remove')}<span class="sr"> {tr(`Link ${i + 1}`, `link ${i + 1}`)}</span></button>
              </li>
            ))}
          </ul>
          <button type="button" class="button small" onClick={() => set({ links: [...draft.links, { url: '', title: '' }] })}>{tr('Link hinzufügen', 'Add a link')}</button>
        </Section>
        <Section id="images" title={tr('Bilder', 'Images')} open={draft.images.length > 0}>
          <Images images={draft.images} onChange={(images) => set({ images })} fault={fault} />
        </Section>
        <Section id="translations" title={tr('Leichte Sprache und Übersetzungen', 'Leichte Sprache and translations')} open={draft.translations.length > 0}>
          <Translations value={draft.translations} onChange={(translations) => set({ translations })} fault={fault} />
        </Section>
        <Section id="rights" title={tr('Lizenz und eigene Nummer', 'Licence and own number')} open={Boolean(draft.licence || draft.externalId)}>
          <Choice label={tr('Unter welcher Lizenz dürfen andere die Texte verwenden?', 'Under which licence may others use the texts?')} value={draft.licence} onChange={(licence) => set({ licence })} options={licenceOptions(draft.licence)} fault={fault('licence')} path="licence" />
          {!offering?.provenance.source && <Text label={tr('Eigene Nummer', 'Own number')} class="narrow" value={draft.externalId} onInput={(externalId) => set({ externalId })} fault={fault('externalId')} path="externalId" hint={tr('Nur nötig, wenn Sie das Angebot auch in einem anderen Programm führen.', 'Needed only where you keep the offering in another program, too.')} />}
        </Section>
        <Section id="timing" title={tr('Später veröffentlichen, von selbst zurückziehen', 'Publish later, withdraw by itself')} open={Boolean(draft.publishAt || draft.expiresAt)}>
          <div class="grid">
            <Text type="datetime-local" label={tr('Veröffentlichen am', 'Publish at')} value={draft.publishAt} onInput={(publishAt) => set({ publishAt })} fault={fault('publishAt')} path="publishAt" />
            <Text type="datetime-local" label={tr('Zurückziehen am', 'Withdraw at')} value={draft.expiresAt} onInput={(expiresAt) => set({ expiresAt })} fault={fault('expiresAt')} path="expiresAt" />
          </div>
        </Section>
        <div class="bottom">
          <Problem text={problem} />
          <div class="row">
            {(status === 'DRAFT' || status === 'IN_REVIEW') && (
              <button type="button" class="button primary" disabled={busy} onClick={() => save(true)}>{mayPublish ? (planned ? tr('Zum Termin veröffentlichen', 'Publish at that time') : tr('Veröffentlichen', 'Publish')) : status === 'IN_REVIEW' ? tr('Änderungen einreichen', 'Submit the changes') : tr('Einreichen', 'Submit')}</button>
            )}
            {status === 'PUBLISHED' && <button type="button" class="button primary" disabled={busy} onClick={() => save(true)}>{mayPublish ? tr('Speichern', 'Save') : tr('Speichern und prüfen lassen', 'Save and have it reviewed')}</button>}
            {status === 'WITHDRAWN' && <button type="button" class="button primary" disabled={busy} onClick={() => save(false)}>{tr('Speichern', 'Save')}</button>}
            {status === 'DRAFT' && !guestToken() && <button type="button" class="button" disabled={busy} onClick={() => save(false)}>{tr('Als Entwurf speichern', 'Save as a draft')}</button>}
          </div>
          {!mayPublish && status !== 'WITHDRAWN' && <p class="hint">{tr('Was Sie einreichen, prüft die Gemeinde, bevor es öffentlich wird.', 'The municipality reviews what you submit before it becomes public.')}</p>}
        </div>
      </form>
      <aside class="preview" aria-label={tr('Vorschau', 'Preview')}>
        <h2>{tr('So sieht es aus', 'How it looks')}</h2>
        <Preview draft={draft} said={preview} topics={draft.categories.map((c) => topics.get(c) ?? c)} />
        {offering?.status === 'PUBLISHED' && <p><a href={`/angebot/${offering.id}`} target="_blank">{tr('Öffentliche Seite in neuem Fenster', 'Public page in a new window')}</a></p>}
      </aside>
      {conflict && <ConflictView conflict={conflict.saved.conflict!} onCancel={() => setConflict(undefined)} busy={busy} problem={problem}
        onResolve={(mine) => {
          const names = new Set(conflict.saved.conflict!.mine.map((c) => c.name));
          const input: Input = Object.fromEntries(Object.entries(conflict.input).filter(([k]) => {
            const name = k === memberOf(draft.kind) ? 'details' : k;
            return ['kind', 'title', 'provider'].includes(k) || !names.has(name) || mine.has(name);
          }));
          for (const c of conflict.saved.conflict!.since) if ((c.name === 'title' || (c.name === 'provider' && String(c.after).startsWith('prv_'))) && !mine.has(c.name)) input[c.name] = c.after;
          work(() => send(input, conflict.publish, conflict.saved.conflict!.current.version));
        }} />}
    </div>
  );
}

/** Brings the person to a field. */
function jump(path: string) {
  let field: HTMLElement | null = null;
  for (let p = path; p && !field; p = p.includes('.') ? p.slice(0, p.lastIndexOf('.')) : '') {
    field = document.querySelector<HTMLElement>(`[data-path="${CSS.escape(p)}"]`) ?? document.querySelector<HTMLElement>(`[data-path^="${CSS.escape(p)}."]`);
  }
  if (!field) return;
  for (let d = field.closest('details'); d; d = d.parentElement?.closest('details') ?? null) d.open = true;
  const at = field.matches('fieldset') ? (field.querySelector<HTMLElement>('input') ?? field) : field;
  at.focus({ preventScroll: true });
  at.scrollIntoView({ block: 'center' });
}

const flat = (t: Tree): Tree[] => [t, ...(t.narrower ?? []).flatMap(flat)];

const onlyProvider = (viewer: Viewer): Provider | null => {
  const all = viewer.grants.filter((g) => g.provider).map((g) => g.provider!);
  return all.length === 1 && viewer.grants.every((g) => g.provider) ? all[0]! : null;
};

function Section({ id, title, open, fixed, children }: { id: string; title: string; open?: boolean; fixed?: boolean; children: ComponentChildren }) {
  const [first] = useState(open); // afterwards it is the person who opens and closes it
  if (fixed) return <section class="part" aria-labelledby={`part-${id}`}><h2 id={`part-${id}`}>{title}</h2><div class="stack">{children}</div></section>;
  return <details class="part" open={first}><summary><h2>{title}</h2></summary><div class="stack">{children}</div></details>;
}

/** What the server makes of schedule and hours, in words. It is asked without saving anything. */
function usePreview(draft: Draft, offering: Offering | undefined): Said | undefined {
  const [said, setSaid] = useState<Said | undefined>(() => offering && { schedule: offering.schedule?.text ?? '', hours: offering.openingHours?.text ?? '', dates: [] });
  const { input } = toInput(draft);
  const asked = JSON.stringify({ schedule: input.schedule, openingHours: input.openingHours, provider: input.provider });
  useEffect(() => {
    const { schedule, openingHours, provider } = JSON.parse(asked) as Input;
    if (!provider || (!schedule && !openingHours)) { setSaid(undefined); return; }
    const step = new AbortController();
    const timer = setTimeout(() => {
      type Answer = { saveOfferings: { results: { offering: { schedule: { text: string; dates: string[] } | null; openingHours: { text: string } | null } | null }[] } };
      const one = (part: Input) => ({ kind: 'SERVICE', title: 'Vorschau', provider, publish: false, ...part });
      ask<Answer>('Check', { inputs: [one({ schedule }), one({ openingHours })], locale: locale() }, step.signal)
        .then(({ saveOfferings: { results: [a, b] } }) => setSaid({ schedule: a?.offering?.schedule?.text ?? '', hours: b?.offering?.openingHours?.text ?? '', dates: a?.offering?.schedule?.dates ?? [] }), () => undefined);
    }, 500);
    return () => { clearTimeout(timer); step.abort(); };
  }, [asked]);
  return said;
}

function Categories({ tree, value, onChange, fault }: { tree: Tree[]; value: string[]; onChange: (v: string[]) => void; fault: string | undefined }) {
  const names = new Map(tree.flatMap(flat).map((t) => [t.slug, t.label]));
  return (
    <fieldset class={`f ${fault ? 'faulty' : ''}`} data-path="categories">
      <legend>{tr('Themen', 'Topics')}</legend>
      <p class="hint">{value.length > 0 ? tr(`Gewählt: ${value.map((v) => names.get(v) ?? v).join(', ')}`, `Chosen: ${value.map((v) => names.get(v) ?? v).join(', ')}`) : tr('Damit man es findet. Bis zu zehn.', 'So that it is found. Up to ten.')}</p>
      <div class="topics">
        {tree.map((root) => (
          <details key={root.slug}>
            <summary>{root.label}{flat(root).some((t) => value.includes(t.slug)) && <span class="badge">{flat(root).filter((t) => value.includes(t.slug)).length}</span>}</summary>
            <div class="pills">
              {flat(root).map((t) => <label key={t.slug}><input type="checkbox" checked={value.includes(t.slug)} onChange={(e) => onChange(e.currentTarget.checked ? [...value, t.slug] : value.filter((x) => x !== t.slug))} /><span>{t === root ? tr(`${t.label} (allgemein)`, `${t.label} (general)`) : t.label}</span></label>)}
            </div>
          </details>
        ))}
      </div>
      {fault && <p class="fault">{fault}</p>}
    </fieldset>
  );
}

const yesNo = (): [string, string][] => [['', tr('nicht bekannt', 'not known')], ['yes', tr('ja', 'yes')], ['no', tr('nein', 'no')]];
const asAnswer = (v: boolean | null | undefined) => (v === true ? 'yes' : v === false ? 'no' : '');
const fromAnswer = (v: string) => (v === 'yes' ? true : v === 'no' ? false : null);
const text = (v: unknown) => (Array.isArray(v) ? v.join(', ') : v === null || v === undefined ? '' : String(v));

function Details({ draft, onChange, fault }: { draft: Draft; onChange: (d: Record<string, any>) => void; fault: (path: string) => string | undefined }) {
  const d = draft.details;
  const m = memberOf(draft.kind);
  const set = (change: Record<string, any>) => onChange({ ...d, ...change });
  const r = d.registration ?? {};
  const reg = (change: Record<string, any>) => set({ registration: { required: false, ...r, ...change } });
  const input = (name: string, label: string, more: Record<string, any> = {}) => <Text key={name} label={label} value={text(d[name])} onInput={(v) => set({ [name]: v })} fault={fault(`${m}.${name}`)} path={`${m}.${name}`} {...more} />;
  const registration = (
    <>
      <Tick label={tr('Man muss sich anmelden', 'One must sign up')} checked={Boolean(r.required)} onChange={(required) => reg({ required })} />
      {(r.required || r.url || r.note || r.until) && (
        <div class="grid">
          <Text label={tr('Anmeldung im Internet', 'Sign up at')} type="url" value={text(r.url)} onInput={(url) => reg({ url })} fault={fault(`${m}.registration.url`)} path={`${m}.registration.url`} />
          <Text label={tr('Anmeldung bis', 'Sign up until')} type="datetime-local" value={text(r.until)} onInput={(until) => reg({ until })} fault={fault(`${m}.registration.until`)} path={`${m}.registration.until`} />
          <Text label={tr('Hinweis zur Anmeldung', 'Note on signing up')} value={text(r.note)} onInput={(note) => reg({ note })} fault={fault(`${m}.registration.note`)} path={`${m}.registration.note`} />
        </div>
      )}
      {input('capacity', tr('Plätze', 'Places'), { inputMode: 'numeric', class: 'narrow' })}
    </>
  );
  return (
    <Section id="details" title={tr('Einzelheiten', 'Details')} open={draft.kind !== 'EVENT'}>
      {draft.kind === 'EVENT' && registration}
      {draft.kind === 'ACTIVITY' && <>{registration}<Choice label={tr('Kann man zum Ausprobieren kommen?', 'May one come to try?')} class="narrow" value={asAnswer(d.trial)} onChange={(v) => set({ trial: fromAnswer(v) })} options={yesNo()} /></>}
      {draft.kind === 'SERVICE' && (
        <>
          <Checks legend={tr('Wie bekommt man das?', 'How can it be had?')} value={d.channels ?? []} onChange={(v) => set({ channels: v })} options={channels.map((c) => [c, channelName(c)])} fault={fault('service.channels')} path="service.channels" />
          {input('requirements', tr('Was muss man mitbringen?', 'What must one bring?'), { rows: 3 })}
          {input('onlineService', tr('Adresse des Online-Dienstes', 'Address of the online service'), { type: 'url' })}
          {input('leika', tr('LeiKa-Schlüssel', 'LeiKa key'), { class: 'narrow', hint: tr('Nur für Verwaltungen: 14 Ziffern.', 'For administrations only: 14 digits.') })}
        </>
      )}
      {draft.kind === 'FACILITY' && (
        <>
          <Choice label={tr('Kann man es mieten?', 'Can it be rented?')} class="narrow" value={asAnswer(d.rentable)} onChange={(v) => set({ rentable: fromAnswer(v) })} options={yesNo()} />
          {input('features', tr('Was gibt es dort?', 'What is there?'), { hint: tr('Durch Kommas getrennt: Küche, Beamer, Grillplatz', 'Parted by commas: kitchen, projector') })}
        </>
      )}
      {draft.kind === 'TOUR' && (
        <>
          <Choice label={tr('Wie ist man unterwegs?', 'How does one travel?')} class="narrow" value={d.means ?? 'HIKING'} onChange={(v) => set({ means: v })} options={means.map((x) => [x, meansName(x)])} fault={fault('tour.means')} path="tour.means" />
          <div class="grid">
            {input('lengthKm', tr('Länge in Kilometern', 'Length in kilometres'), { inputMode: 'decimal' })}
            {input('ascentM', tr('Anstieg in Metern', 'Ascent in metres'), { inputMode: 'numeric' })}
            {input('minutes', tr('Dauer in Minuten', 'Duration in minutes'), { inputMode: 'numeric' })}
          </div>
          <LineEditor line={d.line ?? []} near={draft.provider?.municipality} onChange={(line) => set({ line, ...(line.length > 1 && !text(d.lengthKm) ? { lengthKm: lengthKm(line).toFixed(1).replace('.', ',') } : {}) })} fault={fault('tour.line')} />
          <Choice label={tr('Rundweg?', 'Round trip?')} class="narrow" value={asAnswer(d.loop)} onChange={(v) => set({ loop: fromAnswer(v) })} options={yesNo()} />
        </>
      )}
      {draft.kind === 'VOLUNTEERING' && (
        <>
          {input('task', tr('Was ist zu tun?', 'What is there to do?'), { rows: 3 })}
          {input('hoursPerMonth', tr('Stunden im Monat', 'Hours per month'), { inputMode: 'numeric', class: 'narrow' })}
          {input('skills', tr('Was sollte man können?', 'What should one know?'), { hint: tr('Durch Kommas getrennt', 'Parted by commas') })}
        </>
      )}
    </Section>
  );
}

/** As many bytes as the server takes of an image. */
const maxImage = 20_000_000;

function Images({ images, onChange, fault }: { images: Image[]; onChange: (v: Image[]) => void; fault: (path: string) => string | undefined }) {
  const { busy, work } = useWork();
  const [problem, setProblem] = useState('');
  const [at, setAt] = useState('');
  const now = useRef({ images, onChange }); // what is typed while an image is on its way stays
  now.current = { images, onChange };
  const add = (files: FileList | null) => {
    const list = [...(files ?? [])];
    if (list.length === 0) return;
    setProblem('');
    work(async () => {
      const wrong: string[] = [];
      for (const [i, f] of list.entries()) {
        setAt(list.length > 1 ? tr(`Bild ${i + 1} von ${list.length} wird hochgeladen …`, `Uploading image ${i + 1} of ${list.length} …`) : tr('Wird hochgeladen …', 'Uploading …'));
        try {
          if (f.size > maxImage) throw new Refusal('LIMIT_EXCEEDED', f.name);
          const image = { ...(await upload(f)), alt: '', credit: '', licence: '' };
          if (now.current.images.some((im) => im.url === image.url)) continue;
          now.current.onChange([...now.current.images, image]);
          announce(tr('Bild hochgeladen. Bitte beschreiben Sie es.', 'Image uploaded. Please describe it.'));
        } catch (e) {
          wrong.push(`${f.name}: ${uploadText(e)}`);
        }
      }
      setProblem(wrong.join(' '));
    });
  };
  const edit = (i: number, change: Partial<Image>) => onChange(images.map((x, j) => (j === i ? { ...x, ...change } : x)));
  return (
    <div class="stack">
      <div class="f">
        <label for="image-file">{tr('Bild vom Rechner oder Telefon', 'Image from your computer or telephone')}</label>
        <p class="hint" id="image-hint">{tr('JPEG, PNG, GIF oder WebP, bis 20 MB. Laden Sie nur Bilder hoch, die Sie verwenden dürfen.', 'JPEG, PNG, GIF or WebP. Only upload what you may use.')}</p>
        <input id="image-file" type="file" accept="image/jpeg,image/png,image/gif,image/webp" multiple disabled={busy} aria-describedby="image-hint" onChange={(e) => { add(e.currentTarget.files); e.currentTarget.value = ''; }} />
        {busy && <p class="quiet" role="status">{at}</p>}
        <Problem text={problem} />
      </div>
      <ul class="pictures">
        {images.map((im, i) => (
          <li key={im.url}>
            {imageSource(im) ? <img src={imageSource(im)} alt="" /> : <p class="quiet">{im.url}</p>}
            <div class="stack">
              <Text label={tr(`Was zeigt Bild ${i + 1}?`, `What does image ${i + 1} show?`)} required value={im.alt ?? ''} onInput={(alt) => edit(i, { alt })} fault={fault(`images.${i}.alt`)} path={`images.${i}.alt`} hint={tr('Ein Satz für alle, die das Bild nicht sehen.', 'A sentence for those who do not see it.')} />
              <Text label={tr('Wer hat es gemacht?', 'Who made it?')} value={im.credit ?? ''} onInput={(credit) => edit(i, { credit })} fault={fault(`images.${i}.credit`)} path={`images.${i}.credit`} />
              <Choice label={tr(`Lizenz von Bild ${i + 1}`, `Licence of image ${i + 1}`)} value={im.licence ?? ''} onChange={(licence) => edit(i, { licence })} options={licenceOptions(im.licence ?? '')} fault={fault(`images.${i}.licence`)} path={`images.${i}.licence`} />
              <button type="button" class="button small" onClick={() => onChange(images.filter((_, j) => j !== i))}>{tr(`Bild ${i + 1} entfernen`, `Remove image ${i + 1}`)}</button>
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What somebody else has changed in the meantime, beside what is typed here. */
function ConflictView({ conflict, busy, problem, onResolve, onCancel }: { problem: string; conflict: { current: { version: number }; since: FieldChange[]; mine: FieldChange[] }; busy: boolean; onResolve: (mine: Set<string>) => void; onCancel: () => void }) {
  const since = new Map(conflict.since.map((c) => [c.name, c]));
  const both = conflict.mine.filter((c) => since.has(c.name));
  const [mine, setMine] = useState(() => new Set(conflict.mine.map((c) => c.name)));
  const names = [...new Set([...conflict.since, ...conflict.mine].map((c) => c.name))];
  const of = new Map(conflict.mine.map((c) => [c.name, c]));
  return (
    <Confirm open title={tr('Jemand anderes hat das auch gerade geändert', 'Somebody else has just changed this, too')} yes={busy ? '…' : tr('So speichern', 'Save it so')} onYes={() => onResolve(mine)} onNo={onCancel}>
      <p>{both.length > 0 ? tr('Bitte wählen Sie für jedes Feld, was gelten soll. Es geht nichts verloren.', 'Please choose for each field what is to hold. Nothing is lost.') : tr('Die Änderungen betreffen verschiedene Felder und lassen sich zusammenführen.', 'The changes concern different fields and go together.')}</p>
      <div class="table-frame" role="region" aria-label={tr('Vergleich', 'Comparison')} tabIndex={0}>
        <table class="differences" id="conflict">
          <thead><tr><th scope="col">{tr('Feld', 'Field')}</th><th scope="col">{tr('Vorher', 'Before')}</th><th scope="col">{tr('Inzwischen gespeichert', 'Saved in the meantime')}</th><th scope="col">{tr('Ihre Eingabe', 'Yours')}</th></tr></thead>
          <tbody>
            {names.map((n) => {
              const theirs = since.get(n);
              const ours = of.get(n);
              const side = (own: boolean, value: unknown) => ours
                ? <label class="check"><input type="radio" name={`choose-${n}`} checked={mine.has(n) === own} onChange={() => { const next = new Set(mine); if (own) next.add(n); else next.delete(n); setMine(next); }} /><span>{show(value, n)}</span></label>
                : show(value, n);
              return (
                <tr key={n}>
                  <th scope="row">{fieldName(n)}</th>
                  <td>{show(theirs ? theirs.before : ours?.before, n)}</td>
                  <td>{side(false, theirs ? theirs.after : ours?.before)}</td>
                  <td>{ours ? side(true, ours.after) : <span class="quiet">{tr('nicht geändert', 'not changed')}</span>}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <Problem text={problem} />
    </Confirm>
  );
}

