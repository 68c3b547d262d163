import { Refusal, type UserError } from './api';
import { fieldName, tr } from './words';

/** What is wrong with a field, in words for the person who fills it in. */
export function faultText(e: UserError): string {
  const path = e.path.filter((p) => p !== 'input' && p !== 'inputs' && !/^\d+$/.test(p));
  const field = path.at(-1) ?? '';
  if (e.code === 'REQUIRED') return field === 'schedule' ? tr('Bitte sagen Sie, wann es stattfindet.', 'Please say when it takes place.') : tr('Bitte ausfüllen.', 'Please fill in.');
  if (e.code === 'TOO_LONG') {
    const [has, most] = e.message.match(/\d[\d,]*/g) ?? [];
    return has && most ? tr(`Das ist zu lang: ${has}, erlaubt sind ${most}.`, `This is too long: ${has}, and ${most} are the most.`) : tr('Das ist zu lang.', 'This is too long.');
  }
  if (e.code === 'NOT_FOUND') return tr(`„${fieldName(field)}“: Das gibt es nicht.`, `“${fieldName(field)}”: there is no such thing.`);
  if (e.code === 'FORBIDDEN') return tr('Dafür haben Sie nicht das Recht.', 'You may not do this.');
  if (e.code === 'CONFLICT') return tr('Jemand hat das in der Zwischenzeit geändert.', 'Somebody has changed this in the meantime.');
  const known: Record<string, [string, string]> = {
    email: ['Bitte geben Sie eine E-Mail-Adresse an, zum Beispiel verein@example.org.', 'Please give a mail address such as club@example.org.'],
    phone: ['Bitte geben Sie eine Telefonnummer an, zum Beispiel 033841 1230.', 'Please give a telephone number.'],
    url: ['Bitte geben Sie eine Adresse an, die mit https:// beginnt.', 'Please give an address that begins with https://.'],
    onlineService: ['Bitte geben Sie eine Adresse an, die mit https:// beginnt.', 'Please give an address that begins with https://.'],
    postalCode: ['Eine Postleitzahl hat fünf Ziffern.', 'A postal code has five digits.'],
    toCents: ['Der höhere Preis darf nicht unter dem niedrigeren liegen.', 'The higher price must not be below the lower one.'],
    fromCents: ['Bitte geben Sie einen Betrag an, zum Beispiel 4,50.', 'Please give an amount.'],
    free: ['Was kostenlos ist, hat keinen Preis.', 'What is free has no price.'],
    leika: ['Ein LeiKa-Schlüssel hat 14 Ziffern.', 'A LeiKa key has 14 digits.'],
    end: ['Das Ende liegt vor dem Anfang, oder es dauert zu lange.', 'The end lies before the beginning, or it takes too long.'],
    openingHours: ['Diese Öffnungszeiten versteht das Programm nicht.', 'These opening hours cannot be read.'],
    licence: ['Bitte geben Sie ein Kürzel wie CC-BY-4.0 oder die Adresse der Lizenz an.', 'Please give a short name such as CC-BY-4.0, or the address of the licence.'],
    everyMinutes: ['Das muss zwischen 5 Minuten und 31 Tagen liegen.', 'This must lie between 5 minutes and 31 days.'],
    format: ['Bitte wählen Sie ein Format.', 'Please choose a format.'],
    municipality: ['Bitte wählen Sie eine Gemeinde.', 'Please choose a municipality.'],
    line: ['Diese Linie passt so nicht: Ein Weg hat mindestens zwei und höchstens 5.000 Punkte.', 'This line cannot be: a way has at least two and at most 5,000 points.'],
    locale: ['Diese Sprache kennt das Programm nicht, oder es gibt sie schon.', 'This language is not known, or is there already.'],
    decision: ['Hier gibt es nichts zu übernehmen: Was kam, war keine Quelle.', 'There is nothing to accept: what came was no feed.'],
    expiresAt: ['Das muss nach dem Veröffentlichen liegen.', 'This must lie after the publication.'],
  };
  const bounds = /^Must lie between (-?[\d.]+) and (-?[\d.]+)\.$/.exec(e.message);
  if (bounds && !known[field]) return tr(`Das muss zwischen ${bounds[1]} und ${bounds[2]} liegen.`, `This must lie between ${bounds[1]} and ${bounds[2]}.`);
  const words = known[field];
  return words ? tr(...words) : `${tr('Das passt so nicht: ', 'This cannot be: ')}${e.message}`;
}

/** Why an image was not taken. */
export function uploadText(e: unknown): string {
  switch (e instanceof Refusal ? e.code : '') {
    case 'UNSUPPORTED_MEDIA_TYPE': return tr('Das ist kein Bild, das sich verwenden lässt. Nötig ist JPEG, PNG, GIF oder WebP.', 'This is no image that can be used. It must be JPEG, PNG, GIF or WebP.');
    case 'LIMIT_EXCEEDED': return tr('Das Bild ist zu groß. Erlaubt sind 20 MB.', 'The image is too large; 20 MB are the most.');
    case 'BAD_USER_INPUT': case 'BAD_REQUEST': return tr('Dieses Bild lässt sich nicht lesen. Vielleicht ist die Datei beschädigt.', 'This image cannot be read. The file may be damaged.');
    default: return refusalText(e);
  }
}

/** What a refusal of the whole request means. */
export function refusalText(e: unknown): string {
  const code = e instanceof Refusal ? e.code : '';
  switch (code) {
    case 'OFFLINE': return tr('Keine Verbindung zum Server. Ihre Eingaben bleiben hier erhalten.', 'No connection to the server. What you have typed stays here.');
    case 'UNAUTHENTICATED': return tr('Ihre Anmeldung ist abgelaufen. Bitte melden Sie sich noch einmal an; Ihre Eingaben bleiben erhalten.', 'Your session has ended. Please sign in again; what you have typed is kept.');
    case 'FORBIDDEN': return tr('Dafür haben Sie nicht das Recht.', 'You may not do this.');
    case 'BUSY': return tr('Gerade ist viel los. Bitte versuchen Sie es in ein paar Sekunden noch einmal.', 'Too much is going on. Please try again in a few seconds.');
    case 'SERVICE_UNAVAILABLE': return tr('Der Server ist gerade nicht erreichbar. Bitte versuchen Sie es gleich noch einmal.', 'The server cannot be reached. Please try again in a moment.');
    case 'LIMIT_EXCEEDED': return tr('Das ist zu groß, oder es war zu viel auf einmal.', 'This is too large, or it was too much at once.');
    case 'BAD_USER_INPUT':
      return tr('Das hat der Server nicht angenommen: ', 'The server did not take this: ') + (e as Error).message;
    default: return tr('Da ist etwas schiefgegangen. Bitte versuchen Sie es noch einmal.', 'Something went wrong. Please try again.');
  }
}
