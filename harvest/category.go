package harvest

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"umland/ent"
)

//go:embed category.csv
var categoryTable string

// categoryMost is how many categories an item is given.
const categoryMost = 4

// categoryWords is the crosswalk from what feeds say to categories: types and tags as they are written, German words folded.
type categoryWords struct {
	exact   map[string]string // folded words and phrases, types, tags, labels and slugs
	endings []categoryEnding  // words that decide what a compound is: Sommer-konzert; the longest first
	above   map[string]string
}

type categoryEnding struct{ word, slug string }

// categoryShortest is how many letters the end of a compound must have to be recognised: "sport" is in too many words.
const categoryShortest = 6

func newCategoryWords() (*categoryWords, error) {
	rows, err := csv.NewReader(strings.NewReader(categoryTable)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("category.csv: %w", err)
	}
	all, _, err := ent.Vocabulary()
	if err != nil {
		return nil, err
	}
	w := &categoryWords{exact: map[string]string{}, above: map[string]string{}}
	for _, c := range all {
		w.exact[foldWord(c.Labels["de"])], w.exact[foldWord(c.Labels["en"])], w.exact[c.Slug] = c.Slug, c.Slug, c.Slug
		if c.ParentSlug != nil {
			w.above[c.Slug] = *c.ParentSlug
		} else {
			w.above[c.Slug] = ""
		}
	}
	for _, row := range rows[1:] {
		word, slug := row[0], row[1]
		if _, known := w.above[slug]; !known {
			return nil, fmt.Errorf("category.csv: %q is no category", slug)
		}
		if strings.ContainsAny(word, ":=") {
			w.exact[word] = slug
			continue
		}
		word = foldWord(word)
		w.exact[word] = slug
		if utf8.RuneCountInString(word) >= categoryShortest && !strings.Contains(word, " ") {
			w.endings = append(w.endings, categoryEnding{word, slug})
		}
	}
	slices.SortStableFunc(w.endings, func(a, b categoryEnding) int { return len(b.word) - len(a.word) })
	return w, nil
}

// foldWord writes words for comparison: lower case, umlauts spelled out, spaces for all that is no letter or digit.
func foldWord(s string) string {
	var b strings.Builder
	space := false
	for _, r := range strings.ToLower(s) {
		switch r {
		case 'ä':
			r, s = 'a', "e"
		case 'ö':
			r, s = 'o', "e"
		case 'ü':
			r, s = 'u', "e"
		case 'ß':
			r, s = 's', "s"
		case 'é', 'è':
			r, s = 'e', ""
		default:
			s = ""
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			space = true
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
		b.WriteString(s)
	}
	return b.String()
}

// of gives the categories that an item's tags say; where they say none, those that its title does. A category above another one is left out.
func (w *categoryWords) of(tags []string, title string) []string {
	var found []string
	add := func(slug string) {
		if slug != "" && !slices.Contains(found, slug) {
			found = append(found, slug)
		}
	}
	for _, tag := range tags[:min(len(tags), 50)] {
		if len(tag) > 200 {
			continue
		}
		if slug, ok := w.exact[tag]; ok {
			add(slug)
		} else if !strings.ContainsAny(tag, ":=") {
			w.words(foldWord(tag), add)
		}
	}
	if len(found) == 0 {
		w.words(foldWord(title), add)
	}
	found = slices.DeleteFunc(found, func(slug string) bool {
		return slices.ContainsFunc(found, func(other string) bool { return w.above[other] == slug })
	})
	return found[:min(len(found), categoryMost)]
}

// words looks for what a folded text names: all of it, two of its words, one of them, or what one of them ends with.
func (w *categoryWords) words(text string, add func(slug string)) {
	if slug, ok := w.exact[text]; ok {
		add(slug)
		return
	}
	words := strings.Fields(text)
	words = words[:min(len(words), 30)]
	for i := 0; i < len(words); i++ {
		if i+1 < len(words) {
			if slug, ok := w.exact[words[i]+" "+words[i+1]]; ok {
				add(slug)
				i++
				continue
			}
		}
		if slug, ok := w.exact[words[i]]; ok {
			add(slug)
			continue
		}
		for _, e := range w.endings {
			if len(words[i]) > len(e.word) && strings.HasSuffix(words[i], e.word) {
				add(e.slug)
				break
			}
		}
	}
}
