package harvest_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"umland/ent"
	"umland/fetch"
	"umland/harvest"
	"umland/store/storetest"
)

// thing is an item of a feed, as each format writes it.
type thing struct {
	key, title string
	day        time.Time
	n          int
}

// hostileFormat writes feeds of a format.
type hostileFormat struct {
	name string
	item func(x thing) string
	wrap func(base string, items []string) string
	// posts says that it is asked by POST, at /graphql below its address.
	posts bool
	// extra are items that no feed should have. What was there stands beside them.
	extra map[string]string
	// whole are feeds that are none.
	whole map[string]string
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func nested(open, close string, n int) string {
	return strings.Repeat(open, n) + strings.Repeat(close, n)
}

func hostileFormats() []hostileFormat {
	deep := nested("[", "]", 100_000)
	series := func(rule string) string {
		return "BEGIN:VEVENT\r\nUID:boese\r\nSUMMARY:Böses\r\nDTSTART:20270101T100000Z\r\n" + rule + "\r\nEND:VEVENT\r\n"
	}
	list := func(before, after string) func(string, []string) string {
		return func(_ string, items []string) string { return before + strings.Join(items, ",") + after }
	}
	large := strings.Repeat("groß ", 300_000)
	return []hostileFormat{
		{
			name: "ical",
			item: func(x thing) string {
				return fmt.Sprintf("BEGIN:VEVENT\r\nUID:%s\r\nSUMMARY:%s\r\nDTSTART;TZID=Europe/Berlin:%sT190000\r\nEND:VEVENT\r\n", x.key, x.title, x.day.Format("20060102"))
			},
			wrap: func(_ string, items []string) string {
				return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + strings.Join(items, "") + "END:VCALENDAR\r\n"
			},
			extra: map[string]string{
				"FREQ=SECONDLY without end":        series("RRULE:FREQ=SECONDLY"),
				"a million days":                   series("RRULE:FREQ=DAILY;COUNT=1000000"),
				"an end before the beginning":      series("RRULE:FREQ=DAILY;UNTIL=20200101T000000Z"),
				"a duration below nothing":         series("DURATION:-P1D"),
				"a zone that is a file":            strings.Replace(series("X-A:b"), "DTSTART:", "DTSTART;TZID=../../../etc/passwd:", 1),
				"script that was escaped twice":    strings.Replace(series("X-A:b"), "Böses", "&amp;lt;script&amp;gt;Hexerei", 1),
				"a title of nothing to see":        strings.Replace(series("X-A:b"), "Böses", "\u200b\u2060\ufeff", 1),
				"10,000 categories":                series("CATEGORIES:" + strings.Repeat("a,", 10_000) + "b"),
				"thousands of weekdays":            series("RRULE:FREQ=MONTHLY;BYDAY=" + strings.Repeat("1MO,-1FR,", 3000) + "2TU"),
				"a billion dates":                  series("RRULE:FREQ=SECONDLY;COUNT=1000000000"),
				"every minute until the year 9999": series("RRULE:FREQ=MINUTELY;UNTIL=99991231T235959Z"),
				"INTERVAL=0":                       series("RRULE:FREQ=DAILY;INTERVAL=0"),
				"a rule that never matches":        series("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"),
				"a daily series without end":       series("RRULE:FREQ=DAILY"),
				"20,000 RDATEs":                    series("RDATE:" + strings.Repeat("20270102T100000Z,", 20_000) + "20270103T100000Z"),
				"a rule of 100,000 letters":        series("RRULE:FREQ=YEARLY;BYYEARDAY=" + strings.Repeat("1,", 50_000) + "1"),
				"the year 1":                       series("DTEND:00010101T000000Z"),
				"the year 9999":                    "BEGIN:VEVENT\r\nUID:spaet\r\nSUMMARY:Böses\r\nDTSTART:99991231T235959Z\r\nEND:VEVENT\r\n",
				"no date at all":                   "BEGIN:VEVENT\r\nUID:nie\r\nSUMMARY:Böses\r\nDTSTART:morgen\r\nEND:VEVENT\r\n",
				"a zone that circles":              "BEGIN:VTIMEZONE\r\nTZID:X\r\n" + strings.Repeat("BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+9999\r\nTZOFFSETTO:-9999\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\n", 200) + "END:VTIMEZONE\r\n" + strings.Replace(series("X-A:b"), "DTSTART:", "DTSTART;TZID=X:", 1),
				"script":                           "BEGIN:VEVENT\r\nUID:s\r\nSUMMARY:<script>alert(1)</script>Hexerei\r\nDESCRIPTION:<img src=x onerror=alert(1)><script>alert(2)</script>\r\nURL:javascript:alert(3)\r\nDTSTART:20270101T100000Z\r\nEND:VEVENT\r\n",
				"no UTF-8":                         "BEGIN:VEVENT\r\nUID:u\x00\xff\r\nSUMMARY:B\xfchne\x00 \u202eumgedreht\xc3\r\nDTSTART:20270101T100000Z\r\nEND:VEVENT\r\n",
				"large":                            "BEGIN:VEVENT\r\nUID:g\r\nSUMMARY:" + large + "\r\nDTSTART:20270101T100000Z\r\nEND:VEVENT\r\n",
				"a UID of 100,000 letters":         "BEGIN:VEVENT\r\nUID:" + strings.Repeat("u", 100_000) + "\r\nSUMMARY:Lang\r\nDTSTART:20270101T100000Z\r\nEND:VEVENT\r\n",
				"the same UID 3,000 times":         strings.Repeat("BEGIN:VEVENT\r\nUID:uid-3\r\nDTSTART:20270103T100000Z\r\nSUMMARY:x\r\nEND:VEVENT\r\n", 3000),
				"an item without end":              "BEGIN:VEVENT\r\nUID:ohne\r\nSUMMARY:Ohne Ende\r\nDTSTART:20270101T100000Z\r\n",
			},
			whole: map[string]string{"nested": strings.Repeat("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", 20_000), "one line": "BEGIN:VCALENDAR\r\nX-A:" + large},
		},
		{
			name: "rss",
			item: func(x thing) string {
				return fmt.Sprintf("<item><guid>%s</guid><title>%s</title><ev:startdate>%sT19:00:00+01:00</ev:startdate></item>\n", x.key, html.EscapeString(x.title), x.day.Format(time.DateOnly))
			},
			wrap: func(_ string, items []string) string {
				return `<?xml version="1.0"?><rss version="2.0" xmlns:ev="http://purl.org/rss/1.0/modules/event/"><channel><title>x</title>` + strings.Join(items, "") + "</channel></rss>"
			},
			extra: map[string]string{
				"script":           "<item><guid>s</guid><title><![CDATA[<script>alert(1)</script>Hexerei]]></title><ev:startdate>2027-01-01</ev:startdate><link>javascript:alert(1)</link></item>",
				"the year 1":       "<item><guid>y</guid><title>Böses</title><ev:startdate>0001-01-01T00:00:00Z</ev:startdate></item>",
				"the year 9999":    "<item><guid>y</guid><title>Böses</title><ev:startdate>9999-12-31T23:59:59Z</ev:startdate></item>",
				"no UTF-8":         "<item><guid>u\xff</guid><title>B\xfchne\x01 \u202eumgedreht\xc3</title><ev:startdate>2027-01-01</ev:startdate></item>",
				"large":            "<item><guid>g</guid><title>" + large + "</title><ev:startdate>2027-01-01</ev:startdate></item>",
				"nested":           "<item><guid>n</guid><title>x</title>" + nested("<a>", "</a>", 20_000) + "</item>",
				"unknown entities": "<item><guid>e</guid><title>&gibtsnicht; &#0; &#x110000;</title><ev:startdate>2027-01-01</ev:startdate></item>",
			},
			whole: map[string]string{
				"entities":        `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><rss><channel><item><title>&b;</title></item></channel></rss>`,
				"external entity": `<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&x;</title></item></channel></rss>`,
				"external DTD":    `<?xml version="1.0"?><!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1/x.dtd"> %x;]><rss><channel></channel></rss>`,
				"deep":            "<rss>" + strings.Repeat("<a>", 100_000),
				"UTF-7":           `<?xml version="1.0" encoding="UTF-7"?><rss version="2.0"><channel><title>x</title></channel></rss>`,
				"many attributes": "<rss " + strings.Repeat(`a="b" `, 100_000) + "><channel/></rss>",
			},
		},
		{
			name: "csv",
			item: func(x thing) string {
				return x.key + ";" + x.title + ";" + x.day.Format("02.01.2006") + " 19:00;Saal;Bad\n"
			},
			wrap: func(_ string, items []string) string { return "ID;Titel;Beginn;Ort;Stadt\n" + strings.Join(items, "") },
			extra: map[string]string{
				"script":                 "s;<script>alert(1)</script>Hexerei;01.01.2027;;\n",
				"formula":                "f;\"=cmd|' /C calc'!A0\";01.01.2027;;\n",
				"the year 1":             "y;Böses;01.01.0001;;\n",
				"the year 9999":          "y;Böses;31.12.9999;;\n",
				"no UTF-8":               "u\xff;B\xfchne\x01 \u202eumgedreht\xc3;01.01.2027;;\n",
				"a megabyte in one cell": "g;" + large + ";01.01.2027;;\n",
				"100,000 columns":        "c;Viel;01.01.2027" + strings.Repeat(";x", 100_000) + "\n",
				"too few columns":        "w;Wenig\n",
				"the 30th of February":   "t;Tag;30.02.2027;;\n",
			},
			whole: map[string]string{"one line": strings.Repeat("Titel;", 1_000_000), "quotation marks": strings.Repeat("\"", 999_999), "NUL": strings.Repeat("\x00", 100_000)},
		},
		{
			name: "geojson",
			item: func(x thing) string {
				return fmt.Sprintf(`{"type":"Feature","id":%q,"properties":{"name":%s},"geometry":{"type":"Point","coordinates":[%f,%f]}}`, x.key, quoted(x.title), 9+float64(x.n%400)/100, 50+float64(x.n/400)/100)
			},
			wrap: list(`{"type":"FeatureCollection","features":[`, "]}"),
			extra: map[string]string{
				"script":                     `{"type":"Feature","id":"s","properties":{"name":"<script>alert(1)</script>Hexerei","website":"javascript:alert(1)"},"geometry":null}`,
				"outside of the world":       `{"type":"Feature","id":"o","properties":{"name":"Draußen"},"geometry":{"type":"Point","coordinates":[1e300,-1e300]}}`,
				"latitude and longitude":     `{"type":"Feature","id":"l","properties":{"name":"Vertauscht"},"geometry":{"type":"Point","coordinates":[52.1,12.6]}}`,
				"coordinates that are words": `{"type":"Feature","id":"w","properties":{"name":"Worte"},"geometry":{"type":"Point","coordinates":["NaN","Infinity"]}}`,
				"geometry within geometry":   `{"type":"Feature","id":"g","properties":{"name":"Tief"},"geometry":` + strings.Repeat(`{"type":"GeometryCollection","geometries":[`, 5000) + strings.Repeat("]}", 5000) + "}",
				"a line of 300,000 points":   `{"type":"Feature","id":"p","properties":{"name":"Weg","route":"hiking"},"geometry":{"type":"LineString","coordinates":[` + strings.Repeat("[12.5,52.1],", 300_000) + "[12.6,52.1]]}}",
				"names that repeat":          `{"type":"Feature","id":"d","id":"e","properties":{"name":"A","name":"B"},"properties":{"name":"C"},"geometry":null}`,
				"large":                      `{"type":"Feature","id":"g","properties":{"name":"` + large + `"},"geometry":null}`,
				"a number that is none":      `{"type":"Feature","id":1e999999,"properties":{"name":"Zahl","capacity":1e999999},"geometry":null}`,
				"no UTF-8":                   "{\"type\":\"Feature\",\"id\":\"u\xff\",\"properties\":{\"name\":\"B\xfchne \\u0000 \\ud800 \u202eumgedreht\"},\"geometry\":null}",
				"nested":                     `{"type":"Feature","id":"n","properties":{"name":"Tief","x":` + deep + `},"geometry":null}`,
			},
			whole: map[string]string{"NaN": `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"x"},"geometry":{"type":"Point","coordinates":[NaN,Infinity]}}]}`, "deep": deep, "a number": "12", "null": "null", "other JSON": `{"error":"not found"}`},
		},
		{
			name: "schemaorg",
			item: func(x thing) string {
				return fmt.Sprintf(`{"@type":"Event","@id":"#%s","name":%s,"startDate":"%sT19:00:00+01:00"}`, x.key, quoted(x.title), x.day.Format(time.DateOnly))
			},
			wrap: list(`<!doctype html><html><head><title>x</title><script type="application/ld+json">{"@context":"https://schema.org","@graph":[`, `]}</script></head><body></body></html>`),
			extra: map[string]string{
				"script":                 `{"@type":"Event","@id":"#s","name":"<b onclick=alert(1)>Hexerei<\/b>","description":"<img src=x onerror=alert(1)>","url":"javascript:alert(1)","startDate":"2027-01-01"}`,
				"every second":           `{"@type":"Event","@id":"#z","name":"Dauernd","eventSchedule":{"@type":"Schedule","startDate":"2027-01-01","repeatFrequency":"PT1S","startTime":"10:00"}}`,
				"a billion times":        `{"@type":"Event","@id":"#z","name":"Dauernd","eventSchedule":{"@type":"Schedule","startDate":"2027-01-01","repeatFrequency":"P1D","repeatCount":1000000000,"startTime":"10:00"}}`,
				"the year 1":             `{"@type":"Event","@id":"#y","name":"Böses","startDate":"0001-01-01"}`,
				"the year 9999":          `{"@type":"Event","@id":"#y","name":"Böses","startDate":"9999-12-31","endDate":"99999-12-31"}`,
				"a thing that is itself": `{"@type":"Event","@id":"#r","name":"Selbst","startDate":"2027-01-01","superEvent":{"@id":"#r"},"subEvent":{"@id":"#r"},"location":{"@id":"#r"}}`,
				"nested":                 `{"@type":"Event","@id":"#n","name":"Tief","startDate":"2027-01-01","subEvent":` + strings.Repeat(`{"@type":"Event","subEvent":`, 3000) + "1" + strings.Repeat("}", 3000) + "}",
				"large":                  `{"@type":"Event","@id":"#g","name":"` + large + `","startDate":"2027-01-01"}`,
				"no UTF-8":               "{\"@type\":\"Event\",\"@id\":\"#u\",\"name\":\"B\xfchne \\u0000 \\ud800 \u202eumgedreht\",\"startDate\":\"2027-01-01\"}",
				"names that repeat":      `{"@type":"Event","@id":"#d","name":"A","name":"B","startDate":"2027-01-01","startDate":"2027-01-02"}`,
			},
			whole: map[string]string{
				"pages that lead in a circle":  `<html><script type="application/ld+json">{"@type":"ItemList","itemListElement":[{"@type":"ListItem","url":"http://127.0.0.1:1/x"},{"@type":"ListItem","url":"http://10.0.0.1/"}]}</script></html>`,
				"markup that refers to itself": `<html><body><div id="a" itemscope itemtype="http://schema.org/Event" itemref="a b">` + strings.Repeat("<p>", 300) + `</div><div id="b" itemprop="subEvent" itemscope itemref="a b b b c"></div><div id="c" itemprop="location" itemscope itemref="a b c"></div></body></html>`,
				"deep":                         "<html><body>" + strings.Repeat("<div itemscope itemtype='http://schema.org/Event'>", 20_000),
				"a sitemap of strangers":       `<?xml version="1.0"?><urlset><url><loc>http://169.254.169.254/latest/meta-data</loc></url><url><loc>file:///etc/passwd</loc></url></urlset>`,
				"entities":                     `<?xml version="1.0"?><!DOCTYPE u [<!ENTITY a "http://x/">]><urlset><url><loc>&a;</loc></url></urlset>`,
			},
		},
		{
			name: "hsds",
			item: func(x thing) string {
				return fmt.Sprintf(`{"id":%q,"name":%s,"phones":[]}`, x.key, quoted(x.title))
			},
			wrap: list(`{"total_pages":1,"page_number":1,"contents":[`, "]}"),
			extra: map[string]string{
				"script":                    `{"id":"s","name":"<script>alert(1)</script>Hexerei","url":"javascript:alert(1)","phones":[]}`,
				"large":                     `{"id":"g","name":"` + large + `","phones":[]}`,
				"nested":                    `{"id":"n","name":"Tief","phones":` + deep + "}",
				"names that repeat":         `{"id":"d","id":"e","name":"A","name":"B","phones":[]}`,
				"a number that is none":     `{"id":1e999999,"name":"Zahl","minimum_age":1e999999,"phones":[]}`,
				"no UTF-8":                  "{\"id\":\"u\xff\",\"name\":\"B\xfchne \\u0000 \\ud800 \u202eumgedreht\",\"phones\":[]}",
				"one that is to be fetched": `{"id":"../../../etc/passwd","name":"Dünn"}`,
				"hours in the year 9999":    `{"id":"h","name":"Stunden","phones":[],"schedules":[{"freq":"SECONDLY","valid_from":"0001-01-01","valid_to":"9999-12-31","opens_at":"99:99","byday":"XX"}]}`,
			},
			whole: map[string]string{"a billion pages": `{"total_pages":1000000000,"page_number":1,"contents":[]}`, "deep": deep, "other JSON": `{"error":"not found"}`, "a text": `"Fehler"`},
		},
		{
			name: "xzufi",
			item: func(x thing) string {
				return fmt.Sprintf(`<leistung><id>%s</id><modulText><inhalt languageCode="de">%s</inhalt><leikaTextmodul><code>03</code></leikaTextmodul></modulText></leistung>`+"\n", x.key, html.EscapeString(x.title))
			},
			wrap: func(_ string, items []string) string {
				return `<?xml version="1.0"?><transfer xmlns="http://xoev.de/schemata/xzufi/2_2_0" xzufiVersion="2.2.0"><schreibe>` + strings.Join(items, "") + "</schreibe></transfer>"
			},
			extra: map[string]string{
				"script":   `<leistung><id>s</id><modulText><inhalt languageCode="de"><![CDATA[<script>alert(1)</script>Hexerei]]></inhalt><leikaTextmodul><code>03</code></leikaTextmodul></modulText></leistung>`,
				"large":    `<leistung><id>g</id><modulText><inhalt languageCode="de">` + large + `</inhalt><leikaTextmodul><code>03</code></leikaTextmodul></modulText></leistung>`,
				"nested":   "<leistung><id>n</id>" + nested("<a>", "</a>", 20_000) + "</leistung>",
				"no UTF-8": "<leistung><id>u</id><modulText><inhalt languageCode=\"de\">B\xfchne \u202eumgedreht\xc3</inhalt><leikaTextmodul><code>03</code></leikaTextmodul></modulText></leistung>",
				"no id":    `<leistung><modulText><inhalt>x</inhalt></modulText></leistung>`,
			},
			whole: map[string]string{
				"entities": `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><transfer xmlns="http://xoev.de/schemata/xzufi/2_2_0"><leistung><id>1</id><modulText><inhalt>&b;</inhalt></modulText></leistung></transfer>`,
				"deep":     `<transfer xmlns="http://xoev.de/schemata/xzufi/2_2_0">` + strings.Repeat("<leistung>", 100_000),
			},
		},
		{
			name: "sva", posts: true,
			item: func(x thing) string {
				return fmt.Sprintf(`{"id":%q,"title":%s,"visible":true,"dates":[{"dateStart":"%s","timeStart":"19:00"}]}`, x.key, quoted(x.title), x.day.Format(time.DateOnly))
			},
			wrap: list(`{"data":{"items":[`, "]}}"),
			extra: map[string]string{
				"script":            `{"id":"s","title":"<script>alert(1)</script>Hexerei","urls":[{"url":"javascript:alert(1)"}],"dates":[{"dateStart":"2027-01-01"}]}`,
				"the year 1":        `{"id":"y","title":"Böses","dates":[{"dateStart":"0001-01-01"},{"dateStart":"9999-12-31"}]}`,
				"large":             `{"id":"g","title":"` + large + `","dates":[{"dateStart":"2027-01-01"}]}`,
				"nested":            `{"id":"n","title":"Tief","dates":` + deep + "}",
				"names that repeat": `{"id":"d","id":"e","title":"A","title":"B","dates":[{"dateStart":"2027-01-01"}]}`,
				"100,000 dates":     `{"id":"v","title":"Viele","dates":[` + strings.Repeat(`{"dateStart":"2027-01-01"},`, 50_000) + `{"dateStart":"2027-01-01"}]}`,
				"outside":           `{"id":"o","title":"Draußen","addresses":[{"geoLocation":{"latitude":1e300,"longitude":"NaN"}}],"dates":[{"dateStart":"2027-01-01"}]}`,
			},
			whole: map[string]string{
				"errors":                  `{"errors":[{"message":"Internal Server Error"}]}`,
				"errors beside data":      `{"data":{"items":null},"errors":[{"message":"boom"}]}`,
				"errors that are no list": `{"data":null,"errors":{"message":"boom"}}`,
				"no data":                 `{"ok":true}`, "deep": deep,
			},
		},
		{
			name: "linkedevents",
			item: func(x thing) string {
				return fmt.Sprintf(`{"id":%q,"name":{"de":%s},"start_time":"%sT18:00:00Z"}`, x.key, quoted(x.title), x.day.Format(time.DateOnly))
			},
			wrap: list(`{"meta":{"next":null},"data":[`, "]}"),
			extra: map[string]string{
				"script":            `{"id":"s","name":{"de":"<script>alert(1)</script>Hexerei"},"info_url":{"de":"javascript:alert(1)"},"start_time":"2027-01-01T10:00:00Z"}`,
				"the year 1":        `{"id":"y","name":{"de":"Böses"},"start_time":"0001-01-01T10:00:00Z"}`,
				"the year 9999":     `{"id":"y","name":{"de":"Böses"},"start_time":"9999-12-31T23:00:00Z","end_time":"0001-01-01T10:00:00Z"}`,
				"large":             `{"id":"g","name":{"de":"` + large + `"},"start_time":"2027-01-01T10:00:00Z"}`,
				"nested":            `{"id":"n","name":` + deep + `,"start_time":"2027-01-01T10:00:00Z"}`,
				"a place elsewhere": `{"id":"p","name":{"de":"Ort"},"location":{"@id":"http://169.254.169.254/latest"},"keywords":[{"@id":"http://10.0.0.1/k"},{"@id":"file:///etc/passwd"}],"start_time":"2027-01-01T10:00:00Z"}`,
				"a date of itself":  `{"id":"r","@id":"r","name":{"de":"Ring"},"super_event":{"@id":"r"},"sub_events":[{"@id":"r"}],"super_event_type":"recurring","start_time":"2027-01-01T10:00:00Z"}`,
				"10,000 languages":  `{"id":"v","name":{` + strings.TrimSuffix(strings.Repeat(`"xx":"x",`, 10_000), ",") + `},"start_time":"2027-01-01T10:00:00Z"}`,
			},
			whole: map[string]string{"deep": deep, "other JSON": `{"detail":"Not found."}`, "a page elsewhere": `{"meta":{"next":"http://10.0.0.1/v1/event/?page=2"},"data":[]}`, "a page that is a file": `{"meta":{"next":"file:///etc/passwd"},"data":[]}`},
		},
		{
			name: "umland", posts: true,
			item: func(x thing) string {
				return fmt.Sprintf(`{"cursor":"c%s","node":{"at":"2026-11-01T10:00:00Z","id":%q,"offering":{"kind":"EVENT","title":%s,"schedule":{"start":"%sT19:00:00+01:00","timeZone":"Europe/Berlin"}}}}`, x.key, x.key, quoted(x.title), x.day.Format(time.DateOnly))
			},
			wrap: list(`{"data":{"changes":{"edges":[`, `],"pageInfo":{"hasNextPage":false,"endCursor":"e"}}}}`),
			extra: map[string]string{
				"script":          `{"cursor":"s","node":{"id":"s","offering":{"kind":"SERVICE","title":"<script>alert(1)</script>Hexerei","provenance":{"url":"javascript:alert(1)"}}}}`,
				"every second":    `{"cursor":"z","node":{"id":"z","offering":{"kind":"EVENT","title":"Dauernd","schedule":{"start":"2027-01-01T10:00:00Z","rrule":"FREQ=SECONDLY"}}}}`,
				"the year 1":      `{"cursor":"y","node":{"id":"y","offering":{"kind":"EVENT","title":"Böses","schedule":{"start":"0001-01-01T10:00:00Z","end":"9999-01-01T10:00:00Z"}}}}`,
				"large":           `{"cursor":"g","node":{"id":"g","offering":{"kind":"SERVICE","title":"` + large + `"}}}`,
				"another kind":    `{"cursor":"k","node":{"id":"k","offering":{"kind":"SPELL","title":"Hexerei"}}}`,
				"a long cursor":   `{"cursor":"` + strings.Repeat("c", 10_000) + `","node":{"id":"l","offering":{"kind":"SERVICE","title":"Lang"}}}`,
				"outside":         `{"cursor":"o","node":{"id":"o","offering":{"kind":"FACILITY","title":"Draußen","place":{"longitude":1e300,"latitude":-1e300}}}}`,
				"a gone stranger": `{"cursor":"f","node":{"id":"fremd","offering":null}}`,
				"names twice":     `{"cursor":"d","node":{"id":"d","id":"e","offering":{"kind":"SERVICE","title":"A","title":"B"}}}`,
			},
			whole: map[string]string{
				"errors": `{"errors":[{"message":"boom"}],"data":null}`, "another API": `{"data":{"other":1}}`, "deep": `{"data":` + deep + "}",
				"pages that lead nowhere":   `{"data":{"changes":{"edges":[],"pageInfo":{"hasNextPage":true,"endCursor":null}}}}`,
				"pages that lead in circle": `{"data":{"changes":{"edges":[],"pageInfo":{"hasNextPage":true,"endCursor":"e"}}}}`,
			},
		},
	}
}

// things makes n items of a case, whose titles no other case has.
func things(salt, n int) []string {
	words := []string{"Adventsmarkt", "Blutspende", "Chorprobe", "Dorffest", "Erzählcafé", "Filmabend", "Gottesdienst", "Handarbeit", "Infoabend", "Jugendtreff", "Kinderturnen", "Lesung", "Musikschule", "Nachtwanderung", "Orgelkonzert", "Puppentheater"}
	name := ""
	for x := salt + 30; x > 0; x /= 15 {
		name += string("bdfghjklmnprstw"[x%15]) + string("aeiou"[x%5])
	}
	out := make([]string, n)
	for i := range out {
		out[i] = words[i] + " " + strings.ToUpper(name[:1]) + name[1:]
	}
	return out
}

const hostileItems = 14

// What feeds do to those who read them. Each is well, then bad, then well again with one item more: what stood stands while it is bad, the run ends in time with
// a row that says to a clerk what was wrong, and one run after it has recovered all is there.
func TestHostile(t *testing.T) {
	t.Parallel()
	g := newRegion(t)
	towns := g.rows("SELECT ags FROM municipality ORDER BY ags")
	status := func(n int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(n)
		}
	}
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusTemporaryRedirect) }
	}
	body := func(s string, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			_, _ = io.WriteString(w, s)
		}
	}
	raw := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if conn, out, err := http.NewResponseController(w).Hijack(); err == nil {
				_, _ = out.WriteString(s)
				_ = out.Flush()
				_ = conn.Close()
			}
		}
	}
	zip := func(s string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = io.WriteString(z, s)
		_ = z.Close()
		return b.String()
	}
	endless := func(piece func(i int) string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for i := 0; r.Context().Err() == nil; i++ {
				if _, err := io.WriteString(w, piece(i)); err != nil {
					return
				}
			}
		}
	}
	zeros := strings.Repeat("\x00", 1<<20)
	bomb := zip(strings.Repeat(zeros, 16))
	const failed, quarantined, ok = string(ent.HarvestFailed), string(ent.HarvestQuarantined), string(ent.HarvestOK)
	bad := failed + quarantined
	salt := 0
	type hostile struct {
		name    string
		bad     func(f hostileFormat, base string, items []string) http.HandlerFunc
		outcome string
		grows   bool // what it also says may be taken over
		slow    bool // it is to be ended by time
	}
	plain := func(h http.HandlerFunc) func(hostileFormat, string, []string) http.HandlerFunc {
		return func(hostileFormat, string, []string) http.HandlerFunc { return h }
	}
	whole := func(change func(feed string) string) func(hostileFormat, string, []string) http.HandlerFunc {
		return func(f hostileFormat, base string, items []string) http.HandlerFunc {
			return body(change(f.wrap(base, items)))
		}
	}
	some := func(pick func(items []string) []string) func(hostileFormat, string, []string) http.HandlerFunc {
		return func(f hostileFormat, base string, items []string) http.HandlerFunc {
			return body(f.wrap(base, pick(items)))
		}
	}
	// What HTTP does is the same for all formats that are asked in the same way.
	web := []hostile{
		{name: "403", bad: plain(status(403)), outcome: failed}, {name: "404", bad: plain(status(404)), outcome: failed}, {name: "410", bad: plain(status(410)), outcome: failed},
		{name: "429", bad: plain(status(429, "Retry-After", "40")), outcome: failed}, {name: "500", bad: plain(status(500)), outcome: failed},
		{name: "429 with a date in the past", bad: plain(status(429, "Retry-After", "Mon, 01 Jan 2001 00:00:00 GMT")), outcome: failed},
		{name: "401", bad: plain(status(401, "WWW-Authenticate", "Basic")), outcome: failed}, {name: "999", bad: plain(status(999)), outcome: failed},
		{name: "two lengths", bad: plain(raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nBEGIN")), outcome: failed},
		{name: "a redirect that grows", bad: plain(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"?"+r.URL.RawQuery+"&a=1", http.StatusMovedPermanently)
		}), outcome: failed},
		{name: "garbage after the last chunk", bad: func(f hostileFormat, base string, items []string) http.HandlerFunc {
			feed := f.wrap(base, items)
			return raw(fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\nZZ\r\n", len(feed), feed))
		}, outcome: failed},
		{name: "503", bad: plain(status(503, "Retry-After", "Mon, 23 Nov 2026 11:01:30 GMT")), outcome: failed},
		{name: "204", bad: plain(status(204)), outcome: bad}, {name: "304 that nobody asked for", bad: plain(status(304)), outcome: failed + ok + string(ent.HarvestUnchanged)},
		{name: "half of it as 206", bad: func(f hostileFormat, base string, items []string) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusPartialContent)
				_, _ = io.WriteString(w, f.wrap(base, items[:4]))
			}
		}, outcome: failed},
		{name: "endless zeros", bad: plain(endless(func(int) string { return zeros })), outcome: failed},
		{name: "endless white space", bad: plain(endless(func(int) string { return strings.Repeat(" ", 1<<16) })), outcome: bad},
		{name: "slow drip", slow: true, bad: func(f hostileFormat, base string, items []string) http.HandlerFunc {
			feed := f.wrap(base, items)
			return func(w http.ResponseWriter, r *http.Request) {
				for i := 0; i < len(feed) && r.Context().Err() == nil; i++ {
					_, _ = io.WriteString(w, feed[i:i+1])
					_ = http.NewResponseController(w).Flush()
					time.Sleep(10 * time.Millisecond)
				}
			}
		}, outcome: failed},
		{name: "no answer", slow: true, bad: plain(func(http.ResponseWriter, *http.Request) { time.Sleep(2 * time.Second) }), outcome: failed},
		{name: "half an answer", slow: true, bad: func(f hostileFormat, base string, items []string) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, f.wrap(base, items)[:200])
				_ = http.NewResponseController(w).Flush()
				time.Sleep(2 * time.Second)
			}
		}, outcome: failed},
		{name: "closes at once", bad: plain(raw("")), outcome: failed}, {name: "no HTTP", bad: plain(raw("HELO example.org\r\n")), outcome: failed},
		{name: "broken chunks", bad: plain(raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx")), outcome: failed},
		{name: "a large header", bad: plain(raw("HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("a", 200_000) + "\r\n\r\n")), outcome: failed},
		{name: "cut off", bad: func(f hostileFormat, base string, items []string) http.HandlerFunc {
			feed := f.wrap(base, items)
			return raw(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(feed), feed[:len(feed)*2/3]))
		}, outcome: failed},
		{name: "gzip bomb", bad: plain(body(bomb, "Content-Encoding", "gzip")), outcome: failed},
		{name: "gzip in gzip", bad: plain(body(zip(bomb), "Content-Encoding", "gzip, gzip")), outcome: failed},
		{name: "broken gzip", bad: func(f hostileFormat, base string, items []string) http.HandlerFunc {
			return body(zip(f.wrap(base, items))[:100], "Content-Encoding", "gzip")
		}, outcome: failed},
		{name: "no gzip at all", bad: func(f hostileFormat, base string, items []string) http.HandlerFunc {
			return body(f.wrap(base, items), "Content-Encoding", "gzip")
		}, outcome: failed},
		{name: "another coding", bad: func(f hostileFormat, base string, items []string) http.HandlerFunc {
			return body(f.wrap(base, items), "Content-Encoding", "br")
		}, outcome: failed},
		{name: "redirect to itself", bad: func(_ hostileFormat, base string, _ []string) http.HandlerFunc { return redirect(base) }, outcome: failed},
		{name: "endless redirects", bad: plain(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"?"+r.URL.RawQuery+"x", http.StatusTemporaryRedirect)
		}), outcome: failed},
		{name: "redirect into the private network", bad: plain(redirect("http://10.0.0.1/feed")), outcome: failed},
		{name: "redirect to the machine itself", bad: plain(redirect("http://127.0.0.1:1/feed")), outcome: failed},
		{name: "redirect to ::1", bad: plain(redirect("http://[::1]:1/feed")), outcome: failed},
		{name: "redirect to IPv4 in IPv6", bad: plain(redirect("http://[::ffff:127.0.0.1]:1/feed")), outcome: failed},
		{name: "redirect to a number", bad: plain(redirect("http://2130706433:1/feed")), outcome: failed},
		{name: "redirect to localhost", bad: plain(redirect("http://localhost:1/feed")), outcome: failed},
		{name: "redirect to a cloud's secrets", bad: plain(redirect("http://169.254.169.254/latest/meta-data/")), outcome: failed},
		{name: "redirect to a file", bad: plain(redirect("file:///etc/passwd")), outcome: failed},
		{name: "redirect to nowhere", bad: plain(status(302)), outcome: failed},
	}
	feeds := []hostile{
		{name: "another content type", bad: func(f hostileFormat, base string, items []string) http.HandlerFunc {
			return body(f.wrap(base, items), "Content-Type", "image/png")
		}, outcome: ok + string(ent.HarvestUnchanged)},
		{name: "an HTML page", bad: plain(body("<!DOCTYPE html>\n<html lang=\"de\"><head><title>Wartung</title></head><body><h1>Wir sind gleich zurück</h1></body></html>", "Content-Type", "text/html")), outcome: quarantined},
		{name: "nothing", bad: plain(body("")), outcome: quarantined}, {name: "white space", bad: plain(body(" \r\n\t \n")), outcome: quarantined},
		{name: "binary", bad: plain(body("\x7fELF\x02\x01\x01\x00\xff\xfe" + zeros[:1000])), outcome: bad},
		{name: "a ZIP", bad: plain(body("PK\x03\x04\x14\x00\x00\x00\x08\x00" + zeros[:1000])), outcome: bad},
		{name: "a PDF", bad: plain(body("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj")), outcome: bad},
		{name: "a plain text", bad: plain(body("Service temporarily unavailable")), outcome: bad},
		{name: "another format", bad: func(f hostileFormat, _ string, _ []string) http.HandlerFunc {
			if f.name == "rss" {
				return body("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
			}
			return body(`<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>`)
		}, outcome: bad},
		{name: "truncated", bad: whole(func(s string) string { return s[:len(s)*2/3] }), outcome: bad + ok},
		{name: "truncated at the start", bad: whole(func(s string) string { return s[:20] }), outcome: bad + ok},
		{name: "without its beginning", bad: whole(func(s string) string { return s[len(s)/3:] }), outcome: bad + ok},
		{name: "twice", bad: whole(func(s string) string { return s + s }), outcome: bad + ok, grows: true},
		{name: "no items", bad: some(func([]string) []string { return nil }), outcome: quarantined},
		{name: "half of the items", bad: some(func(items []string) []string { return items[:hostileItems/2] }), outcome: quarantined},
		{name: "a mark of its encoding alone", bad: plain(body("\ufeff")), outcome: bad},
		{name: "other things under the same keys", bad: func(f hostileFormat, base string, items []string) http.HandlerFunc {
			other := make([]string, len(items))
			for i := range other {
				other[i] = f.item(thing{fmt.Sprintf("uid-%d", i), fmt.Sprintf("Anderswo %c", 'A'+i), time.Date(2027, 3, 1+i, 0, 0, 0, 0, time.UTC), 100 + i})
			}
			return body(f.wrap(base, other))
		}, outcome: quarantined},
		{name: "one title for all", bad: func(f hostileFormat, base string, items []string) http.HandlerFunc {
			other := make([]string, len(items))
			for i := range other {
				other[i] = f.item(thing{fmt.Sprintf("uid-%d", i), "null", time.Date(2027, 3, 1+i, 0, 0, 0, 0, time.UTC), 100 + i})
			}
			return body(f.wrap(base, other))
		}, outcome: quarantined},
		{name: "twice as many items", bad: func(f hostileFormat, base string, items []string) http.HandlerFunc {
			more := slices.Clone(items)
			for i := range items {
				more = append(more, f.item(thing{fmt.Sprintf("mehr-%d", i), fmt.Sprintf("Mehr davon %c", 'A'+i), time.Date(2027, 3, 1+i, 0, 0, 0, 0, time.UTC), 200 + i}))
			}
			return body(f.wrap(base, more))
		}, outcome: ok, grows: true},
		{name: "one item", bad: some(func(items []string) []string { return items[3:4] }), outcome: quarantined},
		{name: "items in another order", bad: some(func(items []string) []string {
			items = slices.Clone(items)
			slices.Reverse(items)
			return items
		}), outcome: ok},
		{name: "items many times", bad: some(func(items []string) []string { return slices.Concat(items, items, items) }), outcome: ok},
	}
	// What leads on from page to page.
	number := func(r *http.Request) (n int) {
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
		return n
	}
	paged := func(page func(base string, items []string, r *http.Request) string) func(hostileFormat, string, []string) http.HandlerFunc {
		return func(_ hostileFormat, base string, items []string) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, page(base, items, r)) }
		}
	}
	linked := func(next string, items ...string) string {
		return fmt.Sprintf(`{"meta":{"next":%q},"data":[%s]}`, next, strings.Join(items, ","))
	}
	pages := map[string][]hostile{
		"linkedevents": {
			{name: "a page that leads to itself", outcome: failed, bad: paged(func(base string, items []string, _ *http.Request) string { return linked(base, items...) })},
			{name: "pages that lead in a circle", outcome: failed, bad: paged(func(base string, items []string, r *http.Request) string {
				return linked(fmt.Sprintf("%s?page=%d", base, 1+number(r)%3), items...)
			})},
			{name: "pages without end", outcome: failed, bad: paged(func(base string, items []string, r *http.Request) string {
				return linked(fmt.Sprintf("%s?page=%d", base, 1+number(r)), fmt.Sprintf(`{"id":"e-%d","name":{"de":"Endlos"},"start_time":"2027-01-01T18:00:00Z"}`, number(r)))
			})},
			{name: "a second page that is none", outcome: failed, bad: paged(func(base string, items []string, r *http.Request) string {
				if number(r) > 0 {
					return "<html><body>Fehler</body></html>"
				}
				return linked(base+"?page=2", items[:3]...)
			})},
		},
		"hsds": {
			{name: "the same page again and again", outcome: ok, bad: paged(func(_ string, items []string, r *http.Request) string {
				return fmt.Sprintf(`{"total_pages":40,"page_number":%d,"contents":[%s]}`, max(1, number(r)), strings.Join(items, ","))
			})},
			{name: "more pages on each page", outcome: bad, bad: paged(func(_ string, items []string, r *http.Request) string {
				return fmt.Sprintf(`{"total_pages":%d,"page_number":%d,"contents":[{"id":"e-%d","name":"Endlos","phones":[]}]}`, number(r)+5, max(1, number(r)), number(r))
			})},
		},
		"sva": {{name: "a list that never moves on", outcome: ok, bad: paged(func(_ string, items []string, _ *http.Request) string {
			return `{"data":{"items":[` + strings.Join(slices.Repeat(items, 10), ",") + "]}}"
		})}},
		"umland": {{name: "cursors that circle", outcome: failed, bad: func(_ hostileFormat, _ string, items []string) http.HandlerFunc {
			var n atomic.Int32
			return func(w http.ResponseWriter, _ *http.Request) {
				_, _ = fmt.Fprintf(w, `{"data":{"changes":{"edges":[%s],"pageInfo":{"hasNextPage":true,"endCursor":"%d"}}}}`, strings.Join(items, ","), n.Add(1)%3)
			}
		}}},
		"schemaorg": {
			{name: "a sitemap of itself", outcome: bad, bad: paged(func(base string, _ []string, _ *http.Request) string {
				return `<?xml version="1.0"?><sitemapindex>` + strings.Repeat("<sitemap><loc>"+base+"</loc></sitemap>", 40) + "</sitemapindex>"
			})},
			{name: "a list that leads to lists", outcome: bad, bad: paged(func(base string, _ []string, r *http.Request) string {
				return fmt.Sprintf(`<html><script type="application/ld+json">{"@type":"ItemList","itemListElement":[{"@type":"ListItem","url":"%s?page=%d"}]}</script></html>`, base, number(r)+1)
			})},
		},
	}
	foreign := regexp.MustCompile(`(?i)\bEOF\b|invalid|unexpected|context|deadline|dial tcp|json: |xml: |http: |goroutine|<nil>|%!|0x|\x00`)
	check := func(t *testing.T, c hostile, f hostileFormat) {
		salt++
		n := salt
		t.Run(f.name+"/"+c.name, func(t *testing.T) {
			t.Parallel()
			day := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n)
			var items []string
			titles := things(n, hostileItems+1)
			for i, title := range titles {
				items = append(items, f.item(thing{fmt.Sprintf("uid-%d", i), title, day.AddDate(0, 0, i%3), n*16 + i}))
			}
			path := fmt.Sprintf("/%d/%s", n, f.name)
			base := g.url + path
			serve := func(h http.HandlerFunc) {
				g.handle(path, h)
				g.handle(path+"/graphql", h)
			}
			good := func(items []string) http.HandlerFunc {
				feed := f.wrap(base, items)
				return func(w http.ResponseWriter, r *http.Request) {
					asked, _ := io.ReadAll(r.Body)
					switch {
					case f.posts && len(asked) == 0:
						http.Error(w, "POST", http.StatusMethodNotAllowed)
					case f.name == "sva" && !bytes.Contains(asked, []byte("eventRecords(")):
						_, _ = io.WriteString(w, f.wrap(base, nil))
					default:
						_, _ = io.WriteString(w, feed)
					}
				}
			}
			serve(good(items[:hostileItems]))
			id := g.add(f.name, path, func(x *ent.Source) { x.AGS = &towns[n*7%len(towns)] })
			if run := g.run(id); run.Outcome != ent.HarvestOK || run.Refused > 0 || run.New != hostileItems {
				t.Fatalf("well: %+v %s", run, text(run.Error))
			}
			state := func() []string {
				return g.rows("SELECT id, title, status, version FROM offering WHERE source_id = $1 ORDER BY id", id)
			}
			before := state()
			g.wait(time.Millisecond) // no two runs begin at once
			handler := c.bad(f, base, items[:hostileItems])
			if f.name == "sva" { // it asks for four lists
				inner := handler
				handler = func(w http.ResponseWriter, r *http.Request) {
					asked, _ := io.ReadAll(r.Body)
					if len(asked) > 0 && !bytes.Contains(asked, []byte("eventRecords(")) {
						_, _ = io.WriteString(w, f.wrap(base, nil))
						return
					}
					inner(w, r)
				}
			}
			serve(handler)
			runner := g.runner
			if c.slow {
				runner = g.another(g.st, func(o *fetch.Options) { o.Timeout, o.HeaderTimeout = 800*time.Millisecond, 400*time.Millisecond })
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			began := time.Now()
			run, err := runner.Run(ctx, id, false)
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
			after := state()
			partly := c.outcome == quarantined && f.name == "umland" && run.Outcome == ent.HarvestOK // changes that are not told are none
			if !strings.Contains(c.outcome, string(run.Outcome)) && !partly {
				t.Errorf("bad: %s %q %v", run.Outcome, text(run.Error), run.Refusals[:min(3, len(run.Refusals))])
			}
			if row := g.rows("SELECT outcome, coalesce(error, '') FROM harvest WHERE source_id = $1 ORDER BY id DESC", id); len(row) != 2 || row[0] != string(run.Outcome)+" | "+text(run.Error) {
				t.Errorf("the audit rows: %v", row)
			}
			if run.Outcome == ent.HarvestFailed || run.Outcome == ent.HarvestQuarantined {
				if message := text(run.Error); len(message) < 20 || foreign.MatchString(message) {
					t.Errorf("says %q", message)
				}
			}
			for _, r := range run.Refusals {
				if r.Item == "" || len(r.Message) < 8 || foreign.MatchString(r.Message) {
					t.Errorf("refuses %q: %q", r.Item, r.Message)
				}
			}
			if c.grows {
				after = slices.DeleteFunc(after, func(row string) bool { return !slices.Contains(before, row) })
			}
			if !slices.Equal(after, before) {
				t.Errorf("while it is bad (%s %s %v):\n%s\nwas\n%s", run.Outcome, text(run.Error), run.Refusals[:min(3, len(run.Refusals))], strings.Join(after, "\n"), strings.Join(before, "\n"))
			}
			serve(good(items))
			if run := g.run(id); run.Outcome != ent.HarvestOK || run.Refused > 0 {
				t.Errorf("recovered: %s %s %v", run.Outcome, text(run.Error), run.Refusals)
			}
			slices.Sort(titles)
			if got := g.rows("SELECT title FROM offering WHERE source_id = $1 AND status = 'PUBLISHED' ORDER BY title COLLATE \"C\"", id); !slices.Equal(got, titles) && !(c.grows && f.name == "umland") {
				t.Errorf("recovered:\n%v\nnot\n%v", got, titles)
			}
		})
	}
	t.Run("feeds", func(t *testing.T) {
		for _, f := range hostileFormats() {
			if f.name == "ical" || f.posts {
				for _, c := range web {
					check(t, c, f)
				}
			}
			for _, c := range feeds {
				check(t, c, f)
			}
			check(t, hostile{name: "endless items", outcome: failed, bad: func(f hostileFormat, base string, items []string) http.HandlerFunc {
				const cut = "\x01"
				before, _, _ := strings.Cut(f.wrap(base, []string{cut}), cut)
				comma := ""
				if strings.HasPrefix(items[0], "{") {
					comma = ","
				}
				return endless(func(i int) string {
					if i == 0 {
						return before + items[0]
					}
					return comma + f.item(thing{fmt.Sprintf("e-%d", i), fmt.Sprintf("Endlos %d", i), time.Date(2027, 1, 1+i%300, 0, 0, 0, 0, time.UTC), i})
				})
			}}, f)
			for name, item := range f.extra {
				check(t, hostile{name: "with " + name, outcome: ok + failed, grows: true, bad: some(func(items []string) []string {
					return slices.Concat(items[:3], []string{item}, items[3:])
				})}, f)
			}
			for _, c := range pages[f.name] {
				check(t, c, f)
			}
			for name, feed := range f.whole {
				check(t, hostile{name: name, outcome: bad, bad: plain(body(feed))}, f)
			}
		}
	})
	t.Logf("%d feeds", salt)
	if n := g.rows("SELECT title FROM offering WHERE title ~ '[<\u202e]' OR coalesce(description_html, '') ~* '<(script|img)|on[a-z]+=' OR coalesce(source_url, '') LIKE 'javascript:%' OR links::text LIKE '%javascript:%'"); len(n) > 0 {
		t.Errorf("came through: %v", n)
	}
}

// 100,000 events in one file are read as they come, within a few megabytes more than the file has.
func TestHundredThousand(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	const n = 100_000
	go func() {
		out := bufio.NewWriter(w)
		_, _ = out.WriteString("BEGIN:VCALENDAR\r\n")
		for i := range n {
			_, _ = fmt.Fprintf(out, "BEGIN:VEVENT\r\nUID:e%d\r\nDTSTART:202612%02dT%02d0000Z\r\nSUMMARY:Termin %d der Reihe\r\nEND:VEVENT\r\n", i, 1+i%28, i%24, i)
		}
		_, _ = out.WriteString("END:VCALENDAR\r\n")
		_ = w.CloseWithError(out.Flush())
	}()
	items := 0
	feed := &harvest.Feed{Body: r, Now: storetest.Noon, Zone: ent.Berlin, Emit: func(*harvest.Record) error { items++; return nil }, Refuse: func(r harvest.Refusal) error { return r }}
	if err := (harvest.ICal{}).Read(t.Context(), feed); err != nil || items != n {
		t.Errorf("%d events: %v", items, err)
	}
}
