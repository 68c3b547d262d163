package harvest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// workbook packs files as Excel does.
func workbook(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func xlsxFiles(sheet string) map[string]string {
	return map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="Alt" state="hidden" r:id="rId1"/><sheet name="Termine" r:id="rId2"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Target="worksheets/sheet2.xml"/></Relationships>`,
		"xl/styles.xml":              `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy\ hh:mm"/><numFmt numFmtId="165" formatCode="0.00&quot; Tage&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml":       `<sst><si><t>Titel</t></si><si><r><t>Sommer</t></r><r><t>fest</t></r><rPh><t>x</t></rPh></si><si><t>Preis</t></si></sst>`,
		"xl/worksheets/sheet1.xml":   `<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>`,
		"xl/worksheets/sheet2.xml":   `<worksheet><sheetData>` + sheet + `</sheetData></worksheet>`,
	}
}

// A workbook is read like the table that it shows: dates as dates, rows by their numbers, missing cells as empty ones.
func TestXLSX(t *testing.T) {
	t.Parallel()
	body := workbook(t, xlsxFiles(`<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="inlineStr"><is><t>Beginn</t></is></c><c r="C2" t="s"><v>2</v></c><c r="D2" t="str"><v>Ort</v></c></row>
		<row r="4"><c r="A4" t="s"><v>1</v></c><c r="B4" s="2"><v>46188.79166666667</v></c><c r="C4" s="3"><v>3.5</v></c></row>
		<row r="5"><c r="A5" t="inlineStr"><is><t>Markt; mit "Musik"</t></is></c><c r="B5" s="1"><v>46189</v></c><c r="C5" t="e"><v>#REF!</v></c><c r="D5" t="inlineStr"><is><t>Anger</t></is></c></row>
		<row r="7"><c r="A7" t="inlineStr"><is><t>Ohne Datum</t></is></c><c r="B7" t="inlineStr"><is><t>bald</t></is></c></row>`))
	got := fixtureRead(t, CSV{}, bytes.NewReader(body), "https://example.org/termine.xlsx", nil)
	var lines []string
	for _, r := range got.Records {
		place := ""
		if r.Place != nil {
			place = r.Place.Name + r.Place.Text
		}
		lines = append(lines, fmt.Sprintf("%s: %s %s %v %q %s", r.Item, r.Title, r.Schedule.Start.Format("2006-01-02 15:04"), r.Schedule.AllDay, r.PriceText, place))
	}
	for _, r := range got.Refusals {
		lines = append(lines, r.Item)
	}
	want := "Zeile 4: Sommerfest 2026-06-15 19:00 false \"3.5\" \nZeile 5: Markt; mit \"Musik\" 2026-06-16 00:00 true \"\" Anger\nZeile 7"
	if text := strings.Join(lines, "\n"); text != want || got.Error != "" {
		t.Errorf("%s %v\n%s\nwant\n%s", got.Error, got.Refusals, text, want)
	}
}

// Workbooks that mean harm end with a reason.
func TestXLSXHostile(t *testing.T) {
	t.Parallel()
	good := workbook(t, xlsxFiles(`<row r="1"><c t="s"><v>0</v></c></row>`))
	with := func(name, text string) []byte {
		files := xlsxFiles(`<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c></row>`)
		files[name] = text
		return workbook(t, files)
	}
	const sheet = "xl/worksheets/sheet2.xml"
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"cut off":                  {good[:len(good)/2], "beschädigt"},
		"no workbook":              {workbook(t, map[string]string{"a.txt": "x"}), "anderes ZIP-Archiv"},
		"spaces":                   {with(sheet, "<a>"+strings.Repeat(" ", 60_000_000)), "größer als 50 MB"},
		"deep":                     {with(sheet, strings.Repeat("<c>", 1_000_000)), "größer als 50 MB"},
		"deep formats":             {with("xl/styles.xml", strings.Repeat("<c>", 1_000_000)), "größer als 50 MB"},
		"a long cell":              {with(sheet, "<row><c><v>"+strings.Repeat("1", 5_000_000)), "größer als 50 MB"},
		"one text 1,000,000 times": {with(sheet, "<row>"+strings.Repeat(`<c t="inlineStr"><is><t>`+strings.Repeat("x", 60)+"</t></is></c></row><row>", 800_000)), "größer als 50 MB"},
		"the last row":             {with(sheet, `<s><row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="1048576"><c r="SR1048576"><v>1</v></c></row></s>`), ""},
		"entities":                 {with("xl/sharedStrings.xml", `<!DOCTYPE x [<!ENTITY a "aaaa">]><sst><si><t>&a;</t></si></sst>`), "beschädigt"},
		"no XML":                   {with(sheet, "<row><c></row>"), "beschädigt"},
		"numbers of others":        {with(sheet, `<s><row r="-5"><c r="ZZZZZ9" t="s"><v>99</v></c><c r="A1" t="s" s="99"><v>-1</v></c></row></s>`), "leer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := fixtureRead(t, CSV{}, bytes.NewReader(c.body), "https://example.org/x.xlsx", nil)
			if !strings.Contains(got.Error, c.want) || c.want == "" && got.Error != "" {
				t.Errorf("%.200q, want %q", got.Error, c.want)
			}
		})
	}
	fixtureMutations(t, CSV{}, good, nil)
}
