package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"umland/ent"
)

// audit writes what somebody did into the audit log, in the transaction in which it is done. subject is a global id.
func (s *Store) audit(ctx context.Context, tx bun.Tx, actor *ent.Actor, now time.Time, action, subject string, detail any) error {
	_, err := exec(ctx, tx, new(query).add(`INSERT INTO audit (at, actor_kind, actor_id, actor_name, action, subject, detail) VALUES (?, ?, ?::uuid, ?, ?, ?, ?::jsonb)`,
		now, string(actor.Kind), actor.ID, actor.Name, action, subject, string(mustJSON(detail))))
	return err
}

// Audit gives a page of the audit log, the newest first.
func (s *Store) Audit(ctx context.Context, p PageArgs) (c *ent.AuditConnection, err error) {
	defer wrap(&err, "Audit")
	w, err := p.window(newList("audit"))
	if err != nil {
		return nil, err
	}
	before := int64(1) << 62
	if w.after != nil {
		if before, err = parsePosition(w.after.key); err != nil {
			return nil, err
		}
	}
	var rows []*ent.Audit
	if err := s.scan(ctx, new(query).add(`SELECT id, at, actor_kind, actor_name, action, subject, detail FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?`,
		before, w.limit()), &rows); err != nil {
		return nil, err
	}
	c = &ent.AuditConnection{Page: page(w, rows, func(r *ent.Audit) cursor { return cursor{formatPosition(r.ID), ""} })}
	if p.Total {
		totals, err := s.totals(ctx, new(query).add("SELECT '' AS parent, count(*) AS n FROM audit"))
		if err != nil {
			return nil, err
		}
		c.TotalCount = totals[""]
	}
	return c, nil
}
