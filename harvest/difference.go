package harvest

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"umland/ent"
)

// The bounds of a value that is shown in a difference.
const (
	shownText = 500 // characters
	shownList = 20  // items
)

// difference collects what a run would do, item by item: what a dry run is for, and what helps to decide on a quarantined one. nil collects nothing.
type difference struct {
	of    map[ent.HarvestAction][]ent.HarvestChange
	bytes int // of the fields' values
}

func newDifference() *difference {
	return &difference{of: map[ent.HarvestAction][]ent.HarvestChange{}}
}

// wants tells whether there is room for another change.
func (d *difference) wants(action ent.HarvestAction) bool {
	return d != nil && len(d.of[action]) < ent.MaxHarvestChanges
}

func (d *difference) add(c ent.HarvestChange) {
	if d.wants(c.Action) {
		d.of[c.Action] = append(d.of[c.Action], c)
	}
}

// list gives all changes, those that take something away first.
func (d *difference) list() []ent.HarvestChange {
	if d == nil {
		return nil
	}
	return slices.Concat(d.of[ent.ActionGone], d.of[ent.ActionChanged], d.of[ent.ActionNew])
}

// fields gives what differs between two states of an offering, as long as there is room.
func (d *difference) fields(before, after *ent.Offering) (fields []ent.FieldChange) {
	for _, c := range ent.Differences(before, after) {
		was, is := shorten(c.Before), shorten(c.After)
		if d.bytes += len(was) + len(is); d.bytes > ent.MaxHarvestFields {
			return nil
		}
		fields = append(fields, ent.FieldChange{Name: c.Name, Before: was, After: is})
	}
	return fields
}

// shorten cuts long texts and lists in a JSON value.
func shorten(v json.RawMessage) json.RawMessage {
	if len(v) <= shownText {
		return v
	}
	read := json.NewDecoder(bytes.NewReader(v))
	read.UseNumber()
	var x any
	if read.Decode(&x) != nil {
		return json.RawMessage("null")
	}
	b, err := json.Marshal(shortened(x))
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}

func shortened(x any) any {
	switch x := x.(type) {
	case string:
		return clipText(x, shownText)
	case []any:
		x = x[:min(len(x), shownList)]
		for i := range x {
			x[i] = shortened(x[i])
		}
		return x
	case map[string]any:
		for k, v := range x {
			x[k] = shortened(v)
		}
	}
	return x
}

// saved notes what became of an entry. before has the offerings as they were.
func (d *difference) saved(e *entry, before map[uuid.UUID]*ent.Offering) {
	c := ent.HarvestChange{Action: ent.ActionChanged, Key: e.key, Title: e.saved.Title, Status: e.saved.Status}
	if e.old == nil {
		c.Action = ent.ActionNew
	}
	if !d.wants(c.Action) {
		return
	}
	was := &ent.Offering{}
	if e.id != nil {
		if c.Offering = e.id; before[*e.id] != nil {
			was = before[*e.id]
		}
	}
	c.Fields = d.fields(was, e.saved)
	d.add(c)
}

// before reads the offerings that the entries are about, where a difference is wanted.
func (h *harvesting) before(ctx context.Context, entries []*entry) (map[uuid.UUID]*ent.Offering, error) {
	var ids []uuid.UUID
	for _, e := range entries {
		if e.id != nil && (h.diff.wants(ent.ActionChanged) || h.diff.wants(ent.ActionNew)) {
			ids = append(ids, *e.id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return h.offerings(ctx, ids)
}

func (h *harvesting) offerings(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*ent.Offering, error) {
	found, err := h.Store.OfferingsForMerge(ctx, ids)
	by := make(map[uuid.UUID]*ent.Offering, len(found))
	for _, o := range found {
		by[o.ID] = o
	}
	return by, err
}

// lost notes what has left the feed; then tells that it was taken back already.
func (h *harvesting) lost(ctx context.Context, then bool) error {
	var missing []*known
	var ids []uuid.UUID
	for _, k := range h.missing {
		if k.OfferingID != nil && len(missing) < ent.MaxHarvestChanges {
			missing, ids = append(missing, k), append(ids, *k.OfferingID)
		}
	}
	if h.diff == nil || len(ids) == 0 {
		return nil
	}
	by, err := h.offerings(ctx, ids)
	if err != nil {
		return err
	}
	for _, k := range missing {
		if o := by[*k.OfferingID]; o != nil {
			c := ent.HarvestChange{Action: ent.ActionGone, Key: k.Key, Title: o.Title, Offering: &o.ID}
			if then {
				c.Status = o.Status
			}
			h.diff.add(c)
		}
	}
	return nil
}

// outline notes what a run that was stopped before it wrote anything would have done.
func (h *harvesting) outline(ctx context.Context) error {
	h.diff = newDifference()
	if err := h.lost(ctx, false); err != nil {
		return err
	}
	for _, it := range h.items {
		action := ent.ActionNew
		if it.old != nil {
			action = ent.ActionChanged
		}
		if !h.diff.wants(action) {
			continue
		}
		rec, _, err := h.spooled(it)
		if err != nil {
			return err
		}
		c := ent.HarvestChange{Action: action, Key: it.key, Title: clipText(cleanText(rec.Title), 300)}
		if it.old != nil {
			c.Offering = it.old.OfferingID
		}
		h.diff.add(c)
	}
	return nil
}
