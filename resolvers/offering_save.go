package resolvers

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"umland/auth"
	"umland/ent"
	"umland/graph"
	"umland/store"
)

// maxBulk bounds the inputs of one saveOfferings.
const maxBulk = 500

// SaveOffering answers Mutation.saveOffering.
func (r mutation) SaveOffering(ctx context.Context, input graph.OfferingInput) (*graph.SaveOfferingPayload, error) {
	payload, err := r.saveOffering(ctx, &input, "input")
	if err != nil {
		return nil, err
	}
	return payload, r.fillPayloads(ctx, selected(ctx), payload)
}

// SaveOfferings answers Mutation.saveOfferings. When the database goes away in the middle, nothing is saved; the call can be repeated.
func (r mutation) SaveOfferings(ctx context.Context, inputs []*graph.OfferingInput, dryRun *bool) (*graph.SaveOfferingsPayload, error) {
	if len(inputs) > maxBulk {
		return nil, ent.BadInput("inputs", "inputs has %d items; %d are the most.", len(inputs), maxBulk)
	}
	out := &graph.SaveOfferingsPayload{Results: make([]*graph.SaveOfferingPayload, len(inputs))}
	saves := make([]store.OfferingSave, len(inputs))
	for i, in := range inputs {
		saves[i] = offeringSave(in)
	}
	save := r.Store.SaveOfferings
	if value(dryRun) {
		save = r.Store.CheckOfferings
	}
	saved, err := save(ctx, auth.From(ctx), r.now(), saves)
	if err != nil {
		return nil, err
	}
	for i := range saved {
		if out.Results[i], err = savedPayload(&saved[i], "inputs", strconv.Itoa(i)); err != nil {
			return nil, err
		}
	}
	for _, below := range selected(ctx).under("SaveOfferingsPayload", "results") {
		if err := r.fillPayloads(ctx, below, out.Results...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r mutation) saveOffering(ctx context.Context, input *graph.OfferingInput, path ...string) (*graph.SaveOfferingPayload, error) {
	saved, err := r.Store.SaveOfferings(ctx, auth.From(ctx), r.now(), []store.OfferingSave{offeringSave(input)})
	if err != nil {
		return nil, err
	}
	return savedPayload(&saved[0], path...)
}

func savedPayload(saved *store.Saved, path ...string) (*graph.SaveOfferingPayload, error) {
	var err error
	if len(saved.Faults) > 0 {
		err = saved.Faults
	}
	payload, err := offeringPayload(saved.Offering, err, path...)
	if c := saved.Conflict; c != nil && err == nil {
		payload.Conflict = &graph.Conflict{Current: plain(c.Current), Since: changes(c.Since), Mine: changes(c.Mine)}
	}
	return payload, err
}

// changes is never nil, as the schema promises.
func changes(list []*ent.FieldChange) []*ent.FieldChange {
	if list == nil {
		return []*ent.FieldChange{}
	}
	return list
}

// plain gives an offering without what the store read for itself: the query reads its relations anew.
func plain(o *ent.Offering) *ent.Offering {
	copied := *o
	copied.Provider, copied.Place, copied.Municipality = nil, nil, nil
	return &copied
}

func offeringPayload(o *ent.Offering, err error, path ...string) (*graph.SaveOfferingPayload, error) {
	faults, err := userErrors(err, path...)
	if err != nil {
		return nil, err
	}
	payload := &graph.SaveOfferingPayload{UserErrors: faults}
	if len(faults) == 0 {
		payload.Offering = plain(o)
	}
	return payload, nil
}

func (r mutation) fillPayloads(ctx context.Context, sel selection, payloads ...*graph.SaveOfferingPayload) error {
	var all []*ent.Offering
	for _, p := range payloads {
		if p.Offering != nil {
			all = append(all, p.Offering)
		}
	}
	for _, below := range sel.under("SaveOfferingPayload", "offering") {
		if err := r.fillOfferings(ctx, below, all); err != nil {
			return err
		}
	}
	for _, conflict := range sel.under("SaveOfferingPayload", "conflict") {
		for _, below := range conflict.under("Conflict", "current") {
			var current []*ent.Offering
			for _, p := range payloads {
				if p.Conflict != nil {
					current = append(current, p.Conflict.Current)
				}
			}
			if err := r.fillOfferings(ctx, below, current); err != nil {
				return err
			}
		}
	}
	return nil
}

// offeringSave turns the input into a save. What is left out stays as it is, null empties.
func offeringSave(in *graph.OfferingInput) store.OfferingSave {
	save := store.OfferingSave{
		ExternalID: text(in.ExternalID.Value()), ExpectedVersion: in.ExpectedVersion.Value(), Publish: in.Publish.Value() == nil || *in.Publish.Value(),
		Edit: func(o *ent.Offering) ent.UserErrors { return applyOffering(in, o) },
	}
	var ok bool
	if save.ProviderID, ok = ent.ParseProviderID(in.Provider); !ok {
		save.Faults = append(save.Faults, ent.UserError{Path: []string{"provider"}, Code: ent.UserNotFound, Message: "There is no such provider."})
	}
	if id := in.ID.Value(); id != nil {
		key, ok := ent.ParseOfferingID(*id)
		if !ok {
			save.Faults = append(save.Faults, ent.UserError{Path: []string{"id"}, Code: ent.UserNotFound, Message: "There is no such offering."})
		}
		save.ID = &key
	}
	return save
}

// applyOffering puts the input into the offering, and gives the faults that cannot be seen once it is in there.
func applyOffering(in *graph.OfferingInput, o *ent.Offering) (faults ent.UserErrors) {
	if o.Version > 0 && o.Kind != in.Kind {
		o.Details = ent.Details{} // those of another kind
	}
	o.Kind, o.Title = in.Kind, in.Title
	set(&o.Summary, in.Summary)
	if in.Description.IsSet() {
		o.Description, o.DescriptionHTML = nil, nil
		if d := in.Description.Value(); d != nil {
			if len(*d) > 10*ent.MaxDescription { // not worth parsing
				faults = append(faults, ent.UserError{Path: []string{"description"}, Code: ent.UserTooLong, Message: "20000 characters are the most."})
			} else {
				plain, html := ent.SplitText(*d)
				o.Description, o.DescriptionHTML = &plain, html
			}
		}
	}
	if in.Place.IsSet() {
		faults = append(faults, applyPlace(in.Place.Value(), o)...)
	}
	setList(&o.CategorySlugs, in.Categories)
	for i, slug := range o.CategorySlugs {
		o.CategorySlugs[i] = ent.ParseCategorySlug(slug)
	}
	setList(&o.Audiences, in.Audiences)
	if in.Wheelchair.IsSet() {
		o.Wheelchair = value(in.Wheelchair.Value())
	}
	setList(&o.Languages, in.Languages)
	if in.Price.IsSet() {
		o.Price = ent.Price{}
		if p := in.Price.Value(); p != nil {
			o.Price = ent.Price{Free: p.Free.Value(), FromCents: p.FromCents.Value(), ToCents: p.ToCents.Value(), Note: p.Note.Value()}
		}
	}
	if in.Contact.IsSet() {
		o.Contact = contact(in.Contact.Value())
	}
	if in.Links.IsSet() {
		o.Links = nil
		for _, l := range in.Links.Value() {
			o.Links = append(o.Links, ent.Link{URL: l.URL, Title: l.Title.Value()})
		}
	}
	if in.Images.IsSet() {
		o.Images = nil
		for _, m := range in.Images.Value() {
			o.Images = append(o.Images, ent.Image{URL: m.URL, Alt: m.Alt.Value(), Credit: m.Credit.Value(), Licence: m.Licence.Value()})
		}
	}
	set(&o.Hours, in.OpeningHours)
	if in.Schedule.IsSet() {
		o.Schedule = schedule(in.Schedule.Value())
	}
	if in.Online.IsSet() {
		o.Online = value(in.Online.Value())
	}
	if in.ServiceArea.IsSet() {
		o.ServiceArea = nil
		for _, id := range in.ServiceArea.Value() {
			ags, _ := ent.ParseAGS(id)
			o.ServiceArea = append(o.ServiceArea, ags)
		}
	}
	applyDetails(in, o)
	if in.Licence.IsSet() {
		o.Licence = value(in.Licence.Value())
	}
	if in.PublishAt.IsSet() {
		o.PublishAt = in.PublishAt.Value()
	}
	if in.ExpiresAt.IsSet() {
		o.ExpiresAt = in.ExpiresAt.Value()
	}
	if in.Translations.IsSet() {
		before := o.Translations
		o.Translations = nil
		for _, t := range in.Translations.Value() {
			made := ent.Translation{Locale: t.Locale, Title: t.Title, Summary: t.Summary.Value(), Description: t.Description.Value()}
			// What a machine wrote stays a machine's until somebody changes it.
			made.Machine = slices.ContainsFunc(before, func(b ent.Translation) bool {
				return b.Machine && b.Locale == made.Locale && b.Title == made.Title && value(b.Summary) == value(made.Summary) && value(b.Description) == value(made.Description)
			})
			o.Translations = append(o.Translations, made)
		}
	}
	return faults
}

func applyPlace(in *graph.PlaceInput, o *ent.Offering) ent.UserErrors {
	o.Place, o.PlaceID = nil, nil
	if in == nil {
		return nil
	}
	p := &ent.Place{
		Name: value(in.Name.Value()), Street: in.Street.Value(), PostalCode: in.PostalCode.Value(), Locality: in.Locality.Value(),
		Longitude: in.Longitude.Value(), Latitude: in.Latitude.Value(),
	}
	if id := in.ID.Value(); id != nil {
		if *p != (ent.Place{}) {
			return ent.UserErrors{{Path: []string{"place", "id"}, Code: ent.UserInvalid, Message: "A place is named by its id or described, not both."}}
		}
		key, ok := ent.ParsePlaceID(*id)
		if !ok {
			return ent.UserErrors{{Path: []string{"place", "id"}, Code: ent.UserNotFound, Message: "There is no such place."}}
		}
		p.ID = key
	}
	o.Place = p
	return nil
}

func applyDetails(in *graph.OfferingInput, o *ent.Offering) {
	d := &o.Details
	if in.Service.IsSet() {
		d.Service = nil
		if s := in.Service.Value(); s != nil {
			d.Service = &ent.ServiceDetails{
				Leika: text(s.Leika.Value()), Channels: s.Channels.Value(), OnlineService: s.OnlineService.Value(), Requirements: text(s.Requirements.Value()),
			}
		}
	}
	if in.Facility.IsSet() {
		d.Facility = nil
		if f := in.Facility.Value(); f != nil {
			d.Facility = &ent.FacilityDetails{Rentable: f.Rentable.Value(), Features: f.Features.Value()}
		}
	}
	if in.Event.IsSet() {
		d.Event = nil
		if e := in.Event.Value(); e != nil {
			d.Event = &ent.EventDetails{Registration: registration(e.Registration.Value()), Capacity: e.Capacity.Value()}
		}
	}
	if in.Activity.IsSet() {
		d.Activity = nil
		if a := in.Activity.Value(); a != nil {
			d.Activity = &ent.ActivityDetails{
				Registration: registration(a.Registration.Value()), Capacity: a.Capacity.Value(), Trial: a.Trial.Value(),
			}
		}
	}
	if in.Tour.IsSet() {
		d.Tour = nil
		if t := in.Tour.Value(); t != nil {
			d.Tour = &ent.TourDetails{
				Means: t.Means, LengthKm: t.LengthKm.Value(), AscentM: t.AscentM.Value(), Minutes: t.Minutes.Value(),
				Loop: t.Loop.Value(), Line: t.Line.Value(),
			}
		}
	}
	if in.Volunteering.IsSet() {
		d.Volunteering = nil
		if v := in.Volunteering.Value(); v != nil {
			d.Volunteering = &ent.VolunteeringDetails{
				Task: text(v.Task.Value()), HoursPerMonth: v.HoursPerMonth.Value(), Skills: v.Skills.Value(),
			}
		}
	}
}

func schedule(in *graph.ScheduleInput) *ent.Schedule {
	if in == nil {
		return nil
	}
	zone := ent.Berlin.String()
	if z := in.TimeZone.Value(); z != nil {
		zone = *z
	}
	return &ent.Schedule{
		Start: in.Start, End: in.End.Value(), AllDay: value(in.AllDay.Value()), TimeZone: zone,
		RRule: text(in.Rrule.Value()), Exclude: instants(in.Exclude.Value()), Include: instants(in.Include.Value()),
	}
}

func instants(in []*time.Time) []time.Time {
	out := make([]time.Time, len(in))
	for i, t := range in {
		out[i] = *t
	}
	return out
}

func registration(in *graph.RegistrationInput) *ent.Registration {
	if in == nil {
		return nil
	}
	return &ent.Registration{Required: in.Required, URL: in.URL.Value(), Until: in.Until.Value(), Note: text(in.Note.Value())}
}

func contact(in *graph.ContactInput) *ent.Contact {
	if in == nil {
		return nil
	}
	return &ent.Contact{Name: in.Name.Value(), Email: in.Email.Value(), Phone: in.Phone.Value()}
}

// set takes over a value that was given, null included.
func set[T any](to **T, from graphql.Omittable[*T]) {
	if from.IsSet() {
		*to = from.Value()
	}
}

func setList[T any](to *[]T, from graphql.Omittable[[]T]) {
	if from.IsSet() {
		*to = from.Value()
	}
}

// value gives what a pointer points to, the zero value for nil.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// text is nil for texts of spaces only.
func text(s *string) *string {
	if s == nil || strings.TrimSpace(*s) == "" {
		return nil
	}
	return s
}
