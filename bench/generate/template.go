package generate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"umland/demo"
	"umland/ent"
)

// In the texts of a template these stand where the name of the municipality and of its part were.
const (
	townMark = "\x01"
	partMark = "\x02"
)

// template is an offering of the demo region without the names of where it was.
type template struct {
	offering *ent.Offering
	place    *ent.Place
}

// trade is a sort of provider, with what such a provider offers.
type trade struct {
	key       string
	providers []*ent.Provider
	offerings []template
}

// templates takes the demo region apart. What is real in it, the weekly markets, is left out.
func templates(now time.Time, municipalities []*ent.Municipality) ([]*trade, error) {
	set, err := demo.Build(now, municipalities)
	if err != nil {
		return nil, err
	}
	towns := map[string]string{}
	for _, m := range municipalities {
		towns[m.AGS] = m.Name
	}
	for _, o := range set.Offerings { // the demo calls Breisach am Rhein Breisach
		if p := o.Place; p != nil && p.Locality != nil && strings.HasPrefix(towns[p.AGS], *p.Locality) {
			towns[p.AGS] = *p.Locality
		}
	}
	trades := map[string]*trade{}
	byProvider := map[string]*trade{}
	for _, p := range set.Providers {
		key, part, _ := strings.Cut(strings.TrimPrefix(*p.ExternalID, "demo-"), "-")
		s := trades[key]
		if s == nil {
			s = &trade{key: key}
			trades[key] = s
		}
		byProvider[p.ID.String()] = s
		c := *p
		c.Name = unname(c.Name, towns[p.AGS], part)
		s.providers = append(s.providers, &c)
	}
	for _, o := range set.Offerings {
		if strings.HasPrefix(*o.ExternalID, "demo-market-") {
			continue
		}
		s := byProvider[o.ProviderID.String()]
		if s == nil {
			return nil, fmt.Errorf("the demo's offering %q has no provider", o.Title)
		}
		_, part, _ := strings.Cut(strings.TrimPrefix(*o.ExternalID, "demo-"), "-")
		c := *o
		c.SourceID, c.SourceURL, c.RetrievedAt = nil, nil, nil
		replace := func(text *string) *string {
			if text == nil {
				return nil
			}
			t := unname(*text, towns[o.AGS], part)
			return &t
		}
		c.Title = *replace(&c.Title)
		c.Summary, c.Description, c.DescriptionHTML = replace(c.Summary), replace(c.Description), replace(c.DescriptionHTML)
		c.Translations = slices.Clone(c.Translations)
		for i := range c.Translations {
			t := &c.Translations[i]
			t.Title, t.Summary, t.Description = *replace(&t.Title), replace(t.Summary), replace(t.Description)
		}
		t := template{offering: &c}
		if o.Place != nil {
			p := *o.Place
			p.Name = *replace(&p.Name)
			t.place = &p
		}
		s.offerings = append(s.offerings, t)
	}
	list := make([]*trade, 0, len(trades))
	for _, s := range trades {
		if len(s.offerings) > 0 {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b *trade) int { return cmp.Compare(a.key, b.key) })
	return list, nil
}

// unname puts marks in the place of the municipality's name and of the part whose slug is part.
func unname(text, town, part string) string {
	text = replaceWord(text, town, townMark)
	if part == "" {
		return text
	}
	for _, name := range phrases(text) {
		if slug(name) == part {
			return replaceWord(text, name, partMark)
		}
	}
	return text
}

// replaceWord replaces name where it stands alone, or with the s of a genitive.
func replaceWord(text, name, by string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, name)
		if i < 0 || name == "" {
			b.WriteString(text)
			return b.String()
		}
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		rest := text[i+len(name):]
		after, size := utf8.DecodeRuneInString(rest)
		if after == 's' {
			after, _ = utf8.DecodeRuneInString(rest[size:])
		}
		b.WriteString(text[:i])
		if unicode.IsLetter(before) || unicode.IsLetter(after) {
			b.WriteString(name)
		} else {
			b.WriteString(by)
		}
		text = rest
	}
}

// phrases lists all runs of up to three words.
func phrases(text string) (list []string) {
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",:;.!?()", r) })
	for i := range words {
		for n := 1; n <= 3 && i+n <= len(words); n++ {
			list = append(list, strings.Join(words[i:i+n], " "))
		}
	}
	return list
}

var spelled = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss")

func slug(name string) string {
	return strings.Join(strings.FieldsFunc(spelled.Replace(strings.ToLower(name)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "-")
}
