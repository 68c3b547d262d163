package ent

import "testing"

// What was apart in HTML stays apart, whatever elements part it.
func TestSplitTextKeepsBlocksApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ posted, text, html string }{
		{"<div>Eins</div><div>Zwei</div>", "Eins\n\nZwei", "<p>Eins</p><p>Zwei</p>"},
		{"<div><div>Eins</div> danach</div>", "Eins\n\ndanach", "<p>Eins</p> danach"},
		{"<h1>Titel</h1>Text<h2>Zwei</h2>Mehr", "Titel\n\nText\n\nZwei\n\nMehr", "<h3>Titel</h3>Text<h3>Zwei</h3>Mehr"},
		{"<table><tr><td>Mo</td><td>8 Uhr</td></tr><tr><td>Di</td><td>9 Uhr</td></tr></table>", "Mo 8 Uhr\n\nDi 9 Uhr", "<p> Mo  8 Uhr </p><p> Di  9 Uhr </p>"},
		{"<dl><dt>Wo</dt><dd>Rathaus</dd></dl>", "Wo\n\nRathaus", "<p>Wo</p><p>Rathaus</p>"},
		{"Oben<hr>Unten", "Oben\nUnten", "Oben<br>Unten"},
		{"Wo<b>rt</b> und <span>Te</span>xt", "Wort und Text", "Wo<b>rt</b> und Text"},
		{"<p>a</p><ul><li>b</li></ul><div></div>", "a\n\nb", "<p>a</p><ul><li>b</li></ul>"},
		{"<script>alert('<div>')</script><div>x</div>", "x", "<p>x</p>"},
	} {
		text, htm := SplitText(c.posted)
		if text != c.text || htm == nil || *htm != c.html {
			t.Errorf("%s\ngot  %q %q\nwant %q %q", c.posted, text, *htm, c.text, c.html)
		}
	}
}
