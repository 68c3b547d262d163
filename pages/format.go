package pages

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// format writes numbers, dates and words in one language of the pages.
type format struct{ english bool }

// tr gives the text of the language.
func (f format) tr(de, en string) string {
	if f.english {
		return en
	}
	return de
}

// number groups digits: 1.234.
func (f format) number(n int) string {
	digits := strconv.Itoa(n)
	if n < 0 {
		return "−" + f.number(-n)
	}
	var out strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteString(f.tr(".", ","))
		}
		out.WriteRune(d)
	}
	return out.String()
}

// decimal gives a number with one digit after the comma.
func (f format) decimal(x float64) string {
	whole, tenth := math.Modf(math.Abs(math.Round(x*10) / 10))
	return f.number(int(whole)) + f.tr(",", ".") + strconv.Itoa(int(math.Round(tenth*10)))
}

// km gives a distance: 3,4 km, and from 100 km on 123 km.
func (f format) km(km float64) string {
	if km >= 99.95 {
		return f.number(int(math.Round(km))) + "\u00a0km"
	}
	return f.decimal(km) + "\u00a0km"
}

func (f format) weekday(t time.Time) string {
	return f.tr(
		[...]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"}[t.Weekday()], t.Weekday().String())
}

func (f format) shortWeekday(t time.Time) string {
	return f.tr([...]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"}[t.Weekday()], t.Weekday().String()[:3])
}

func (f format) month(t time.Time) string {
	return f.tr([...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
		"Dezember"}[t.Month()-1], t.Month().String())
}

func (f format) shortMonth(t time.Time) string {
	return f.tr([...]string{"Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"}[t.Month()-1],
		t.Month().String()[:3])
}

// day gives a date: 28. November 2026.
func (f format) day(t time.Time) string {
	return f.tr(strconv.Itoa(t.Day())+". "+f.month(t)+" "+strconv.Itoa(t.Year()), strconv.Itoa(t.Day())+" "+f.month(t)+" "+strconv.Itoa(t.Year()))
}

// date gives a date with its day of the week: Sa., 28. November 2026.
func (f format) date(t time.Time) string {
	return f.tr(f.shortWeekday(t)+"., ", f.shortWeekday(t)+", ") + f.day(t)
}

// fullDate is date with the whole word: Samstag, 28. November 2026.
func (f format) fullDate(t time.Time) string { return f.weekday(t) + ", " + f.day(t) }

func (f format) clock(t time.Time) string {
	return f.tr(strconv.Itoa(t.Hour())+t.Format(":04"), t.Format("15:04"))
}

// when gives a time span in the zone of its instants: Sa., 28. November 2026, 15:00–17:00 Uhr. The end of whole days is exclusive.
func (f format) when(start time.Time, end *time.Time, allDay bool) string {
	if allDay {
		last := start
		if end != nil {
			last = end.AddDate(0, 0, -1)
		}
		if !last.After(start) {
			return f.date(start)
		}
		return f.date(start) + " – " + f.date(last)
	}
	return f.date(start) + ", " + f.hours(start, end)
}

// hours gives the clock times of a span.
func (f format) hours(start time.Time, end *time.Time) string {
	o := f.tr(" Uhr", "")
	switch {
	case end == nil:
		return f.tr("", "from ") + f.clock(start) + o
	case sameDay(start, *end) || end.Sub(start) < 12*time.Hour:
		return f.clock(start) + "–" + f.clock(*end) + o
	}
	return f.clock(start) + o + " – " + f.date(*end) + ", " + f.clock(*end) + o
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// money gives an amount: 4,50 €.
func (f format) money(cents int, currency string) string {
	if currency == "EUR" {
		currency = "€"
	}
	amount := f.number(cents / 100)
	if cents%100 != 0 {
		amount += f.tr(",", ".") + string([]byte{byte('0' + cents%100/10), byte('0' + cents%10)})
	}
	return amount + "\u00a0" + currency
}

// price says what something costs, "" when that is not known.
func (f format) price(p price) string {
	switch {
	case p.Free != nil && *p.Free:
		return f.tr("kostenlos", "free")
	case p.FromCents != nil && p.ToCents != nil && *p.FromCents != *p.ToCents:
		return f.money(*p.FromCents, p.Currency) + " – " + f.money(*p.ToCents, p.Currency)
	case p.FromCents != nil && p.ToCents != nil:
		return f.money(*p.FromCents, p.Currency)
	case p.FromCents != nil:
		return f.tr("ab ", "from ") + f.money(*p.FromCents, p.Currency)
	case p.ToCents != nil:
		return f.tr("bis ", "up to ") + f.money(*p.ToCents, p.Currency)
	case p.Free != nil:
		return f.tr("kostenpflichtig", "not free")
	}
	return ""
}

// kind names a kind of offering, or many of it.
func (f format) kind(kind string) string {
	switch kind {
	case "SERVICE":
		return f.tr("Leistung", "Service")
	case "FACILITY":
		return f.tr("Ort", "Place")
	case "EVENT":
		return f.tr("Veranstaltung", "Event")
	case "ACTIVITY":
		return f.tr("Gruppe", "Group")
	case "TOUR":
		return f.tr("Tour", "Tour")
	case "VOLUNTEERING":
		return f.tr("Ehrenamt", "Volunteering")
	}
	return kind
}

func (f format) kinds(kind string) string {
	switch kind {
	case "SERVICE":
		return f.tr("Leistungen", "Services")
	case "FACILITY":
		return f.tr("Orte", "Places")
	case "EVENT":
		return f.tr("Veranstaltungen", "Events")
	case "ACTIVITY":
		return f.tr("Gruppen und Kurse", "Groups and courses")
	case "TOUR":
		return f.tr("Touren", "Tours")
	case "VOLUNTEERING":
		return f.tr("Ehrenamt", "Volunteering")
	}
	return kind
}

func (f format) audience(audience string) string {
	switch audience {
	case "CHILDREN":
		return f.tr("Kinder", "Children")
	case "YOUTH":
		return f.tr("Jugendliche", "Young people")
	case "FAMILIES":
		return f.tr("Familien", "Families")
	case "ADULTS":
		return f.tr("Erwachsene", "Adults")
	case "SENIORS":
		return f.tr("Ältere Menschen", "Seniors")
	case "NEWCOMERS":
		return f.tr("Neu Angekommene", "Newcomers")
	case "VISITORS":
		return f.tr("Gäste", "Visitors")
	}
	return audience
}

func (f format) wheelchair(answer string) string {
	switch answer {
	case "YES":
		return f.tr("mit dem Rollstuhl nutzbar", "wheelchair accessible")
	case "PARTLY":
		return f.tr("mit dem Rollstuhl teilweise nutzbar", "partly wheelchair accessible")
	case "NO":
		return f.tr("nicht mit dem Rollstuhl nutzbar", "not wheelchair accessible")
	}
	return f.tr("nicht bekannt", "not known")
}

// status says what has become of a date, "" for one that takes place as planned.
func (f format) status(status string) string {
	switch status {
	case "CANCELLED":
		return f.tr("fällt aus", "cancelled")
	case "POSTPONED":
		return f.tr("verschoben", "postponed")
	case "MOVED":
		return f.tr("verlegt", "moved")
	case "SOLD_OUT":
		return f.tr("ausgebucht", "sold out")
	}
	return ""
}

func (f format) providerKind(kind string) string {
	switch kind {
	case "MUNICIPALITY":
		return f.tr("Gemeinde", "Municipality")
	case "CLUB":
		return f.tr("Verein", "Club")
	case "CHURCH":
		return f.tr("Kirche", "Church")
	case "BUSINESS":
		return f.tr("Betrieb", "Business")
	case "INITIATIVE":
		return f.tr("Initiative", "Initiative")
	case "EDUCATION":
		return f.tr("Bildung", "Education")
	case "HEALTH":
		return f.tr("Gesundheit", "Health")
	}
	return f.tr("Anbieter", "Provider")
}

func (f format) channel(channel string) string {
	switch channel {
	case "ON_SITE":
		return f.tr("vor Ort", "on site")
	case "PHONE":
		return f.tr("telefonisch", "by phone")
	case "ONLINE":
		return f.tr("online", "online")
	case "MAIL":
		return f.tr("per Post", "by letter")
	case "HOME_VISIT":
		return f.tr("bei Ihnen zu Hause", "at your home")
	case "MOBILE":
		return f.tr("mobil, mit festen Haltestellen", "mobile, with fixed stops")
	}
	return channel
}

func (f format) means(means string) string {
	switch means {
	case "WALKING":
		return f.tr("Spazieren", "Walking")
	case "HIKING":
		return f.tr("Wandern", "Hiking")
	case "CYCLING":
		return f.tr("Radfahren", "Cycling")
	case "CANOEING":
		return f.tr("Paddeln", "Canoeing")
	case "RIDING":
		return f.tr("Reiten", "Riding")
	case "SKIING":
		return f.tr("Skilanglauf", "Skiing")
	case "DRIVING":
		return f.tr("Fahren", "Driving")
	}
	return means
}

// duration gives minutes as hours: 2:30 Std.
func (f format) duration(minutes int) string {
	if minutes < 60 {
		return strconv.Itoa(minutes) + f.tr(" Min.", " min")
	}
	h := strconv.Itoa(minutes / 60)
	if m := minutes % 60; m > 0 {
		h += ":" + string([]byte{byte('0' + m/10), byte('0' + m%10)})
	}
	return h + f.tr(" Std.", " h")
}

// language names a language in the page's language; the tag itself where it is not one of the usual ones.
func (f format) language(tag string) string {
	switch tag {
	case "de":
		return f.tr("Deutsch", "German")
	case "de-simple":
		return f.tr("Leichte Sprache", "Easy German")
	case "en":
		return f.tr("Englisch", "English")
	case "fr":
		return f.tr("Französisch", "French")
	case "pl":
		return f.tr("Polnisch", "Polish")
	case "cs":
		return f.tr("Tschechisch", "Czech")
	case "nl":
		return f.tr("Niederländisch", "Dutch")
	case "da":
		return f.tr("Dänisch", "Danish")
	case "ru":
		return f.tr("Russisch", "Russian")
	case "uk":
		return f.tr("Ukrainisch", "Ukrainian")
	case "ar":
		return f.tr("Arabisch", "Arabic")
	case "tr":
		return f.tr("Türkisch", "Turkish")
	case "fa":
		return f.tr("Persisch", "Persian")
	case "hsb":
		return f.tr("Obersorbisch", "Upper Sorbian")
	case "dsb":
		return f.tr("Niedersorbisch", "Lower Sorbian")
	case "nds":
		return f.tr("Niederdeutsch", "Low German")
	case "gsg", "dgs":
		return f.tr("Gebärdensprache", "Sign language")
	}
	return tag
}

// change says until when something is open, or when it opens, seen from now: bis 18:00 Uhr, Di., 9:00 Uhr.
func (f format) change(at, now time.Time) string {
	now = now.In(at.Location())
	o := f.tr(" Uhr", "")
	switch {
	case sameDay(at, now):
		return f.clock(at) + o
	case sameDay(at, now.AddDate(0, 0, 1)):
		return f.tr("morgen ", "tomorrow ") + f.clock(at) + o
	case at.Sub(now) < 6*24*time.Hour:
		return f.weekday(at) + " " + f.clock(at) + o
	}
	return f.date(at) + ", " + f.clock(at) + o
}
