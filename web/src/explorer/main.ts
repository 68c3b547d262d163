import { address, keepTogether } from './form';
import { suggestions } from './suggest';
import type { MapView } from './map';

/** Puts a text before those who listen to the page. */
const announce = (text: string) => {
  const live = document.getElementById('live');
  if (live) live.textContent = text;
};

const english = () => document.documentElement.lang === 'en';
const wide = matchMedia('(min-width: 78rem)');

// ── One page after another, without leaving ──────────────────────────────────────────────────────────────────────────

let running: AbortController | undefined;

const here = () => location.pathname + location.search;

/** The address of what is shown. */
let shown = here();

/** Whether the address is a page that this one can become: its list or its calendar with other parameters. */
const stays = (to: URL) =>
  to.origin === location.origin && to.pathname === location.pathname && (to.pathname === '/' || to.pathname === '/kalender');

interface Step {
  push?: boolean;
  /** Begin to read at the top of the list. */
  top?: boolean;
}

/** Says above the list what did not work; "" takes that away. */
function complain(text: string): void {
  const form = document.querySelector('#search');
  form?.querySelector('.notice[role=alert]')?.remove();
  if (!text) return;
  const notice = document.createElement('p');
  notice.className = 'notice';
  notice.setAttribute('role', 'alert');
  notice.textContent = text;
  form?.querySelector('.inner')?.append(notice);
}

/**
 * Fetches the page at the address and puts its content in the place of this one's. Where there is no connection, what is shown stays;
 * all else that goes wrong is left to the browser.
 */
async function go(to: URL, { push = true, top = false }: Step = {}): Promise<void> {
  running?.abort();
  const step = (running = new AbortController());
  if (push) keepView(to);
  const main = document.getElementById('main');
  if (!main) return;
  main.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(to, { signal: step.signal, credentials: 'same-origin' });
    // A document that is parsed so runs no scripts.
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById('main');
    if (!fresh || page.documentElement.lang !== document.documentElement.lang) throw new Error('another page');
    if (push) history.pushState(null, '', answer.url);
    shown = here();
    swap(main, fresh, page);
    if (top) {
      const head = document.getElementById('count');
      head?.focus({ preventScroll: true });
      document.getElementById('results')?.scrollIntoView();
    }
    announce(document.getElementById('count')?.textContent?.trim() ?? page.title);
  } catch (error) {
    if (step.signal.aborted) return;
    if (push && error instanceof TypeError) {
      main.removeAttribute('aria-busy');
      complain(english() ? 'There is no connection just now. Please try again in a moment.' : 'Gerade gibt es keine Verbindung. Bitte versuchen Sie es gleich noch einmal.');
    } else {
      location.assign(to);
    }
  }
}

function swap(main: HTMLElement, fresh: HTMLElement, page: Document): void {
  const active = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  const open = main.querySelector<HTMLDetailsElement>('.filters details')?.open;
  const frame = main.querySelector('#map .map-frame');
  fresh.removeAttribute('aria-busy');
  if (frame && view) fresh.querySelector('#map .map-frame')?.replaceWith(document.adoptNode(frame));
  const details = fresh.querySelector<HTMLDetailsElement>('.filters details');
  if (details && open) details.open = true;
  main.replaceWith(document.adoptNode(fresh));
  document.title = page.title;
  for (const selector of ['header.site a.tool', 'footer.site']) {
    const [old, now] = [document.querySelector(selector), page.querySelector(selector)];
    if (old && now) old.replaceWith(document.adoptNode(now));
  }
  setUp();
  if (active?.id) document.getElementById(active.id)?.focus({ preventScroll: true });
}

// ── The map ──────────────────────────────────────────────────────────────────────────────────────────────────────────

let view: MapView | undefined;
let loading = false;

const section = () => document.getElementById('map');

/** Whether the map is to be seen: as the address says, else where there is room beside the list. */
const mapWanted = () => {
  const chosen = section()?.dataset.view;
  return chosen === 'map' || (chosen !== 'list' && wide.matches);
};

async function showMap(): Promise<void> {
  const place = section();
  const frame = place?.querySelector<HTMLElement>('.map-frame');
  if (!place || !frame) return;
  frame.hidden = false;
  if (view) {
    view.update(place);
    return;
  }
  if (loading) return;
  loading = true;
  const note = frame.querySelector('.map-note');
  const tell = (text: string) => {
    const span = document.createElement('span');
    span.textContent = text;
    note?.replaceChildren(span);
  };
  tell(english() ? 'Loading the map …' : 'Die Karte wird geladen …');
  try {
    const { openMap } = await import('./map');
    note?.replaceChildren();
    view = openMap(place, (url) => void go(url));
  } catch {
    frame.classList.add('failed');
    tell(english() ? 'The map cannot be shown here. All that is on it is in the list, too.' : 'Die Karte lässt sich hier nicht zeigen. Alles, was auf ihr steht, steht auch in der Liste.');
  }
  loading = false;
}

function arrangeMap(): void {
  const columns = document.querySelector('.columns');
  const frame = section()?.querySelector<HTMLElement>('.map-frame');
  if (!columns || !frame) return;
  const shown = mapWanted();
  columns.classList.toggle('with-map', shown);
  // Where there is no room beside the list the map stands above it, next to the switch that shows it.
  const list = wide.matches ? null : document.querySelector('#results :is(.cards, .empty)');
  if (shown && list) list.before(section()!);
  else columns.append(section()!);
  document.querySelector('[data-map-switch]')?.setAttribute('aria-pressed', String(shown));
  frame.hidden = !shown;
  if (shown) whenIdle(() => void showMap());
}

const whenIdle = (work: () => void) => ('requestIdleCallback' in window ? requestIdleCallback(work, { timeout: 1500 }) : setTimeout(work, 200));

function chooseMap(visible: boolean): void {
  const place = section();
  if (!place) return;
  const chosen = visible === wide.matches ? '' : visible ? 'map' : 'list';
  place.dataset.view = visible ? 'map' : 'list';
  const to = new URL(location.href);
  if (chosen) to.searchParams.set('view', chosen);
  else to.searchParams.delete('view');
  history.replaceState(null, '', to);
  shown = here();
  keepTogether('view', chosen);
  const language = document.querySelector<HTMLAnchorElement>('header.site a.tool');
  if (language) {
    const other = new URL(language.href);
    keepView(other);
    language.href = other.href;
  }
  arrangeMap();
}

/** Takes over whether the map shows: links were made before it was chosen. */
function keepView(to: URL): void {
  const view = new URL(location.href).searchParams.get('view');
  if (view && to.pathname === location.pathname) to.searchParams.set('view', view);
  else to.searchParams.delete('view');
}

// ── What every content needs ─────────────────────────────────────────────────────────────────────────────────────────

function setUp(): void {
  const main = document.getElementById('main');
  if (!main) return;
  for (const button of main.querySelectorAll<HTMLButtonElement>('[data-print], [data-map-switch], [data-locate], [data-share]')) {
    button.hidden = (button.matches('[data-locate]') && !('geolocation' in navigator)) || (button.matches('[data-share]') && !('share' in navigator || 'clipboard' in navigator));
  }
  for (const input of main.querySelectorAll<HTMLInputElement>('input[data-suggest]')) suggestions(input, announce, follow);
  if (main.querySelector('.columns')) {
    arrangeMap();
  } else if (section()) {
    // Beside a single thing the map is loaded once it is looked at.
    new IntersectionObserver((entries, observer) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      whenIdle(() => void showMap());
    }).observe(section()!.querySelector('.map-frame')!.parentElement!);
    section()!.querySelector<HTMLElement>('.map-frame')!.hidden = false;
  }
}

/** Follows an address: within this page where it can be, else as a link would. */
function follow(to: URL): void {
  if (stays(to)) void go(to);
  else location.assign(to);
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.id !== 'search') return;
  event.preventDefault();
  void go(address(form));
});

document.addEventListener('change', (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement || input instanceof HTMLSelectElement)) return;
  const form = input.form;
  if (form?.id !== 'search' || (input instanceof HTMLInputElement && ['text', 'search'].includes(input.type))) return;
  if (input.name === 'when') form.querySelector<HTMLInputElement>('#day')!.value = '';
  if (input.name === 'day' && location.pathname === '/') form.querySelector<HTMLInputElement>('#when-any')!.checked = true;
  void go(address(form));
});

document.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target.closest('a, button') : null;
  if (target instanceof HTMLAnchorElement) {
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    const to = new URL(target.href);
    if (!plain || !target.closest('main') || to.hash || !stays(to)) return;
    event.preventDefault();
    void go(to, { top: target.rel === 'next' || target.rel === 'prev' });
  } else if (target?.matches('[data-print]')) {
    print();
  } else if (target?.matches('[data-share]')) {
    void share(target);
  } else if (target?.matches('[data-map-switch]')) {
    chooseMap(!mapWanted());
  } else if (target instanceof HTMLButtonElement && target.matches('[data-locate]')) {
    locate(target);
  } else if (target?.matches('[data-theme-switch]')) {
    setTheme(!dark());
  }
});

window.addEventListener('popstate', () => {
  if (here() !== shown) {
    void go(new URL(location.href), { push: false });
  } else { // a place within the page, or back before another came
    running?.abort();
    document.getElementById('main')?.removeAttribute('aria-busy');
  }
});
wide.addEventListener('change', arrangeMap);

// What the pointer is on in the list is lit on the map.
document.addEventListener('pointerover', (event) => {
  const card = event.target instanceof Element ? event.target.closest<HTMLElement>('.card') : null;
  view?.light(card?.dataset.id);
});

/** Asks for the position and searches around it, no finer than a hundred metres: no one needs to know more. */
function locate(button: HTMLButtonElement): void {
  const form = button.form;
  if (!form) return;
  announce(english() ? 'Looking for your position …' : 'Ihr Standort wird gesucht …');
  button.setAttribute('aria-busy', 'true');
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      button.removeAttribute('aria-busy');
      keepTogether('near', `${coords.longitude.toFixed(3)},${coords.latitude.toFixed(3)}`);
      form.querySelector<HTMLInputElement>('#place')!.value = '';
      void go(address(form));
    },
    () => {
      button.removeAttribute('aria-busy');
      complain(english() ? 'Your position could not be found out. Please name a municipality.' : 'Ihr Standort ließ sich nicht feststellen. Bitte nennen Sie eine Gemeinde.');
    },
    { maximumAge: 600_000, timeout: 10_000 },
  );
}

/** Hands the address of the page to what the system shares with, or to the clipboard. */
async function share(button: Element): Promise<void> {
  try {
    if ('share' in navigator) {
      await navigator.share({ title: document.title, url: location.href });
      return;
    }
    await (navigator as Navigator).clipboard.writeText(location.href);
    const done = english() ? 'Link copied' : 'Link kopiert';
    button.querySelector('span')!.textContent = done;
    announce(done);
  } catch {
    // Whoever asked thought better of it, or the browser does not allow it.
  }
}

// ── Light and dark ───────────────────────────────────────────────────────────────────────────────────────────────────

const system = matchMedia('(prefers-color-scheme: dark)');
const dark = () => (document.documentElement.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';

function showTheme(): void {
  const button = document.querySelector<HTMLButtonElement>('[data-theme-switch]');
  if (button) {
    button.hidden = false;
    button.setAttribute('aria-pressed', String(dark()));
  }
  view?.paint();
}

function setTheme(toDark: boolean): void {
  document.documentElement.dataset.theme = toDark ? 'dark' : 'light';
  try {
    // Kept on the reader's wish only, and not where the system says the same.
    if (toDark === system.matches) localStorage.removeItem('umland:theme');
    else localStorage.setItem('umland:theme', toDark ? 'dark' : 'light');
  } catch {
    // Without storage the choice ends with the page.
  }
  showTheme();
}

system.addEventListener('change', showTheme);
showTheme();
setUp();
