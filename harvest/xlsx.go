package harvest

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	xlsxMaxFile    = 20_000_000 // bytes of the workbook
	xlsxMaxBytes   = 50_000_000 // of what is read of it, inflated, and of the table
	xlsxMaxStrings = 1_000_000
	xlsxMaxRows    = 1_048_576 // of a sheet of Excel
	xlsxMaxDepth   = 50
)

var errXLSXLarge = errors.New("the workbook is too large")

// xlsxBook is a workbook of Excel and others (ECMA-376), as far as its first sheet needs.
type xlsxBook struct {
	zip     *zip.Reader
	left    int64 // bytes that may still be inflated
	strings []string
	dates   []bool // of the cell formats: whether it shows a date or a time
	epoch   time.Time
}

// xlsxTable gives the first sheet of a workbook as CSV with semicolons, a record for each of its rows. Dates are written as in ISO 8601. Its errors are for a clerk.
func xlsxTable(body io.Reader) ([]byte, error) {
	file, err := io.ReadAll(io.LimitReader(body, xlsxMaxFile+1))
	if err != nil {
		return nil, valueError("Die Quelle war nicht zu Ende zu lesen: %w", err)
	}
	if len(file) > xlsxMaxFile {
		return nil, valueError("Die Excel-Datei ist größer als %d MB.", xlsxMaxFile/1_000_000)
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, valueError("Die Excel- oder ZIP-Datei ist beschädigt oder unvollständig.")
	}
	b := &xlsxBook{zip: z, left: xlsxMaxBytes, epoch: time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)}
	table, err := b.table()
	var known valueKnown
	switch {
	case errors.Is(err, errXLSXLarge):
		return nil, valueError("Die Excel-Datei ist ausgepackt größer als %d MB.", xlsxMaxBytes/1_000_000)
	case errors.As(err, &known):
		return nil, err
	case err != nil:
		return nil, valueError("Die Excel- oder ZIP-Datei ist beschädigt oder unvollständig.")
	}
	return table, nil
}

// valueKnown is an error that says already what a clerk can do about it.
type valueKnown struct{ message string }

func (k valueKnown) Error() string { return k.message }

func (b *xlsxBook) table() ([]byte, error) {
	first, target := "", "xl/worksheets/sheet1.xml"
	found, err := b.read("xl/workbook.xml", func(e xml.StartElement, _ *xml.Decoder) (read bool, err error) {
		switch e.Name.Local {
		case "workbookPr":
			if v := xlsxAttr(e, "date1904"); v == "1" || v == "true" {
				b.epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
			}
		case "sheet":
			if state := xlsxAttr(e, "state"); first == "" && (state == "" || state == "visible") {
				first = xlsxAttr(e, "id")
			}
		}
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, valueKnown{"Das ist kein CSV und keine Excel-Datei (xlsx), sondern ein anderes ZIP-Archiv oder Office-Dokument."}
	}
	if _, err := b.read("xl/_rels/workbook.xml.rels", func(e xml.StartElement, _ *xml.Decoder) (read bool, err error) {
		if t := xlsxAttr(e, "Target"); e.Name.Local == "Relationship" && first != "" && xlsxAttr(e, "Id") == first {
			if target = path.Join("xl", t); strings.HasPrefix(t, "/") {
				target = t[1:]
			}
		}
		return false, nil
	}); err != nil {
		return nil, err
	}
	if err := b.formats(); err != nil {
		return nil, err
	}
	if _, err := b.read("xl/sharedStrings.xml", func(e xml.StartElement, d *xml.Decoder) (read bool, err error) {
		if e.Name.Local != "si" {
			return false, nil
		}
		if len(b.strings) == xlsxMaxStrings {
			return false, errXLSXLarge
		}
		text, err := xlsxText(d)
		b.strings = append(b.strings, text)
		return true, err
	}); err != nil {
		return nil, err
	}
	return b.sheet(target)
}

// formats finds the cell formats that show dates.
func (b *xlsxBook) formats() error {
	own := map[string]bool{}
	cells := false
	_, err := b.read("xl/styles.xml", func(e xml.StartElement, _ *xml.Decoder) (read bool, err error) {
		switch e.Name.Local {
		case "numFmt":
			if len(own) < 10_000 {
				own[xlsxAttr(e, "numFmtId")] = xlsxIsDate(xlsxAttr(e, "formatCode"))
			}
		case "cellXfs", "cellStyleXfs", "cellStyles", "dxfs":
			cells = e.Name.Local == "cellXfs"
		case "xf":
			if cells && len(b.dates) < 100_000 {
				id := xlsxAttr(e, "numFmtId")
				n, _ := strconv.Atoi(id)
				b.dates = append(b.dates, own[id] || n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58)
			}
		}
		return false, nil
	})
	return err
}

// xlsxIsDate tells whether a format of numbers is one of dates or times: it has their letters outside of quotation marks and brackets.
func xlsxIsDate(code string) bool {
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case !bracket && strings.IndexByte("yYdDhHsSmMjJtT", c) >= 0:
			return true
		}
	}
	return false
}

// sheet writes the rows.
func (b *xlsxBook) sheet(name string) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma = ';'
	var row []string
	line, width := 0, 1
	write := func() error {
		if line == 0 {
			return nil
		}
		w.Flush()
		if out.Len() > xlsxMaxBytes {
			return errXLSXLarge
		}
		width = max(width, len(row))
		for len(row) < width {
			row = append(row, "")
		}
		if width == 1 && row[0] == "" { // or it would be no record
			_, err := out.WriteString("\"\"\n")
			return err
		}
		return w.Write(row)
	}
	found, err := b.read(name, func(e xml.StartElement, d *xml.Decoder) (read bool, err error) {
		switch e.Name.Local {
		case "row":
			next := line + 1
			if n, err := strconv.Atoi(xlsxAttr(e, "r")); err == nil && n > line && n <= xlsxMaxRows {
				next = n
			}
			for ; line < next; line++ {
				if err := write(); err != nil {
					return false, err
				}
				row = row[:0]
			}
		case "c":
			value, err := b.cell(e, d)
			if err != nil {
				return true, err
			}
			column := len(row)
			if n := xlsxColumn(xlsxAttr(e, "r")); n > 0 {
				column = n - 1
			}
			if value == "" || column >= csvMaxColumns-1 {
				return true, nil
			}
			for len(row) <= column {
				row = append(row, "")
			}
			row[column] = value
			return true, nil
		}
		return false, nil
	})
	if err == nil && !found {
		err = valueKnown{"Die Excel-Datei hat keine Tabelle."}
	}
	if err == nil {
		err = write()
	}
	if err != nil {
		return nil, err
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// cell reads a cell, up to its end.
func (b *xlsxBook) cell(e xml.StartElement, d *xml.Decoder) (string, error) {
	text, err := xlsxText(d)
	if err != nil {
		return "", err
	}
	switch xlsxAttr(e, "t") {
	case "s":
		if i, err := strconv.Atoi(text); err == nil && i >= 0 && i < len(b.strings) {
			return b.strings[i], nil
		}
		return "", nil
	case "e":
		return "", nil
	case "", "n":
		style, err := strconv.Atoi(xlsxAttr(e, "s"))
		if err != nil || style < 0 || style >= len(b.dates) || !b.dates[style] {
			return text, nil
		}
		days, err := strconv.ParseFloat(text, 64)
		if err != nil || !(days >= 0 && days < 3e6) {
			return text, nil
		}
		seconds := int64(math.Round(days * 24 * 60 * 60))
		at := b.epoch.Add(time.Duration(seconds) * time.Second)
		switch {
		case days < 1:
			return at.Format("15:04"), nil
		case seconds%(24*60*60) == 0:
			return at.Format(time.DateOnly), nil
		}
		return at.Format("2006-01-02 15:04"), nil
	}
	return text, nil
}

// xlsxText gives the texts below an element up to its end: of v, t and is, not those that say how to pronounce or reckon it.
func xlsxText(d *xml.Decoder) (string, error) {
	var text []byte
	var stack []string
	for {
		token, err := d.Token()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if stack = append(stack, token.Name.Local); len(stack) > xlsxMaxDepth {
				return "", errXLSXLarge
			}
		case xml.EndElement:
			if len(stack) == 0 {
				return string(text), nil
			}
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if n := len(stack); n > 0 && (stack[n-1] == "v" || stack[n-1] == "t") && !slices.Contains(stack, "rPh") {
				if text = append(text, token...); len(text) > csvMaxRow {
					return "", errXLSXLarge
				}
			}
		}
	}
}

// xlsxColumn gives the number of the column of a cell: 2 for "B7"; 0 for none.
func xlsxColumn(ref string) (n int) {
	for _, c := range []byte(ref[:min(len(ref), 4)]) {
		if c < 'A' || c > 'Z' {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	return n
}

func xlsxAttr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// read gives each element of a file of the workbook to use, which says whether it has read it to its end; found is false where there is no such file.
func (b *xlsxBook) read(name string, use func(xml.StartElement, *xml.Decoder) (bool, error)) (found bool, err error) {
	i := slices.IndexFunc(b.zip.File, func(f *zip.File) bool { return f.Name == name })
	if i < 0 {
		return false, nil
	}
	in, err := b.zip.File[i].Open()
	if err != nil {
		return true, err
	}
	defer func() { _ = in.Close() }()
	d := xml.NewDecoder(xlsxBounded{in, b})
	for depth := 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return true, err
		}
		switch token := token.(type) {
		case xml.Directive:
			return true, fmt.Errorf("%s has a document type", name)
		case xml.EndElement:
			depth--
		case xml.StartElement:
			if depth++; depth > xlsxMaxDepth {
				return true, errXLSXLarge
			}
			ended, err := use(token, d)
			if err != nil {
				return true, err
			}
			if ended {
				depth--
			}
		}
	}
}

// xlsxBounded counts what is inflated.
type xlsxBounded struct {
	r io.Reader
	b *xlsxBook
}

func (x xlsxBounded) Read(p []byte) (int, error) {
	if x.b.left <= 0 {
		return 0, errXLSXLarge
	}
	n, err := x.r.Read(p)
	x.b.left -= int64(n)
	return n, err
}
