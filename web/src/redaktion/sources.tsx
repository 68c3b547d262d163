/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Page, type UserError, type Viewer } from './api';
import { Changes, Numbers, Refusals, RunLine } from './difference';
import { faultText } from './faults';
import { countsText, harvest, useJob, type Job, type Run, type Source } from './harvesting';
import { SourceForm } from './source-form';
import { announce, Confirm, go, Problem, Progress, Tick, to, useAsk, useWork, View, Waiting, when } from './ui';
import { formatName, healthName, outcomeName, tr } from './words';

export const Health = ({ of }: { of: string }) => <span class={`state health-${of.toLowerCase()}`}>{healthName(of)}</span>;

const urgency: Record<string, number> = { QUARANTINED: 0, FAILING: 1, NEW: 2, OK: 3, PAUSED: 4 };
const everyText = (m: number): string => {
  if (m === 0) return tr('nur von Hand', 'by hand only');
  if (m % 10080 === 0) return m === 10080 ? tr('jede Woche', 'every week') : tr(`alle ${m / 10080} Wochen`, `every ${m / 10080} weeks`);
  if (m % 1440 === 0) return m === 1440 ? tr('jeden Tag', 'every day') : tr(`alle ${m / 1440} Tage`, `every ${m / 1440} days`);
  if (m % 60 === 0) return m === 60 ? tr('jede Stunde', 'every hour') : tr(`alle ${m / 60} Stunden`, `every ${m / 60} hours`);
  return tr(`alle ${m} Minuten`, `every ${m} minutes`);
};

/** The feeds that the viewer decides on, those that need somebody first. */
export function Sources({ query }: { query: URLSearchParams }) {
  const after = query.get('after');
  const list = useAsk<{ sources: Page<Source> }>('Sources', { after });
  const page = list.data?.sources;
  const sorted = page?.nodes.toSorted((a, b) => (urgency[a.health] ?? 9) - (urgency[b.health] ?? 9)) ?? [];
  return (
    <View title={tr('Quellen', 'Sources')} lead={tr('Kalender, Tabellen und Webseiten, aus denen Umland Angebote liest, damit niemand etwas zweimal eintippt.', 'Calendars, tables and web pages from which Umland reads offerings, so that nobody types anything twice.')}
      actions={<a class="button primary" href={to('/quellen/neu')}>{tr('Quelle hinzufügen', 'Add a source')}</a>}>
      <Waiting of={list} />
      {page && page.totalCount === 0 && (
        <div class="message">
          <p>{tr('Noch keine Quelle. Führt jemand in Ihrer Gemeinde schon einen Kalender im Internet, den man abonnieren kann? Dann fügen Sie ihn hier hinzu.', 'No source yet. Does somebody in your municipality keep a calendar on the internet that can be subscribed to? Then add it here.')}</p>
        </div>
      )}
      <ul class="rows sources">{sorted.map((s) => <Row key={s.id} source={s} />)}</ul>
      <p class="row">
        {after && <a class="button" href={to('/quellen')}>{tr('Zum Anfang', 'To the beginning')}</a>}
        {page?.pageInfo.hasNextPage && <a class="button" href={to('/quellen', { after: page.pageInfo.endCursor })}>{tr('Weitere', 'More')}</a>}
      </p>
    </View>
  );
}

function Row({ source: s }: { source: Source }) {
  const { job } = useJob(s.id);
  const run = job?.run && !job.run.dryRun ? job.run : s.lastRun; // it may have ended since the list was asked for
  return (
    <li>
      <div>
        <p class="over"><span class="kind">{formatName(s.format)}</span> · {[s.municipality?.name, s.provider?.name].filter(Boolean).join(' · ')}</p>
        <h2><a href={to(`/quellen/${s.id}`)}>{s.name}</a></h2>
        {s.url && <p class="quiet">{s.url}</p>}
        {run && <p>{tr('Zuletzt:', 'Last:')} {when(run.finishedAt)} · {outcomeName(run.outcome)}{run.outcome === 'OK' || run.outcome === 'QUARANTINED' ? ` · ${countsText(run)}` : ''}</p>}
        {run?.error && s.health !== 'OK' && <p class="note">{run.error}</p>}
        {job && !job.run && !job.problem && <p role="status">{tr('Wird gerade gelesen …', 'Is being read …')}</p>}
        {s.nextRunAt && <p class="quiet">{tr('Nächster Abruf:', 'Next:')} {when(s.nextRunAt)}</p>}
      </div>
      <p class="end"><Health of={s.health} /></p>
    </li>
  );
}

export function NewSource({ viewer }: { viewer: Viewer }) {
  return (
    <View title={tr('Quelle hinzufügen', 'Add a source')} lead={tr('Nach dem Speichern zeigt ein Probelauf, was gelesen würde. Erst wenn Sie zustimmen, wird etwas öffentlich.', 'After saving, a trial shows what would be read. Nothing becomes public before you agree.')}>
      <SourceForm viewer={viewer} onSaved={(id) => { void harvest(id, true); go(to(`/quellen/${id}`), true); }} />
    </View>
  );
}

/** Runs a step on a source and says what went wrong. */
function useStep(done: () => void) {
  const w = useWork();
  const [fault, setFault] = useState('');
  const step = (name: 'PauseSource' | 'SaveSource' | 'Decide', field: string, variables: Record<string, unknown>, said: string, then = done) => w.work(async () => {
    setFault('');
    const wrong = (await ask<Record<string, { userErrors: UserError[] }>>(name, variables))[field]!.userErrors[0];
    if (wrong) setFault(faultText(wrong));
    else announce(said);
    (wrong ? done : then)();
  });
  return { ...w, problem: fault || w.problem, step };
}

/** One source: how it goes, what a trial says, its runs, its settings. */
export function OneSource({ viewer, id, query }: { viewer: Viewer; id: string; query: URLSearchParams }) {
  const tab = query.get('ansicht') ?? 'stand';
  const one = useAsk<{ node: Source | null }>('Source', { id });
  const [turn, setTurn] = useState(0);
  const reload = () => { one.reload(); setTurn((n) => n + 1); };
  const { job, drop } = useJob(id);
  const { busy, problem, step, work } = useStep(reload);
  const [deleting, setDeleting] = useState(false);
  const [keep, setKeep] = useState(false);
  const s = one.data?.node;
  if (one.data && !s?.id) return <View title={tr('Nicht gefunden', 'Not found')}><p>{tr('Diese Quelle gibt es nicht mehr.', 'There is no such source any more.')}</p><p><a href={to('/quellen')}>{tr('Zu den Quellen', 'To the sources')}</a></p></View>;
  if (!s) return <View title={tr('Quelle', 'Source')}><Waiting of={one} /></View>;
  const mine = s.options !== null && s.options !== undefined;
  const running = Boolean(job && !job.run && !job.problem);
  const read = (dry: boolean) => { void harvest(id, dry).then(reload); };
  const adopt = () => {
    void harvest(id, false).then((run) => {
      // Not by pauseSource, which would have it read once more.
      if (run && (run.outcome === 'OK' || run.outcome === 'UNCHANGED')) step('SaveSource', 'saveSource', { input: { id, paused: false } }, tr('Die Quelle wird ab jetzt von selbst gelesen.', 'The source is read by itself from now on.'));
      else reload();
    });
  };
  const tabs: [string, string][] = [['stand', tr('Stand', 'State')], ['laeufe', tr('Läufe', 'Runs')], ['bearbeiten', tr('Einstellungen', 'Settings')]];
  return (
    <View title={s.name} lead={<><Health of={s.health} /> {formatName(s.format)}{s.municipality ? ` · ${s.municipality.name}` : ''}{s.provider ? ` · ${s.provider.name}` : ''}</>} actions={<a class="button" href={to('/quellen')}>{tr('Alle Quellen', 'All sources')}</a>}>
      <Problem text={problem} />
      {!mine && <p class="message warn">{tr('Über diese Quelle entscheiden andere.', 'Others decide on this source.')}</p>}
      {mine && (
        <>
          <div class="row steps-row">
            <button type="button" class="button" disabled={running || busy} onClick={() => read(true)}>{tr('Probelauf', 'Trial')}</button>
            <button type="button" class="button" disabled={running || busy} onClick={() => read(false)}>{tr('Jetzt abrufen', 'Read now')}</button>
            {s.pausedAt ? <button type="button" class="button" disabled={busy} onClick={() => step('PauseSource', 'pauseSource', { id, paused: false }, tr('Die Quelle wird wieder gelesen.', 'The source is read again.'))}>{tr('Weiterlesen', 'Go on')}</button>
              : <button type="button" class="button" disabled={busy} onClick={() => step('PauseSource', 'pauseSource', { id, paused: true }, tr('Pausiert.', 'Paused.'))}>{tr('Pausieren', 'Pause')}</button>}
            <button type="button" class="button" disabled={busy} onClick={() => setDeleting(true)}>{tr('Löschen', 'Delete')}</button>
          </div>
          {job && !(s.health === 'QUARANTINED' && job.run?.outcome === 'QUARANTINED' && !job.run.dryRun) && <JobBox job={job} paused={Boolean(s.pausedAt)} fresh={s.lastRun === null} onAdopt={adopt} onClose={drop} />}
          {s.health === 'QUARANTINED' && s.lastRun && !running && <Quarantine run={s.lastRun} busy={busy} onDecide={(decision) => step('Decide', 'decideQuarantine', { id, decision },
            decision === 'ACCEPT' ? tr('Übernommen. Die Quelle wird jetzt gelesen.', 'Accepted. The source is being read.') : tr('Abgelehnt. Es bleibt alles, wie es ist.', 'Rejected. All stays as it is.'),
            decision === 'ACCEPT' ? () => { reload(); read(false); } : reload)} />}
          <nav class="tabs" aria-label={tr('Ansicht', 'View')}><ul>{tabs.map(([t, name]) => <li key={t}><a href={to(`/quellen/${id}`, { ansicht: t === 'stand' ? null : t })} aria-current={t === tab ? 'page' : undefined}>{name}</a></li>)}</ul></nav>
        </>
      )}
      {tab === 'stand' && <State source={s} onReload={reload} />}
      {tab === 'laeufe' && mine && <Runs id={id} key={turn} />}
      {tab === 'bearbeiten' && mine && <SourceForm key={turn} viewer={viewer} source={s} onSaved={() => { announce(tr('Gespeichert.', 'Saved.')); go(to(`/quellen/${id}`)); reload(); }} />}
      <Confirm open={deleting} danger title={tr('Quelle löschen?', 'Delete the source?')} yes={tr('Quelle löschen', 'Delete the source')} onNo={() => setDeleting(false)}
        onYes={() => { setDeleting(false); work(async () => {
          const { deleteSource } = await ask<{ deleteSource: { id: string | null } }>('DeleteSource', { id, keep });
          if (deleteSource.id) { announce(tr('Gelöscht.', 'Deleted.')); go(to('/quellen')); }
        }); }}>
        <p>{keep ? tr('Ihre Angebote bleiben stehen und werden von da an von Hand gepflegt.', 'Its offerings stay, and are kept by hand from then on.') : tr(`Was nur aus dieser Quelle kommt (${s.records} Einträge), wird zurückgezogen.`, `What comes from this source alone (${s.records} items) is withdrawn.`)}</p>
        <Tick label={tr('Die Angebote behalten', 'Keep the offerings')} checked={keep} onChange={setKeep} />
      </Confirm>
    </View>
  );
}

/** A run that was asked for here: under way, or what came of it. */
function JobBox({ job, paused, fresh, onAdopt, onClose }: { job: Job; paused: boolean; fresh: boolean; onAdopt: () => void; onClose: () => void }) {
  if (job.problem) return <div class="message bad" role="alert"><p>{job.problem}</p><button type="button" class="button small" onClick={onClose}>{tr('Schließen', 'Close')}</button></div>;
  const run = job.run;
  if (!run) return <Progress began={job.began} text={job.dry ? tr('Der Probelauf läuft. Sie können inzwischen weiterarbeiten.', 'The trial is under way. You can go on meanwhile.') : tr('Die Quelle wird gelesen. Sie können inzwischen weiterarbeiten.', 'The source is being read. You can go on meanwhile.')} />;
  const stopped = run.outcome === 'QUARANTINED' || run.outcome === 'FAILED';
  return (
    <section class="boxed stack result" aria-labelledby="result">
      <div class="row between">
        <h2 id="result">{run.dryRun ? tr('Was der Probelauf ergibt', 'What the trial says') : tr('Was der Abruf ergab', 'What the run has done')}</h2>
        <button type="button" class="button small" onClick={onClose}>{tr('Schließen', 'Close')}</button>
      </div>
      {run.error && <p class={`message ${run.outcome === 'FAILED' ? 'bad' : 'warn'}`}>{run.error}</p>}
      {run.outcome === 'UNCHANGED' && <p>{tr('Die Quelle hat nichts Neues.', 'The source has nothing new.')}</p>}
      {run.outcome !== 'FAILED' && run.outcome !== 'UNCHANGED' && <Numbers run={run} />}
      {run.dryRun && !stopped && run.new + run.changed + run.gone === 0 && <p>{tr('Es würde sich nichts ändern.', 'Nothing would change.')}</p>}
      {(run.dryRun || stopped) && <Changes run={run} />}
      <Refusals run={run} />
      {run.dryRun && !stopped && (
        <div class="row">
          <button type="button" class="button primary" onClick={onAdopt}>{fresh || paused ? tr('So einlesen, ab jetzt von selbst', 'Read it so, by itself from now on') : tr('So einlesen', 'Read it so')}</button>
          <p class="hint">{tr('Bisher hat sich nichts geändert.', 'Nothing has changed so far.')}</p>
        </div>
      )}
    </section>
  );
}

/** What somebody is to decide about a run that was held back. */
function Quarantine({ run, busy, onDecide }: { run: Run; busy: boolean; onDecide: (d: 'ACCEPT' | 'REJECT') => void }) {
  const titles = run.changes.filter((c) => c.action === 'GONE');
  return (
    <section class="message warn quarantine" aria-labelledby="quarantine">
      <h2 id="quarantine">{tr('Bitte entscheiden Sie', 'Please decide')}</h2>
      <p>{run.error}</p>
      {run.gone > 0 ? <p>{tr(`${run.gone} Angebote würden aus der Öffentlichkeit verschwinden`, `${run.gone} offerings would leave the public`)}{titles.length > 0 ? ':' : '.'}</p> : <p>{tr('Was kam, ist keine lesbare Quelle. Sehen Sie bitte nach, ob die Adresse noch stimmt.', 'What came is no feed. Please see whether the address is still right.')}</p>}
      {titles.length > 0 && <Titles all={titles.map((t) => t.title)} total={run.gone} />}
      <dl class="decisions">
        {run.gone > 0 && <div><dt>{tr('Es stimmt so', 'It is right')}</dt><dd><p>{tr('Die Einträge sind wirklich weg. Sie werden zurückgezogen, und die Quelle wird sofort gelesen.', 'The items are really gone. They are withdrawn, and the source is read at once.')}</p>
          <button type="button" class="button" disabled={busy} onClick={() => onDecide('ACCEPT')}>{tr(`Ja, ${run.gone} zurückziehen`, `Yes, withdraw ${run.gone}`)}</button></dd></div>}
        <div><dt>{tr('Da ist etwas kaputt', 'Something is broken')}</dt><dd><p>{tr('Alles bleibt öffentlich, wie es ist. Sobald die Quelle wieder in Ordnung ist, geht es von selbst weiter.', 'All stays public as it is. As soon as the source is well again, it goes on by itself.')}</p>
          <button type="button" class="button primary" disabled={busy} onClick={() => onDecide('REJECT')}>{tr('Nein, alles behalten', 'No, keep all')}</button></dd></div>
      </dl>
    </section>
  );
}

function Titles({ all, total }: { all: string[]; total: number }) {
  const more = total - Math.min(10, all.length);
  return (
    <ul class="bullets">
      {all.slice(0, 10).map((t, i) => <li key={i}>{t}</li>)}
      {more > 0 && <li class="quiet">{tr(`und ${more} weitere`, `and ${more} more`)}</li>}
    </ul>
  );
}

function State({ source: s, onReload }: { source: Source; onReload: () => void }) {
  const rows: [string, ComponentChildren][] = [
    [tr('Adresse', 'Address'), s.url ? <a href={s.url} rel="noreferrer">{s.url}</a> : '–'], [tr('Angebote daraus', 'Offerings of it'), String(s.records)],
    [tr('Wird gelesen', 'Is read'), s.pausedAt ? tr(`pausiert seit ${when(s.pausedAt)}`, `paused since ${when(s.pausedAt)}`) : everyText(s.everyMinutes)],
    [tr('Nächster Abruf', 'Next run'), when(s.nextRunAt)], [tr('Zuletzt gelesen', 'Last read'), when(s.readAt)], [tr('Lizenz', 'Licence'), s.licence === 'NOASSERTION' ? tr('nicht angegeben', 'not given') : s.licence],
    ...(s.attribution ? ([[tr('Zu nennen ist', 'To be named'), s.attribution]] as [string, string][]) : []),
  ];
  return (
    <>
      <dl class="facts">{rows.map(([k, v]) => <div key={k}><dt>{k}</dt><dd>{v}</dd></div>)}</dl>
      {s.lastRun ? (
        <section class="stack" aria-labelledby="last">
          <h2 id="last">{tr('Letzter Lauf', 'Last run')}</h2>
          <p><RunLine run={s.lastRun} /></p>
          {s.lastRun.error && <p class="note">{s.lastRun.error}</p>}
          <Refusals run={s.lastRun} />
        </section>
      ) : <p class="quiet">{tr('Diese Quelle wurde noch nicht gelesen.', 'This source has not been read yet.')}</p>}
      <p><button type="button" class="button small" onClick={onReload}>{tr('Stand neu laden', 'Load the state again')}</button></p>
    </>
  );
}

function Runs({ id }: { id: string }) {
  const [after, setAfter] = useState<string | null>(null);
  const list = useAsk<{ node: { runs: Page<Run> | null } | null }>('SourceRuns', { id, first: 20, after });
  const page = list.data?.node?.runs;
  if (!page) return <Waiting of={list} />;
  return (
    <>
      <p class="quiet" role="status">{page.totalCount === 1 ? tr('Ein Lauf', 'One run') : tr(`${page.totalCount} Läufe`, `${page.totalCount} runs`)}</p>
      <ol class="history">
        {page.nodes.map((r) => (
          <li key={r.id}>
            <p><strong><RunLine run={r} /></strong></p>
            {r.error && <p class="note">{r.error}</p>}
            {r.decision && <p>{r.decision === 'ACCEPT' ? tr('Übernommen', 'Accepted') : tr('Abgelehnt', 'Rejected')}{r.decidedBy ? ` · ${r.decidedBy}` : ''} · <span class="quiet">{when(r.decidedAt)}</span></p>}
            {(r.refused > 0 || r.changes.length > 0) && <details class="more"><summary>{tr('Einzelheiten', 'Details')}<span class="sr"> {when(r.startedAt)}</span></summary><Changes run={r} /><Refusals run={r} /></details>}
          </li>
        ))}
      </ol>
      <p class="row">
        {after && <button type="button" class="button" onClick={() => setAfter(null)}>{tr('Zum Anfang', 'To the beginning')}</button>}
        {page.pageInfo.hasNextPage && <button type="button" class="button" onClick={() => setAfter(page.pageInfo.endCursor)}>{tr('Ältere', 'Older')}</button>}
      </p>
    </>
  );
}
