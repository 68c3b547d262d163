/** @jsxImportSource preact */
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import type { Place } from './api';
import type { Draft } from './draft';
import type { Picker } from './map';
import { Text, useAsk } from './ui';
import { tr } from './words';

/** Where it is: a known place by its name, or a new one with address and pin. */
export function PlaceEditor({ draft, onChange, fault }: { draft: Draft; onChange: (p: Draft['place']) => void; fault: (path: string) => string | undefined }) {
  const list = useId();
  const p = draft.place;
  const town = draft.provider?.municipality;
  const found = useAsk<{ offerings: { nodes: { place: Place | null }[] } }>('Places', { ags: town ? [town.ags] : [] }, !town);
  const known = useMemo(() => {
    const by = new Map<string, Place>();
    for (const n of found.data?.offerings.nodes ?? []) if (n.place && !by.has(n.place.name)) by.set(n.place.name, n.place);
    return by;
  }, [found.data]);
  const edit = (change: Partial<Draft['place']>) => onChange({ ...p, id: '', ...change });
  const name = (v: string) => {
    const k = known.get(v);
    if (!k) return edit({ name: v });
    onChange({
      id: k.id, name: k.name, street: k.address.street ?? '', postalCode: k.address.postalCode ?? '', locality: k.address.locality ?? '',
      longitude: k.longitude?.toString() ?? '', latitude: k.latitude?.toString() ?? '',
    });
  };
  return (
    <div class="stack">
      <datalist id={list}>{[...known.keys()].toSorted((a, b) => a.localeCompare(b, 'de')).map((n) => <option key={n} value={n} />)}</datalist>
      <Text label={tr('Name des Ortes', 'Name of the place')} value={p.name} onInput={name} list={list} fault={fault('place.name') ?? fault('place')} path="place.name"
        hint={tr('Zum Beispiel: Dorfgemeinschaftshaus. Kennt Umland den Ort schon, füllt sich der Rest von selbst.', 'Such as: village hall. If Umland knows the place, the rest fills itself.')} />
      <div class="grid">
        <Text label={tr('Straße und Hausnummer', 'Street and number')} value={p.street} onInput={(street) => edit({ street })} fault={fault('place.street')} path="place.street" />
        <Text label={tr('Postleitzahl', 'Postal code')} class="narrow" value={p.postalCode} onInput={(postalCode) => edit({ postalCode })} fault={fault('place.postalCode')} path="place.postalCode" inputMode="numeric" />
        <Text label={tr('Ort', 'Locality')} value={p.locality} onInput={(locality) => edit({ locality })} fault={fault('place.locality')} path="place.locality" />
      </div>
      <Pin draft={draft} onChange={edit} fault={fault} />
      {(p.name || p.street || p.locality) && <p><button type="button" class="button small" onClick={() => onChange({ id: '', name: '', street: '', postalCode: '', locality: '', longitude: '', latitude: '' })}>{tr('Ort leeren', 'Empty the place')}</button></p>}
    </div>
  );
}

function Pin({ draft, onChange, fault }: { draft: Draft; onChange: (c: Partial<Draft['place']>) => void; fault: (path: string) => string | undefined }) {
  const [open, setOpen] = useState(false);
  const [problem, setProblem] = useState('');
  const frame = useRef<HTMLDivElement>(null);
  const picker = useRef<Picker | undefined>(undefined);
  const picked = useRef(onChange);
  picked.current = onChange;
  const p = draft.place;
  const town = draft.provider?.municipality;
  const pin = (longitude: number, latitude: number) => picked.current({ longitude: longitude.toFixed(5), latitude: latitude.toFixed(5) });
  useEffect(() => {
    if (!open || !frame.current) return;
    let gone = false;
    const has = Boolean(p.longitude && p.latitude);
    const at: [number, number] = has ? [Number(p.longitude), Number(p.latitude)] : town ? [town.longitude, town.latitude] : [12.6, 52.1];
    import('./map').then(({ openPicker }) => { if (!gone) picker.current = openPicker(frame.current!, at, has, pin); })
      .catch(() => setProblem(tr('Die Karte lässt sich hier nicht anzeigen. Sie können die Stelle unten als Zahlen eintragen.', 'The map cannot be shown here. You can give the position as numbers below.')));
    return () => { gone = true; picker.current?.remove(); picker.current = undefined; };
  }, [open]);
  useEffect(() => {
    const [x, y] = [Number(p.longitude), Number(p.latitude)];
    if (p.longitude && p.latitude && Math.abs(x) <= 180 && Math.abs(y) <= 90) picker.current?.show(x, y);
  }, [p.longitude, p.latitude]);
  return (
    <details class="more" open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{p.longitude ? tr('Stelle auf der Karte: gesetzt', 'Position on the map: set') : tr('Stelle auf der Karte setzen', 'Set the position on the map')}</summary>
      {open && (
        <div class="stack">
          <p class="hint">{tr('Klicken Sie auf die Karte, oder verschieben Sie sie mit den Pfeiltasten und setzen die Markierung in die Mitte.', 'Click the map, or move it with the arrow keys and put the pin in its middle.')}</p>
          {problem ? <p class="message">{problem}</p> : <div class="pin-map" ref={frame} />}
          {!problem && <p><button type="button" class="button small" onClick={() => { const c = picker.current?.centre(); if (c) { pin(...c); picker.current?.show(...c); } }}>{tr('Markierung in die Kartenmitte setzen', 'Put the pin in the middle of the map')}</button></p>}
          <div class="grid">
            <Text label={tr('Länge (Ost)', 'Longitude')} class="narrow" value={p.longitude} onInput={(longitude) => onChange({ longitude })} fault={fault('place.longitude')} path="place.longitude" inputMode="decimal" />
            <Text label={tr('Breite (Nord)', 'Latitude')} class="narrow" value={p.latitude} onInput={(latitude) => onChange({ latitude })} fault={fault('place.latitude')} path="place.latitude" inputMode="decimal" />
          </div>
        </div>
      )}
    </details>
  );
}
