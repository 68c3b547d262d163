package ent

import "time"

// Channel is a way in which a service can be had.
type Channel string

// The channels.
const (
	ChannelOnSite    Channel = "ON_SITE"
	ChannelPhone     Channel = "PHONE"
	ChannelOnline    Channel = "ONLINE"
	ChannelMail      Channel = "MAIL"
	ChannelHomeVisit Channel = "HOME_VISIT"
	ChannelMobile    Channel = "MOBILE"
)

// TourMeans is how a tour is travelled.
type TourMeans string

// The means.
const (
	MeansWalking  TourMeans = "WALKING"
	MeansHiking   TourMeans = "HIKING"
	MeansCycling  TourMeans = "CYCLING"
	MeansCanoeing TourMeans = "CANOEING"
	MeansRiding   TourMeans = "RIDING"
	MeansSkiing   TourMeans = "SKIING"
	MeansDriving  TourMeans = "DRIVING"
)

// Details is what only one kind of offering has: the member of the offering's kind is set, all others are nil.
type Details struct {
	Service      *ServiceDetails      `json:"service,omitempty"`
	Facility     *FacilityDetails     `json:"facility,omitempty"`
	Event        *EventDetails        `json:"event,omitempty"`
	Activity     *ActivityDetails     `json:"activity,omitempty"`
	Tour         *TourDetails         `json:"tour,omitempty"`
	Volunteering *VolunteeringDetails `json:"volunteering,omitempty"`
}

// ServiceDetails describes a service of an administration or of somebody else.
type ServiceDetails struct {
	Leika         *string   `json:"leika,omitempty"` // key of the national service catalogue, 14 digits
	Channels      []Channel `json:"channels,omitempty"`
	OnlineService *string   `json:"onlineService,omitempty"` // URL
	Requirements  *string   `json:"requirements,omitempty"`
}

// FacilityDetails describes a place to go or to rent.
type FacilityDetails struct {
	Rentable *bool    `json:"rentable,omitempty"`
	Features []string `json:"features,omitempty"`
}

// EventDetails describes something that takes place at a time.
type EventDetails struct {
	Registration *Registration `json:"registration,omitempty"`
	Capacity     *int          `json:"capacity,omitempty"`
}

// ActivityDetails describes a regular group, a training or a course.
type ActivityDetails struct {
	Registration *Registration `json:"registration,omitempty"`
	Capacity     *int          `json:"capacity,omitempty"`
	Trial        *bool         `json:"trial,omitempty"` // one may come once to try
}

// TourDetails describes a way.
type TourDetails struct {
	Means    TourMeans   `json:"means"`
	LengthKm *float64    `json:"lengthKm,omitempty"`
	AscentM  *int        `json:"ascentM,omitempty"`
	Minutes  *int        `json:"minutes,omitempty"`
	Loop     *bool       `json:"loop,omitempty"`
	Line     [][]float64 `json:"line,omitempty"` // pairs of longitude and latitude, WGS 84 degrees
}

// VolunteeringDetails describes help that is wanted.
type VolunteeringDetails struct {
	Task          *string  `json:"task,omitempty"`
	HoursPerMonth *int     `json:"hoursPerMonth,omitempty"`
	Skills        []string `json:"skills,omitempty"`
}

// Registration says whether and how one signs up.
type Registration struct {
	Required bool       `json:"required"`
	URL      *string    `json:"url,omitempty"`
	Until    *time.Time `json:"until,omitempty"`
	Note     *string    `json:"note,omitempty"`
}

// OfferingDetails is the GraphQL union of the details.
type OfferingDetails interface{ IsOfferingDetails() }

// IsOfferingDetails marks a member of the union.
func (*ServiceDetails) IsOfferingDetails() {}

// IsOfferingDetails marks a member of the union.
func (*FacilityDetails) IsOfferingDetails() {}

// IsOfferingDetails marks a member of the union.
func (*EventDetails) IsOfferingDetails() {}

// IsOfferingDetails marks a member of the union.
func (*ActivityDetails) IsOfferingDetails() {}

// IsOfferingDetails marks a member of the union.
func (*TourDetails) IsOfferingDetails() {}

// IsOfferingDetails marks a member of the union.
func (*VolunteeringDetails) IsOfferingDetails() {}
