package harvest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
)

const (
	csvMaxColumns = 500
	csvMaxRow     = 1 << 20 // bytes
	csvHeadRows   = 15      // rows in which the names of the columns are looked for
)

// csvSum matches what the last line of a table begins with where it adds up the others.
var csvSum = regexp.MustCompile(`^(?i)(?:gesamt(?:summe|zahl|anzahl)?|zwischensumme|summe|insgesamt|total|anzahl|Σ)(?:\s*:.*|\s+\d.*)?$`)

// CSV reads tables: exports of spreadsheets and databases as text (RFC 4180 and what is made of it), or the first visible sheet of an Excel workbook (xlsx). The encoding (UTF-8, UTF-16, Windows-1252), the
// separator (semicolon, comma, tab, bar) and the row with the names of the columns are found out. What a column says is told by its name, in German or
// English, or by options of the source: the name of a column for id, title, summary, description, start, startTime, end, endTime, place, address,
// street, houseNumber, postalCode, locality, district, ags, latitude, longitude, x, y, point, category, audience, organizer, contact, email, phone,
// url, image, imageCredit, price, hours, wheelchair, languages, online, cancelled, capacity, features, licence, attribution, updated; also "kind" for
// all rows, "separator", and "crs" for coordinates in metres. A row with a date is an EVENT, one with coordinates only a FACILITY. Lines are counted
// as an editor counts them.
type CSV struct{}

// Name is "csv".
func (CSV) Name() string { return "csv" }

// Read implements Format.
func (CSV) Read(ctx context.Context, feed *Feed) error {
	options, err := columnReadOptions(feed.Options)
	if err != nil {
		return err
	}
	body, head, err := valueOpen(feed)
	if err != nil {
		return err
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		table, err := xlsxTable(body)
		if err != nil {
			return err
		}
		t := &csvTable{feed: feed, options: options, keys: columnKeys{}, separator: ';', records: true}
		return t.read(ctx, bytes.NewReader(table))
	}
	if what := valueSniff(head); what != "" {
		return valueError("Das ist keine CSV-Tabelle, sondern %s.", what)
	}
	if len(bytes.TrimSpace(head)) == 0 {
		return valueError("Die Tabelle ist leer.")
	}
	var in *bufio.Reader
	if !bytes.Contains(head, []byte{0}) {
		// Bytes of Windows-1252 are found cell by cell: they may come after any number of rows that have none.
		_, _ = body.Discard(len(head) - len(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))))
		in = body
	} else {
		in = bufio.NewReaderSize(valueUTF8(body, head), valueHead)
	}
	if head, err = in.Peek(valueHead); err != nil && err != io.EOF {
		return valueError("Die Quelle war nicht zu Ende zu lesen: %w", err)
	}
	t := &csvTable{feed: feed, options: options, keys: columnKeys{}}
	if first, _, _ := bytes.Cut(head, []byte("\n")); bytes.HasPrefix(bytes.ToLower(first), []byte("sep=")) && len(bytes.TrimSpace(first)) == 5 { // Excel's own line
		if _, err := in.Discard(min(len(first)+1, len(head))); err != nil {
			return valueError("Die Quelle war nicht zu Ende zu lesen: %w", err)
		}
		t.above = 1
		t.separator = rune(first[4])
	}
	switch s := feed.Options["separator"]; strings.ToLower(s) {
	case "":
	case "tab", "\\t":
		t.separator = '\t'
	case ";", ",", "|", "\t":
		t.separator = rune(s[0])
	default:
		return valueError("Die Einstellung „separator“ der Quelle ist %s; möglich sind ; , | und tab.", valueQuote(s))
	}
	if t.separator == 0 {
		t.separator = csvSeparator(head)
	}
	return t.read(ctx, in)
}

// csvSeparator takes the sign that parts most of the first rows into the same number of columns.
func csvSeparator(head []byte) rune {
	best, bestScore := ';', -1
	for _, sign := range ";,\t|" {
		counts := map[int]int{}
		rows, quoted, n := 0, false, 0
		for _, c := range head {
			switch {
			case c == '"':
				quoted = !quoted
			case quoted:
			case c == byte(sign):
				n++
			case c == '\n':
				counts[n]++
				n = 0
				rows++
			}
			if rows == 50 {
				break
			}
		}
		if n > 0 {
			counts[n]++
		}
		score := 0
		for n, times := range counts {
			if n > 0 {
				score = max(score, times*1000+n)
			}
		}
		if score > bestScore {
			best, bestScore = sign, score
		}
	}
	return best
}

type csvTable struct {
	feed      *Feed
	options   *columnOptions
	separator rune
	above     int  // lines before those that the reader counts
	records   bool // records are counted, not lines
	names     []string
	quoted    [][]byte // the names as JSON
	columns   []columnAlias
	width     int // columns to the last that has a name
	keys      columnKeys
	open      int // the line of the last row, if it ends with a text of several lines
}

func (t *csvTable) read(ctx context.Context, in io.Reader) error {
	quotes := &csvQuotes{r: in}
	reader := csv.NewReader(quotes)
	reader.Comma = t.separator
	reader.LazyQuotes = true
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	var first []string
	for rows := 0; ; rows++ {
		if rows%256 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		row, err := reader.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return valueError("Die Quelle war nicht zu Ende zu lesen: %w", err)
		}
		line, _ := reader.FieldPos(0)
		if line += t.above; t.records {
			line = rows + 1
		}
		size := 0
		for _, cell := range row {
			size += len(cell)
		}
		if t.columns == nil {
			if len(row) > csvMaxColumns || size > csvMaxRow {
				return valueError("Das ist keine CSV-Tabelle: ihre ersten Zeilen sind zu lang.")
			}
			if first == nil && size > 0 {
				first = append(first, row...)
			}
			if t.head(row) {
				continue
			}
			if rows == csvHeadRows {
				break
			}
			continue
		}
		if err := t.row(row, line, size); err != nil {
			return err
		}
	}
	if t.columns == nil {
		return t.noHead(first)
	}
	if t.open > 0 && quotes.n%2 == 1 {
		return valueError("Das Anführungszeichen, das in Zeile %d beginnt, wird nicht geschlossen; alles danach wäre ein einziger Text.", t.open)
	}
	for c, name := range t.options.given {
		if name == "" {
			continue
		}
		found := false
		for _, have := range t.names {
			found = found || columnFold(have) == columnFold(name)
		}
		if !found {
			return valueError("Die Spalte %s, die für „%s“ eingestellt ist, gibt es nicht. Es gibt: %s.", valueQuote(name), columnNames[c].option, strings.Join(t.names, ", "))
		}
	}
	return nil
}

// head takes the row as the names of the columns, if one of them is a title.
func (t *csvTable) head(row []string) bool {
	columns := make([]columnAlias, len(row))
	title, named := false, 0
	for i, cell := range row {
		columns[i] = t.options.columnFind(valueText(cell))
		title = title || columns[i].column == columnTitle
		if strings.TrimSpace(cell) != "" {
			named++
		}
		if name := columnFold(cell); i > 0 && columns[i-1].column == columnStreet && (name == "nr" || name == "nummer") && columns[i].column == columnID {
			columns[i] = columnAlias{columnHouseNumber, 0}
		}
	}
	if !title || named == 1 && len(row) > 1 { // a heading above the table stands alone
		return false
	}
	t.columns = columns
	for i, cell := range row {
		name := valueLine(cell)
		if name != "" {
			t.width = i + 1
		}
		t.names = append(t.names, name)
		quoted, err := json.Marshal(name)
		if err != nil {
			quoted = []byte(`""`) // cannot be: it is a text
		}
		t.quoted = append(t.quoted, quoted)
	}
	return true
}

func (t *csvTable) noHead(first []string) error {
	if len(first) == 0 {
		return valueError("Die Tabelle ist leer.")
	}
	for i := range first {
		first[i] = valueQuote(first[i])
	}
	if name := t.options.given[columnTitle]; name != "" {
		return valueError("Die Spalte %s, die für „title“ eingestellt ist, gibt es nicht. Die erste Zeile hat: %s.", valueQuote(name), strings.Join(first[:min(len(first), 30)], ", "))
	}
	return valueError("Keine Spalte heißt wie ein Titel (Titel, Name, Bezeichnung, Veranstaltung). Die erste Zeile hat: %s. Welche Spalte der Titel ist, kann in den Einstellungen der Quelle stehen.", strings.Join(first[:min(len(first), 30)], ", "))
}

func (t *csvTable) row(row []string, line, size int) error {
	item := fmt.Sprintf("Zeile %d", line)
	refuse := func(format string, args ...any) error {
		return t.feed.Refuse(Refusal{item, fmt.Sprintf(format, args...)})
	}
	t.open = 0
	if strings.Contains(row[len(row)-1], "\n") {
		t.open = line
	}
	empty, sum, width := true, false, 0
	for i, cell := range row {
		if cell = strings.TrimSpace(cell); cell != "" {
			if empty {
				sum = csvSum.MatchString(cell)
			} else if _, number := valueNumber(cell); !number {
				sum = false
			}
			empty = false
			width = i + 1
		}
	}
	switch {
	case empty:
		return nil
	case sum:
		return refuse("kein Eintrag, sondern eine Summe")
	case size > csvMaxRow:
		return refuse("die Zeile ist länger als %d MB; vermutlich fehlt ein Anführungszeichen", csvMaxRow>>20)
	case width > len(t.columns):
		return refuse("%d Spalten statt %d; ein Text mit Trennzeichen muss in Anführungszeichen stehen", width, len(t.columns))
	case len(row) < t.width:
		return refuse("%d Spalten statt %d; ein Text mit Zeilenumbruch muss in Anführungszeichen stehen", len(row), t.width)
	}
	var values columnValues
	raw := make([]byte, 1, size+size/2+16*len(row))
	raw[0] = '{'
	for i, cell := range row[:min(len(row), len(t.columns))] {
		if cell == "" {
			continue
		}
		text := valueText(cell)
		values.put(t.columns[i], text)
		if len(raw) > 1 {
			raw = append(raw, ',')
		}
		raw = append(append(raw, t.quoted[i]...), ':')
		raw = csvQuote(raw, text)
	}
	raw = append(raw, '}')
	r, err := values.record(t.feed, t.options, nil)
	if err != nil {
		return refuse("%s", err)
	}
	r.Item, r.Raw = item, raw
	if before, ok := t.keys.take(r, line); !ok {
		return refuse("steht schon in Zeile %d", before)
	}
	return t.feed.Emit(r)
}

// csvQuotes counts quotation marks: an odd number, and a text of several lines at the end, are one that is never closed.
type csvQuotes struct {
	r io.Reader
	n int
}

func (q *csvQuotes) Read(p []byte) (int, error) {
	n, err := q.r.Read(p)
	q.n += bytes.Count(p[:n], []byte{'"'})
	return n, err
}

// csvQuote appends a clean text as JSON.
func csvQuote(to []byte, text string) []byte {
	to = append(to, '"')
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"', '\\':
			to = append(to, '\\', c)
		case '\n':
			to = append(to, '\\', 'n')
		case '\t':
			to = append(to, '\\', 't')
		default:
			to = append(to, c)
		}
	}
	return append(to, '"')
}
