package hours

import "testing"

func TestText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ value, de, en string }{
		{"Mo-Fr 08:00-12:00, Tu 14:00-18:00; PH off",
			"Mo–Fr 8–12 Uhr, Di zusätzlich 14–18 Uhr; an Feiertagen geschlossen",
			"Mon–Fri 8:00–12:00, Tue also 14:00–18:00; closed on public holidays"},
		{"24/7", "Rund um die Uhr geöffnet", "Open around the clock"},
		{"off", "Geschlossen", "Closed"},
		{`off "Umbau"`, "Geschlossen (Umbau)", "Closed (Umbau)"},
		{"unknown", "Öffnungszeiten nicht bekannt", "Opening hours not known"},
		{`"nach Vereinbarung"`, "Nach Vereinbarung", "Nach Vereinbarung"},
		{"Mo-Su 09:00-17:00", "Täglich 9–17 Uhr", "Daily 9:00–17:00"},
		{"Mo,Tu 8:30-12:15; We off", "Mo und Di 8:30–12:15 Uhr; Mi geschlossen", "Mon and Tue 8:30–12:15; Wed closed"},
		{"tu 8:00-13:00; th 8:00-13:00; sa 8:00-13:00", "Di, Do und Sa 8–13 Uhr", "Tue, Thu and Sat 8:00–13:00"},
		{"mo-sa 8:00-13:00; we-fr 8:00-18:00", "Mo, Di und Sa 8–13 Uhr; Mi–Fr 8–18 Uhr", "Mon, Tue and Sat 8:00–13:00; Wed–Fri 8:00–18:00"},
		{"Fr-Mo 10:00-12:00", "Fr–Mo 10–12 Uhr", "Fri–Mon 10:00–12:00"},
		{`Mo-Fr 08:00-12:00,14:00-18:00 || "nach Vereinbarung"`,
			"Mo–Fr 8–12 und 14–18 Uhr; sonst nach Vereinbarung", "Mon–Fri 8:00–12:00 and 14:00–18:00; otherwise nach Vereinbarung"},
		{`Mo-Fr 10:00-12:00 "nur im Sommer"`, "Mo–Fr 10–12 Uhr (nur im Sommer)", "Mon–Fri 10:00–12:00 (nur im Sommer)"},
		{"Tu 10:00-12:00 unknown", "Di 10–12 Uhr (ohne Gewähr)", "Tue 10:00–12:00 (not certain)"},
		{"Sa[1,3] 10:00-12:00", "1. und 3. Sa im Monat 10–12 Uhr", "1st and 3rd Sat of the month 10:00–12:00"},
		{"Th[-1] 15:00-20:00", "Letzter Do im Monat 15–20 Uhr", "Last Thu of the month 15:00–20:00"},
		{"Fr[-1] -2 days 10:00-12:00", "2 Tage vor dem letzten Fr im Monat 10–12 Uhr", "2 days before last Fri of the month 10:00–12:00"},
		{"Apr-Sep We 07:00-13:00; Apr-Sep Fr 08:00-15:00; Oct-Mar We 08:00-13:00",
			"April–September: Mi 7–13 Uhr, Fr 8–15 Uhr; Oktober–März: Mi 8–13 Uhr",
			"April–September: Wed 7:00–13:00, Fri 8:00–15:00; October–March: Wed 8:00–13:00"},
		{"Dec 24-Jan 02 off", "24. Dezember bis 2. Januar: geschlossen", "24 December to 2 January: closed"},
		{"2026 Jun 03-05 10:00-12:00", "3.–5. Juni 2026: 10–12 Uhr", "3–5 June 2026: 10:00–12:00"},
		{"2026 Dec 24-Jan 02 off", "24. Dezember 2026 bis 2. Januar 2027: geschlossen", "24 December 2026 to 2 January 2027: closed"},
		{"Dec 24,Dec 31 off", "24. Dezember, 31. Dezember: geschlossen", "24 December, 31 December: closed"},
		{"Mar Su[-1]-Oct Su[-1] 10:00-18:00", "Letzter So im März bis letzter So im Oktober: 10–18 Uhr", "Last Sun in March to last Sun in October: 10:00–18:00"},
		{"easter -2 days off", "Karfreitag: geschlossen", "Good Friday: closed"},
		{"easter -10 days off", "10 Tage vor Ostersonntag: geschlossen", "10 days before Easter Sunday: closed"},
		{"2026+ Mo 10:00-12:00", "Ab 2026: Mo 10–12 Uhr", "From 2026: Mon 10:00–12:00"},
		{"week 1-53/2 We 08:00-12:00", "Ungerade Kalenderwochen: Mi 8–12 Uhr", "Odd weeks: Wed 8:00–12:00"},
		{"week 10-20 We 08:00-12:00", "KW 10–20: Mi 8–12 Uhr", "Week 10–20: Wed 8:00–12:00"},
		{"Sommer: 9-17 Uhr; Winter: 10-16 Uhr", "Im Sommer: 9–17 Uhr; im Winter: 10–16 Uhr", "In summer: 9:00–17:00; in winter: 10:00–16:00"},
		{"Su,PH 10:00-12:00", "So und an Feiertagen 10–12 Uhr", "Sun and on public holidays 10:00–12:00"},
		{"PH -1 day 08:00-12:00", "Am Tag vor Feiertagen 8–12 Uhr", "The day before public holidays 8:00–12:00"},
		{"SH Mo-Fr 10:00-16:00", "In den Schulferien (Mo–Fr) 10–16 Uhr", "During school holidays (Mon–Fri) 10:00–16:00"},
		{"PH,SH off", "An Feiertagen und in den Schulferien geschlossen", "Closed on public holidays and during school holidays"},
		{"Fr,Sa 22:00-02:00", "Fr und Sa 22–2 Uhr", "Fri and Sat 22:00–2:00"},
		{"Mo 18:00+", "Mo ab 18 Uhr", "Mon from 18:00"},
		{"Mo-Fr 12:00-18:00+", "Mo–Fr 12–18 Uhr (Ende offen)", "Mon–Fri 12:00–18:00 (open end)"},
		{"Mo 10:00", "Mo um 10 Uhr", "Mon at 10:00"},
		{"10:00-16:00/01:30", "10–16 Uhr alle 90 Minuten", "10:00–16:00 every 90 minutes"},
		{"sunrise-sunset", "Sonnenaufgang bis Sonnenuntergang", "Sunrise to sunset"},
		{"Mo-Fr 10:00-sunset", "Mo–Fr 10 Uhr bis Sonnenuntergang", "Mon–Fri 10:00 to sunset"},
		{"(sunrise+01:00)-(sunset-00:30)", "1 Stunde nach Sonnenaufgang bis 30 Minuten vor Sonnenuntergang", "1 hour after sunrise to 30 minutes before sunset"},
		{"Mo-Fr 17:00-00:00, Sa,Su 13:00-24:00", "Mo–Fr 17–24 Uhr; Sa und So 13–24 Uhr", "Mon–Fri 17:00–24:00; Sat and Sun 13:00–24:00"},
		{"Mar-Oct Sa[2],Sa[4] 08:00-17:00", "März–Oktober: 2. und 4. Sa im Monat 8–17 Uhr", "March–October: 2nd and 4th Sat of the month 8:00–17:00"},
		{"Sa,Su,PH,SH 10:00-12:00", "Sa, So, an Feiertagen und in den Schulferien 10–12 Uhr", "Sat, Sun, on public holidays and during school holidays 10:00–12:00"},
		{"Sa 00:00-24:00", "Sa ganztägig geöffnet", "Sat open all day"},
		{"Mo-Fr 08:00-18:00; 12:00-13:00 off", "Mo–Fr 8–18 Uhr; 12–13 Uhr geschlossen", "Mon–Fri 8:00–18:00; 12:00–13:00 closed"},
	} {
		h := must(t, c.value)
		if got := h.Text("de"); got != c.de {
			t.Errorf("%q in German: %q, want %q", c.value, got, c.de)
		}
		if got := h.Text("en"); got != c.en {
			t.Errorf("%q in English: %q, want %q", c.value, got, c.en)
		}
	}
	if de, en := must(t, "Mo off").Text("de-DE"), must(t, "Mo off").Text(""); de != "Mo geschlossen" || en != "Mon closed" {
		t.Errorf("de-DE: %q, no language: %q", de, en)
	}
}
