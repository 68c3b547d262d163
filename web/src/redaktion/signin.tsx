/** @jsxImportSource preact */
import { useEffect, useState } from 'preact/hooks';
import { post, ways, type Ways } from './api';
import { Problem, Text, useWork, View } from './ui';
import { tr } from './words';

export function SignIn({ onIn, ended }: { onIn: () => void; ended: boolean }) {
  const [open, setOpen] = useState<Ways>();
  const [email, setEmail] = useState('');
  const [sent, setSent] = useState('');
  const { busy, problem, work } = useWork();
  useEffect(() => { work(async () => setOpen(await ways())); }, []);
  const here = location.pathname + location.search;
  return (
    <View title={tr('Anmelden', 'Sign in')} lead={tr('Hier pflegen Gemeinden, Vereine und andere, was sie anbieten.', 'Here municipalities, clubs and others keep what they offer.')}>
      {ended && <p class="message warn" role="alert" id="ended">{tr('Ihre Anmeldung ist abgelaufen. Was Sie eingegeben haben, ist noch da.', 'Your session has ended. What you typed is still here.')}</p>}
      <Problem text={problem} />
      {!open && !problem && <p class="quiet" role="status">{tr('Wird geladen …', 'Loading …')}</p>}
      {open && !open.oidc && !open.mail && open.demo.length === 0 && <p class="message warn">{tr('Auf diesem Server ist noch keine Anmeldung eingerichtet. Die Einstellungen dazu stehen in docs/settings.md: --smtp oder --oidc-issuer, und --public-url.', 'No way to sign in is set up on this server. docs/settings.md says how: --smtp or --oidc-issuer, and --public-url.')}</p>}
      <div class="ways">
        {open?.demo.map((d) => (
          <section class="boxed" key={d.key}>
            <h2>{d.name}</h2>
            <p class="quiet">{tr('Demo: ', 'Demo: ')}{d.text}</p>
            <button type="button" class="button primary" data-demo={d.key} disabled={busy} onClick={() => work(async () => { await post('/auth/demo', { person: d.key, returnTo: here }); onIn(); })}>{tr(`Als ${d.name} ausprobieren`, `Try as ${d.name}`)}</button>
          </section>
        ))}
        {open?.oidc && (
          <section class="boxed">
            <h2>{open.oidc.name}</h2>
            <a class="button primary" href={`/auth/oidc?returnTo=${encodeURIComponent(here)}`}>{tr(`Mit ${open.oidc.name} anmelden`, `Sign in with ${open.oidc.name}`)}</a>
          </section>
        )}
        {open?.mail && (
          <section class="boxed">
            <h2>{tr('Mit einer E-Mail', 'By mail')}</h2>
            {sent
              ? <p class="message good" role="status">{tr(`Wir haben einen Link an ${sent} geschickt. Er gilt 30 Minuten.`, `We have sent a link to ${sent}. It is good for 30 minutes.`)}</p>
              : <form class="stack" onSubmit={(e) => { e.preventDefault(); work(async () => { await post('/auth/mail', { email, returnTo: here }); setSent(email); }); }}>
                  <Text label={tr('E-Mail-Adresse', 'Mail address')} type="email" value={email} onInput={setEmail} autocomplete="email" hint={tr('Sie bekommen einen Link, mit dem Sie sich ohne Passwort anmelden.', 'You get a link that signs you in without a password.')} />
                  <button class="button primary" disabled={busy || !email}>{tr('Link schicken', 'Send the link')}</button>
                </form>}
          </section>
        )}
      </div>
    </View>
  );
}
