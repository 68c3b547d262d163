// <script src="https://UMLAND/embed.js" data-region="partheland" data-kind="EVENT" data-view="list"></script>
// puts a list or calendar where it stands. Its data attributes are the parameters of the explorer's address. It sets no cookies, and styles
// of the page around do not reach it, but for the variables that begin with --umland-.
(() => {
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  if (!script) return;
  const known = ['q', 'kind', 'category', 'audience', 'when', 'day', 'place', 'ags', 'near', 'box', 'km', 'free', 'wheelchair', 'online', 'region', 'municipality',
    'provider', 'order', 'view', 'lang'];
  const lists = ['kind', 'category', 'audience']; // the others may have commas of their own
  const address = new URL('/embed', script.src);
  for (const name of known) {
    const given = script.dataset[name] ?? '';
    for (const value of lists.includes(name) ? given.split(',') : [given]) {
      if (value.trim()) address.searchParams.append(name, value.trim());
    }
  }
  const host = document.createElement('div');
  host.className = 'umland';
  script.after(host);
  const root = host.attachShadow({ mode: 'open' });
  const english = script.dataset.lang === 'en';

  /** @param {URL} from */
  const show = async (from) => {
    host.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(from, { credentials: 'omit', referrerPolicy: 'no-referrer' });
      // In the place of a list that cannot be made the server says why.
      // A parsed document runs no scripts, and only the server's own escaped text is in it.
      const list = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('.umland-embed');
      if (!(list instanceof HTMLElement)) throw new Error('no list');
      const style = document.createElement('link');
      style.rel = 'stylesheet';
      style.href = new URL(list.dataset.stylesheet ?? '', from).href;
      root.replaceChildren(style, document.adoptNode(list));
    } catch {
      const text = document.createElement('p');
      const link = document.createElement('a');
      link.href = new URL('/', from).href;
      link.textContent = english ? 'The list cannot be shown just now. See Umland.' : 'Die Liste lässt sich gerade nicht zeigen. Zu Umland.';
      text.append(link);
      root.replaceChildren(text);
    }
    host.removeAttribute('aria-busy');
  };

  root.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[rel=next]') : null;
    if (!(link instanceof HTMLAnchorElement)) return;
    const to = new URL(link.href);
    if (to.origin !== address.origin) return;
    event.preventDefault();
    void show(to).then(() => root.querySelector('a')?.focus());
  });
  void show(address);
})();
