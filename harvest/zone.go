package harvest

import (
	"regexp"
	"strings"
	"time"
)

// zoneNamed gives the zone that a feed calls by name: an IANA name, also behind a prefix such as "/mozilla.org/20050126_1/", a name that Windows
// uses ("W. Europe Standard Time"), or a display name of Outlook in English or German that lists Berlin. A fixed offset ("UTC+01:00") is a zone
// only where the name says no more. The name of the location is an IANA name that time.LoadLocation finds. It is nil for what is not known.
func zoneNamed(name string) *time.Location {
	name = strings.Trim(strings.TrimSpace(name), `"`)
	if name == "" || len(name) > 200 {
		return nil
	}
	if z := zoneIANA(name); z != nil {
		return z
	}
	if iana, ok := windowsZones[strings.ToLower(name)]; ok {
		return zoneIANA(iana)
	}
	if m := zoneOffset.FindStringSubmatch(name); m != nil {
		hours := strings.TrimLeft(m[2], "0")
		switch {
		case m[3] != "" && m[3] != "00":
			return nil
		case hours == "":
			return time.UTC
		case m[1] == "+": // the signs of Etc/GMT zones are those of POSIX
			return zoneIANA("Etc/GMT-" + hours)
		default:
			return zoneIANA("Etc/GMT+" + hours)
		}
	}
	if zoneBerlin.MatchString(name) {
		return zoneIANA("Europe/Berlin")
	}
	return nil
}

var (
	zoneOffset = regexp.MustCompile(`^\(?(?:UTC|GMT) ?([+-])(\d\d?)(?::?(\d\d))?\)?$`)
	zoneBerlin = regexp.MustCompile(`(?i)\bBerlin\b`)
)

func zoneIANA(name string) *time.Location {
	for _, prefix := range []string{"posix/", "right/", "tzone://Microsoft/", "/posix/"} {
		name = strings.TrimPrefix(name, prefix)
	}
	switch strings.ToUpper(name) {
	case "UTC", "Z", "GMT", "ETC/UTC", "ETC/GMT":
		return time.UTC
	case "LOCAL", "":
		return nil
	}
	load := func(name string) *time.Location {
		// Case matters, or not, by the file system: the names that are written otherwise are not tried.
		if loc, err := time.LoadLocation(name); err == nil && zoneForm.MatchString(name) {
			return loc
		}
		return nil
	}
	if z := load(name); z != nil {
		return z
	}
	parts := strings.Split(name, "/")
	for n := 3; n >= 2; n-- {
		if len(parts) > n && parts[0] == "" {
			if z := load(strings.Join(parts[len(parts)-n:], "/")); z != nil {
				return z
			}
		}
	}
	return nil
}

var zoneForm = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+/-]{2,}$`)

// windowsZones has, in lower case, the names that Windows has for zones with what CLDR (windowsZones.xml, territory 001) says they are, and some of
// other programs.
var windowsZones = map[string]string{
	"aus central standard time":       "Australia/Darwin",
	"aus eastern standard time":       "Australia/Sydney",
	"afghanistan standard time":       "Asia/Kabul",
	"alaskan standard time":           "America/Anchorage",
	"aleutian standard time":          "America/Adak",
	"altai standard time":             "Asia/Barnaul",
	"arab standard time":              "Asia/Riyadh",
	"arabian standard time":           "Asia/Dubai",
	"arabic standard time":            "Asia/Baghdad",
	"argentina standard time":         "America/Buenos_Aires",
	"astrakhan standard time":         "Europe/Astrakhan",
	"atlantic standard time":          "America/Halifax",
	"aus central w. standard time":    "Australia/Eucla",
	"azerbaijan standard time":        "Asia/Baku",
	"azores standard time":            "Atlantic/Azores",
	"bahia standard time":             "America/Bahia",
	"bangladesh standard time":        "Asia/Dhaka",
	"belarus standard time":           "Europe/Minsk",
	"bougainville standard time":      "Pacific/Bougainville",
	"canada central standard time":    "America/Regina",
	"cape verde standard time":        "Atlantic/Cape_Verde",
	"caucasus standard time":          "Asia/Yerevan",
	"cen. australia standard time":    "Australia/Adelaide",
	"central america standard time":   "America/Guatemala",
	"central asia standard time":      "Asia/Bishkek",
	"central brazilian standard time": "America/Cuiaba",
	"central europe standard time":    "Europe/Budapest",
	"central pacific standard time":   "Pacific/Guadalcanal",
	"central standard time":           "America/Chicago",
	"central standard time (mexico)":  "America/Mexico_City",
	"chatham islands standard time":   "Pacific/Chatham",
	"china standard time":             "Asia/Shanghai",
	"cuba standard time":              "America/Havana",
	"e. africa standard time":         "Africa/Nairobi",
	"e. australia standard time":      "Australia/Brisbane",
	"e. europe standard time":         "Europe/Chisinau",
	"e. south america standard time":  "America/Sao_Paulo",
	"easter island standard time":     "Pacific/Easter",
	"eastern standard time":           "America/New_York",
	"eastern standard time (mexico)":  "America/Cancun",
	"egypt standard time":             "Africa/Cairo",
	"ekaterinburg standard time":      "Asia/Yekaterinburg",
	"fle standard time":               "Europe/Kiev",
	"fiji standard time":              "Pacific/Fiji",
	"gmt standard time":               "Europe/London",
	"gtb standard time":               "Europe/Bucharest",
	"georgian standard time":          "Asia/Tbilisi",
	"greenland standard time":         "America/Godthab",
	"greenwich standard time":         "Atlantic/Reykjavik",
	"haiti standard time":             "America/Port-au-Prince",
	"hawaiian standard time":          "Pacific/Honolulu",
	"india standard time":             "Asia/Calcutta",
	"iran standard time":              "Asia/Tehran",
	"israel standard time":            "Asia/Jerusalem",
	"jordan standard time":            "Asia/Amman",
	"kaliningrad standard time":       "Europe/Kaliningrad",
	"korea standard time":             "Asia/Seoul",
	"libya standard time":             "Africa/Tripoli",
	"line islands standard time":      "Pacific/Kiritimati",
	"lord howe standard time":         "Australia/Lord_Howe",
	"magadan standard time":           "Asia/Magadan",
	"magallanes standard time":        "America/Punta_Arenas",
	"marquesas standard time":         "Pacific/Marquesas",
	"mauritius standard time":         "Indian/Mauritius",
	"middle east standard time":       "Asia/Beirut",
	"montevideo standard time":        "America/Montevideo",
	"morocco standard time":           "Africa/Casablanca",
	"mountain standard time":          "America/Denver",
	"mountain standard time (mexico)": "America/Mazatlan",
	"myanmar standard time":           "Asia/Rangoon",
	"n. central asia standard time":   "Asia/Novosibirsk",
	"namibia standard time":           "Africa/Windhoek",
	"nepal standard time":             "Asia/Katmandu",
	"new zealand standard time":       "Pacific/Auckland",
	"newfoundland standard time":      "America/St_Johns",
	"norfolk standard time":           "Pacific/Norfolk",
	"north asia east standard time":   "Asia/Irkutsk",
	"north asia standard time":        "Asia/Krasnoyarsk",
	"north korea standard time":       "Asia/Pyongyang",
	"omsk standard time":              "Asia/Omsk",
	"pacific sa standard time":        "America/Santiago",
	"pacific standard time":           "America/Los_Angeles",
	"pacific standard time (mexico)":  "America/Tijuana",
	"pakistan standard time":          "Asia/Karachi",
	"paraguay standard time":          "America/Asuncion",
	"qyzylorda standard time":         "Asia/Qyzylorda",
	"romance standard time":           "Europe/Paris",
	"russia time zone 10":             "Asia/Srednekolymsk",
	"russia time zone 11":             "Asia/Kamchatka",
	"russia time zone 3":              "Europe/Samara",
	"russian standard time":           "Europe/Moscow",
	"sa eastern standard time":        "America/Cayenne",
	"sa pacific standard time":        "America/Bogota",
	"sa western standard time":        "America/La_Paz",
	"se asia standard time":           "Asia/Bangkok",
	"saint pierre standard time":      "America/Miquelon",
	"sakhalin standard time":          "Asia/Sakhalin",
	"samoa standard time":             "Pacific/Apia",
	"sao tome standard time":          "Africa/Sao_Tome",
	"saratov standard time":           "Europe/Saratov",
	"singapore standard time":         "Asia/Singapore",
	"south africa standard time":      "Africa/Johannesburg",
	"south sudan standard time":       "Africa/Juba",
	"sri lanka standard time":         "Asia/Colombo",
	"sudan standard time":             "Africa/Khartoum",
	"syria standard time":             "Asia/Damascus",
	"taipei standard time":            "Asia/Taipei",
	"tasmania standard time":          "Australia/Hobart",
	"tocantins standard time":         "America/Araguaina",
	"tokyo standard time":             "Asia/Tokyo",
	"tomsk standard time":             "Asia/Tomsk",
	"tonga standard time":             "Pacific/Tongatapu",
	"transbaikal standard time":       "Asia/Chita",
	"turkey standard time":            "Europe/Istanbul",
	"turks and caicos standard time":  "America/Grand_Turk",
	"us eastern standard time":        "America/Indianapolis",
	"us mountain standard time":       "America/Phoenix",
	"ulaanbaatar standard time":       "Asia/Ulaanbaatar",
	"venezuela standard time":         "America/Caracas",
	"vladivostok standard time":       "Asia/Vladivostok",
	"volgograd standard time":         "Europe/Volgograd",
	"w. australia standard time":      "Australia/Perth",
	"w. central africa standard time": "Africa/Lagos",
	"w. europe standard time":         "Europe/Berlin",
	"w. mongolia standard time":       "Asia/Hovd",
	"west asia standard time":         "Asia/Tashkent",
	"west bank standard time":         "Asia/Hebron",
	"west pacific standard time":      "Pacific/Port_Moresby",
	"yakutsk standard time":           "Asia/Yakutsk",
	"yukon standard time":             "America/Whitehorse",

	"utc+12": "Etc/GMT-12", "utc+13": "Etc/GMT-13", "utc-02": "Etc/GMT+2", "utc-08": "Etc/GMT+8", "utc-09": "Etc/GMT+9", "utc-11": "Etc/GMT+11",
	"dateline standard time": "Etc/GMT+12",

	// Lotus Notes, Exchange of old, German Windows, and abbreviations that mean one zone here.
	"western/central europe": "Europe/Berlin", "w. europe": "Europe/Berlin", "central europe": "Europe/Budapest",
	"mitteleuropäische zeit": "Europe/Berlin", "mitteleuropäische sommerzeit": "Europe/Berlin", "mez": "Europe/Berlin", "mesz": "Europe/Berlin",
	"westeuropäische normalzeit": "Europe/Berlin", "mitteleuropäische normalzeit": "Europe/Berlin",
	"central european time": "Europe/Berlin", "central european standard time": "Europe/Warsaw", "cest": "Europe/Berlin",
}
