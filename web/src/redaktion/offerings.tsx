/** @jsxImportSource preact */
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, Refusal, setGuestToken, type Card, type FieldChange, type Offering, type Page, type Place, type Saved, type UserError, type Viewer } from './api';
import { Differences, merged } from './diff';
import { fromOffering } from './draft';
import { MergedParts } from './duplicates';
import { faultText } from './faults';
import { OfferingForm } from './form';
import { Preview } from './preview';
import { berlin, instant, local, momentText, plusDays } from './time';
import { announce, Choice, Confirm, go, Problem, Status, Text, to, useAsk, useWork, View, Waiting, when } from './ui';
import { actionName, fieldName, kindName, kinds, kindText, locale, occurrenceName, tr, type Kind } from './words';

interface Counts { [name: string]: { totalCount: number } }

/** What is said once after a step that led to another view. */
function Said() {
  const [text] = useState(() => {
    const t = sessionStorage.getItem('umland:said') ?? '';
    sessionStorage.removeItem('umland:said');
    return t;
  });
  return text ? <p class="message good">{text}</p> : null;
}

/** My offerings, with what needs attention first. */
export function Overview({ viewer, query }: { viewer: Viewer; query: URLSearchParams }) {
  const counts = useAsk<Counts>('Counts');
  const status = query.get('status') ?? (query.get('q') ? 'all' : 'attention');
  const q = query.get('q') ?? '';
  const after = query.get('after');
  const [search, setSearch] = useState(q);
  const mine = useAsk<{ managedOfferings: Page<Card> }>('Mine', {
    filter: q ? { search: q } : null, status: ['DRAFT', 'IN_REVIEW', 'PUBLISHED', 'WITHDRAWN'].includes(status) ? [status] : null, attention: status === 'attention' || null, after, locale: locale(),
  });
  const tabs: [string, string, string][] = [
    ['attention', tr('Braucht Aufmerksamkeit', 'Needs attention'), 'attention'], ['IN_REVIEW', tr('In Prüfung', 'In review'), 'review'], ['DRAFT', tr('Entwürfe', 'Drafts'), 'drafts'],
    ['PUBLISHED', tr('Öffentlich', 'Public'), 'published'], ['WITHDRAWN', tr('Zurückgezogen', 'Withdrawn'), 'withdrawn'], ['all', tr('Alle', 'All'), ''],
  ];
  const page = mine.data?.managedOfferings;
  const mayReview = viewer.scopes.includes('review');
  const none = counts.data !== undefined && Object.values(counts.data).every((c) => c.totalCount === 0);
  return (
    <View title={tr('Meine Angebote', 'My offerings')} actions={<a class="button primary" href={to('/neu')}>{tr('Neues Angebot', 'New offering')}</a>}>
      <Said />
      <nav class="tabs" aria-label={tr('Stand', 'Status')}>
        <ul>{tabs.map(([s, name, key]) => <li key={s}><a href={to('', { status: s })} aria-current={s === status ? 'page' : undefined}>{name}{key && counts.data && <span class="count"> {counts.data[key]?.totalCount}</span>}</a></li>)}</ul>
      </nav>
      <form class="find" role="search" onSubmit={(e) => { e.preventDefault(); go(to('', { status: status === 'attention' ? 'all' : status, q: search })); }}>
        <Text label={tr('In meinen Angeboten suchen', 'Search my offerings')} type="search" value={search} onInput={setSearch} />
        <button class="button">{tr('Suchen', 'Search')}</button>
      </form>
      <Waiting of={mine} />
      {page && (
        <>
          <p class="quiet" role="status">{page.totalCount === 1 ? tr('Ein Angebot', 'One offering') : tr(`${page.totalCount} Angebote`, `${page.totalCount} offerings`)}</p>
          {page.totalCount === 0 && (none
            ? <div class="message"><p>{tr('Sie haben noch kein Angebot.', 'You have no offering yet.')}</p><a class="button" href={to('/neu')}>{tr('Das erste eintragen', 'Post the first one')}</a></div>
            : status === 'attention' ? <p class="message good">{tr('Alles erledigt. Es wartet nichts auf Sie.', 'All done. Nothing is waiting for you.')}</p>
            : <p class="message">{q ? tr(`Zu „${q}“ ist hier nichts.`, `There is nothing here for “${q}”.`) : tr('Hier ist nichts.', 'There is nothing here.')}</p>)}
          <ul class="rows">
            {page.nodes.map((o) => (
              <li key={o.id} class={`kind-${o.kind.toLowerCase()}`}>
                <div>
                  <p class="over"><span class="kind">{kindName(o.kind)}</span> · {o.provider.name}</p>
                  <h2><a href={o.status === 'IN_REVIEW' && mayReview && o.editorial?.mayReview ? to(`/pruefen/${o.id}`) : to(`/angebot/${o.id}`)}>{o.title}</a></h2>
                  {(o.schedule || o.openingHours) && <p class="quiet">{o.schedule?.text ?? o.openingHours?.text}</p>}
                  {o.editorial?.reviewNote && o.status === 'DRAFT' && <p class="note">{tr('Zurückgegeben:', 'Returned:')} {o.editorial.reviewNote}</p>}
                  {o.status === 'PUBLISHED' && o.editorial?.reviewBy && Date.parse(o.editorial.reviewBy) < Date.now() && <p class="note">{tr('Seit über einem Jahr nicht bestätigt. Stimmt es noch?', 'Not confirmed for more than a year. Is it still right?')}</p>}
                </div>
                <p class="end"><Status of={o.status} /><span class="quiet">{when(o.updatedAt)}</span></p>
              </li>
            ))}
          </ul>
          <p class="row">
            {after && <a class="button" href={to('', { status, q })}>{tr('Zum Anfang', 'To the beginning')}</a>}
            {page.pageInfo.hasNextPage && <a class="button" href={to('', { status, q, after: page.pageInfo.endCursor })}>{tr('Weitere', 'More')}</a>}
          </p>
        </>
      )}
    </View>
  );
}

export function NewOffering({ viewer, query }: { viewer: Viewer; query: URLSearchParams }) {
  const like = query.get('vorlage') ?? '';
  const model = useAsk<{ offering: Offering | null }>('One', { id: like, locale: locale() }, !like);
  if (like && model.data?.offering) {
    const o = model.data.offering;
    return (
      <View title={tr(`Neu: wie „${o.title}“`, `New: like “${o.title}”`)} wide>
        <p class="message">{tr('Das ist eine Kopie. Bitte prüfen Sie vor allem die Termine.', 'This is a copy. Please check the dates above all.')}</p>
        <OfferingForm key={like} viewer={viewer} kind={o.kind} model={o} onSaved={() => go(to(''))} />
      </View>
    );
  }
  if (like) return <View title={tr('Kopie', 'Copy')}>{model.data ? <p>{tr('Dieses Angebot gibt es nicht, oder Sie dürfen es nicht sehen.', 'There is no such offering, or you may not see it.')}</p> : <Waiting of={model} />}</View>;
  const kind = kinds.find((k) => k === query.get('art')?.toUpperCase());
  if (kind) {
    return (
      <View title={tr(`Neu: ${kindName(kind)}`, `New: ${kindName(kind)}`)} wide actions={<a class="button" href={to('/neu')}>{tr('Andere Art', 'Another kind')}</a>}>
        <OfferingForm key={kind} viewer={viewer} kind={kind} onSaved={() => { setGuestToken(null); go(to('/danke'), true); }} />
      </View>
    );
  }
  return (
    <View title={tr('Was möchten Sie anbieten?', 'What do you want to offer?')} actions={<a class="button" href={to('/einlesen')}>{tr('Viele auf einmal (CSV)', 'Many at once (CSV)')}</a>}>
      <ul class="choices">
        {kinds.map((k: Kind) => <li key={k} class={`kind-${k.toLowerCase()}`}><a href={to('/neu', { art: k.toLowerCase() })}><strong>{kindName(k)}</strong><span>{kindText(k)}</span></a></li>)}
      </ul>
    </View>
  );
}

export function Thanks() {
  return <View title={tr('Vielen Dank', 'Thank you')}><p class="message good">{tr('Ihr Angebot ist eingereicht. Die Gemeinde prüft es und veröffentlicht es dann.', 'Your offering has been submitted. The municipality reviews and publishes it.')}</p></View>;
}

/** Runs a step on an offering and says what went wrong; lost is called where somebody else was faster. */
function useStep(done: () => void, lost = done) {
  const w = useWork();
  const [fault, setFault] = useState('');
  const step = (name: Parameters<typeof ask>[0], field: string, variables: Record<string, unknown>, said: string) => w.work(async () => {
    setFault('');
    const answer = await ask<Record<string, Saved>>(name, variables);
    const s = answer[field]!;
    if (s.conflict || s.userErrors.some((e) => e.code === 'CONFLICT')) return setFault(tr('Jemand hat es gerade geändert. Die Seite zeigt jetzt den neuen Stand; bitte versuchen Sie es noch einmal.', 'Somebody has just changed it. The page shows the new state now; please try again.')), lost();
    if (s.userErrors.length > 0) return setFault(faultText(s.userErrors[0]!));
    announce(said);
    done();
  });
  return { ...w, problem: fault || w.problem, step };
}

/** One offering: its form, its dates, its history. */
export function OneOffering({ viewer, id, query }: { viewer: Viewer; id: string; query: URLSearchParams }) {
  const tab = query.get('ansicht') ?? 'bearbeiten';
  const one = useAsk<{ offering: Offering | null }>('One', { id, locale: locale() });
  const [turn, setTurn] = useState(0);
  const [asking, setAsking] = useState<'withdraw' | 'erase' | null>(null);
  const [reason, setReason] = useState('');
  const reload = () => { one.reload(); setTurn((n) => n + 1); };
  const { busy, problem, step, work } = useStep(reload);
  const o = one.data?.offering;
  if (one.data && !o) return <View title={tr('Nicht gefunden', 'Not found')}><p>{tr('Dieses Angebot gibt es nicht, oder Sie dürfen es nicht sehen.', 'There is no such offering, or you may not see it.')}</p></View>;
  if (!o) return <View title={tr('Angebot', 'Offering')}><Waiting of={one} /></View>;
  const e = o.editorial;
  const held = o.provenance.fields.filter((f) => f.origin === 'PERSON' && f.proposed !== null);
  const tabs: [string, string][] = [['bearbeiten', tr('Bearbeiten', 'Edit')], ...(o.schedule ? ([['termine', tr('Einzelne Termine', 'Single dates')]] as [string, string][]) : []), ['verlauf', tr('Verlauf', 'History')]];
  const vars = { id, version: o.version };
  return (
    <View title={o.title} wide={tab === 'bearbeiten'} lead={<><Status of={o.status} /> {kindName(o.kind)} · {o.provider.name}{e?.publishAt && o.status === 'DRAFT' ? ` · ${tr('wird veröffentlicht:', 'will be published:')} ${when(e.publishAt)}` : ''}</>}>
      <Said />
      {e?.reviewNote && <p class="message warn"><strong>{tr('Zurückgegeben:', 'Returned:')}</strong> {e.reviewNote}</p>}
      {e?.withdrawnReason && o.status === 'WITHDRAWN' && <p class="message"><strong>{tr('Zurückgezogen:', 'Withdrawn:')}</strong> {e.withdrawnReason}</p>}
      {o.provenance.source && <p class="message">{tr('Kommt aus der Quelle', 'Comes from the source')} <strong>{o.provenance.source.name}</strong>. {tr('Was Sie hier ändern, bleibt auch beim nächsten Einlesen.', 'What you change here stays with the next import.')}</p>}
      {!e && <p class="message warn">{tr('Dieses Angebot dürfen Sie nur ansehen.', 'You may only look at this offering.')}</p>}
      <Problem text={problem} />
      {e && (
        <>
          <div class="row steps-row">
            {o.status === 'IN_REVIEW' && e.mayReview && <a class="button primary" href={to(`/pruefen/${id}`)}>{tr('Prüfen', 'Review')}</a>}
            {o.status === 'PUBLISHED' && e.mayEdit && <button type="button" class="button" disabled={busy} onClick={() => step('Confirm', 'confirmOffering', vars, tr('Bestätigt.', 'Confirmed.'))}>{tr('Stimmt noch', 'Still right')}</button>}
            {o.status === 'PUBLISHED' && <a class="button" href={`/angebot/${id}`}>{tr('Öffentlich ansehen', 'See it in public')}</a>}
            {(o.status === 'PUBLISHED' || o.status === 'IN_REVIEW') && e.mayEdit && <button type="button" class="button" disabled={busy} onClick={() => setAsking('withdraw')}>{tr('Zurückziehen', 'Withdraw')}</button>}
            {o.status === 'WITHDRAWN' && e.mayEdit && !e.mergedInto && <button type="button" class="button primary" disabled={busy} onClick={() => step('Undo', 'undoWithdraw', vars, tr('Zurückgeholt.', 'Brought back.'))}>{tr('Zurückholen', 'Bring back')}</button>}
            {e.mayEdit && <a class="button" href={to('/neu', { vorlage: id })}>{tr('Kopieren', 'Copy')}</a>}
            {e.mayEdit && <button type="button" class="button" disabled={busy} onClick={() => setAsking('erase')}>{tr('Löschen', 'Delete')}</button>}
          </div>
          <nav class="tabs" aria-label={tr('Ansicht', 'View')}><ul>{tabs.map(([t, name]) => <li key={t}><a href={to(`/angebot/${id}`, { ansicht: t === 'bearbeiten' ? null : t })} aria-current={t === tab ? 'page' : undefined}>{name}</a></li>)}</ul></nav>
          {tab === 'bearbeiten' && <MergedParts offering={o} mayMerge={e.mayPublish} onChanged={reload} />}
          {tab === 'bearbeiten' && held.length > 0 && (
            <details class="more">
              <summary>{o.provenance.source ? tr(`Die Quelle sagt bei ${held.length} Feldern etwas anderes`, `The source says otherwise in ${held.length} fields`) : tr(`Das andere Angebot sagt bei ${held.length} Feldern etwas anderes`, `The other offering says otherwise in ${held.length} fields`)}</summary>
              <Differences changes={held.map((f) => ({ name: f.name, before: f.proposed, after: f.current }))} before={o.provenance.source ? tr('In der Quelle', 'In the source') : tr('Im anderen', 'In the other one')} after={tr('Hier (gilt)', 'Here (holds)')} />
              <ul class="row">{held.map((f) => <li key={f.name}><button type="button" class="button small" disabled={busy} onClick={() => step('Release', 'releaseField', { ...vars, field: f.name }, tr('Übernommen.', 'Taken over.'))}>{o.provenance.source ? tr(`${fieldName(f.name)} von der Quelle nehmen`, `Take ${fieldName(f.name)} from the source`) : tr(`${fieldName(f.name)} vom anderen nehmen`, `Take ${fieldName(f.name)} from the other one`)}</button></li>)}</ul>
            </details>
          )}
          {tab === 'bearbeiten' && (e.mayEdit ? <OfferingForm key={one.turn} viewer={viewer} kind={o.kind} offering={o} onSaved={reload} /> : <p>{tr('Sie dürfen dieses Angebot prüfen, aber nicht ändern.', 'You may review this offering, but not change it.')}</p>)}
          {tab === 'termine' && <SingleDates id={id} key={turn} onChanged={reload} />}
          {tab === 'verlauf' && <History id={id} key={turn} onChanged={reload} />}
        </>
      )}
      <Confirm open={asking === 'withdraw'} title={tr('Angebot zurückziehen?', 'Withdraw the offering?')} yes={tr('Zurückziehen', 'Withdraw')} onNo={() => setAsking(null)}
        onYes={() => { setAsking(null); step('Withdraw', 'withdrawOffering', { ...vars, reason: reason || null }, tr('Zurückgezogen.', 'Withdrawn.')); }}>
        <p>{tr('Es ist dann nicht mehr öffentlich. Sie können es jederzeit zurückholen.', 'It is no longer public then. You can bring it back at any time.')}</p>
        <Text label={tr('Grund (nur intern)', 'Reason (internal)')} value={reason} onInput={setReason} />
      </Confirm>
      <Confirm open={asking === 'erase'} danger title={tr('Für immer löschen?', 'Delete for good?')} yes={tr('Für immer löschen', 'Delete for good')} onNo={() => setAsking(null)}
        onYes={() => { setAsking(null); work(async () => {
          const { eraseOffering } = await ask<{ eraseOffering: { id: string | null; userErrors: UserError[] } }>('Erase', { id });
          if (eraseOffering.userErrors.length > 0) throw new Refusal(eraseOffering.userErrors[0]!.code, faultText(eraseOffering.userErrors[0]!));
          if (eraseOffering.id) { sessionStorage.setItem('umland:said', tr('Gelöscht.', 'Deleted.')); go(to('', { status: 'all' })); }
        }); }}>
        <p>{tr('Das Angebot wird mit seinem ganzen Verlauf gelöscht. Das lässt sich nicht rückgängig machen.', 'The offering is deleted with its whole history. This cannot be undone.')}</p>
      </Confirm>
    </View>
  );
}

interface Revision { version: number; at: string; action: string; by: string; byKind: string; status: string; changes: FieldChange[] }

function History({ id, onChanged }: { id: string; onChanged: () => void }) {
  const [after, setAfter] = useState<string | null>(null);
  const h = useAsk<{ offering: { version: number; editorial: { mayEdit: boolean; revisions: Page<Revision> } | null } | null }>('History', { id, after });
  const { busy, problem, step } = useStep(onChanged);
  const o = h.data?.offering;
  if (!o?.editorial) return <Waiting of={h} />;
  return (
    <>
      <Problem text={problem} />
      <ol class="history">
        {o.editorial.revisions.nodes.map((r) => (
          <li key={r.version}>
            <div class="row between">
              <p><strong>{tr(`Stand ${r.version}`, `Version ${r.version}`)}</strong> · {actionName(r.action)} · {r.by || tr('jemand', 'somebody')} · <span class="quiet">{when(r.at)}</span> <Status of={r.status} /></p>
              {o.editorial!.mayEdit && r.version !== o.version && <button type="button" class="button small" disabled={busy} onClick={() => step('Restore', 'restoreOffering', { id, to: r.version, version: o.version }, tr('Wiederhergestellt.', 'Restored.'))}>{tr('Diesen Stand wiederherstellen', 'Restore this version')}<span class="sr"> ({r.version})</span></button>}
            </div>
            {r.changes.length > 0 && <details class="more"><summary>{tr('Was sich geändert hat:', 'What has changed:')} {r.changes.map((c) => fieldName(c.name)).join(', ')}<span class="sr"> ({tr('Stand', 'version')} {r.version})</span></summary><Differences changes={r.changes} before={tr('Vorher', 'Before')} after={tr('Danach', 'After')} /></details>}
          </li>
        ))}
      </ol>
      <p class="row">
        {after && <button type="button" class="button" onClick={() => setAfter(null)}>{tr('Zu den neuesten', 'To the newest')}</button>}
        {o.editorial.revisions.pageInfo.hasNextPage && <button type="button" class="button" onClick={() => setAfter(o.editorial!.revisions.pageInfo.endCursor)}>{tr('Ältere Stände', 'Older versions')}</button>}
      </p>
    </>
  );
}

interface DatesAnswer {
  offering: { version: number; municipality: { ags: string }; place: { id: string } | null; schedule: { start: string; allDay: boolean; timeZone: string; dates: string[] } | null; editorial: { exceptions: { original: string; added: boolean; status: string; start: string | null }[] } | null; occurrences: { nodes: { id: string; start: string; end: string | null; status: string; place: { id: string; name: string } | null }[] } } | null;
}

function SingleDates({ id, onChanged }: { id: string; onChanged: () => void }) {
  const d = useAsk<DatesAnswer>('Dates', { id });
  const { busy, problem, step } = useStep(onChanged);
  const [moving, setMoving] = useState('');
  const [at, setAt] = useState('');
  const [end, setEnd] = useState('');
  const [place, setPlace] = useState('');
  const [added, setAdded] = useState('');
  const o = d.data?.offering;
  const ags = o?.municipality.ags;
  const near = useAsk<{ offerings: { nodes: { place: Place | null }[] } }>('Places', { ags: ags ? [ags] : [] }, !moving || !ags);
  if (!o) return <Waiting of={d} />;
  const zone = o.schedule?.timeZone ?? berlin;
  const allDay = o.schedule?.allDay ?? false;
  const kind = allDay ? 'date' : 'datetime-local';
  const places = [...new Map((near.data?.offerings.nodes ?? []).flatMap((n) => (n.place && n.place.id !== o.place?.id ? [[n.place.id, n.place.name] as [string, string]] : [])))].toSorted((a, b) => a[1].localeCompare(b[1], 'de'));
  const exceptions = o.editorial?.exceptions ?? [];
  const original = (start: string) => exceptions.find((x) => x.start && Date.parse(x.start) === Date.parse(start))?.original ?? start;
  const save = (input: Record<string, unknown>, said: string) => step('Occurrence', 'saveOccurrence', { input: { offering: id, expectedVersion: o.version, ...input } }, said);
  return (
    <>
      <Problem text={problem} />
      <p class="hint">{tr('Hier ändern Sie einen Termin, ohne die Wiederholung anzufassen.', 'Here you change one date without touching the series.')}</p>
      {o.occurrences.nodes.length === 0 && <p class="message">{tr('Es gibt keine künftigen Termine. Unten können Sie einen hinzufügen.', 'There are no dates to come. Below you can add one.')}</p>}
      <ul class="rows">
        {o.occurrences.nodes.map((x) => {
          const from = original(x.start);
          const exception = exceptions.find((y) => Date.parse(y.original) === Date.parse(from));
          const name = momentText(local(x.start, zone), locale());
          return (
            <li key={x.id}>
              <div>
                <h2>{o.schedule?.allDay ? name.replace(/, \d{2}:\d{2}.*/, '') : name}</h2>
                {x.status !== 'SCHEDULED' && <p class="note">{occurrenceName(x.status)}{exception?.start ? ` (${tr('statt', 'instead of')} ${momentText(local(from, zone), locale())})` : ''}</p>}
                {x.place && x.place.id !== o.place?.id && <p class="note">{tr('anderer Ort:', 'another place:')} {x.place.name}</p>}
                {moving === x.id && (
                  <form class="stack" onSubmit={(e) => { e.preventDefault(); if (at) save({ original: from, status: 'MOVED', start: instant(at, zone), ...(end ? { end: instant(allDay ? plusDays(end, 1) : end, zone) } : {}), ...(place ? { place } : {}) }, tr('Verlegt.', 'Moved.')); }}>
                    <div class="grid">
                      <Text label={allDay ? tr('Neuer Tag', 'New day') : tr('Neuer Beginn', 'New beginning')} type={kind} value={at} onInput={setAt} />
                      <Text label={allDay ? tr('Letzter Tag (leer: gleich lang)', 'Last day (empty: as long)') : tr('Neues Ende (leer: gleich lang)', 'New end (empty: as long)')} type={kind} value={end} onInput={setEnd} />
                    </div>
                    {places.length > 0 && <Choice label={tr('An einem anderen Ort?', 'At another place?')} value={place} onChange={setPlace} options={[['', tr('nein, wie geplant', 'no, as planned')], ...places]} />}
                    <p class="row"><button class="button primary" disabled={busy || !at}>{tr('So verlegen', 'Move it so')}</button><button type="button" class="button" onClick={() => setMoving('')}>{tr('Abbrechen', 'Cancel')}</button></p>
                  </form>
                )}
              </div>
              <div class="row end">
                {moving !== x.id && (x.status === 'SCHEDULED' || x.status === 'MOVED') ? (
                  <>
                    <button type="button" class="button small" disabled={busy} onClick={() => save({ original: from, status: 'CANCELLED' }, tr('Termin abgesagt.', 'Date cancelled.'))}>{tr('Absagen', 'Cancel')}<span class="sr"> {name}</span></button>
                    <button type="button" class="button small" onClick={() => { setMoving(x.id); setAt(local(x.start, zone).slice(0, allDay ? 10 : 16)); setEnd(''); setPlace(x.place && x.place.id !== o.place?.id ? x.place.id : ''); }}>{tr('Verlegen', 'Move')}<span class="sr"> {name}</span></button>
                    <button type="button" class="button small" disabled={busy} onClick={() => save({ original: from, status: 'POSTPONED' }, tr('Als verschoben gemeldet.', 'Marked as postponed.'))}>{tr('Verschoben, Termin offen', 'Postponed')}<span class="sr"> {name}</span></button>
                    <button type="button" class="button small" disabled={busy} onClick={() => save({ original: from, status: 'SOLD_OUT' }, tr('Als ausgebucht gemeldet.', 'Marked as sold out.'))}>{tr('Ausgebucht', 'Sold out')}<span class="sr"> {name}</span></button>
                  </>
                ) : null}
                {exception && <button type="button" class="button small" disabled={busy} onClick={() => save({ original: from, reset: true }, tr('Zurückgesetzt.', 'Reset.'))}>{exception.added ? tr('Entfernen', 'Remove') : tr('Wie geplant', 'As planned')}<span class="sr"> {name}</span></button>}
              </div>
            </li>
          );
        })}
      </ul>
      <form class="boxed row" onSubmit={(e) => { e.preventDefault(); if (added) save({ original: instant(added, zone) }, tr('Termin hinzugefügt.', 'Date added.')); }}>
        <Text label={tr('Weiterer Termin', 'A further date')} type={kind} value={added} onInput={setAdded} />
        <button class="button" disabled={busy || !added}>{tr('Hinzufügen', 'Add')}</button>
      </form>
    </>
  );
}

/** What waits for a review. */
export function Reviews({ query }: { query: URLSearchParams }) {
  const after = query.get('after');
  const list = useAsk<{ managedOfferings: Page<Card> }>('Mine', { filter: null, status: ['IN_REVIEW'], attention: null, after, locale: locale() });
  const page = list.data?.managedOfferings;
  const mine = page?.nodes.filter((o) => o.editorial?.mayReview) ?? [];
  return (
    <View title={tr('Prüfen', 'Review')} lead={tr('Was Vereine und andere eingereicht haben.', 'What clubs and others have submitted.')}>
      <Said />
      <Waiting of={list} />
      {page && mine.length === 0 && <p class="message good">{tr('Es wartet nichts auf eine Prüfung.', 'Nothing waits for a review.')}</p>}
      <ul class="rows">
        {mine.map((o) => (
          <li key={o.id} class={`kind-${o.kind.toLowerCase()}`}>
            <div><p class="over"><span class="kind">{kindName(o.kind)}</span> · {o.provider.name}</p><h2><a href={to(`/pruefen/${o.id}`)}>{o.title}</a></h2>{(o.schedule || o.openingHours) && <p class="quiet">{o.schedule?.text ?? o.openingHours?.text}</p>}</div>
            <p class="end"><span class="quiet">{when(o.updatedAt)}</span></p>
          </li>
        ))}
      </ul>
      {page?.pageInfo.hasNextPage && <a class="button" href={to('/pruefen', { after: page.pageInfo.endCursor })}>{tr('Weitere', 'More')}</a>}
    </View>
  );
}

/** One offering in review, beside what the public sees of it now. */
export function Review({ id }: { id: string }) {
  const one = useAsk<{ offering: Offering | null }>('One', { id, locale: locale() });
  const h = useAsk<{ offering: { editorial: { revisions: Page<Revision> } | null } | null }>('History', { id });
  const [note, setNote] = useState('');
  const [needed, setNeeded] = useState('');
  const said = useRef('');
  const { busy, problem, step } = useStep(() => {
    if (said.current) sessionStorage.setItem('umland:said', said.current);
    go(to('/pruefen'));
  }, () => { one.reload(); h.reload(); });
  const o = one.data?.offering;
  const revisions = h.data?.offering?.editorial?.revisions.nodes;
  useEffect(() => { setNeeded(''); }, [note]);
  if (one.data && !o) return <View title={tr('Nicht gefunden', 'Not found')}><p>{tr('Dieses Angebot gibt es nicht mehr.', 'This offering is gone.')}</p></View>;
  if (!o || !revisions) return <View title={tr('Prüfen', 'Review')}><Waiting of={one} /></View>;
  const last = revisions.findIndex((r) => r.status === 'PUBLISHED');
  const changes = merged((last < 0 ? revisions : revisions.slice(0, last)).map((r) => r.changes).toReversed());
  const decide = (decision: 'APPROVE' | 'RETURN') => {
    if (decision === 'RETURN' && !note.trim()) {
      setNeeded(tr('Bitte schreiben Sie, was noch fehlt.', 'Please write what is missing.'));
      return document.getElementById('note-field')?.querySelector<HTMLElement>('textarea')?.focus();
    }
    said.current = (decision === 'APPROVE' ? tr(`„${o.title}“ ist freigegeben.`, `“${o.title}” is approved.`) : tr(`„${o.title}“ ging zurück.`, `“${o.title}” was returned.`));
    step('Review', 'reviewOffering', { id, decision, note: note.trim() || null, version: o.version }, '');
  };
  return (
    <View title={tr(`Prüfen: ${o.title}`, `Review: ${o.title}`)} lead={<>{kindName(o.kind)} · {o.provider.name} · {tr('eingereicht von', 'submitted by')} {revisions[0]?.by} · {when(o.updatedAt)}</>}>
      {o.status !== 'IN_REVIEW' && <p class="message warn">{tr('Dieses Angebot wartet nicht mehr auf eine Prüfung.', 'This offering does not wait for a review any more.')} <Status of={o.status} /></p>}
      <Problem text={problem} />
      {o.schedule && <p class="said"><span class="quiet">{tr('Termine:', 'Dates:')}</span> <strong>{o.schedule.text}</strong></p>}
      {o.openingHours && <p class="said"><span class="quiet">{tr('Geöffnet:', 'Open:')}</span> <strong>{o.openingHours.text}</strong></p>}
      <h2>{last < 0 ? tr('Neu, bisher nicht öffentlich', 'New, not public so far') : tr('Unterschied zum öffentlichen Stand', 'Difference from what is public')}</h2>
      <Differences changes={changes} {...(last < 0 ? {} : { before: tr('Öffentlich', 'Public') })} after={tr('Eingereicht', 'Submitted')} />
      <details class="more">
        <summary>{tr('So wird es aussehen', 'How it will look')}</summary>
        <Preview draft={fromOffering(o)} said={{ schedule: o.schedule?.text ?? '', hours: o.openingHours?.text ?? '', dates: [] }} topics={o.categories.map((c) => c.label)} />
      </details>
      {o.status === 'IN_REVIEW' && o.editorial?.mayReview && (
        <div class="boxed stack">
          <div id="note-field"><Text label={tr('Nachricht an den Anbieter', 'Note to the provider')} value={note} onInput={setNote} rows={3} fault={needed || undefined} hint={tr('Beim Zurückgeben nötig.', 'Needed when you return it.')} /></div>
          <div class="row">
            <button type="button" class="button primary" disabled={busy} onClick={() => decide('APPROVE')}>{tr('Freigeben', 'Approve')}</button>
            <button type="button" class="button" disabled={busy} onClick={() => decide('RETURN')}>{tr('Zurückgeben', 'Return')}</button>
            {o.editorial.mayEdit && <a class="button" href={to(`/angebot/${id}`)}>{tr('Selbst bearbeiten', 'Edit it yourself')}</a>}
          </div>
        </div>
      )}
    </View>
  );
}

