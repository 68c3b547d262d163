import { useEffect, useState } from 'preact/hooks';
import { ask, Refusal, type FieldChange, type Municipality, type Page, type Provider, type UserError } from './api';
import { faultText, refusalText } from './faults';
import { announce } from './ui';
import { outcomeName, tr } from './words';

export interface Change { action: string; title: string; externalId: string; offering: string | null; status: string | null; fields: FieldChange[] }
export interface Counts { new: number; changed: number; same: number; gone: number; refused: number }
export interface Run extends Counts {
  id: string; startedAt: string; finishedAt: string; outcome: string; dryRun: boolean; httpStatus: number | null; error: string | null; decision: string | null; decidedAt: string | null; decidedBy: string | null;
  refusals: { item: string; message: string }[]; changes: Change[];
}
export interface Source {
  id: string; name: string; format: string; url: string | null; health: string; records: number; everyMinutes: number; nextRunAt: string | null; readAt: string | null; pausedAt: string | null;
  licence: string; attribution: string | null; municipality: Municipality | null; provider: Provider | null; lastRun: Run | null; options?: { name: string; value: string }[] | null;
}

/** A run that was asked for here, under way or done. */
export interface Job { dry: boolean; began: number; run?: Run; problem?: string }

const jobs = new Map<string, Job>();
const listeners = new Set<() => void>();
const longest = 20 * 60_000; // what the server gives a run

function put(id: string, job: Job | null): void {
  if (job) jobs.set(id, job);
  else jobs.delete(id);
  for (const l of listeners) l();
}

/** Forgets all jobs: whoever comes next is somebody else. */
export function forgetJobs(): void {
  jobs.clear();
}

/** The job of a source, if there is one; it goes on while other pages are looked at. */
export function useJob(id: string): { job: Job | undefined; drop: () => void } {
  const [, turn] = useState(0);
  useEffect(() => {
    const listen = () => turn((n) => n + 1);
    listeners.add(listen);
    return () => void listeners.delete(listen);
  }, []);
  return { job: jobs.get(id), drop: () => put(id, null) };
}

export const countsText = (c: Counts): string =>
  [
    tr(`${c.new} neu`, `${c.new} new`), tr(`${c.changed} geändert`, `${c.changed} changed`), tr(`${c.same} gleich`, `${c.same} the same`), tr(`${c.gone} weg`, `${c.gone} gone`),
    ...(c.refused > 0 ? [tr(`${c.refused} nicht lesbar`, `${c.refused} not readable`)] : []),
  ].join(', ');

const newest = async (id: string): Promise<Run | undefined> =>
  (await ask<{ node: { runs: Page<Run> | null } | null }>('SourceRuns', { id, first: 1, after: null })).node?.runs?.nodes[0];

/** Waits for a run that is newer than the one that is known, as when another one is under way or the answer got lost. */
async function follow(id: string, known: string | undefined, began: number): Promise<Run> {
  for (;;) {
    await new Promise((r) => setTimeout(r, 3000));
    const run = await newest(id).catch((e) => {
      if (e instanceof Refusal && (e.code === 'OFFLINE' || e.code === 'SERVICE_UNAVAILABLE' || e.code === 'BUSY')) return undefined;
      throw e;
    });
    if (run && run.id !== known) return run;
    if (Date.now() - began > longest) throw new Refusal('SERVICE_UNAVAILABLE', 'no end');
  }
}

/** Reads a source, or tries to, in the background. What it comes to is with useJob; then tells that it has ended. */
export async function harvest(id: string, dry: boolean): Promise<Run | undefined> {
  const under = jobs.get(id);
  if (under && !under.run && !under.problem) return undefined;
  const job: Job = { dry, began: Date.now() };
  put(id, job);
  announce(dry ? tr('Der Probelauf hat begonnen.', 'The trial has begun.') : tr('Die Quelle wird gelesen.', 'The source is being read.'));
  try {
    const known = (await newest(id))?.id;
    let run: Run | null = null;
    try {
      const { harvestSource: h } = await ask<{ harvestSource: { run: Run | null; userErrors: UserError[] } }>('HarvestSource', { id, dryRun: dry });
      const fault = h.userErrors[0];
      if (fault && fault.code !== 'CONFLICT') throw new Error(faultText(fault));
      run = h.run;
    } catch (e) {
      if (!(e instanceof Refusal && (e.code === 'SERVICE_UNAVAILABLE' || e.code === 'OFFLINE'))) throw e;
    }
    run ??= await follow(id, known, job.began);
    put(id, { ...job, dry: run.dryRun, run });
    announce(`${outcomeName(run.outcome)}: ${countsText(run)}`);
    return run;
  } catch (e) {
    put(id, { ...job, problem: e instanceof Refusal ? refusalText(e) : e instanceof Error ? e.message : refusalText(e) });
    return undefined;
  }
}
