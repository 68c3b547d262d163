/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useId, useRef, useState } from 'preact/hooks';
import { ask } from './api';
import { refusalText } from './faults';
import type { Operation } from './operations';
import { english, tr } from './words';

/** Puts a text before those who listen to the page. */
export const announce = (text: string): void => {
  const live = document.getElementById('live');
  if (live) live.textContent = live.textContent === text ? `${text}\u00a0` : text;
};

// ── Addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An address of the editor, in the page's language. */
export function to(path: string, parameters: Record<string, string | null | undefined> = {}): string {
  const p = new URLSearchParams();
  if (english()) p.set('lang', 'en');
  for (const [k, v] of Object.entries(parameters)) if (v) p.set(k, v);
  const query = p.toString();
  return `/redaktion${path}${query ? `?${query}` : ''}`;
}

export function go(address: string, replace = false): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', address);
  dispatchEvent(new PopStateEvent('popstate'));
}

/** Follows links within the editor without leaving the page. */
export function followLinks(): void {
  document.addEventListener('click', (e) => {
    if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    const a = (e.target as Element).closest?.('a[href]');
    if (!(a instanceof HTMLAnchorElement) || a.target || a.hasAttribute('download') || a.hasAttribute('hreflang')) return;
    const url = new URL(a.href);
    if (url.origin !== location.origin || !/^\/redaktion(\/|$)/.test(url.pathname) || (url.hash && url.pathname === location.pathname)) return;
    e.preventDefault();
    go(url.pathname + url.search);
  });
}

const signedIn = 'umland:signed-in';

/** Tells what is shown that the person has signed in again. */
export const tellSignedIn = (): void => void dispatchEvent(new Event(signedIn));

function useSignedIn(then: () => void): void {
  const now = useRef(then);
  now.current = then;
  useEffect(() => {
    const heard = () => now.current();
    addEventListener(signedIn, heard);
    return () => removeEventListener(signedIn, heard);
  }, []);
}

// ── What every view has ──────────────────────────────────────────────────────────────────────────────────────────────

export interface Loading<T> { data: T | undefined; error: string; /** How often there was an answer. */ turn: number; reload: () => void }

/** Asks the API, again whenever the variables are others. */
export function useAsk<T>(name: Operation, variables: Record<string, unknown> = {}, skip = false): Loading<T> {
  const [{ data, answers }, setAnswer] = useState<{ data: T | undefined; answers: number }>({ data: undefined, answers: 0 });
  const [error, setError] = useState('');
  const [turn, setTurn] = useState(0);
  const said = JSON.stringify(variables);
  useEffect(() => {
    if (skip) return;
    const step = new AbortController();
    setError('');
    ask<T>(name, JSON.parse(said), step.signal).then((d) => setAnswer((was) => ({ data: d, answers: was.answers + 1 })), (e) => { if (!step.signal.aborted) setError(refusalText(e)); });
    return () => step.abort();
  }, [name, said, turn, skip]);
  useSignedIn(() => { if (error) setTurn((n) => n + 1); });
  return { data, error, turn: answers, reload: useCallback(() => setTurn((n) => n + 1), []) };
}

export function View({ title, lead, actions, wide, children }: { title: string; lead?: ComponentChildren; actions?: ComponentChildren; wide?: boolean; children: ComponentChildren }) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – ${tr('Redaktion', 'Editor')} – Umland`;
  }, [title]);
  useEffect(() => {
    if (document.documentElement.classList.contains('moved')) head.current?.focus();
  }, []);
  return (
    <div class={`inner view${wide ? ' wide' : ''}`}>
      <div class="view-head">
        <h1 ref={head} tabIndex={-1}>{title}</h1>
        {actions && <div class="view-actions">{actions}</div>}
      </div>
      {lead && <p class="view-lead">{lead}</p>}
      {children}
    </div>
  );
}

export function Problem({ text }: { text: string }) {
  return text ? <p class="message bad" role="alert">{text}</p> : null;
}

export function Waiting({ of }: { of: Loading<unknown> }) {
  if (of.error) return <div class="message bad" role="alert"><p>{of.error}</p><button type="button" class="button" onClick={of.reload}>{tr('Noch einmal versuchen', 'Try again')}</button></div>;
  return of.data === undefined ? <p class="quiet" role="status">{tr('Wird geladen …', 'Loading …')}</p> : null;
}

interface FieldProps {
  label: string; hint?: ComponentChildren; fault?: string | undefined; required?: boolean; class?: string; path?: string;
  children: (props: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': 'true' | undefined; 'data-path': string | undefined }) => ComponentChildren;
}

/** A field with its label, its hint and what is wrong with it. */
export function Field({ label, hint, fault, required, class: cls, path, children }: FieldProps) {
  const id = useId();
  const described = [hint ? `${id}-hint` : '', fault ? `${id}-fault` : ''].filter(Boolean).join(' ') || undefined;
  return (
    <div class={`f ${cls ?? ''} ${fault ? 'faulty' : ''}`}>
      <label for={id}>{label}{required && <span class="needed"> {tr('(nötig)', '(needed)')}</span>}</label>
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {children({ id, 'aria-describedby': described, 'aria-invalid': fault ? 'true' : undefined, 'data-path': path })}
      {fault && <p class="fault" id={`${id}-fault`}>{fault}</p>}
    </div>
  );
}

interface TextProps { label: string; value: string; onInput: (v: string) => void; hint?: ComponentChildren; fault?: string | undefined; required?: boolean; type?: 'text' | 'search' | 'email' | 'tel' | 'url' | 'date' | 'time' | 'datetime-local' | 'number'; rows?: number; list?: string; class?: string; path?: string; autocomplete?: string; inputMode?: 'numeric' | 'decimal' }

export function Text({ label, value, onInput, hint, fault, required, type = 'text', rows, list, class: cls, path, autocomplete = 'off', inputMode }: TextProps) {
  return (
    <Field label={label} hint={hint} fault={fault} required={required ?? false} class={cls ?? ''} {...(path ? { path } : {})}>
      {(p) => rows
        ? <textarea {...p} rows={rows} value={value} onInput={(e) => onInput(e.currentTarget.value)} />
        : <input {...p} type={type} value={value} list={list} autocomplete={autocomplete} inputMode={inputMode} aria-required={required ? 'true' : undefined} onInput={(e) => onInput(e.currentTarget.value)} />}
    </Field>
  );
}

export function Choice({ label, value, onChange, options, hint, fault, required, class: cls, path }: { required?: boolean; label: string; value: string; onChange: (v: string) => void; options: [string, string][]; hint?: ComponentChildren; fault?: string | undefined; class?: string; path?: string }) {
  return (
    <Field label={label} hint={hint} fault={fault} required={required ?? false} class={cls ?? ''} {...(path ? { path } : {})}>
      {(p) => <select {...p} value={value} onChange={(e) => onChange(e.currentTarget.value)}>{options.map(([v, t]) => <option key={v} value={v}>{t}</option>)}</select>}
    </Field>
  );
}

/** One of a few, as buttons that look pressed. */
export function Radios({ legend, name, value, onChange, options, hint, fault, path }: { legend: string; name: string; value: string; onChange: (v: string) => void; options: [string, string][]; hint?: ComponentChildren; fault?: string | undefined; path?: string }) {
  const id = useId();
  return (
    <fieldset class={`f ${fault ? 'faulty' : ''}`} aria-describedby={[hint ? `${id}-hint` : '', fault ? `${id}-fault` : ''].filter(Boolean).join(' ') || undefined} data-path={path} tabIndex={path && fault ? -1 : undefined}>
      <legend>{legend}</legend>
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      <div class="pills">
        {options.map(([v, t]) => (
          <label key={v}><input type="radio" name={name} value={v} checked={value === v} onChange={() => onChange(v)} /><span>{t}</span></label>
        ))}
      </div>
      {fault && <p class="fault" id={`${id}-fault`}>{fault}</p>}
    </fieldset>
  );
}

/** Any of a few. */
export function Checks({ legend, value, onChange, options, hint, fault, path }: { legend: string; value: string[]; onChange: (v: string[]) => void; options: [string, string][]; hint?: ComponentChildren; fault?: string | undefined; path?: string }) {
  const id = useId();
  return (
    <fieldset class={`f ${fault ? 'faulty' : ''}`} aria-describedby={[hint ? `${id}-hint` : '', fault ? `${id}-fault` : ''].filter(Boolean).join(' ') || undefined} data-path={path} tabIndex={path && fault ? -1 : undefined}>
      <legend>{legend}</legend>
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      <div class="pills">
        {options.map(([v, t]) => (
          <label key={v}><input type="checkbox" value={v} checked={value.includes(v)} onChange={(e) => onChange(e.currentTarget.checked ? [...value, v] : value.filter((x) => x !== v))} /><span>{t}</span></label>
        ))}
      </div>
      {fault && <p class="fault" id={`${id}-fault`}>{fault}</p>}
    </fieldset>
  );
}

export function Tick({ label, checked, onChange }: { label: string; checked: boolean; onChange: (v: boolean) => void }) {
  return <label class="check"><input type="checkbox" checked={checked} onChange={(e) => onChange(e.currentTarget.checked)} /><span class="text">{label}</span></label>;
}

export function Status({ of }: { of: string }) {
  const names: Record<string, string> = { DRAFT: tr('Entwurf', 'Draft'), IN_REVIEW: tr('In Prüfung', 'In review'), PUBLISHED: tr('Öffentlich', 'Public'), WITHDRAWN: tr('Zurückgezogen', 'Withdrawn') };
  return <span class={`state state-${of.toLowerCase().replace('_', '-')}`}>{names[of] ?? of}</span>;
}

/** A question before something that cannot be undone. */
export function Confirm({ open, title, children, yes, danger, onYes, onNo }: { open: boolean; title: string; children?: ComponentChildren; yes: string; danger?: boolean; onYes: () => void; onNo: () => void }) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    if (open && !box.current?.open) box.current?.showModal();
    if (!open && box.current?.open) box.current.close();
  }, [open]);
  return (
    <dialog ref={box} aria-labelledby={id} onCancel={(e) => { e.preventDefault(); onNo(); }}>
      <h2 id={id}>{title}</h2>
      {open && children}
      <div class="row">
        <button type="button" class={danger ? 'button danger' : 'button primary'} onClick={onYes}>{yes}</button>
        <button type="button" class="button" onClick={onNo}>{tr('Abbrechen', 'Cancel')}</button>
      </div>
    </dialog>
  );
}

/** That something is under way, and for how long: what it is for readers, the seconds for the eye. */
export function Progress({ text, began }: { text: string; began: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.round((now - began) / 1000));
  return (
    <div class="message progress">
      <p role="status">{text}</p>
      <progress aria-label={text} />
      <p class="quiet" aria-hidden="true">{seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`}</p>
    </div>
  );
}

/** Runs something that takes a while; what it is refused with is said. */
export function useWork(): { busy: boolean; problem: string; work: (f: () => Promise<void>) => void; clear: () => void } {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const running = useRef(false);
  useSignedIn(() => setProblem(''));
  const work = (f: () => Promise<void>) => {
    if (running.current) return; // the second click of a double one comes before the button is off
    running.current = true;
    setBusy(true);
    setProblem('');
    f().catch((e) => setProblem(refusalText(e))).finally(() => { running.current = false; setBusy(false); });
  };
  return { busy, problem, work, clear: () => setProblem('') };
}

export const when = (iso: string | null | undefined): string =>
  iso ? new Intl.DateTimeFormat(english() ? 'en-GB' : 'de-DE', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Europe/Berlin' }).format(new Date(iso)) : '–';
