package store

import (
	"time"

	"umland/ent"
)

// Managed asks for what an actor may edit or decide on.
type Managed struct {
	Actor          *ent.Actor
	Status         []ent.OfferingStatus // any of these; all when empty
	NeedsAttention bool                 // in review, returned with a note, or not confirmed for long
}

// orderChanged is the order of managed offerings when none is asked for: the newest change first.
const orderChanged ent.OfferingOrder = "CHANGED"

func (s *Store) manage(c *conditions, m *Managed, now time.Time) {
	mine := &condition{field: "managed"}
	mine.query.add("(false")
	s.own(&mine.query, m.Actor)
	mine.query.add(")")
	*c = append(*c, mine)
	if len(m.Status) > 0 {
		c.add("status", "o.status = ANY(?)", strs(m.Status))
	}
	if m.NeedsAttention {
		c.add("needsAttention", `(o.status = 'IN_REVIEW' OR o.status = 'DRAFT' AND o.review_note IS NOT NULL
			OR o.status = 'PUBLISHED' AND o.review_by < ? AND (o.last_until IS NULL OR o.last_until > ?))`, now, now)
	}
}

// Editorial tells what the actor may do with an offering whose Provider is set; nil for who may nothing.
func (s *Store) Editorial(actor *ent.Actor, o *ent.Offering) *ent.Editorial {
	e := &ent.Editorial{
		Offering: o, MayEdit: s.owns(actor, ent.ScopeWrite, o.Provider), MayReview: s.mayInArea(actor, ent.ScopeReview, o.AGS),
	}
	e.MayPublish = (e.MayEdit || e.MayReview) && s.mayPublish(actor, o)
	if !e.MayEdit && !e.MayReview && !s.owns(actor, ent.ScopeRead, o.Provider) {
		return nil
	}
	return e
}
