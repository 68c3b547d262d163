package pages

import (
	"html/template"
	"time"
)

// What queries/ ask for, as it is answered: a field that may be null is a pointer. answer_test.go holds these to the queries.

type pageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

type place struct{ Name string }

type price struct {
	Free      *bool
	FromCents *int
	ToCents   *int
	Currency  string
	Note      *string
}

type label struct{ Slug, Label string }

type occurrence struct {
	ID     string
	Start  time.Time
	End    *time.Time
	AllDay bool
	Status string
}

type translated struct{ Locale string }

type card struct {
	ID           string
	Kind         string
	Title        string
	Summary      *string
	Municipality struct{ AGS, Name string }
	Place        *place
	Provider     struct{ ID, Name string }
	Categories   []label
	Audiences    []string
	Price        price
	Wheelchair   string
	Online       bool
	IsOpen       *bool
	OpeningHours *struct {
		Text       string
		NextChange *time.Time
	}
	Schedule     *struct{ Text string }
	Occurrences  struct{ Nodes []occurrence }
	Translations []translated
}

type kindCount struct {
	Kind  string
	Count int
}

type category struct {
	Slug    string
	Label   string
	Broader *struct{ Slug string }
}

type categoryCount struct {
	Count    int
	Category category
}

type categoryAnswer struct{ Category *category }

type audienceCount struct {
	Audience string
	Count    int
}

type point struct {
	AGS, Name           string
	Longitude, Latitude float64
}

type municipalityCount struct {
	Count        int
	Municipality point
}

type edge struct {
	DistanceKm *float64
	Node       card
}

type exploreAnswer struct {
	Offerings struct {
		TotalCount int
		PageInfo   pageInfo
		Edges      []edge
		Facets     struct {
			Kinds          []kindCount
			Categories     []categoryCount
			Audiences      []audienceCount
			Municipalities []municipalityCount
		}
	}
}

type listAnswer struct {
	Offerings struct {
		TotalCount int
		PageInfo   pageInfo
		Edges      []edge
	}
}

type date struct {
	ID       string
	Start    time.Time
	End      *time.Time
	AllDay   bool
	Status   string
	Place    *place
	Offering struct {
		ID           string
		Kind         string
		Title        string
		Summary      *string
		Municipality struct{ AGS, Name string }
		Place        *place
		Price        price
		Wheelchair   string
		Translations []translated
	}
}

type calendarAnswer struct {
	Occurrences struct {
		TotalCount int
		PageInfo   pageInfo
		Nodes      []date
	}
}

// dayDates is what takes place on a day: how much, and the first few.
type dayDates struct {
	TotalCount int
	Nodes      []struct {
		Start    time.Time
		AllDay   bool
		Status   string
		Offering struct {
			ID           string
			Kind         string
			Title        string
			Translations []translated
		}
	}
}

type weekAnswer struct{ Day0, Day1, Day2, Day3, Day4, Day5, Day6 dayDates }

func (a *weekAnswer) days() []*dayDates {
	return []*dayDates{&a.Day0, &a.Day1, &a.Day2, &a.Day3, &a.Day4, &a.Day5, &a.Day6}
}

type contact struct{ Name, Email, Phone *string }

type region struct{ Key, Kind, Name, Label string }

type registration struct {
	Required bool
	URL      *string
	Until    *time.Time
	Note     *string
}

// details has the fields of all members of the union; those of the others stay empty.
type details struct {
	Typename      string `json:"__typename"`
	Channels      []string
	OnlineService *string
	Requirements  *string
	Rentable      *bool
	Features      []string
	Capacity      *int
	Trial         *bool
	Registration  *registration
	Means         string
	LengthKm      *float64
	AscentM       *int
	Minutes       *int
	Loop          *bool
	Line          [][]float64
	Task          *string
	HoursPerMonth *int
	Skills        []string
}

// variant is a picture of this server in one of its sizes.
type variant struct {
	URL           string
	Width, Height int
}

type offering struct {
	ID          string
	Kind        string
	Title       string
	Summary     *string
	Description *template.HTML // sanitised by the server, as the schema promises
	Plain       *string
	Provider    struct {
		ID        string
		Name      string
		Kind      string
		Verified  bool
		Website   *string
		Contact   *contact
		Offerings struct {
			TotalCount int
			Nodes      []card
		}
	}
	Municipality struct {
		AGS, Name string
		Regions   []region
	}
	Place *struct {
		Name      string
		Longitude *float64
		Latitude  *float64
		Address   struct{ Street, PostalCode, Locality *string }
	}
	ServiceArea []struct{ AGS, Name string }
	Categories  []struct {
		Slug    string
		Label   string
		Broader *label
	}
	Audiences  []string
	Wheelchair string
	Languages  []string
	Price      price
	Contact    *contact
	Links      []struct {
		URL   string
		Title *string
	}
	Images []struct {
		URL      string
		Alt      *string
		Credit   *string
		Licence  *string
		Variants []variant
	}
	IsOpen       *bool
	OpeningHours *struct {
		OSM        string
		Text       string
		NextChange *time.Time
	}
	Schedule *struct {
		Start    time.Time
		End      *time.Time
		AllDay   bool
		TimeZone string
		RRule    *string
		Text     string
	}
	Occurrences struct {
		TotalCount int
		Nodes      []struct {
			ID     string
			Start  time.Time
			End    *time.Time
			AllDay bool
			Status string
			Place  *place
		}
	}
	Online      bool
	PublishedAt *time.Time
	UpdatedAt   time.Time
	Provenance  struct {
		Source      *struct{ Name string }
		URL         *string
		Licence     string
		Attribution *string
		RetrievedAt *time.Time
		ConfirmedAt *time.Time
	}
	Translations []struct {
		Locale  string
		Machine bool
	}
	Details details
}

type offeringAnswer struct{ Offering *offering }

type previewAnswer struct {
	Offering *struct {
		Kind         string
		Title        string
		Municipality struct{ Name string }
		Place        *place
		OpeningHours *struct{ Text string }
		Occurrences  struct {
			Nodes []struct {
				Start  time.Time
				End    *time.Time
				AllDay bool
			}
		}
	}
}

type countAnswer struct{ Offerings struct{ TotalCount int } }

type municipality struct {
	AGS         string
	Name        string
	Designation string
	Kind        string
	Population  *int
	AreaKm2     float64
	PostalCode  *string
	Longitude   float64
	Latitude    float64
	Regions     []region
	Providers   struct {
		TotalCount int
		Nodes      []struct{ ID, Name, Kind string }
	}
	Offerings struct {
		TotalCount int
		Nodes      []card
		Facets     struct {
			Kinds      []kindCount
			Categories []categoryCount
		}
	}
}

type municipalityAnswer struct{ Municipality *municipality }

type regionAnswer struct {
	Region *struct {
		Key            string
		Kind           string
		Name           string
		Label          string
		Note           *string
		Parent         *region
		Municipalities struct {
			TotalCount int
			PageInfo   struct {
				HasNextPage bool
				EndCursor   *string
			}
			Nodes []point
		}
		Offerings struct {
			TotalCount int
			Nodes      []card
			Facets     struct {
				Kinds          []kindCount
				Categories     []categoryCount
				Municipalities []municipalityCount
			}
		}
	}
}

type providerAnswer struct {
	Provider *struct {
		ID           string
		Name         string
		Kind         string
		Verified     bool
		Website      *string
		Contact      *contact
		Municipality struct {
			AGS, Name           string
			Longitude, Latitude float64
			Regions             []region
		}
		Offerings struct {
			TotalCount int
			Nodes      []card
			Facets     struct{ Kinds []kindCount }
		}
	}
}

// suggestion has the fields of all members of the union; those of the others stay empty.
type suggestion struct {
	Typename     string `json:"__typename"`
	Slug         string
	Label        string
	AGS          string
	Name         string
	Regions      []struct{ Kind, Name, Label string }
	Key          string
	RegionName   string
	RegionLabel  string
	ID           string
	Kind         string
	Title        string
	Municipality struct{ Name string }
}

type suggestAnswer struct{ Suggest []suggestion }

type town struct {
	AGS, Name           string
	Longitude, Latitude float64
	Regions             []struct{ Kind, Name, Label string }
}

type townsAnswer struct {
	Municipalities struct{ Nodes []town }
}

type townAnswer struct{ Municipality *town }

type keyed struct{ Key, Name string }

type scopeAnswer struct {
	Cooperations struct{ Nodes []keyed }
	Region       *struct {
		Key, Name, Label string
		Municipalities   struct{ Nodes []struct{ AGS string } }
	}
	Municipality *struct{ AGS, Name string }
	Provider     *struct{ ID, Name string }
}

type creditsAnswer struct {
	Credits []struct {
		Text    string
		Licence string
		URL     *string
	}
}

type statesAnswer struct {
	Regions      struct{ Nodes []keyed }
	Cooperations struct{ Nodes []keyed }
}

type addressesAnswer struct {
	Offerings struct {
		PageInfo struct {
			HasNextPage bool
			EndCursor   *string
		}
		Nodes []struct {
			ID           string
			UpdatedAt    time.Time
			Municipality struct{ AGS string }
			Provider     struct{ ID string }
		}
	}
}
