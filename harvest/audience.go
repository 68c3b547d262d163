package harvest

import (
	"regexp"
	"strconv"
	"strings"

	"umland/ent"
)

var (
	audienceYears = regexp.MustCompile(`(?i)(?:\bab\s+|\bvon\s+|\bfür\s+)?(\d{1,2})\s*(?:bis|-|–)?\s*(\d{1,2})?\s*(?:jahren?|j\.)`)

	// What a folded word begins with that names an audience, and what begins so and does not.
	audienceStarts = []struct {
		start string
		of    ent.Audience
	}{
		{"kind", ent.AudienceChildren}, {"vorschul", ent.AudienceChildren}, {"grundschul", ent.AudienceChildren}, {"schueler", ent.AudienceChildren},
		{"jugend", ent.AudienceYouth}, {"teenager", ent.AudienceYouth}, {"teens", ent.AudienceYouth},
		{"famili", ent.AudienceFamilies}, {"eltern", ent.AudienceFamilies},
		{"senior", ent.AudienceSeniors}, {"rentner", ent.AudienceSeniors}, {"ruhestaendler", ent.AudienceSeniors},
		{"erwachsen", ent.AudienceAdults},
		{"zugezogen", ent.AudienceNewcomers}, {"neuzugezogen", ent.AudienceNewcomers}, {"neubuerger", ent.AudienceNewcomers}, {"gefluechtet", ent.AudienceNewcomers}, {"zugewandert", ent.AudienceNewcomers},
		{"tourist", ent.AudienceVisitors}, {"urlaub", ent.AudienceVisitors}, {"gaeste", ent.AudienceVisitors},
	}
	audienceNot = []string{"kindergarten", "kindertagesst", "jugendstil", "familienname", "touristinformation", "touristinfo", "tourist information", "gaestehaus", "gaestezimmer", "gaestebuch", "kinderlos"}
)

// audiencesOf finds whom an item is for, from its own field, its tags and its title. What is not said is not known.
func audiencesOf(field string, tags []string, title string) (found []ent.Audience) {
	seen := map[ent.Audience]bool{}
	add := func(a ent.Audience) {
		if !seen[a] {
			seen[a] = true
			found = append(found, a)
		}
	}
	look := func(text string, field bool) {
		text = clipText(text, 500)
		folded := foldWord(text)
		for _, not := range audienceNot {
			folded = strings.ReplaceAll(folded, not, " ")
		}
		for _, w := range strings.Fields(folded) {
			for _, a := range audienceStarts {
				if strings.HasPrefix(w, a.start) && (field || !strings.Contains(a.start, "erwachsen")) {
					add(a.of)
					break
				}
			}
		}
		if m := audienceYears.FindStringSubmatch(text); field && m != nil {
			switch low, _ := strconv.Atoi(m[1]); {
			case low < 12:
				add(ent.AudienceChildren)
			case low < 18:
				add(ent.AudienceYouth)
			case low >= 60:
				add(ent.AudienceSeniors)
			default:
				add(ent.AudienceAdults)
			}
		}
	}
	look(field, true)
	for _, tag := range tags[:min(len(tags), 50)] {
		if !strings.ContainsAny(tag, ":=") {
			look(tag, true)
		}
	}
	look(title, false)
	return found
}

var (
	accessNo     = regexp.MustCompile(`(?i)\b(?:nicht|leider nicht|kein(?:en)?)\s+(?:barrierefrei|rollstuhl|stufenlos)`)
	accessPartly = regexp.MustCompile(`(?i)\b(?:bedingt|teilweise|eingeschränkt|begrenzt)\s+(?:barrierefrei|rollstuhl)|\bbarrierearm`)
	accessYes    = regexp.MustCompile(`(?i)\b(?:barrierefrei(?:e[rnms]?)?\b|rollstuhlgerecht|rollstuhlgeeignet|rollstuhlzugänglich|mit (?:dem )?rollstuhl (?:gut )?(?:zugänglich|erreichbar|befahrbar)|stufenlos)`)
)

// wheelchairIn looks for what a text says of wheelchairs.
func wheelchairIn(texts ...string) ent.Answer {
	for _, s := range texts {
		s = clipText(s, 20_000)
		switch {
		case accessNo.MatchString(s):
			return ent.AnswerNo
		case accessPartly.MatchString(s):
			return ent.AnswerPartly
		case accessYes.MatchString(s):
			return ent.AnswerYes
		}
	}
	return ent.AnswerUnknown
}

var onlineWord = regexp.MustCompile(`(?i)^\W*(?:online|virtuell|digital|im internet|internet|livestream|zoom|webex|ms teams|microsoft teams|big ?blue ?button|jitsi|videokonferenz|webinar)\b`)

// onlineTitle is what a title begins with that says that it is online.
var onlineTitle = regexp.MustCompile(`(?i)^\W*(?:online[- :]|webinar\b|virtuelle[rs]?\s|livestream\b)`)
