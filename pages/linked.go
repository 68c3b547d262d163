package pages

import (
	"strconv"
	"strings"
	"time"

	"umland/hours"
)

// What pages say in schema.org's words. It goes into the page through html/template, which escapes it for a script element.

func websiteData(v *view) any {
	return map[string]any{
		"@context": "https://schema.org", "@type": "WebSite", "name": "Umland", "url": v.Origin() + "/", "inLanguage": v.Lang(),
		"potentialAction": map[string]any{
			"@type": "SearchAction", "query-input": "required name=q",
			"target": map[string]any{"@type": "EntryPoint", "urlTemplate": v.Origin() + "/?q={q}"},
		},
	}
}

func municipalityData(v *view, m *municipality) any {
	return map[string]any{
		"@context": "https://schema.org", "@type": "City", "name": m.Name, "url": v.Origin() + v.To("/gemeinde/"+m.AGS), "identifier": m.AGS,
		"geo": map[string]any{"@type": "GeoCoordinates", "longitude": m.Longitude, "latitude": m.Latitude},
	}
}

// offeringData describes an offering. What is not known is not said.
func offeringData(v *view, o *offering) any {
	url := v.Origin() + v.To("/angebot/"+o.ID)
	d := map[string]any{"@context": "https://schema.org", "@id": url, "url": url, "name": o.Title}
	set := func(name string, value *string) {
		if value != nil && *value != "" {
			d[name] = *value
		}
	}
	set("description", o.Plain)
	set("description", o.Summary)
	var images []string
	for _, i := range o.Images {
		images = append(images, i.URL)
	}
	if images != nil {
		d["image"] = images
	}
	if o.Price.Free != nil {
		d["isAccessibleForFree"] = *o.Price.Free
	}
	by := map[string]any{"@type": "Organization", "name": o.Provider.Name, "url": v.Origin() + v.To("/anbieter/"+o.Provider.ID)}
	location := locationData(o)
	switch o.Kind {
	case "EVENT", "ACTIVITY":
		eventData(d, o)
		d["organizer"], d["location"] = by, location
		if p := firstPlace(o); p != "" { // that of this date, of which nothing but the name is known
			d["location"] = map[string]any{"@type": "Place", "name": p, "address": map[string]any{"@type": "PostalAddress", "addressCountry": "DE", "addressLocality": o.Municipality.Name}}
		} else if o.Place == nil && o.Online {
			d["location"] = map[string]any{"@type": "VirtualLocation", "name": "online", "url": url}
		}
	case "FACILITY":
		d["@type"] = "Place"
		for name, value := range location {
			if name != "@type" && name != "name" {
				d[name] = value
			}
		}
		if o.OpeningHours != nil {
			d["description"] = joined(d["description"], v.tr("Öffnungszeiten: ", "Opening hours: ")+o.OpeningHours.Text)
			if week := openingData(o, v.now); week != nil {
				d["openingHoursSpecification"] = week
			}
		}
		if o.Wheelchair == "YES" || o.Wheelchair == "NO" {
			d["amenityFeature"] = map[string]any{"@type": "LocationFeatureSpecification", "name": "wheelchair accessible", "value": o.Wheelchair == "YES"}
		}
	case "SERVICE":
		d["@type"] = "Service"
		if o.Provider.Kind == "MUNICIPALITY" {
			d["@type"] = "GovernmentService"
		}
		d["provider"] = by
		if week := openingData(o, v.now); week != nil {
			d["hoursAvailable"] = week
		}
		d["areaServed"] = map[string]any{"@type": "AdministrativeArea", "name": o.Municipality.Name}
		delete(d, "isAccessibleForFree") // not a property of a service
	case "TOUR":
		d["@type"] = "TouristTrip"
		d["provider"] = by
		delete(d, "isAccessibleForFree")
	case "VOLUNTEERING":
		d["@type"] = "JobPosting"
		delete(d, "name")
		delete(d, "isAccessibleForFree")
		d["title"], d["employmentType"], d["hiringOrganization"], d["jobLocation"] = o.Title, "VOLUNTEER", by, location
		d["datePosted"] = o.UpdatedAt.Format(time.DateOnly)
		if o.PublishedAt != nil {
			d["datePosted"] = o.PublishedAt.Format(time.DateOnly)
		}
		if d["description"] == nil {
			d["description"] = o.Title
		}
	}
	return d
}

func joined(a any, b string) string {
	if s, ok := a.(string); ok && s != "" {
		return strings.TrimRight(s, ". ") + ". " + b
	}
	return b
}

// firstPlace names the place of the first date where it is another than the offering's, "" where not.
func firstPlace(o *offering) string {
	if len(o.Occurrences.Nodes) == 0 || o.Occurrences.Nodes[0].Place == nil {
		return ""
	}
	name := o.Occurrences.Nodes[0].Place.Name
	if o.Place != nil && o.Place.Name == name {
		return ""
	}
	return name
}

// openingData says when it is open in the seven days that begin with now's, each day by itself; nil where that is not known of all of them.
func openingData(o *offering, now time.Time) []map[string]any {
	if o.OpeningHours == nil {
		return nil
	}
	parsed, err := hours.Parse(o.OpeningHours.OSM)
	if err != nil {
		return nil
	}
	var week []map[string]any
	for i := range 7 {
		day := midnight(now).AddDate(0, 0, i)
		next := midnight(now).AddDate(0, 0, i+1)
		for _, open := range parsed.Intervals(day, next, hours.Place{AGS: o.Municipality.AGS}) {
			if open.State == hours.Unknown || open.State == hours.Open && open.Comment != "" { // only for some, or after a call
				return nil
			}
			if open.State != hours.Open {
				continue
			}
			closes := open.End.Format("15:04")
			if open.End.Equal(next) {
				closes = "23:59" // as search engines want the end of a day
			}
			date := day.Format(time.DateOnly)
			week = append(week, map[string]any{"@type": "OpeningHoursSpecification", "dayOfWeek": "https://schema.org/" + day.Weekday().String(),
				"opens": open.Start.Format("15:04"), "closes": closes, "validFrom": date, "validThrough": date})
		}
	}
	return week
}

func locationData(o *offering) map[string]any {
	address := map[string]any{"@type": "PostalAddress", "addressCountry": "DE", "addressLocality": o.Municipality.Name}
	at := map[string]any{"@type": "Place", "name": o.Municipality.Name, "address": address}
	if p := o.Place; p != nil {
		at["name"] = p.Name
		for name, value := range map[string]*string{"streetAddress": p.Address.Street, "postalCode": p.Address.PostalCode, "addressLocality": p.Address.Locality} {
			if value != nil {
				address[name] = *value
			}
		}
		if p.Longitude != nil && p.Latitude != nil {
			at["geo"] = map[string]any{"@type": "GeoCoordinates", "longitude": *p.Longitude, "latitude": *p.Latitude}
		}
	}
	return at
}

func eventData(d map[string]any, o *offering) {
	d["@type"], d["eventStatus"] = "Event", "https://schema.org/EventScheduled"
	instant := func(t time.Time, allDay bool) string {
		if allDay {
			return t.Format(time.DateOnly)
		}
		return t.Format(time.RFC3339)
	}
	put := func(start time.Time, end *time.Time, allDay bool) {
		d["startDate"] = instant(start, allDay)
		if end != nil && allDay {
			d["endDate"] = end.AddDate(0, 0, -1).Format(time.DateOnly)
		} else if end != nil {
			d["endDate"] = instant(*end, false)
		}
	}
	switch {
	case len(o.Occurrences.Nodes) > 0:
		n := o.Occurrences.Nodes[0]
		put(n.Start, n.End, n.AllDay)
		switch n.Status {
		case "CANCELLED":
			d["eventStatus"] = "https://schema.org/EventCancelled"
		case "POSTPONED":
			d["eventStatus"] = "https://schema.org/EventPostponed"
		}
	case o.Schedule != nil:
		put(o.Schedule.Start, o.Schedule.End, o.Schedule.AllDay)
	}
	mode := "https://schema.org/OfflineEventAttendanceMode"
	switch {
	case o.Online && o.Place == nil:
		mode = "https://schema.org/OnlineEventAttendanceMode"
	case o.Online:
		mode = "https://schema.org/MixedEventAttendanceMode"
	}
	d["eventAttendanceMode"] = mode
	price, p := "", o.Price
	if p.FromCents != nil {
		price = strconv.FormatFloat(float64(*p.FromCents)/100, 'f', 2, 64)
	} else if p.Free != nil && *p.Free {
		price = "0"
	}
	if price == "" {
		return
	}
	offer := map[string]any{"@type": "Offer", "price": price, "priceCurrency": p.Currency, "url": d["url"]}
	if len(o.Occurrences.Nodes) > 0 && o.Occurrences.Nodes[0].Status == "SOLD_OUT" {
		offer["availability"] = "https://schema.org/SoldOut"
	}
	d["offers"] = offer
}
