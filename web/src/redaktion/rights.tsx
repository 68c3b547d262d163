/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { ask, signOut, type Grant, type Page, type Provider, type UserError, type Viewer } from './api';
import { faultText } from './faults';
import { areaOf, ProviderPicker } from './provider';
import { announce, Checks, Choice, Confirm, Problem, Text, to, useAsk, useWork, View, Waiting, when } from './ui';
import { roleName, scopeName, tr } from './words';

interface Named { provider: { name: string } | null; municipality: { name: string } | null; region: { name: string } | null }
interface Key extends Named { id: string; name: string; role: string; scopes: string[]; createdAt: string; createdBy: string; expiresAt: string | null; revokedAt: string | null; lastUsedAt: string | null }
interface Membership extends Named { id: string; role: string; createdBy: string }
interface Person { id: string; name: string; email: string | null; lastSeenAt: string | null; memberships: Membership[] }

const over = (g: Named): string => g.provider?.name ?? g.municipality?.name ?? g.region?.name ?? tr('alles', 'everything');

/** A secret that is shown this once. */
function Secret({ label, value, hint }: { label: string; value: string; hint: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div class="message good">
      <label for="secret"><strong>{label}</strong></label>
      <p class="hint">{hint}</p>
      <div class="row">
        <input id="secret" readOnly value={value} onFocus={(e) => e.currentTarget.select()} />
        <button type="button" class="button" onClick={() => { void navigator.clipboard?.writeText(value).then(() => { setCopied(true); announce(tr('Kopiert.', 'Copied.')); }); }}>{copied ? tr('Kopiert', 'Copied') : tr('Kopieren', 'Copy')}</button>
      </div>
    </div>
  );
}

/** Keys for programs. */
export function Keys({ viewer }: { viewer: Viewer }) {
  const list = useAsk<{ keys: Key[] }>('Keys');
  const { busy, problem, work } = useWork();
  const [faults, setFaults] = useState<UserError[]>([]);
  const [secret, setSecret] = useState('');
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>(['READ', 'WRITE']);
  const [grant, setGrant] = useState(0);
  const [expires, setExpires] = useState('');
  const [ending, setEnding] = useState<Key>();
  const run = (f: () => Promise<{ token?: string | null; userErrors: UserError[] }>) => work(async () => {
    const answer = await f();
    setFaults(answer.userErrors);
    if (answer.userErrors.length === 0) {
      setSecret(answer.token ?? '');
      setName('');
      list.reload();
    }
  });
  const g = viewer.grants[grant];
  const held = ['READ', 'WRITE', 'PUBLISH', 'REVIEW', 'SOURCE', 'ADMIN'].filter((s) => viewer.scopes.includes(s.toLowerCase()));
  return (
    <View title={tr('Schlüssel für Programme', 'Keys for programs')} lead={tr('Mit einem Schlüssel speichert ein Programm, etwa Ihre Website, in Ihrem Namen. Er darf nie mehr als Sie selbst.', 'With a key a program, such as your website, saves in your name. It may never do more than you.')}>
      <Problem text={problem} />
      {secret && <Secret label={tr('Der neue Schlüssel', 'The new key')} value={secret} hint={tr('Er wird nur dieses eine Mal gezeigt. Bewahren Sie ihn sicher auf.', 'It is shown this once. Keep it safe.')} />}
      <Waiting of={list} />
      {list.data && list.data.keys.length === 0 && <p class="quiet">{tr('Noch kein Schlüssel.', 'No key yet.')}</p>}
      <ul class="rows">
        {list.data?.keys.map((k) => (
          <li key={k.id}>
            <div>
              <h2>{k.name}</h2>
              <p class="quiet">{over(k)} · {k.scopes.map(scopeName).join(', ')}</p>
              <p class="quiet">{tr('zuletzt benutzt:', 'last used:')} {when(k.lastUsedAt)}{k.expiresAt ? ` · ${tr('gilt bis', 'good until')} ${when(k.expiresAt)}` : ''}</p>
            </div>
            <div class="row end">
              {k.revokedAt ? <span class="state">{tr('beendet', 'ended')}</span> : (
                <>
                  <button type="button" class="button small" disabled={busy} onClick={() => run(async () => (await ask<{ rotateKey: { token: string; userErrors: UserError[] } }>('RotateKey', { id: k.id })).rotateKey)}>{tr('Erneuern', 'Renew')}<span class="sr"> {k.name}</span></button>
                  <button type="button" class="button small" disabled={busy} onClick={() => setEnding(k)}>{tr('Beenden', 'End')}<span class="sr"> {k.name}</span></button>
                </>
              )}
            </div>
          </li>
        ))}
      </ul>
      <section class="boxed stack" aria-labelledby="new-key">
        <h2 id="new-key">{tr('Neuer Schlüssel', 'New key')}</h2>
        <Text label={tr('Wofür ist er?', 'What is it for?')} required value={name} onInput={setName} hint={tr('Zum Beispiel: Website des Vereins', 'Such as: website of the club')} fault={faults.find((f) => f.path.includes('name')) ? faultText(faults.find((f) => f.path.includes('name'))!) : undefined} />
        {viewer.grants.length > 1 && <Choice label={tr('Für wen handelt er?', 'For whom does it act?')} value={String(grant)} onChange={(v) => setGrant(Number(v))} options={viewer.grants.map((x, i) => [String(i), over(x)])} />}
        <Checks legend={tr('Was darf er?', 'What may it do?')} value={scopes} onChange={setScopes} options={held.map((s) => [s, scopeName(s)])} fault={faults.find((f) => f.path.includes('scopes')) ? tr('Bitte wählen Sie mindestens eines.', 'Please choose one at least.') : undefined} />
        <Text label={tr('Gilt bis (leer: ohne Ende)', 'Good until (empty: for good)')} type="date" class="narrow" value={expires} onInput={setExpires} />
        {faults.filter((f) => !f.path.includes('name') && !f.path.includes('scopes')).map((f, i) => <p class="fault" key={i}>{faultText(f)}</p>)}
        <p><button type="button" class="button primary" disabled={busy} onClick={() => run(async () => (await ask<{ createKey: { token: string; userErrors: UserError[] } }>('CreateKey', {
          input: { name, scopes, provider: g?.provider?.id ?? null, municipality: g?.municipality?.ags ?? null, region: g?.region?.key ?? null, expiresAt: expires ? new Date(`${expires}T23:59:59`).toISOString() : null },
        })).createKey)}>{tr('Schlüssel machen', 'Make the key')}</button></p>
      </section>
      <Confirm open={Boolean(ending)} danger title={tr(`„${ending?.name}“ beenden?`, `End “${ending?.name}”?`)} yes={tr('Beenden', 'End')} onNo={() => setEnding(undefined)}
        onYes={() => { const k = ending!; setEnding(undefined); run(async () => (await ask<{ revokeKey: { userErrors: UserError[] } }>('RevokeKey', { id: k.id })).revokeKey); }}>
        <p>{tr('Programme, die ihn benutzen, kommen sofort nicht mehr herein.', 'Programs that use it are kept out at once.')}</p>
      </Confirm>
    </View>
  );
}

/** Links by which somebody without an account posts once. */
export function PostingLinks({ viewer }: { viewer: Viewer }) {
  const own = viewer.grants.filter((g) => g.provider).map((g) => g.provider!);
  const area = areaOf(viewer);
  const [way, setWay] = useState(own.length > 0 || !area ? 'known' : 'new');
  const [provider, setProvider] = useState<Provider | null>(own[0] ?? null);
  const [name, setName] = useState('');
  const [faults, setFaults] = useState<UserError[]>([]);
  const [link, setLink] = useState<{ url: string; until: string; name: string }>();
  const { busy, problem, work } = useWork();
  const make = () => work(async () => {
    const { createPostingLink: made } = await ask<{ createPostingLink: { token: string | null; expiresAt: string; provider: { name: string }; userErrors: UserError[] } }>('PostingLink', {
      input: way === 'known' ? { provider: provider?.id ?? null } : { municipality: area?.municipality, providerName: name },
    });
    setFaults(made.userErrors);
    if (made.token) setLink({ url: `${location.origin}/redaktion/beitrag#${made.token}`, until: made.expiresAt, name: made.provider.name });
  });
  return (
    <View title={tr('Link für einen Beitrag', 'Link for a post')} lead={tr('Wer diesen Link bekommt, kann ohne Konto ein Angebot einreichen. Er gilt 14 Tage und einmal.', 'Whoever gets this link can submit one offering without an account. It is good for 14 days and once.')}>
      <Problem text={problem} />
      {link && <Secret label={tr(`Link für ${link.name}`, `Link for ${link.name}`)} value={link.url} hint={tr(`Gilt bis ${when(link.until)}. Er wird nur dieses eine Mal gezeigt.`, `Good until ${when(link.until)}. It is shown this once.`)} />}
      <div class="boxed stack">
        {area?.municipality && <Choice label={tr('Für wen?', 'For whom?')} value={way} onChange={setWay} options={[['known', tr('einen Anbieter, den es schon gibt', 'a provider that is there')], ['new', tr('einen neuen Anbieter', 'a new provider')]]} />}
        {way === 'known' ? <ProviderPicker viewer={viewer} value={provider} onChange={setProvider} fault={faults[0] ? faultText(faults[0]) : undefined} /> : <Text label={tr('Name des Anbieters', 'Name of the provider')} required value={name} onInput={setName} fault={faults[0] ? faultText(faults[0]) : undefined} />}
        <p><button type="button" class="button primary" disabled={busy || (way === 'known' ? !provider : !name.trim())} onClick={make}>{tr('Link machen', 'Make the link')}</button></p>
      </div>
    </View>
  );
}

/** People and their roles. */
export function People({ query }: { query: URLSearchParams }) {
  const [search, setSearch] = useState('');
  const list = useAsk<{ people: Page<Person> }>('People', { search: search || null, after: query.get('after') });
  const { busy, problem, work } = useWork();
  const [faults, setFaults] = useState<UserError[]>([]);
  const [email, setEmail] = useState('');
  const [role, setRole] = useState('MEMBER');
  const [provider, setProvider] = useState<Provider | null>(null);
  const [ags, setAgs] = useState('');
  const [forget, setForget] = useState<Person>();
  const needsProvider = role === 'MEMBER' || role === 'TRUSTED';
  const needsTown = role === 'EDITOR' || role === 'REVIEWER';
  const operator: Viewer = { name: '', scopes: [], grants: [{ role: 'OPERATOR', provider: null, municipality: null, region: null } satisfies Grant] };
  const grant = () => work(async () => {
    const { grantRole } = await ask<{ grantRole: { userErrors: UserError[] } }>('GrantRole', { input: { email, role, provider: needsProvider ? (provider?.id ?? null) : null, municipality: needsTown && /^\d{8}$/.test(ags) ? ags : null, region: needsTown && !/^\d{8}$/.test(ags) ? ags || null : null } });
    setFaults(grantRole.userErrors);
    if (grantRole.userErrors.length === 0) { setEmail(''); announce(tr('Rolle vergeben.', 'Role granted.')); list.reload(); }
  });
  const fault = (...names: string[]) => { const f = faults.find((x) => names.includes(x.path.at(-1) ?? '')); return f ? faultText(f) : undefined; };
  return (
    <View title={tr('Personen und Rollen', 'People and roles')}>
      <Problem text={problem} />
      <Text label={tr('Name oder E-Mail', 'Name or mail')} type="search" value={search} onInput={setSearch} />
      <Waiting of={list} />
      <ul class="rows">
        {list.data?.people.nodes.map((p) => (
          <li key={p.id}>
            <div>
              <h2>{p.name || p.email || p.id}</h2>
              <p class="quiet">{p.email} · {tr('zuletzt da:', 'last seen:')} {when(p.lastSeenAt)}</p>
              <ul>{p.memberships.map((m) => <li key={m.id} class="row">{roleName(m.role)}: {over(m)} <button type="button" class="button small" disabled={busy || m.createdBy === 'configuration'} onClick={() => work(async () => { await ask('RevokeRole', { id: m.id }); announce(tr('Rolle entzogen.', 'Role taken.')); list.reload(); })}>{tr('Entziehen', 'Take')}<span class="sr"> {roleName(m.role)} {over(m)}</span></button></li>)}</ul>
            </div>
            <div class="end"><button type="button" class="button small" disabled={busy} onClick={() => setForget(p)}>{tr('Vergessen', 'Forget')}<span class="sr"> {p.name || p.email}</span></button></div>
          </li>
        ))}
      </ul>
      {list.data?.people.pageInfo.hasNextPage && <a class="button" href={to('/personen', { after: list.data.people.pageInfo.endCursor })}>{tr('Weitere', 'More')}</a>}
      <section class="boxed stack" aria-labelledby="new-role">
        <h2 id="new-role">{tr('Rolle vergeben', 'Grant a role')}</h2>
        <Text label={tr('E-Mail', 'Mail')} type="email" required value={email} onInput={setEmail} fault={fault('email', 'person')} hint={tr('Wer sich noch nie angemeldet hat, bekommt die Rolle mit der ersten Anmeldung.', 'Who has never signed in gets the role with the first time.')} />
        <Choice label={tr('Rolle', 'Role')} value={role} onChange={setRole} options={['MEMBER', 'TRUSTED', 'EDITOR', 'REVIEWER', 'OPERATOR'].map((r) => [r, roleName(r)])} fault={fault('role')} />
        {needsProvider && <ProviderPicker viewer={operator} value={provider} onChange={setProvider} fault={fault('provider')} />}
        {needsTown && <Text label={tr('Gemeindeschlüssel (8 Ziffern) oder Schlüssel der Region', 'Municipality key (8 digits) or key of the region')} class="narrow" value={ags} onInput={setAgs} fault={fault('municipality', 'region')} />}
        <p><button type="button" class="button primary" disabled={busy || !email} onClick={grant}>{tr('Rolle vergeben', 'Grant the role')}</button></p>
      </section>
      <Confirm open={Boolean(forget)} danger title={tr(`${forget?.name || forget?.email} vergessen?`, `Forget ${forget?.name || forget?.email}?`)} yes={tr('Vergessen', 'Forget')} onNo={() => setForget(undefined)}
        onYes={() => { const p = forget!; setForget(undefined); work(async () => { await ask('DeletePerson', { id: p.id }); list.reload(); }); }}>
        <p>{tr('Anmeldungen und Rollen werden gelöscht. Die Angebote bleiben.', 'Sessions and roles are deleted. Offerings stay.')}</p>
      </Confirm>
    </View>
  );
}

interface Entry { at: string; by: string; action: string; subject: string; detail: unknown }

export function Audit({ query }: { query: URLSearchParams }) {
  const list = useAsk<{ audit: Page<Entry> }>('Audit', { after: query.get('after') });
  return (
    <View title={tr('Protokoll', 'Audit log')}>
      <Waiting of={list} />
      {list.data && (
        <div class="table-frame" role="region" aria-label={tr('Protokoll', 'Audit log')} tabIndex={0}>
          <table>
            <thead><tr><th scope="col">{tr('Wann', 'When')}</th><th scope="col">{tr('Wer', 'Who')}</th><th scope="col">{tr('Was', 'What')}</th><th scope="col">{tr('Woran', 'To what')}</th></tr></thead>
            <tbody>{list.data.audit.nodes.map((e, i) => <tr key={i}><td>{when(e.at)}</td><td>{e.by}</td><td>{e.action}</td><td class="quiet">{e.subject}</td></tr>)}</tbody>
          </table>
        </div>
      )}
      {list.data?.audit.pageInfo.hasNextPage && <a class="button" href={to('/protokoll', { after: list.data.audit.pageInfo.endCursor })}>{tr('Weitere', 'More')}</a>}
    </View>
  );
}

/** What is kept about the person, and the end of it. */
export function Account({ viewer, onOut }: { viewer: Viewer; onOut: () => void }) {
  const { busy, problem, work } = useWork();
  const [asking, setAsking] = useState(false);
  const fetchData = () => work(async () => {
    const { exportPersonalData } = await ask<{ exportPersonalData: unknown }>('Export');
    const a = document.createElement('a');
    a.href = URL.createObjectURL(new Blob([JSON.stringify(exportPersonalData, null, 2)], { type: 'application/json' }));
    a.download = 'umland-meine-daten.json';
    a.click();
    URL.revokeObjectURL(a.href);
  });
  return (
    <View title={tr('Mein Konto', 'My account')} lead={viewer.name}>
      <Problem text={problem} />
      <h2>{tr('Meine Rollen', 'My roles')}</h2>
      {viewer.grants.length === 0 ? <p>{tr('Sie haben noch keine Rolle.', 'You have no role yet.')}</p> : <ul class="bullets">{viewer.grants.map((g, i) => <li key={i}>{roleName(g.role)}: {over(g)}</li>)}</ul>}
      <h2>{tr('Meine Daten', 'My data')}</h2>
      <div class="row">
        <button type="button" class="button" disabled={busy} onClick={fetchData}>{tr('Alles herunterladen, was über mich gespeichert ist', 'Download everything that is kept about me')}</button>
        <button type="button" class="button" disabled={busy} onClick={() => setAsking(true)}>{tr('Mein Konto löschen', 'Delete my account')}</button>
        <button type="button" class="button" disabled={busy} onClick={() => work(async () => { await signOut(); onOut(); })}>{tr('Abmelden', 'Sign out')}</button>
      </div>
      <Confirm open={asking} danger title={tr('Konto löschen?', 'Delete your account?')} yes={tr('Löschen', 'Delete')} onNo={() => setAsking(false)}
        onYes={() => { setAsking(false); work(async () => { await ask('DeletePerson', { id: null }); await signOut(); onOut(); }); }}>
        <p>{tr('Ihre Anmeldungen und Rollen werden gelöscht. Was Sie veröffentlicht haben, bleibt.', 'Your sessions and roles are deleted. What you have published stays.')}</p>
      </Confirm>
    </View>
  );
}
