package store

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"umland/ent"
)

// signal wakes all who wait for it.
type signal struct {
	mu sync.Mutex
	ch chan struct{}
}

func (s *signal) wait() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch == nil {
		s.ch = make(chan struct{})
	}
	return s.ch
}

func (s *signal) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch != nil {
		close(s.ch)
	}
	s.ch = nil
}

// Listen hears from Postgres of changes that any process has made, wakes who follows them, and takes the school holidays that were loaded, until ctx ends or the
// connection is lost: then it is to be called again.
func (s *Store) Listen(ctx context.Context) (err error) {
	defer wrap(&err, "Listen")
	conn, err := pgx.ConnectConfig(ctx, s.config)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+changeChannel); err != nil {
		return err
	}
	for noun := nounCalendar; ; { // first what was missed
		if noun == nounCalendar {
			if err := s.readSchoolHolidays(ctx); err != nil {
				return err
			}
		}
		s.changed.wake()
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		noun = n.Payload
	}
}

// followPoll is how long those who follow changes wait at the most before they look for themselves.
const followPoll = 2 * time.Second

// FollowChanges gives send each change of an offering that matches the filter before or after, from the cursor on, or from now on where after is nil, until send says no or
// ctx ends. ready, if not nil, is called when everything from then on is sent.
func (s *Store) FollowChanges(ctx context.Context, f *ent.OfferingFilter, after *string, now func() time.Time, ready func(), send func(*ent.OfferingChange) bool) (err error) {
	defer wrap(&err, "FollowChanges")
	l := newList("changes")
	position := int64(0)
	if _, _, err := s.conditions(ctx, f, now()); err != nil {
		return err
	}
	if after != nil {
		c, err := l.decode("after", *after)
		if err != nil {
			return err
		}
		if position, err = parsePosition(c.key); err != nil {
			return err
		}
	} else {
		if err := s.sequenceChanges(ctx); err != nil {
			return err
		}
		var last []int64
		if err := s.scan(ctx, new(query).add("SELECT coalesce(max(position), 0) FROM change"), &last); err != nil {
			return err
		}
		position = last[0]
	}
	if ready != nil {
		ready()
	}
	for {
		woken := s.changed.wait()
		changes, last, err := s.changesAfter(ctx, position)
		if err != nil {
			return err
		}
		var ids []uuid.UUID
		for _, c := range changes {
			if !c.Gone {
				ids = append(ids, c.Key)
			}
		}
		match, err := s.matching(ctx, f, ids, now())
		if err != nil {
			return err
		}
		scope := s.scopeOf(f)
		for _, c := range changes {
			if !match[c.Key] && f != nil && !c.was(scope) {
				continue
			}
			out := &ent.OfferingChange{Cursor: l.encode(cursor{formatPosition(c.Position), c.Key.String()}), At: c.At, OfferingID: c.Key}
			if match[c.Key] {
				out.Offering = &ent.Offering{ID: c.Key} // to be read by who sends it on
			}
			if !send(out) {
				return nil
			}
		}
		if position = max(position, last); len(changes) == changesAtOnce {
			continue
		}
		select {
		case <-woken:
		case <-time.After(followPoll):
		case <-ctx.Done():
			return nil
		}
	}
}

// loggedChange is a row of the log with its facts.
type loggedChange struct {
	changeRow `bun:",extend"`
	Before    json.RawMessage `bun:"before,type:jsonb"`
	After     json.RawMessage `bun:"after,type:jsonb"`
}

// was tells whether the offering may have been in the scope before; where nobody noted that, it may.
func (c *loggedChange) was(sc *scope) bool {
	if c.Before == nil {
		return c.After == nil
	}
	var f facts
	return json.Unmarshal(c.Before, &f) == nil && sc.touches(&f)
}

const changesAtOnce = 200

// changesAfter reads the next changes of offerings, and up to where it has looked.
func (s *Store) changesAfter(ctx context.Context, position int64) (rows []*loggedChange, last int64, err error) {
	if err := s.sequenceChanges(ctx); err != nil {
		return nil, 0, err
	}
	return s.positionedAfter(ctx, position)
}

// positionedAfter is changesAfter for the changes that have positions already.
func (s *Store) positionedAfter(ctx context.Context, position int64) (rows []*loggedChange, last int64, err error) {
	err = s.scan(ctx, new(query).add(`SELECT position, at, key, gone, before, after FROM change WHERE noun = 'OFFERING' AND position > ? ORDER BY position LIMIT ?`,
		position, changesAtOnce), &rows)
	if len(rows) > 0 {
		last = rows[len(rows)-1].Position
	}
	return rows, last, err
}

// matching tells which of the offerings are published and match the filter.
func (s *Store) matching(ctx context.Context, f *ent.OfferingFilter, ids []uuid.UUID, now time.Time) (map[uuid.UUID]bool, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	conds, _, err := s.conditions(ctx, f, now)
	if err != nil {
		return nil, err
	}
	q := new(query).add("SELECT o.id FROM offering o WHERE o.status = 'PUBLISHED' AND o.id = ANY(?::uuid[])", uuids(distinct(ids)))
	conds.and(q, "")
	var found []uuid.UUID
	if err := s.scan(ctx, q, &found); err != nil {
		return nil, err
	}
	match := make(map[uuid.UUID]bool, len(found))
	for _, id := range found {
		match[id] = true
	}
	return match, nil
}
