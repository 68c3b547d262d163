package generate

import "umland/ent"

// What sets apart offerings that were made from the same template.

// additions come behind a title that there is often already, with a space before them.
var additions = map[ent.OfferingKind][]string{
	ent.KindService: {
		"ohne Termin", "mit Termin", "am Donnerstagabend", "in Leichter Sprache", "für Familien", "für Zugezogene", "per Telefon", "zu Hause",
		"im Bürgerbüro", "in der Außenstelle", "für Vereine", "für Betriebe", "mit Dolmetscher", "am Samstagvormittag", "für Menschen ab 60",
		"kostenfrei und vertraulich", "in der Sprechstunde", "auf Englisch", "mit Gebärdensprache", "für junge Erwachsene",
	},
	ent.KindFacility: {
		"am Bahnhof", "am Markt", "in der Altstadt", "am Waldrand", "an der Schule", "am Fluss", "im Park", "am Ortseingang", "hinter der Kirche",
		"am Sportzentrum", "in der alten Mühle", "im Gewerbegebiet", "an der Bundesstraße", "am Radweg", "mit Parkplatz", "mit Terrasse",
		"mit barrierefreiem Zugang", "im Schlosshof", "am Weiher", "neben dem Rathaus",
	},
	ent.KindEvent: {
		"mit Livemusik", "bei Kerzenschein", "für die ganze Familie", "mit Kaffee und Kuchen", "im Garten", "unter freiem Himmel", "zum Saisonstart",
		"zum Abschluss der Saison", "mit Gästen aus der Partnerstadt", "am Nachmittag", "am Abend", "mit Führung", "mit Verkostung", "zum Mitmachen",
		"bei jedem Wetter", "für Frühaufsteher", "mit Tombola", "mit Kinderprogramm", "zum Jubiläum", "mit dem Posaunenchor",
	},
	ent.KindActivity: {
		"für Anfänger", "für Fortgeschrittene", "am Vormittag", "am Abend", "ab 60", "für Eltern mit Kind", "in kleiner Gruppe", "für Wiedereinsteiger",
		"am Wochenende", "in den Ferien", "für Jugendliche", "für Frauen", "für Männer", "mit Kinderbetreuung", "im Freien", "online und vor Ort",
		"für Berufstätige", "zum Ausprobieren", "mit Musik", "auf Deutsch und Englisch",
	},
	ent.KindTour: {
		"mit Einkehr", "für Familien", "mit Kinderwagen", "im Herbstlaub", "am Wasser entlang", "mit Aussicht", "abseits der Straße", "mit dem E-Bike",
		"über die Höhen", "durch die Wiesen", "zum Sonnenaufgang", "mit Rastplätzen", "auf alten Wegen", "in zwei Etappen", "mit Bahnanschluss",
	},
	ent.KindVolunteering: {
		"gesucht", "an einem Tag im Monat", "am Wochenende", "für Schüler ab 16", "für Menschen im Ruhestand", "mit Einarbeitung", "mit Auslagenersatz",
		"zu zweit", "nach Feierabend", "in den Ferien", "einmal im Jahr", "mit Schulung", "von zu Hause aus", "mit Fahrdienst", "im Tandem",
	},
}

// sentences come behind a description.
var sentences = []string{
	"Parkplätze gibt es vor dem Haus.", "Die Bushaltestelle ist zwei Minuten entfernt.", "Hunde sind an der Leine willkommen.",
	"Der Eingang ist auf der Rückseite.", "Bei Regen treffen wir uns drinnen.", "Getränke können mitgebracht werden.",
	"Fotos vom letzten Mal hängen im Schaukasten.", "Wer etwas früher kommt, hilft beim Aufbauen.", "Ein Aufzug ist vorhanden.",
	"Die Toiletten sind ebenerdig.", "Wir freuen uns über neue Gesichter.", "Rückfragen beantworten wir gern am Telefon.",
	"Kinder unter zwölf Jahren kommen in Begleitung.", "Bequeme Kleidung genügt.", "Bitte an festes Schuhwerk denken.",
	"Der Erlös kommt der Jugendarbeit zugute.", "Unterstützt wird das Angebot von der Sparkassenstiftung.",
	"In den Schulferien gelten andere Zeiten.", "Für Gruppen machen wir gern eigene Termine.", "Barzahlung ist möglich, Karten gehen auch.",
	"Eine Ermäßigung gibt es mit der Ehrenamtskarte.", "Wer nicht gut hört, sitzt vorn neben der Ringschleife.",
	"Am Ende bleibt Zeit für Gespräche.", "Das Angebot gibt es seit über zwanzig Jahren.", "Den Schlüssel hat die Nachbarin im Haus gegenüber.",
	"Mitfahrgelegenheiten vermittelt das Mobilitätsbüro.", "Die Plätze werden nach Eingang vergeben.", "Spenden sind erwünscht.",
	"Im Sommer finden Treffen auch im Hof statt.", "Das Wasser kommt aus der eigenen Quelle.",
	"Holz und Farben kommen aus der Region.", "Die Strecke ist mit gelben Pfeilen beschildert.", "Alte Fotografien sind jederzeit willkommen.",
	"Ein Imbiss steht bereit.", "Auch Zuschauen ist erlaubt.", "Der Verein stellt das Material.", "Das Dach wird gerade erneuert, es kann laut werden.",
	"Im Winter wird früher geschlossen.", "Danach geht es gemeinsam zum Italiener.", "Auf Wunsch gibt es eine Bescheinigung.",
}

// Names of parts of a municipality are one of the beginnings with one of the ends.
var (
	partBeginnings = []string{
		"Alten", "Neuen", "Klein", "Groß", "Ober", "Unter", "Nieder", "Hohen", "Langen", "Stein", "Birken", "Eichen", "Erlen", "Buchen", "Linden",
		"Mühl", "Wald", "Rosen", "Wolfs", "Hirsch", "Fuchs", "Krähen", "Lerchen", "Reh", "Apfel", "Kirch", "Kloster", "Brunn", "Bach", "See",
		"Sand", "Heide", "Moor", "Grün", "Schön", "Winters", "Sommers", "Hermanns", "Ludwigs", "Karls", "Friedrichs", "Gänse", "Hasel", "Kirsch",
	}
	partEnds = []string{
		"dorf", "hausen", "heim", "born", "berg", "feld", "rode", "walde", "au", "stedt", "hagen", "tal", "brück", "furt", "hof", "kirchen",
		"beck", "leben", "winkel", "ried",
	}
)

var streets = []string{
	"Hauptstraße", "Dorfstraße", "Bahnhofstraße", "Schulstraße", "Gartenstraße", "Kirchstraße", "Lindenallee", "Bergstraße", "Waldweg", "Ringstraße",
	"Am Anger", "Am Sportplatz", "Mühlenweg", "Feldstraße", "Wiesengrund", "Marktplatz", "Burgstraße", "Poststraße", "Goethestraße", "Schillerstraße",
	"Mozartweg", "Beethovenstraße", "Lessingstraße", "Friedhofsweg", "Am Bahndamm", "Alte Gasse", "Brunnengasse", "Rathausplatz", "Kastanienweg",
	"Ahornweg", "Birkenallee", "Fliederweg", "Rosenstraße", "Tulpenweg", "Amselweg", "Drosselgasse", "Zum Sägewerk", "An der Aue", "Steinbruchweg",
	"Ziegeleistraße", "Molkereiweg", "Weinbergstraße", "Kapellenweg", "Klosterhof", "Schlossallee", "Parkstraße", "Uferstraße", "Hafenweg",
	"Industriestraße", "Robert-Koch-Straße", "Clara-Schumann-Weg", "Käthe-Kollwitz-Straße", "Friedrich-Ebert-Platz", "Am Stadtgraben", "Torstraße",
	"Wallstraße", "Neue Straße", "Querweg", "Siedlerstraße", "Sonnenhang",
}
