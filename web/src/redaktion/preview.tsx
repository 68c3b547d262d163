/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { imageSource } from './api';
import { cents, type Draft } from './draft';
import { blocks, type Inline } from './prose';
import { languageName } from './texts';
import { dateText, local, momentText } from './time';
import { answerName, audienceName, channelName, kindName, locale, meansName, tr } from './words';

/** What the server makes of dates and opening hours. */
export interface Said { schedule: string; hours: string; dates: string[] }

const inline = (list: Inline[]): ComponentChildren => list.map((x, i) => {
  if (typeof x === 'string') return x;
  if (x.tag === 'a') return <a key={i} href={x.href} target="_blank" rel="noopener nofollow">{inline(x.of)}</a>;
  return x.tag === 'strong' ? <strong key={i}>{inline(x.of)}</strong> : <em key={i}>{inline(x.of)}</em>;
});

function Prose({ text }: { text: string }) {
  return (
    <div class="prose">
      {blocks(text).map((b, i) => {
        if ('items' in b) return b.tag === 'ul' ? <ul key={i}>{b.items.map((x, j) => <li key={j}>{inline(x)}</li>)}</ul> : <ol key={i}>{b.items.map((x, j) => <li key={j}>{inline(x)}</li>)}</ol>;
        if (b.tag === 'blockquote') return <blockquote key={i}>{inline(b.of)}</blockquote>;
        return b.tag === 'p' ? <p key={i}>{inline(b.of)}</p> : <p key={i}><strong>{inline(b.of)}</strong></p>;
      })}
    </div>
  );
}

const money = (n: number) => new Intl.NumberFormat(locale() === 'en' ? 'en-GB' : 'de-DE', { style: 'currency', currency: 'EUR', minimumFractionDigits: n % 100 === 0 ? 0 : 2 }).format(n / 100);

/** The price as the public reads it; empty where it is not known. */
export function priceText(p: Draft['price']): string {
  if (p.mode === 'free') return tr('kostenlos', 'free');
  if (p.mode === 'unknown') return '';
  const [from, to] = [cents(p.from), cents(p.to)].map((n) => (n === null || Number.isNaN(n) ? null : n));
  if (from !== null && to !== null && to !== from) return `${money(from!)} – ${money(to!)}`;
  if (from !== null) return (p.open && to === null ? tr('ab ', 'from ') : '') + money(from!);
  return to !== null ? tr('bis ', 'up to ') + money(to!) : tr('kostenpflichtig', 'not free');
}

/** The facts beside the text, in the order of the public page. */
function facts(d: Draft, said: Said | undefined): [string, ComponentChildren, ComponentChildren?][] {
  const x = d.details;
  const list = (v: unknown) => (Array.isArray(v) ? v : String(v ?? '').split(/[,\n]/)).map((s: string) => s.trim()).filter(Boolean).join(', ');
  const r = x.registration ?? {};
  const price = priceText(d.price);
  const out: [string, ComponentChildren, ComponentChildren?][] = [
    [tr('Termine', 'Dates'), said?.schedule, (said?.dates.length ?? 0) > 1 ? <ul>{said!.dates.slice(0, 4).map((at) => <li key={at}>{d.plan.allDay ? dateText(local(at, d.plan.zone), locale()) : momentText(local(at, d.plan.zone), locale())}</li>)}</ul> : undefined],
    [tr('Öffnungszeiten', 'Opening hours'), said?.hours],
    [tr('Ort', 'Place'), d.place.name || d.place.street || d.provider?.municipality.name, [d.place.name ? d.place.street : '', [d.place.postalCode, d.place.locality].filter(Boolean).join(' ')].filter(Boolean).join(', ')],
    [tr('Internet', 'Internet'), d.online && tr('auch online möglich', 'can be had online')],
    [tr('Gilt für', 'Serves'), d.serviceArea.slice(0, 6).map((t) => t.name).join(', ') + (d.serviceArea.length > 6 ? tr(` und ${d.serviceArea.length - 6} weitere`, ` and ${d.serviceArea.length - 6} more`) : '')],
    [tr('Kosten', 'Price'), price || d.price.note || tr('nicht bekannt', 'not known'), price ? d.price.note : ''],
    [tr('Rollstuhl', 'Wheelchair'), ({ YES: tr('mit dem Rollstuhl nutzbar', 'wheelchair accessible'), PARTLY: tr('mit dem Rollstuhl teilweise nutzbar', 'partly wheelchair accessible'), NO: tr('nicht mit dem Rollstuhl nutzbar', 'not wheelchair accessible') })[d.wheelchair] ?? answerName('UNKNOWN')],
    [tr('Für', 'For'), d.audiences.map(audienceName).join(', ')],
    [tr('Sprachen', 'Languages'), d.languages.split(/[,;\s]+/).filter(Boolean).map(languageName).join(', ')],
    [tr('So geht es', 'How to get it'), (x.channels ?? []).map(channelName).join(', ')],
    [tr('Das brauchen Sie', 'What you need'), x.requirements], [tr('Online-Dienst', 'Online service'), x.onlineService],
    [tr('Ausstattung', 'Features'), list(x.features)], [tr('Mieten', 'Rent'), x.rentable && tr('kann gemietet werden', 'can be rented')],
    [tr('Anmeldung', 'Registration'), r.required ? tr('erforderlich', 'required') + (r.until ? tr(', bis ', ', until ') + dateText(r.until, locale()) : '') : '', [r.url, r.note].filter(Boolean).join(' · ')],
    [tr('Schnuppern', 'Trial'), x.trial && tr('einmal ausprobieren ist möglich', 'you may come once to try')], [tr('Plätze', 'Room for'), x.capacity],
    [tr('Unterwegs', 'By'), d.kind === 'TOUR' && meansName(x.means ?? 'HIKING')],
    [tr('Strecke', 'Route'), [x.lengthKm && `${String(x.lengthKm).replace('.', tr(',', '.'))} km`, x.minutes && `${x.minutes} min`, x.ascentM && `${x.ascentM} ${tr('m bergauf', 'm uphill')}`, x.loop && tr('Rundweg', 'loop')].filter(Boolean).join(' · ')],
    [tr('Aufgabe', 'Task'), x.task], [tr('Zeit', 'Time'), x.hoursPerMonth && tr(`etwa ${x.hoursPerMonth} Stunden im Monat`, `about ${x.hoursPerMonth} hours a month`)], [tr('Das hilft', 'What helps'), list(x.skills)],
    [tr('Kontakt', 'Contact'), [d.contact.name, d.contact.phone, d.contact.email].filter(Boolean).join('\n')],
  ];
  return out.filter(([, value]) => value);
}

/** The offering as the public will see it. */
export function Preview({ draft, said, topics }: { draft: Draft; said: Said | undefined; topics: string[] }) {
  return (
    <article class={`card preview-card kind-${draft.kind.toLowerCase()}`}>
      <div class="body">
        <p class="over"><span class="kind">{kindName(draft.kind)}</span>{topics.map((t) => ` · ${t}`)}</p>
        <h3>{draft.title || <span class="quiet">{tr('Titel', 'Title')}</span>}</h3>
        {draft.provider && <p class="quiet">{tr('von', 'by')} {draft.provider.name}</p>}
        {draft.summary && <p class="lead">{draft.summary}</p>}
        <Prose text={draft.description} />
        {draft.links.some((l) => l.url) && <ul class="bullets">{draft.links.filter((l) => l.url).map((l, i) => <li key={i}>{l.title || l.url}</li>)}</ul>}
        {draft.images.map((im) => { const src = imageSource(im); return src ? <img key={im.url} src={src} alt={im.alt ?? ''} /> : null; })}
        <dl class="facts">{facts(draft, said).map(([name, value, note]) => <div key={name}><dt>{name}</dt><dd>{value}{note && <span class="note">{note}</span>}</dd></div>)}</dl>
      </div>
    </article>
  );
}
