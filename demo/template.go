package demo

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"
)

// record is a block of "key: value" lines of a data file.
type record struct {
	where  string // file and line, for errors
	fields map[string]string
}

func (r *record) get(key string) string { return r.fields[key] }

// words gives the value's words, which spaces or commas part.
func (r *record) words(key string) []string {
	return strings.FieldsFunc(r.fields[key], func(c rune) bool { return c == ' ' || c == ',' })
}

// readRecords reads a data file: records are parted by blank lines, lines that begin with # are remarks, and a line
// that begins with two spaces goes on with the value above.
func readRecords(name string) ([]*record, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []*record
	var current *record
	last := ""
	scanner := bufio.NewScanner(f)
	for n := 1; scanner.Scan(); n++ {
		line := scanner.Text()
		where := fmt.Sprintf("%s:%d", name, n)
		key, value, ok := strings.Cut(line, ": ")
		switch {
		case strings.TrimSpace(line) == "":
			current = nil
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "  ") && current != nil:
			current.fields[last] += " " + strings.TrimSpace(line)
		case !ok:
			return nil, fmt.Errorf("%s: want key: value", where)
		default:
			if current == nil {
				current = &record{where: where, fields: map[string]string{}}
				out = append(out, current)
			}
			if _, twice := current.fields[key]; twice {
				return nil, fmt.Errorf("%s: %s is there twice", where, key)
			}
			current.fields[key], last = strings.TrimSpace(value), key
		}
	}
	return out, scanner.Err()
}

var (
	placeholder = regexp.MustCompile(`\[(~?[a-z]+)\]`)
	choice      = regexp.MustCompile(`\{([^{}]*)\}`)
)

// facts returns the names of the facts that the record's values ask for.
func (r *record) facts() []string {
	var out []string
	for _, value := range r.fields {
		for _, m := range placeholder.FindAllStringSubmatch(value, -1) {
			if !strings.HasPrefix(m[1], "~") {
				out = append(out, m[1])
			}
		}
	}
	return out
}

// filler fills templates in: [name] with a fact, [~name] with a phrase, {a|b} with one of the choices. Which one follows
// from the seed and the place of the choice alone.
type filler struct {
	seed    string
	facts   map[string]string
	phrases map[string]string
}

// fill fills one template in; field keeps its choices apart from those of other templates with the same seed.
func (f *filler) fill(field, template string) string {
	for placeholder.MatchString(template) {
		template = placeholder.ReplaceAllStringFunc(template, func(m string) string {
			name := strings.Trim(m, "[]")
			if phrase, ok := strings.CutPrefix(name, "~"); ok {
				return f.phrases[phrase]
			}
			return f.facts[name]
		})
	}
	for n := 0; choice.MatchString(template); n++ {
		at := choice.FindStringSubmatchIndex(template)
		options := strings.Split(template[at[2]:at[3]], "|")
		template = template[:at[0]] + options[pick(len(options), f.seed, field, fmt.Sprint(n))] + template[at[1]:]
	}
	return strings.Join(strings.Fields(template), " ")
}

// hash spreads names evenly over 64 bits, the same on every run.
func hash(names ...string) uint64 {
	h := fnv.New64a()
	for _, name := range names {
		h.Write([]byte(name))
		h.Write([]byte{0})
	}
	x := h.Sum64() // FNV leaves the high bits of short names alike; the finaliser of SplitMix64 spreads them
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// pick chooses one of n by the names.
func pick(n int, names ...string) int { return int(hash(names...) % uint64(n)) }

// share is a number in [0, 1) that follows from the names.
func share(names ...string) float64 { return float64(hash(names...)>>11) / (1 << 53) }

// slug gives a name in lower-case ASCII with hyphens, as it would stand in a web address.
func slug(s string) string {
	s = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss").Replace(strings.ToLower(s))
	return strings.Join(strings.FieldsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9')
	}), "-")
}
