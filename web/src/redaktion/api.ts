import { operations, type Operation } from './operations';
import type { Kind } from './words';
import type { ScheduleInput } from './schedule';

export interface UserError { path: string[]; code: string; message: string }
export interface FieldChange { name: string; before: unknown; after: unknown }
export interface Municipality { ags: string; name: string; longitude: number; latitude: number }
export interface Provider { id: string; name: string; municipality: Municipality }
export interface Grant { role: string; provider: Provider | null; municipality: Municipality | null; region: { key: string; name: string } | null }
export interface Viewer { name: string; scopes: string[]; grants: Grant[] }
export interface Editorial {
  mayEdit: boolean; mayPublish: boolean; mayReview: boolean; reviewNote: string | null; reviewBy: string | null; publishAt: string | null;
  expiresAt: string | null; withdrawnReason: string | null; mergedInto?: string | null; merged?: { id: string; title: string; provider: { name: string }; source: { name: string } | null }[];
}
export interface Card {
  id: string; kind: Kind; title: string; status: string; version: number; updatedAt: string; provider: { id: string; name: string }; municipality: { ags: string; name: string };
  schedule: { text: string } | null; openingHours: { text: string } | null; editorial: Editorial | null;
}
export interface Place { id: string; name: string; address: { street: string | null; postalCode: string | null; locality: string | null }; longitude: number | null; latitude: number | null }
export interface Image { url: string; alt: string | null; credit: string | null; licence: string | null; variants?: { url: string; width: number }[] }
export interface Offering extends Omit<Card, 'provider' | 'municipality' | 'schedule' | 'openingHours'> {
  summary: string | null; description: string | null; publishedAt: string | null; online: boolean; audiences: string[]; wheelchair: string; languages: string[];
  provider: Provider; municipality: Municipality; place: Place | null; categories: { slug: string; label: string }[];
  price: { free: boolean | null; fromCents: number | null; toCents: number | null; note: string | null };
  contact: { name: string | null; email: string | null; phone: string | null } | null; links: { url: string; title: string | null }[]; images: Image[];
  openingHours: { osm: string; text: string } | null; schedule: (ScheduleInput & { text: string }) | null; details: Record<string, any>;
  serviceArea: { ags: string; name: string }[]; translations: { locale: string; title: string; summary: string | null; description: string | null; machine: boolean }[];
  provenance: { source: { name: string; url: string | null } | null; externalId: string | null; licence: string; records: { source: { id: string; name: string }; externalId: string; url: string | null }[]; fields: { name: string; origin: string; current: unknown; proposed: unknown }[] };
}
export interface Saved {
  offering: { id: string; status: string; version: number; title: string } | null;
  userErrors: UserError[];
  conflict: { current: { id: string; version: number }; since: FieldChange[]; mine: FieldChange[] } | null;
}
export interface Page<T> { totalCount: number; nodes: T[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }

/** What a request was refused with, beside faults of an input. */
export class Refusal extends Error {
  constructor(readonly code: string, message: string) { super(message); }
}

const tokenKey = 'umland:posting-link';

/** The token of the posting link by which somebody without an account came. */
export const guestToken = (): string | null => { try { return sessionStorage.getItem(tokenKey); } catch { return null; } };
export const setGuestToken = (token: string | null): void => {
  if (token) sessionStorage.setItem(tokenKey, token);
  else sessionStorage.removeItem(tokenKey);
};

const holderKey = 'umland:holder';

/** The name of the person whose input the session storage holds. */
export const holder = (): string | null => { try { return sessionStorage.getItem(holderKey); } catch { return null; } };
export const setHolder = (name: string): void => { try { sessionStorage.setItem(holderKey, name); } catch { /* nothing is kept then */ } };

let ended = () => {};
/** Says what is done when the session has ended. */
export const onEnd = (then: () => void): void => { ended = then; };

/** Ends the session here, too. A cookie that is good for nothing any more would have every request refused. */
async function end(status: number): Promise<void> {
  if (guestToken()) setGuestToken(null);
  else if (status === 401) await post('/auth/sign-out', {}).catch(() => undefined);
  ended();
}

const attemptKey = 'umland:attempt';
/** What makes something new: done twice it would be there twice. */
const makes = new Set<Operation>(['Save', 'Import', 'SaveProvider']);

/** The Idempotency-Key of a request: the same one when it is sent again since no answer came, also after the page was loaded anew. */
function attempt(body: string): string {
  try {
    const last = JSON.parse(sessionStorage.getItem(attemptKey) ?? '{}') as { body?: string; key?: string };
    if (last.body === body && last.key) return last.key;
  } catch { /* there is none */ }
  const key = [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
  try { sessionStorage.setItem(attemptKey, JSON.stringify({ body, key })); } catch { /* no room: it holds for this request */ }
  return key;
}

/** Sends an operation. What was refused as a whole is a Refusal. */
export async function ask<T>(name: Operation, variables: Record<string, unknown> = {}, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json' };
  const token = guestToken();
  if (token) headers.Authorization = `Bearer ${token}`;
  const request = JSON.stringify({ operationName: name, query: operations[name], variables });
  if (makes.has(name)) headers['Idempotency-Key'] = attempt(request);
  let answer: Response;
  try {
    answer = await fetch('/graphql', { method: 'POST', credentials: 'same-origin', headers, signal: signal ?? null, body: request });
  } catch (e) {
    if (signal?.aborted) throw e;
    throw new Refusal('OFFLINE', 'offline');
  }
  if (makes.has(name) && answer.status < 500) sessionStorage.removeItem(attemptKey);
  const body = (await answer.json().catch(() => ({}))) as { data?: T; errors?: { message: string; extensions?: { code?: string } }[] };
  const first = body.errors?.[0];
  if (first || !body.data) {
    const code = first?.extensions?.code ?? 'INTERNAL_SERVER_ERROR';
    if (code === 'UNAUTHENTICATED') await end(answer.status);
    throw new Refusal(code, first?.message ?? answer.statusText);
  }
  return body.data;
}

export interface Ways { oidc: { name: string } | null; mail: boolean; demo: { key: string; name: string; text?: string }[] }

/** The ways to sign in; none where signing in is not set up. */
export async function ways(): Promise<Ways> {
  const answer = await fetch('/auth/ways', { headers: { Accept: 'application/json' } });
  return answer.ok ? ((await answer.json()) as Ways) : { oidc: null, mail: false, demo: [] };
}

export async function post(path: string, body: unknown): Promise<void> {
  const answer = await fetch(path, { method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json', Accept: 'application/json' }, body: JSON.stringify(body) }).catch(() => { throw new Refusal('OFFLINE', 'offline'); });
  if (!answer.ok) {
    const no = (await answer.json().catch(() => ({}))) as { code?: string; message?: string };
    throw new Refusal(no.code ?? 'INTERNAL', no.message ?? answer.statusText);
  }
}

/** Where an image that lies here is shown from: its path, by whatever name this server is reached; undefined for one that lies elsewhere. */
export const imageSource = (im: Image): string | undefined => (im.variants?.length ? new URL(im.variants[0]!.url).pathname : undefined);

/** Signs out, and leaves nothing of what was typed to whoever sits here next. */
export async function signOut(): Promise<void> {
  await post('/auth/sign-out', {});
  sessionStorage.clear();
}

/** Uploads an image and gives its address. */
export async function upload(file: File): Promise<Image> {
  const form = new FormData();
  form.set('file', file);
  const token = guestToken();
  const answer = await fetch('/media', { method: 'POST', credentials: 'same-origin', body: form, headers: token ? { Authorization: `Bearer ${token}` } : {} }).catch(() => { throw new Refusal('OFFLINE', 'offline'); });
  const body = (await answer.json().catch(() => ({}))) as Image & { errors?: { message: string; code: string }[] };
  if (!answer.ok || body.errors) {
    const code = body.errors?.[0]?.code ?? (answer.status === 413 ? 'LIMIT_EXCEEDED' : 'INTERNAL');
    if (code === 'UNAUTHENTICATED') await end(answer.status);
    throw new Refusal(code, body.errors?.[0]?.message ?? answer.statusText);
  }
  return body;
}
