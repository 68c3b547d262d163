/** @jsxImportSource preact */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Municipality } from './api';
import { lengthKm, maxPoints, readGPX, type Point } from './gpx';
import type { Drawer } from './map';
import { announce, Problem, useWork } from './ui';
import { locale, tr } from './words';

const largest = 20_000_000; // bytes of a file

const number = (n: number) => new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 }).format(n);

/** The way of a tour: out of a file, or drawn. */
export function LineEditor({ line, near, onChange, fault }: { line: Point[]; near: Municipality | undefined; onChange: (line: Point[]) => void; fault: string | undefined }) {
  const [open, setOpen] = useState(false);
  const [broken, setBroken] = useState('');
  const { problem, work } = useWork();
  const [wrong, setWrong] = useState('');
  const frame = useRef<HTMLDivElement>(null);
  const drawer = useRef<Drawer | undefined>(undefined);
  const now = useRef({ line, onChange });
  now.current = { line, onChange };
  const add = (p: Point) => {
    if (now.current.line.length < maxPoints) now.current.onChange([...now.current.line, [Number(p[0].toFixed(6)), Number(p[1].toFixed(6))]]);
  };
  useEffect(() => {
    if (!open || !frame.current) return;
    let gone = false;
    const at: Point = line[0] ?? (near ? [near.longitude, near.latitude] : [12.6, 52.1]);
    import('./map').then(({ openDrawer }) => { if (!gone) drawer.current = openDrawer(frame.current!, at, now.current.line, add); })
      .catch(() => setBroken(tr('Die Karte lässt sich hier nicht anzeigen. Sie können den Weg als GPX-Datei hochladen.', 'The map cannot be shown here. You can upload the way as a GPX file.')));
    return () => { gone = true; drawer.current?.remove(); drawer.current = undefined; };
  }, [open]);
  useEffect(() => { drawer.current?.show(line); }, [line]);
  const take = (file: File) => work(async () => {
    setWrong('');
    const read = file.size > largest ? null : readGPX(await file.text());
    if (!read) return setWrong(tr('In dieser Datei steht kein Weg. Gebraucht wird eine GPX-Datei mit einer Strecke (Track oder Route).', 'There is no way in this file. It must be a GPX file with a track or a route.'));
    onChange(read);
    drawer.current?.fit(read);
    announce(tr(`Weg übernommen: ${read.length} Punkte.`, `The way has ${read.length} points.`));
  });
  return (
    <fieldset class={`f line-editor ${fault ? 'faulty' : ''}`} data-path="tour.line">
      <legend>{tr('Der Weg', 'The way')}</legend>
      <p class="said" role="status">{line.length === 0 ? tr('Noch kein Weg.', 'No way yet.') : tr(`${line.length} Punkte, ${number(lengthKm(line))} km`, `${line.length} points, ${number(lengthKm(line))} km`)}</p>
      <div class="f">
        <label for="gpx-file">{tr('GPX-Datei', 'GPX file')}</label>
        <input id="gpx-file" type="file" accept=".gpx,application/gpx+xml" onChange={(e) => { const f = e.currentTarget.files?.[0]; if (f) take(f); e.currentTarget.value = ''; }} />
      </div>
      {wrong && <p class="fault" role="alert">{wrong}</p>}
      <Problem text={problem} />
      <details class="more" open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
        <summary>{tr('Auf der Karte zeichnen', 'Draw it on the map')}</summary>
        {open && (
          <div class="stack">
            <p class="hint">{tr('Jeder Klick setzt den nächsten Punkt. Mit der Tastatur: Karte mit den Pfeiltasten verschieben und den Punkt in die Mitte setzen.', 'Each click sets the next point. By keyboard: move the map with the arrow keys and set the point in its middle.')}</p>
            {broken ? <p class="message">{broken}</p> : <div class="pin-map cross" ref={frame} />}
            {!broken && <p><button type="button" class="button small" disabled={line.length >= maxPoints} onClick={() => { const c = drawer.current?.centre(); if (c) add(c); }}>{tr('Punkt in der Kartenmitte setzen', 'Set a point in the middle of the map')}</button></p>}
          </div>
        )}
      </details>
      {line.length > 0 && (
        <div class="row">
          <button type="button" class="button small" onClick={() => onChange(line.slice(0, -1))}>{tr('Letzten Punkt zurücknehmen', 'Take back the last point')}</button>
          <button type="button" class="button small" onClick={() => onChange([])}>{tr('Weg leeren', 'Empty the way')}</button>
        </div>
      )}
      {fault && <p class="fault">{fault}</p>}
    </fieldset>
  );
}
