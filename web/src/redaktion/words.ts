/** The page's language, German first. */
export const english = () => typeof document !== 'undefined' && document.documentElement.lang === 'en';
export const tr = (de: string, en: string) => (english() ? en : de);
export const locale = () => (english() ? 'en' : 'de');

export const kinds = ['EVENT', 'ACTIVITY', 'SERVICE', 'FACILITY', 'TOUR', 'VOLUNTEERING'] as const;
export type Kind = (typeof kinds)[number];

export const kindName = (k: string): string =>
  ({
    EVENT: tr('Veranstaltung', 'Event'), ACTIVITY: tr('Regelmäßige Gruppe', 'Regular group'), SERVICE: tr('Dienstleistung', 'Service'),
    FACILITY: tr('Ort oder Einrichtung', 'Place or facility'), TOUR: tr('Tour', 'Tour'), VOLUNTEERING: tr('Ehrenamt', 'Volunteering'),
  })[k] ?? k;

export const kindText = (k: string): string =>
  ({
    EVENT: tr('Findet an einem oder mehreren Tagen statt: Konzert, Fest, Vortrag.', 'Takes place on a day or a few: concert, fair, talk.'),
    ACTIVITY: tr('Trifft sich immer wieder: Chor, Training, Kurs, Treff.', 'Meets again and again: choir, training, course.'),
    SERVICE: tr('Jemand tut etwas für andere: Beratung, Ausweis, Fahrdienst.', 'Somebody does something for others: advice, ID card, transport.'),
    FACILITY: tr('Da kann man hingehen oder mieten: Bad, Bücherei, Saal.', 'Somewhere to go or to rent: pool, library, hall.'),
    TOUR: tr('Ein Weg zum Wandern, Radeln oder Paddeln.', 'A way to walk, ride or paddle.'),
    VOLUNTEERING: tr('Hilfe wird gesucht.', 'Help is wanted.'),
  })[k] ?? '';

export const statusName = (s: string): string =>
  ({ DRAFT: tr('Entwurf', 'Draft'), IN_REVIEW: tr('In Prüfung', 'In review'), PUBLISHED: tr('Öffentlich', 'Public'), WITHDRAWN: tr('Zurückgezogen', 'Withdrawn') })[s] ?? s;

export const roleName = (r: string): string =>
  ({
    MEMBER: tr('Mitglied (reicht ein)', 'Member (submits)'), TRUSTED: tr('Vertrauter (veröffentlicht selbst)', 'Trusted (publishes)'),
    EDITOR: tr('Redaktion', 'Editor'), REVIEWER: tr('Prüfung', 'Reviewer'), OPERATOR: tr('Betrieb', 'Operator'),
  })[r] ?? r;

export const audiences = ['CHILDREN', 'YOUTH', 'FAMILIES', 'ADULTS', 'SENIORS', 'NEWCOMERS', 'VISITORS'];
export const audienceName = (a: string): string =>
  ({
    CHILDREN: tr('Kinder', 'Children'), YOUTH: tr('Jugendliche', 'Youth'), FAMILIES: tr('Familien', 'Families'), ADULTS: tr('Erwachsene', 'Adults'),
    SENIORS: tr('Ältere Menschen', 'Seniors'), NEWCOMERS: tr('Neu Angekommene', 'Newcomers'), VISITORS: tr('Gäste', 'Visitors'),
  })[a] ?? a;

export const answerName = (a: string): string =>
  ({ YES: tr('ja', 'yes'), PARTLY: tr('teilweise', 'partly'), NO: tr('nein', 'no'), UNKNOWN: tr('nicht bekannt', 'not known') })[a] ?? a;

export const channels = ['ON_SITE', 'PHONE', 'ONLINE', 'MAIL', 'HOME_VISIT', 'MOBILE'];
export const channelName = (c: string): string =>
  ({
    ON_SITE: tr('vor Ort', 'at the counter'), PHONE: tr('am Telefon', 'by phone'), ONLINE: tr('im Internet', 'online'), MAIL: tr('per Post', 'by letter'),
    HOME_VISIT: tr('wir kommen zu Ihnen', 'we come to you'), MOBILE: tr('Fahrzeug nach Fahrplan', 'vehicle by timetable'),
  })[c] ?? c;

export const means = ['WALKING', 'HIKING', 'CYCLING', 'CANOEING', 'RIDING', 'SKIING', 'DRIVING'];
export const meansName = (m: string): string =>
  ({
    WALKING: tr('Spazieren', 'Walking'), HIKING: tr('Wandern', 'Hiking'), CYCLING: tr('Radfahren', 'Cycling'), CANOEING: tr('Paddeln', 'Canoeing'),
    RIDING: tr('Reiten', 'Riding'), SKIING: tr('Ski', 'Skiing'), DRIVING: tr('Fahren', 'Driving'),
  })[m] ?? m;

export const occurrenceName = (s: string): string =>
  ({
    SCHEDULED: tr('wie geplant', 'as planned'), CANCELLED: tr('fällt aus', 'cancelled'), POSTPONED: tr('verschoben, Termin offen', 'postponed'),
    MOVED: tr('verlegt', 'moved'), SOLD_OUT: tr('ausgebucht', 'sold out'),
  })[s] ?? s;

export const scopeName = (s: string): string =>
  ({
    READ: tr('Unveröffentlichtes sehen', 'See what is not public'), WRITE: tr('Speichern', 'Save'), PUBLISH: tr('Veröffentlichen', 'Publish'),
    REVIEW: tr('Prüfen', 'Review'), SOURCE: tr('Quellen', 'Sources'), ADMIN: tr('Betrieb', 'Operate'),
  })[s.toUpperCase()] ?? s;

export const formats = ['ical', 'rss', 'csv', 'geojson', 'schemaorg', 'sva', 'linkedevents', 'hsds', 'xzufi', 'umland'];
export const formatName = (f: string): string =>
  ({
    ical: tr('Kalender (iCal, .ics)', 'Calendar (iCal, .ics)'), rss: tr('Neuigkeiten (RSS, Atom)', 'News (RSS, Atom)'), csv: tr('Tabelle (CSV)', 'Table (CSV)'), geojson: tr('Karte (GeoJSON)', 'Map (GeoJSON)'),
    schemaorg: tr('Webseiten mit schema.org', 'Web pages with schema.org'), sva: 'Smart Village App', linkedevents: 'Linked Events', hsds: 'Open Referral (HSDS)', xzufi: tr('Verwaltungsleistungen (XZuFi)', 'Public services (XZuFi)'),
    umland: tr('Ein anderes Umland', 'Another Umland'),
  })[f] ?? f;

export const healthName = (h: string): string =>
  ({
    OK: tr('in Ordnung', 'well'), FAILING: tr('Fehler', 'failing'), QUARANTINED: tr('braucht eine Entscheidung', 'needs a decision'), PAUSED: tr('pausiert', 'paused'), NEW: tr('noch nicht gelesen', 'not read yet'),
  })[h] ?? h;

export const outcomeName = (o: string): string =>
  ({
    OK: tr('gelesen', 'read'), UNCHANGED: tr('nichts Neues', 'nothing new'), FAILED: tr('fehlgeschlagen', 'failed'), QUARANTINED: tr('angehalten', 'held back'), DRY_RUN: tr('Probelauf', 'Trial'),
  })[o] ?? o;

/** The name of a field as histories, conflicts and faults have it. */
export const fieldName = (f: string): string =>
  ({
    kind: tr('Art', 'Kind'), title: tr('Titel', 'Title'), summary: tr('Kurztext', 'Summary'), description: tr('Beschreibung', 'Description'),
    provider: tr('Anbieter', 'Provider'), place: tr('Ort', 'Place'), categories: tr('Themen', 'Topics'), audiences: tr('Für wen', 'Audience'),
    wheelchair: tr('Mit dem Rollstuhl', 'By wheelchair'), languages: tr('Sprachen', 'Languages'), price: tr('Preis', 'Price'), contact: tr('Kontakt', 'Contact'),
    links: tr('Links', 'Links'), images: tr('Bilder', 'Images'), openingHours: tr('Öffnungszeiten', 'Opening hours'), schedule: tr('Termine', 'Dates'),
    online: tr('Im Internet', 'Online'), serviceArea: tr('Gebiet', 'Area'), details: tr('Einzelheiten', 'Details'), licence: tr('Lizenz', 'Licence'),
    translations: tr('Übersetzungen', 'Translations'), publishAt: tr('Veröffentlichen am', 'Publish at'), expiresAt: tr('Zurückziehen am', 'Withdraw at'),
    occurrences: tr('Einzelne Termine', 'Single dates'), service: tr('Einzelheiten', 'Details'), facility: tr('Einzelheiten', 'Details'), event: tr('Einzelheiten', 'Details'),
    activity: tr('Einzelheiten', 'Details'), tour: tr('Einzelheiten', 'Details'), volunteering: tr('Einzelheiten', 'Details'), externalId: tr('Eigene Nummer', 'Own id'), status: tr('Stand', 'Status'),
  })[f] ?? f;

export const actionName = (a: string): string =>
  ({
    SAVE: tr('gespeichert', 'saved'), SUBMIT: tr('eingereicht', 'submitted'), APPROVE: tr('freigegeben', 'approved'), RETURN: tr('zurückgegeben', 'returned'),
    PUBLISH: tr('veröffentlicht', 'published'), WITHDRAW: tr('zurückgezogen', 'withdrawn'), UNDO_WITHDRAW: tr('zurückgeholt', 'brought back'),
    RESTORE: tr('wiederhergestellt', 'restored'), RELEASE_FIELD: tr('Feld aus der Quelle übernommen', 'field taken from the source'), CHANGE_OCCURRENCE: tr('Termin geändert', 'date changed'),
    EXPIRE: tr('abgelaufen', 'expired'), MERGE: tr('zusammengeführt', 'merged'), SPLIT: tr('getrennt', 'split'),
  })[a] ?? a.toLowerCase();
