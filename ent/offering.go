package ent

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// OfferingKind is what an offering is at heart; it decides which details it has.
type OfferingKind string

// The kinds of offerings.
const (
	KindService      OfferingKind = "SERVICE"
	KindFacility     OfferingKind = "FACILITY"
	KindEvent        OfferingKind = "EVENT"
	KindActivity     OfferingKind = "ACTIVITY"
	KindTour         OfferingKind = "TOUR"
	KindVolunteering OfferingKind = "VOLUNTEERING"
)

// OfferingStatus is how far an offering is on its way to the public, who sees StatusPublished only.
type OfferingStatus string

// The states of publication.
const (
	StatusDraft     OfferingStatus = "DRAFT"
	StatusInReview  OfferingStatus = "IN_REVIEW"
	StatusPublished OfferingStatus = "PUBLISHED"
	StatusWithdrawn OfferingStatus = "WITHDRAWN"
)

// Audience is whom an offering is meant for.
type Audience string

// The audiences.
const (
	AudienceChildren  Audience = "CHILDREN"
	AudienceYouth     Audience = "YOUTH"
	AudienceFamilies  Audience = "FAMILIES"
	AudienceAdults    Audience = "ADULTS"
	AudienceSeniors   Audience = "SENIORS"
	AudienceNewcomers Audience = "NEWCOMERS"
	AudienceVisitors  Audience = "VISITORS"
)

// Answer is a yes or no that may not be known. What is not known is never claimed.
type Answer string

// The answers.
const (
	AnswerYes     Answer = "YES"
	AnswerNo      Answer = "NO"
	AnswerPartly  Answer = "PARTLY"
	AnswerUnknown Answer = "UNKNOWN"
)

// TextFormat is how a longer text is wanted.
type TextFormat string

// The text formats.
const (
	FormatText TextFormat = "TEXT"
	FormatHTML TextFormat = "HTML"
)

// Offering is what somebody offers, of any kind: what all kinds share is a column, what one kind has is in Details.
type Offering struct {
	bun.BaseModel `bun:"table:offering,alias:o"`

	ID         uuid.UUID    `bun:"id,pk,type:uuid"`
	ProviderID uuid.UUID    `bun:"provider_id,type:uuid"`
	ExternalID *string      `bun:"external_id"` // unique within the provider
	Kind       OfferingKind `bun:"kind"`

	Title           string        `bun:"title"`
	TitleKey        string        `bun:"title_key"` // SortKey of the title
	Summary         *string       `bun:"summary"`
	Description     *string       `bun:"description"`      // plain text
	DescriptionHTML *string       `bun:"description_html"` // sanitised; nil when the text was posted plain
	Translations    []Translation `bun:"translations,type:jsonb"`

	AGS           string      `bun:"ags"` // the municipality that answers for it
	PlaceID       *uuid.UUID  `bun:"place_id,type:uuid"`
	ServiceArea   []string    `bun:"service_area,array"` // AGS
	CategorySlugs []string    `bun:"categories,array"`
	Audiences     []Audience  `bun:"audiences,array"`
	Wheelchair    Answer      `bun:"wheelchair"`
	Languages     []string    `bun:"languages,array"` // BCP 47
	Online        bool        `bun:"online"`
	Price         Price       `bun:"embed:price_"`
	Contact       *Contact    `bun:"contact,type:jsonb"`
	Links         []Link      `bun:"links,type:jsonb"`
	Images        []Image     `bun:"images,type:jsonb"`
	Hours         *string     `bun:"opening_hours"` // OpenStreetMap opening_hours syntax
	Schedule      *Schedule   `bun:"schedule,type:jsonb"`
	Exceptions    []Exception `bun:"exceptions,type:jsonb"` // of the schedule, by Original
	Details       Details     `bun:"details,type:jsonb"`

	PublishAt *time.Time `bun:"publish_at"` // when it is to be published: a DRAFT that has one is, without further asking
	ExpiresAt *time.Time `bun:"expires_at"` // when it is to be withdrawn
	// Held are the fields that a person has set against the offering's source, by name.
	Held map[string]Held `bun:"held,type:jsonb"`

	Status          OfferingStatus `bun:"status"`
	Version         int            `bun:"version"`      // counts the changes, from 1
	ContentHash     []byte         `bun:"content_hash"` // of all that its poster can set: tells whether a save changes anything
	CreatedAt       time.Time      `bun:"created_at"`
	UpdatedAt       time.Time      `bun:"updated_at"`
	PublishedAt     *time.Time     `bun:"published_at"` // first publication
	WithdrawnReason *string        `bun:"withdrawn_reason"`
	ReviewNote      *string        `bun:"review_note"` // what the reviewer wrote who returned it
	ReviewBy        *time.Time     `bun:"review_by"`   // from when on somebody should confirm that it is still right; nil: never
	Change          Change         `bun:"embed:change_"`
	ExpandedUntil   *time.Time     `bun:"expanded_until"` // to where its series has occurrence rows; nil when there is no series

	LastUntil *time.Time `bun:"last_until"` // when the last of its dates that have rows is over; nil when it has no schedule

	SourceID    *uuid.UUID `bun:"source_id,type:uuid"`
	SourceKey   *string    `bun:"source_key"`            // what the source knows it by
	MergedInto  *uuid.UUID `bun:"merged_into,type:uuid"` // the offering that stands for it since the two are the same thing
	SourceURL   *string    `bun:"source_url"`
	Licence     string     `bun:"licence"` // SPDX id or licence IRI; NOASSERTION when nobody said
	Attribution *string    `bun:"attribution"`
	RetrievedAt *time.Time `bun:"retrieved_at"`
	ConfirmedAt *time.Time `bun:"confirmed_at"`

	Provider     *Provider       `bun:"-"`
	Municipality *Municipality   `bun:"-"`
	Place        *Place          `bun:"-"`
	Source       *Source         `bun:"-"`
	Categories   []*Category     `bun:"-"`
	Area         []*Municipality `bun:"-"`
	Records      []*Record       `bun:"-"`
	Loaded       Loaded          `bun:"-"`
	Words        []byte          `bun:"-"` // the signature of its texts, set when it is written
}

// Change says who made the version of an offering that it stands in, and by what.
type Change struct {
	Action    Action    `bun:"action"`
	ActorKind ActorKind `bun:"actor_kind"`
	ActorID   uuid.UUID `bun:"actor_id,type:uuid"`
	ActorName string    `bun:"actor_name"`
}

// Action is what somebody did to an offering.
type Action string

// The actions.
const (
	ActionSave     Action = "SAVE"
	ActionSubmit   Action = "SUBMIT"
	ActionApprove  Action = "APPROVE"
	ActionReturn   Action = "RETURN"
	ActionPublish  Action = "PUBLISH"
	ActionWithdraw Action = "WITHDRAW"
	ActionUndo     Action = "UNDO_WITHDRAW"
	ActionExpire   Action = "EXPIRE"
	ActionRestore  Action = "RESTORE"
	ActionRelease  Action = "RELEASE_FIELD"
	ActionDate     Action = "CHANGE_OCCURRENCE"
	ActionMerge    Action = "MERGE"
	ActionSplit    Action = "SPLIT"
)

// Price is what it costs, as far as is known, in cents of a euro.
type Price struct {
	Free      *bool   `bun:"free" json:"free,omitempty"`
	FromCents *int    `bun:"from_cents" json:"fromCents,omitempty"`
	ToCents   *int    `bun:"to_cents" json:"toCents,omitempty"`
	Note      *string `bun:"note" json:"note,omitempty"`
}

// Currency is ISO 4217.
func (Price) Currency() string { return "EUR" }

// Link leads to a page about the offering.
type Link struct {
	URL   string  `json:"url"`
	Title *string `json:"title,omitempty"`
}

// Image is a picture of the offering.
type Image struct {
	URL     string  `json:"url"`
	Alt     *string `json:"alt,omitempty"`
	Credit  *string `json:"credit,omitempty"`
	Licence *string `json:"licence,omitempty"` // SPDX id or licence IRI
}

// Translation is the offering's text in another language.
type Translation struct {
	Locale      string  `json:"locale"`
	Title       string  `json:"title"`
	Summary     *string `json:"summary,omitempty"`
	Description *string `json:"description,omitempty"` // plain text
	Machine     bool    `json:"machine,omitempty"`
}

// NodeID is the global id.
func (o *Offering) NodeID() string { return OfferingID(o.ID) }

// IsNode marks the type as a GraphQL Node.
func (*Offering) IsNode() {}

// IsSuggestion marks the type as a member of the GraphQL union Suggestion.
func (*Offering) IsSuggestion() {}

// OfferingID is the global id of the offering with this key.
func OfferingID(id uuid.UUID) string { return prefixOffering + id.String() }

// ParseOfferingID is the way back from OfferingID.
func ParseOfferingID(id string) (uuid.UUID, bool) { return parseID(prefixOffering, id) }

// TitleIn gives the title in the locale, else in the nearest that there is, in the end the original.
func (o *Offering) TitleIn(locale *string) string {
	if t := o.translation(locale, func(*Translation) bool { return true }); t != nil {
		return t.Title
	}
	return o.Title
}

// SummaryIn is like TitleIn. A translation without a summary falls back as if it were not there.
func (o *Offering) SummaryIn(locale *string) *string {
	if t := o.translation(locale, func(t *Translation) bool { return t.Summary != nil }); t != nil {
		return t.Summary
	}
	return o.Summary
}

// DescriptionIn is like SummaryIn, in the format that is wanted; HTML is safe to show as it is.
func (o *Offering) DescriptionIn(locale *string, format *TextFormat) *string {
	html := format != nil && *format == FormatHTML
	text := o.Description
	if t := o.translation(locale, func(t *Translation) bool { return t.Description != nil }); t != nil {
		text = t.Description
	} else if html && o.DescriptionHTML != nil {
		return o.DescriptionHTML
	}
	if html && text != nil {
		out := TextToHTML(*text)
		return &out
	}
	return text
}

// translation finds the translation to show in the locale that has what is asked for; nil means the original.
func (o *Offering) translation(locale *string, has func(*Translation) bool) *Translation {
	for _, l := range fallback(locale) {
		for i := range o.Translations {
			if o.Translations[i].Locale == l && has(&o.Translations[i]) {
				return &o.Translations[i]
			}
		}
	}
	return nil
}

// Member gives the details of the offering's kind, empty ones when nobody said anything.
func (o *Offering) Member() OfferingDetails {
	d := o.Details
	switch o.Kind {
	case KindService:
		return orNew(d.Service)
	case KindFacility:
		return orNew(d.Facility)
	case KindEvent:
		return orNew(d.Event)
	case KindActivity:
		return orNew(d.Activity)
	case KindTour:
		return orNew(d.Tour)
	default:
		return orNew(d.Volunteering)
	}
}

func orNew[T any](p *T) *T {
	if p == nil {
		return new(T)
	}
	return p
}

// Provenance is where an offering comes from and on what terms it may be used.
type Provenance struct {
	Source      *Source
	ExternalID  *string
	URL         *string
	Licence     string
	Attribution *string
	RetrievedAt *time.Time
	ConfirmedAt *time.Time

	offering *Offering
}

// Records lists what each source says of the offering.
func (p *Provenance) Records() []*Record { return p.offering.Records }

// Fields lists every field with where its content comes from.
func (p *Provenance) Fields() []*FieldProvenance { return p.offering.FieldProvenances() }

// Provenance gathers what is known of the offering's origin. What is in a feed was retrieved and vouched for when the feed last was: Source must be
// set for that.
func (o *Offering) Provenance() *Provenance {
	p := &Provenance{
		Source: o.Source, ExternalID: o.ExternalID, URL: o.SourceURL, Licence: o.Licence,
		Attribution: o.Attribution, RetrievedAt: o.RetrievedAt, ConfirmedAt: o.ConfirmedAt,
		offering: o,
	}
	if p.ExternalID == nil {
		p.ExternalID = o.SourceKey
	}
	if s := o.Source; s != nil && s.ReadAt != nil && o.SourceKey != nil && o.Status != StatusWithdrawn {
		for _, at := range []**time.Time{&p.RetrievedAt, &p.ConfirmedAt} {
			if *at == nil || (*at).Before(*s.ReadAt) {
				*at = s.ReadAt
			}
		}
	}
	return p
}

// confirmedFor is how long somebody's word that an offering is right is taken for it.
const confirmedFor = 365 * 24 * time.Hour

// Confirm notes that somebody has vouched for the offering. What has dates ends with them; all else asks to be confirmed again after a year.
func (o *Offering) Confirm(now time.Time) {
	o.ConfirmedAt, o.ReviewBy = &now, nil
	if o.Schedule == nil || o.Schedule.RRule != nil {
		by := now.Add(confirmedFor)
		o.ReviewBy = &by
	}
}
