// Package harvest reads feeds of many formats, turns their items into offerings, and keeps these current.
package harvest

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"time"

	"umland/ent"
)

// Format understands one kind of feed. It is told of a feed that was fetched already, and may fetch more where the format has pages.
type Format interface {
	// Name is what sources call it, in lower case: "ical".
	Name() string
	// Read gives every item of the feed to feed.Emit or feed.Refuse, in the feed's order, as it reads: it holds no more than it must. An error
	// says that the feed as a whole is none, in German and for a clerk: nothing of it counts then. It ends when ctx does.
	Read(ctx context.Context, feed *Feed) error
}

// Feed is what a format reads from, and where it puts what it finds.
type Feed struct {
	URL         *url.URL       // where the body came from, after redirects
	ContentType string         // as the server said; may be empty or wrong
	Body        io.Reader      // bounded in size and time; inflated
	Now         time.Time      // the instant of the run
	Zone        *time.Location // for times without a zone
	// Options are those of the source, such as the column names of a CSV: {"title": "Veranstaltung"}.
	Options map[string]string
	// Get fetches another page or document that the feed leads to, under the same bounds, all pages together.
	Get func(ctx context.Context, req Request) (*Response, error)
	// Emit takes an item. An error ends the run: Read gives it back as it is.
	Emit func(*Record) error
	// Refuse takes an item that cannot be read, with the reason. An error ends the run, as with Emit.
	Refuse func(Refusal) error
	// Incomplete is set by a format that finds that the feed breaks off after what it could read: what is missing has not left it.
	Incomplete bool
	// Since is the position up to which the feed was read before, "" for none: a format whose feed tells of changes reads those after it, and what it does not
	// name is as it was. Where it has to read all of it the format empties Since.
	Since string
	// Position is set by such a format: the Since of the next run. At most 1,000 bytes.
	Position string
}

// emptyFeed is an error of a format that found no items at all, or a page where they should be, in German. Where there had been some, somebody should look.
type emptyFeed struct{ message string }

func (e emptyFeed) Error() string { return e.message }

// Request is a fetch that a format asks for: GET, or POST where there is a body.
type Request struct {
	URL    string
	Accept string // a media type, "" for any
	Body   []byte // JSON
}

// Response is what came of a Request. The body is bounded; whoever asked closes it.
type Response struct {
	URL         *url.URL
	ContentType string
	Body        io.ReadCloser
}

// Refusal is an item that is left out, and why.
type Refusal struct {
	Item    string // which one: "Zeile 214", "VEVENT 3 (UID abc)"
	Message string // why, in German and for a clerk: "Ende liegt vor Beginn"
}

func (r Refusal) Error() string { return fmt.Sprintf("%s: %s", r.Item, r.Message) }

// Record is an item as its feed gives it, in the words of the feed: what they mean for the graph is found out for all formats alike. What the feed
// does not say is empty or nil. Texts are decoded (no entities, no escapes), but not trusted.
type Record struct {
	// Key is what the feed knows the item by: UID, id, address of its page; unique within the feed. A format whose items have none makes it from
	// what does not change, such as title and place.
	Key string
	// Raw is the item as it came, or JSON that says the same; kept with the offering.
	Raw []byte
	// Item is how a clerk finds it in the feed: "Zeile 214".
	Item string

	Kind         ent.OfferingKind // "" when the feed does not say
	Title        string
	Summary      string
	Description  string // plain text or HTML
	Translations []ent.Translation
	Organizer    *Organizer
	Place        *Place
	Online       *bool
	// Tags are categories, types and keywords in the feed's words; schema.org types and OSM tags are written as they are: "schema:MusicEvent", "leisure=playground".
	Tags        []string
	Audience    string // in words: "Kinder ab 6 Jahren"
	Schedule    *ent.Schedule
	Exceptions  []ent.Exception // overridden dates of the schedule; PlaceID is nil
	Hours       string          // OpenStreetMap opening_hours syntax, where the feed has it or says the same
	Price       *ent.Price
	PriceText   string     // in words: "3,50 € / erm. 2 €"
	Wheelchair  ent.Answer // "" when the feed does not say
	Languages   []string   // BCP 47
	Contact     *ent.Contact
	URL         string // the item's own page
	Links       []ent.Link
	Images      []ent.Image
	Details     ent.Details // of Kind
	Cancelled   bool        // takes place no more, as the feed says
	Deleted     bool        // a tombstone: the feed says that it is gone
	Licence     string      // SPDX id or licence IRI, of this item
	Attribution string
	UpdatedAt   *time.Time
}

// Organizer is who offers, as the feed says.
type Organizer struct {
	Name  string
	Email string
	Phone string
	URL   string
}

// Place is where it is, as the feed says: in fields, or as a text such as "Dorfgemeinschaftshaus, Hauptstraße 5, 14822 Linthe".
type Place struct {
	Text       string
	Name       string
	Street     string
	PostalCode string
	Locality   string
	AGS        string // where the feed knows it
	Longitude  *float64
	Latitude   *float64
}
