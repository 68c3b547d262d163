import { address, keepTogether } from './form';

const patience = 150; // milliseconds after the last key

/**
 * Makes a text field a combo box (ARIA Authoring Practices) whose list comes from the server as it is typed into. An option leads to
 * an address, or is a place for the field.
 */
export function suggestions(input: HTMLInputElement, announce: (text: string) => void, follow: (to: URL) => void): void {
  const list = document.createElement('ul');
  list.id = `${input.id}-options`;
  list.className = 'suggestions';
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', input.labels?.[0]?.textContent ?? '');
  list.hidden = true;
  const around = document.createElement('span');
  around.className = 'suggesting';
  input.replaceWith(around);
  around.append(input, list);
  for (const [name, value] of Object.entries({ role: 'combobox', 'aria-expanded': 'false', 'aria-controls': list.id, 'aria-autocomplete': 'list' })) {
    input.setAttribute(name, value);
  }

  let timer = 0;
  let asked: AbortController | undefined;
  let active = -1;

  const options = () => Array.from(list.querySelectorAll<HTMLElement>('[role=option]'));

  const close = () => {
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    list.replaceChildren();
    active = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };

  const mark = (next: number) => {
    const all = options();
    active = all.length ? (next + all.length) % all.length : -1;
    all.forEach((option, i) => option.setAttribute('aria-selected', String(i === active)));
    const chosen = all[active];
    if (chosen) {
      input.setAttribute('aria-activedescendant', chosen.id);
      chosen.scrollIntoView({ block: 'nearest' });
    }
  };

  const choose = (option: HTMLElement) => {
    const { url, place, ags } = option.dataset;
    close();
    if (url) {
      const to = new URL(url, location.href);
      // A topic takes the place of the words; all else that is looked for stays.
      if (to.pathname === location.pathname && input.form) {
        const kept = address(input.form).searchParams;
        kept.delete(input.name);
        for (const [name, value] of kept) {
          if (!to.searchParams.has(name, value)) to.searchParams.append(name, value);
        }
      }
      follow(to);
    } else if (place) {
      input.value = place;
      input.dataset.chosen = place;
      keepTogether('ags', ags ?? '');
      input.form?.requestSubmit();
    }
  };

  const ask = async () => {
    const text = input.value.trim();
    if (text.length < 2) {
      close();
      return;
    }
    asked?.abort();
    asked = new AbortController();
    const to = new URL(input.dataset.suggest ?? '', location.href);
    to.searchParams.set('q', text.slice(0, 100));
    if (input.dataset.suggestFor) to.searchParams.set('for', input.dataset.suggestFor);
    const here = new URL(location.href).searchParams;
    for (const name of ['lang', 'region']) {
      const value = here.get(name);
      if (value) to.searchParams.set(name, value);
    }
    try {
      const answer = await fetch(to, { signal: asked.signal, credentials: 'same-origin' });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const found = Array.from(page.querySelectorAll<HTMLElement>('[role=option]'));
      if (!found.length || document.activeElement !== input) {
        close();
        return;
      }
      found.forEach((option, i) => {
        option.id = `${list.id}-${i}`;
      });
      list.replaceChildren(...found.map((option) => document.adoptNode(option)));
      list.hidden = false;
      active = -1;
      input.setAttribute('aria-expanded', 'true');
      input.removeAttribute('aria-activedescendant');
      announce(document.documentElement.lang === 'en' ? `${found.length} suggestions` : `${found.length} Vorschläge`);
    } catch {
      // Without suggestions the field still works.
    }
  };

  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), patience);
  });
  input.addEventListener('keydown', (event) => {
    const shown = !list.hidden;
    if (event.key === 'ArrowDown' && shown) mark(active + 1);
    else if (event.key === 'ArrowUp' && shown) mark(active < 0 ? -1 : active - 1);
    else if (event.key === 'Escape' && shown) close();
    else if (event.key === 'Enter' && shown && options()[active]) choose(options()[active]!);
    else {
      if (event.key === 'Enter') close();
      return;
    }
    event.preventDefault();
  });
  input.addEventListener('blur', close);
  // Before the field loses the focus, which would close the list.
  list.addEventListener('pointerdown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => {
    const option = event.target instanceof Element ? event.target.closest<HTMLElement>('[role=option]') : null;
    if (option) choose(option);
  });
}
