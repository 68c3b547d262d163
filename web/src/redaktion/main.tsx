/** @jsxImportSource preact */
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask, guestToken, holder, onEnd, setGuestToken, setHolder, signOut, type Viewer } from './api';
import { Duplicates } from './duplicates';
import { refusalText } from './faults';
import { forgetJobs } from './harvesting';
import { Import } from './import';
import { NewOffering, OneOffering, Overview, Review, Reviews, Thanks } from './offerings';
import { areaOf } from './provider';
import { Account, Audit, Keys, People, PostingLinks } from './rights';
import { SignIn } from './signin';
import { NewSource, OneSource, Sources } from './sources';
import { followLinks, go, Problem, tellSignedIn, to, View } from './ui';
import { tr } from './words';

const here = () => ({ path: location.pathname.replace(/^\/redaktion\/?/, '').replace(/\/$/, ''), query: new URLSearchParams(location.search) });

function Editor() {
  const [place, setPlace] = useState(here);
  const [viewer, setViewer] = useState<Viewer | null>();
  const [problem, setProblem] = useState('');
  const [ended, setEnded] = useState(false);
  const load = () => {
    setProblem('');
    ask<{ viewer: Viewer | null }>('Viewer').then(({ viewer: v }) => {
      if (!v) return setViewer((was) => was ?? null);
      // What somebody else has typed here is not for whoever signs in next.
      if (!guestToken()) {
        if (![null, v.name].includes(holder())) sessionStorage.clear();
        setHolder(v.name);
      }
      setViewer(v);
      setEnded(false);
      tellSignedIn();
    }, (e) => { if (viewer === undefined) { setViewer(null); setProblem(refusalText(e)); } });
  };
  useEffect(() => {
    onEnd(() => {
      setEnded((was) => was || viewer !== undefined);
      setViewer((was) => was ?? null); // what was typed stays where it is, below
      document.documentElement.classList.add('moved'); // so that the focus goes to the sign-in
    });
  }, [viewer]);
  useEffect(() => {
    // The link that came by mail opens in a window of its own; this one then goes on.
    const back = () => { if (ended && document.visibilityState === 'visible') load(); };
    document.addEventListener('visibilitychange', back);
    addEventListener('focus', back);
    return () => { document.removeEventListener('visibilitychange', back); removeEventListener('focus', back); };
  }, [ended]);
  useEffect(() => {
    const moved = () => {
      document.documentElement.classList.add('moved');
      setPlace(here());
      scrollTo(0, 0);
    };
    addEventListener('popstate', moved);
    load();
    return () => removeEventListener('popstate', moved);
  }, []);
  useEffect(() => {
    // On a phone the links stand in a row that scrolls.
    const link = document.querySelector<HTMLElement>('.subnav a[aria-current]');
    const row = link?.closest('ul');
    if (link && row) row.scrollLeft += link.getBoundingClientRect().left - row.getBoundingClientRect().left - 24;
  }, [place, viewer]);
  const { path, query } = place;
  const [first = '', second = ''] = path.split('/');
  const guest = Boolean(guestToken());
  const out = () => { forgetJobs(); setViewer(null); setEnded(false); setProblem(''); go(to('')); };
  const nav: [string, string][] = !viewer || guest || ended ? [] : [
    ['', tr('Meine Angebote', 'My offerings')], ['neu', tr('Neu', 'New')], ...(viewer.scopes.includes('review') ? ([['pruefen', tr('Prüfen', 'Review')]] as [string, string][]) : []),
    ...(viewer.scopes.includes('source') ? ([['quellen', tr('Quellen', 'Sources')]] as [string, string][]) : []),
    ...(viewer.scopes.includes('publish') && areaOf(viewer) ? ([['doppelt', tr('Doppelte', 'Duplicates')]] as [string, string][]) : []),
    ['einlesen', tr('Einlesen', 'Import')], ['schluessel', tr('Schlüssel', 'Keys')], ['link', tr('Beitragslink', 'Posting link')],
    ...(viewer.scopes.includes('admin') ? ([['personen', tr('Personen', 'People')], ['protokoll', tr('Protokoll', 'Audit log')]] as [string, string][]) : []), ['konto', tr('Konto', 'Account')],
  ];
  const view = () => {
    if (viewer === undefined) return <View title={tr('Redaktion', 'Editor')}><p class="quiet" role="status">{tr('Wird geladen …', 'Loading …')}</p></View>;
    if (first === 'danke') return <Thanks />;
    if (!viewer) return problem ? <View title={tr('Redaktion', 'Editor')}><p class="message bad" role="alert">{problem}</p><p><button type="button" class="button" onClick={load}>{tr('Noch einmal versuchen', 'Try again')}</button></p></View> : <SignIn onIn={load} ended={ended} />;
    if (guest) return <NewOffering viewer={viewer} query={query} />;
    const missing = { pruefen: 'review', quellen: 'source', doppelt: 'publish', personen: 'admin', protokoll: 'admin' }[first];
    if (missing && (!viewer.scopes.includes(missing) || (first === 'doppelt' && !areaOf(viewer)))) return <View title={tr('Das dürfen Sie nicht', 'You may not do this')}><p>{tr('Diese Seite ist für Menschen mit einer anderen Rolle. Welche Rollen Sie haben, steht unter „Konto“; andere gibt Ihnen Ihre Gemeinde.', 'This page is for people with another role. “Account” says which roles you have; your municipality gives you others.')}</p><p><a href={to('')}>{tr('Zu meinen Angeboten', 'To my offerings')}</a></p></View>;
    if (viewer.grants.length === 0 && first !== 'konto') return <View title={tr('Willkommen', 'Welcome')}><p>{tr('Sie sind angemeldet, haben aber noch keine Rolle. Bitte wenden Sie sich an Ihre Gemeinde, damit sie Ihnen eine gibt.', 'You are signed in, but have no role yet. Please ask your municipality for one.')}</p><p><a href={to('/konto')}>{tr('Mein Konto', 'My account')}</a></p></View>;
    switch (first) {
      case '': return <Overview key={location.search} viewer={viewer} query={query} />;
      case 'neu': return <NewOffering key={location.search} viewer={viewer} query={query} />;
      case 'angebot': return <OneOffering key={second} viewer={viewer} id={second} query={query} />;
      case 'pruefen': return second ? <Review key={second} id={second} /> : <Reviews query={query} />;
      case 'quellen': return second === 'neu' ? <NewSource viewer={viewer} /> : second ? <OneSource key={second} viewer={viewer} id={second} query={query} /> : <Sources query={query} />;
      case 'doppelt': return <Duplicates key={location.search} viewer={viewer} query={query} />;
      case 'einlesen': return <Import viewer={viewer} />;
      case 'schluessel': return <Keys viewer={viewer} />;
      case 'link': return <PostingLinks viewer={viewer} />;
      case 'personen': return <People query={query} />;
      case 'protokoll': return <Audit query={query} />;
      case 'konto': return <Account viewer={viewer} onOut={out} />;
      default: return <View title={tr('Nicht gefunden', 'Not found')}><p><a href={to('')}>{tr('Zu meinen Angeboten', 'To my offerings')}</a></p></View>;
    }
  };
  return (
    <>
      {nav.length > 0 && (
        <div class="subnav">
          <div class="inner">
            <nav aria-label={tr('Redaktion', 'Editor')}><ul>{nav.map(([p, name]) => <li key={p}><a href={to(p ? `/${p}` : '')} aria-current={p === first || (p === '' && first === 'angebot') ? 'page' : undefined}>{name}</a></li>)}</ul></nav>
            <p class="who">{viewer!.name} <button type="button" class="link" onClick={() => { setProblem(''); signOut().then(out, (e) => setProblem(refusalText(e))); }}>{tr('Abmelden', 'Sign out')}</button></p>
          </div>
          {problem && <div class="inner"><Problem text={problem} /></div>}
        </div>
      )}
      {ended && viewer && <SignIn onIn={load} ended />}
      <div key={viewer?.name} hidden={ended && Boolean(viewer)}>{view()}</div>
    </>
  );
}

// A posting link brings its token behind the #, which no server sees; from there it leaves the address.
if (/^\/redaktion\/beitrag\/?$/.test(location.pathname) && location.hash.startsWith('#uml_')) {
  setGuestToken(location.hash.slice(1));
  history.replaceState(null, '', to('/neu'));
}

const dark = document.querySelector<HTMLButtonElement>('[data-theme-switch]');
if (dark) {
  const html = document.documentElement;
  const isDark = () => (html.dataset.theme ? html.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches);
  dark.hidden = false;
  dark.setAttribute('aria-pressed', String(isDark()));
  dark.addEventListener('click', () => {
    html.dataset.theme = isDark() ? 'light' : 'dark';
    dark.setAttribute('aria-pressed', String(isDark()));
    try { localStorage.setItem('umland:theme', html.dataset.theme); } catch { /* it holds for this page */ }
  });
}

followLinks();
render(<Editor />, document.getElementById('editor')!);
