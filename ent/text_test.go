package ent

import (
	"strings"
	"testing"
)

func TestSplitText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ posted, text, html string }{
		{"Preis < 5 € & mehr", "Preis < 5 € & mehr", ""},
		{" Zwei\r\nZeilen ", "Zwei\nZeilen", ""},
		{"<p>Eins</p><p>Zwei &amp; drei</p>", "Eins\n\nZwei & drei", "<p>Eins</p><p>Zwei &amp; drei</p>"},
		{"<p>Für alle</p>\n\n\n<ul><li>a</li><li>b</li></ul>", "Für alle\n\na\nb", "<p>Für alle</p>\n\n\n<ul><li>a</li><li>b</li></ul>"},
		{"<h1>Fest</h1><p onclick=x>am <b>Teich</b></p>", "Fest\n\nam Teich", "<h3>Fest</h3><p>am <b>Teich</b></p>"},
		{`<a href="javascript:alert(1)">x</a> <a href="https://a.example">y</a>`, "x y", `x <a href="https://a.example" rel="nofollow noreferrer">y</a>`},
		{"<script>alert(1)</script><style>p{}</style>gut", "gut", "gut"},
		{`<img src=x onerror=alert(1)>Bild <iframe src="//x"></iframe>`, "Bild", "Bild"},
		{"Zeile<br>Umbruch&nbsp;hier", "Zeile\nUmbruch hier", "Zeile<br>Umbruch\u00a0hier"},
	} {
		text, html := SplitText(c.posted)
		if text != c.text {
			t.Errorf("%q: text %q, want %q", c.posted, text, c.text)
		}
		if got := ""; html != nil {
			if got = *html; got != c.html {
				t.Errorf("%q: HTML %q, want %q", c.posted, got, c.html)
			}
		} else if c.html != "" {
			t.Errorf("%q: no HTML", c.posted)
		}
	}
	if got := TextToHTML("a < b\nc\n\n\nd"); got != "<p>a &lt; b<br>c</p><p>d</p>" {
		t.Error(got)
	}
}

func FuzzSplitText(f *testing.F) {
	f.Add("<p>x</p>")
	f.Add("<<a href=javascript:x>")
	f.Fuzz(func(t *testing.T, s string) {
		if _, html := SplitText(s); html != nil {
			low := strings.ToLower(*html)
			for _, bad := range []string{"<script", "javascript:", "<img", "<iframe", "onerror=\""} {
				if strings.Contains(low, bad) && !strings.Contains(low, "&lt;") {
					t.Errorf("%q gives %q", s, *html)
				}
			}
			if _, again := SplitText(*html); again != nil && policy.Sanitize(*again) != *again {
				t.Errorf("%q is not stable", *html)
			}
		}
	})
}

func TestSortKey(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"Ärztehaus": "arztehaus", "  Straße & Weg ": "strasse weg", "Éclair": "eclair", "Bad Belzig/Flä.": "bad belzig fla", "": "", "!!": "", "Łódź 2": "łodz 2",
		strings.Repeat("ä", 500): strings.Repeat("a", 113),
	} {
		if got := SortKey(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	id := NewID()
	if got, ok := ParseOfferingID(OfferingID(id)); !ok || got != id {
		t.Error("an id did not come back")
	}
	for _, s := range []string{"", "off_", ProviderID(id), "off_" + strings.ToUpper(id.String()), "off_{" + id.String() + "}", OfferingID(id) + "0"} {
		if _, ok := ParseOfferingID(s); ok {
			t.Errorf("%q was taken", s)
		}
	}
	for _, s := range []string{"occ_" + id.String(), "occ_" + id.String() + "_", "occ_" + id.String() + "_1x", "occ_" + id.String() + "_01", "occ_" + id.String() + "_99999999999999"} {
		if _, _, ok := ParseOccurrenceID(s); ok {
			t.Errorf("%q was taken", s)
		}
	}
	for s, ok := range map[string]bool{"12069020": true, "mun_12069020": true, "1206902": false, "1206902x": false, "": false} {
		if _, got := ParseAGS(s); got != ok {
			t.Errorf("AGS %q: %v", s, got)
		}
	}
	for s, ok := range map[string]bool{"de": true, "de-simple": true, "hsb": true, "zh-Hant-TW": true, "d": false, "deutsch": false, "de-": false, "de_DE": false, "": false} {
		if got := ValidLocale(s); got != ok {
			t.Errorf("locale %q: %v", s, got)
		}
	}
}
