package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
)

// Bounds of webhooks.
const (
	maxWebhooks      = 20     // of one provider, municipality or region
	maxWebhookFilter = 10_000 // bytes of a filter's JSON
	maxPending       = 10_000 // deliveries of a webhook; the rest stays in the change log until there is room
	maxForgotten     = 10_000 // deliveries that are deleted at once
	webhooksShown    = 500
)

const (
	// KeepDeliveries is how long a delivery is kept after it has ended.
	KeepDeliveries = 30 * 24 * time.Hour
	// DeliveryLease is how long a delivery is its claimer's: until then no other of the webhook is claimed, and afterwards this one is again.
	DeliveryLease = time.Minute
)

// StaleFilter begins the reason for which a webhook is paused whose filter cannot be read any more.
const StaleFilter = "The filter names what there is not any more. "

// Changed gives a channel that is closed when there are changes that this process has heard of, see Listen.
func (s *Store) Changed() <-chan struct{} { return s.changed.wait() }

// Webhooks lists the webhooks that the actor may change, the newest first.
func (s *Store) Webhooks(ctx context.Context, actor *ent.Actor) (hooks []*ent.Webhook, err error) {
	defer wrap(&err, "Webhooks")
	grants := granted(actor, ent.ScopeWrite)
	if len(grants) == 0 || actor.Kind == ent.ActorLink {
		return nil, nil
	}
	q := new(query).add("SELECT " + s.columns(ent.Webhook{}) + " FROM webhook wh WHERE false")
	for _, g := range grants {
		switch {
		case g.Role == ent.RoleOperator:
			q.add(" OR true")
		case g.ProviderID != nil:
			q.add(" OR wh.provider_id = ?", *g.ProviderID)
		default:
			area := s.areaOf(&g)
			q.add(" OR wh.ags = ANY(?::text[]) OR wh.region_key = ? OR wh.provider_id IN (SELECT id FROM provider WHERE ags = ANY(?::text[]))", area, g.RegionKey, area)
		}
	}
	return hooks, s.scan(ctx, q.add(" ORDER BY wh.created_at DESC, wh.id DESC LIMIT ?", webhooksShown), &hooks)
}

// mayHook tells whether the actor may change what has this owner: whoever writes for it, but no link that posts once.
func (s *Store) mayHook(ctx context.Context, actor *ent.Actor, owner *ent.Grant) (bool, error) {
	if actor == nil || actor.Kind == ent.ActorLink {
		return false, nil
	}
	return s.mayGrant(ctx, actor, owner, nil)
}

// WebhookSave is a webhook as it is saved: a new one, or where ID is set what to change of one.
type WebhookSave struct {
	ID         *uuid.UUID
	Name, URL  string     // checked
	Owner      *ent.Grant // only over what; nil: as it is, for an operator's new one the whole server
	Filter     *ent.OfferingFilter
	KeepFilter bool   // leave the filter as it is
	Secret     string // of a new one
}

// SaveWebhook makes or changes a webhook. A new one is told of what changes from now on; the place of another in the change log stays.
func (s *Store) SaveWebhook(ctx context.Context, actor *ent.Actor, now time.Time, in WebhookSave) (out *ent.Webhook, err error) {
	defer wrap(&err, "SaveWebhook(%v)", in.ID)
	filter, err := s.webhookFilter(ctx, in.Filter, now)
	if err != nil {
		return nil, err
	}
	owner := in.Owner
	if in.ID == nil && owner == nil {
		owner = new(ent.Grant)
	}
	if owner != nil {
		owner.Role = roleFor(&ent.Key{Grant: *owner, Scopes: []ent.Scope{ent.ScopeWrite}})
		switch ok, err := s.mayHook(ctx, actor, owner); {
		case err != nil:
			return nil, err
		case !ok:
			return nil, fault(ent.UserForbidden, "Say for which provider, municipality or region: one that you may write for.", "provider")
		}
	}
	room := func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*ent.Webhook)(nil)).Where("ags IS NOT DISTINCT FROM ? AND region_key IS NOT DISTINCT FROM ? AND provider_id IS NOT DISTINCT FROM ?",
			owner.AGS, owner.RegionKey, owner.ProviderID).Count(ctx)
		if err == nil && n >= maxWebhooks {
			err = fault(ent.UserInvalid, "There are 20 webhooks already, which are the most.", "id")
		}
		return err
	}
	if in.ID != nil {
		return s.changeWebhook(ctx, actor, now, *in.ID, "SAVE_WEBHOOK", func(ctx context.Context, tx bun.Tx, w *ent.Webhook) error {
			if in.URL != w.URL {
				if err := s.afresh(ctx, tx, w, now); err != nil {
					return err
				}
			}
			w.Name, w.URL = in.Name, in.URL
			if !in.KeepFilter {
				w.Filter = filter
			}
			if owner != nil && !sameOwner(&w.Grant, owner) {
				if err := room(ctx, tx); err != nil {
					return err
				}
				w.Grant = *owner
			}
			_, err := tx.NewUpdate().Model(w).Column("name", "url", "filter", "role", "ags", "region_key", "provider_id").WherePK().Exec(ctx)
			return err
		})
	}
	if err := s.sequenceChanges(ctx); err != nil {
		return nil, err
	}
	w := &ent.Webhook{ID: ent.NewID(), Name: in.Name, URL: in.URL, Secret: in.Secret, Grant: *owner, Filter: filter, CreatedAt: now, NotBefore: now, CreatedBy: actor.Name}
	return w, s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := room(ctx, tx); err != nil {
			return err
		}
		if err := tx.NewRaw("SELECT coalesce(max(position), 0) FROM change").Scan(ctx, &w.Position); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(w).Exec(ctx); err != nil {
			return err
		}
		return s.auditWebhook(ctx, tx, actor, now, "SAVE_WEBHOOK", w)
	})
}

func sameOwner(a, b *ent.Grant) bool {
	same := func(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }
	return same(a.AGS, b.AGS) && same(a.RegionKey, b.RegionKey) && (a.ProviderID == b.ProviderID || a.ProviderID != nil && b.ProviderID != nil && *a.ProviderID == *b.ProviderID)
}

// webhookFilter gives the filter as it is kept, when it is one.
func (s *Store) webhookFilter(ctx context.Context, f *ent.OfferingFilter, now time.Time) (json.RawMessage, error) {
	_, _, err := s.conditions(ctx, f, now)
	var bad *ent.Error
	if errors.As(err, &bad) && bad.Code == ent.CodeBadInput {
		return nil, fault(ent.UserInvalid, bad.Message, strings.Split(bad.Field, ".")...)
	}
	if err != nil {
		return nil, err
	}
	b, err := f.JSON()
	if err == nil && len(b) > maxWebhookFilter {
		err = fault(ent.UserTooLong, "10,000 bytes of JSON are the most.", "filter")
	}
	return b, err
}

// auditWebhook does not write the address: it may hold what is secret.
func (s *Store) auditWebhook(ctx context.Context, tx bun.Tx, actor *ent.Actor, now time.Time, action string, w *ent.Webhook) error {
	return s.audit(ctx, tx, actor, now, action, w.NodeID(), map[string]any{"name": w.Name})
}

// changeWebhook changes a webhook that the actor may change.
func (s *Store) changeWebhook(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, action string, change func(context.Context, bun.Tx, *ent.Webhook) error) (w *ent.Webhook, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var hooks []*ent.Webhook
		if err := tx.NewSelect().Model(&hooks).Where("id = ?", id).For("UPDATE").Scan(ctx); err != nil {
			return err
		}
		ok := false
		if len(hooks) > 0 {
			if ok, err = s.mayHook(ctx, actor, &hooks[0].Grant); err != nil {
				return err
			}
		}
		if !ok {
			return fault(ent.UserNotFound, "There is no such webhook.", "id")
		}
		w = hooks[0]
		if err := change(ctx, tx, w); err != nil {
			return err
		}
		return s.auditWebhook(ctx, tx, actor, now, action, w)
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// DeleteWebhook ends a webhook with its deliveries.
func (s *Store) DeleteWebhook(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID) (err error) {
	defer wrap(&err, "DeleteWebhook(%v)", id)
	_, err = s.changeWebhook(ctx, actor, now, id, "DELETE_WEBHOOK", func(ctx context.Context, tx bun.Tx, w *ent.Webhook) error {
		_, err := tx.NewDelete().Model(w).WherePK().Exec(ctx)
		return err
	})
	return err
}

// PauseWebhook stops a webhook, or lets it go on where it stopped: everything that changed meanwhile is delivered.
func (s *Store) PauseWebhook(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, paused bool) (w *ent.Webhook, err error) {
	defer wrap(&err, "PauseWebhook(%v, %v)", id, paused)
	action := map[bool]string{true: "PAUSE_WEBHOOK", false: "RESUME_WEBHOOK"}[paused]
	return s.changeWebhook(ctx, actor, now, id, action, func(ctx context.Context, tx bun.Tx, w *ent.Webhook) error {
		switch {
		case paused && w.PausedAt == nil:
			w.PausedAt, w.PausedReason = &now, nil
		case !paused && w.PausedAt != nil:
			w.PausedAt, w.PausedReason = nil, nil
			if err := s.afresh(ctx, tx, w, now); err != nil {
				return err
			}
		}
		_, err := tx.NewUpdate().Model(w).Column("paused_at", "paused_reason").WherePK().Exec(ctx)
		return err
	})
}

// afresh forgets that the webhook has failed: what waits is due, but for the attempt that may be under way.
func (s *Store) afresh(ctx context.Context, tx bun.Tx, w *ent.Webhook, now time.Time) error {
	w.FailingSince = nil
	if lease := now.Add(DeliveryLease); w.NotBefore.After(lease) {
		w.NotBefore = lease
	}
	if _, err := tx.NewUpdate().Model(w).Column("failing_since", "not_before").WherePK().Exec(ctx); err != nil {
		return err
	}
	_, err := exec(ctx, tx, new(query).add("UPDATE webhook_delivery SET next_at = ? WHERE webhook_id = ? AND state = 'PENDING' AND next_at > ?", now, w.ID, now))
	return err
}

// RotateWebhookSecret gives a webhook another secret, with which everything is signed from now on.
func (s *Store) RotateWebhookSecret(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, secret string) (w *ent.Webhook, err error) {
	defer wrap(&err, "RotateWebhookSecret(%v)", id)
	return s.changeWebhook(ctx, actor, now, id, "ROTATE_WEBHOOK_SECRET", func(ctx context.Context, tx bun.Tx, w *ent.Webhook) error {
		w.Secret = secret
		_, err := tx.NewUpdate().Model(w).Column("secret").WherePK().Exec(ctx)
		return err
	})
}

// Redeliver sends a delivery again, whatever became of it, with all of its attempts before it.
func (s *Store) Redeliver(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID) (d *ent.WebhookDelivery, err error) {
	defer wrap(&err, "Redeliver(%v)", id)
	missing := fault(ent.UserNotFound, "There is no such delivery.", "deliveryId")
	found, err := byKey[ent.WebhookDelivery](ctx, s, "webhook_delivery wd WHERE wd.id", []uuid.UUID{id})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, missing
	}
	_, err = s.changeWebhook(ctx, actor, now, found[0].WebhookID, "REDELIVER", func(ctx context.Context, tx bun.Tx, w *ent.Webhook) error {
		var rows []*ent.WebhookDelivery
		if err := s.scan(ctx, new(query).add(`UPDATE webhook_delivery wd SET next_at = ?, done_at = NULL, state = 'PENDING',
			attempts = CASE state WHEN 'PENDING' THEN attempts ELSE 0 END WHERE id = ? RETURNING `+s.columns(ent.WebhookDelivery{}), now, id), &rows); err != nil {
			return err
		}
		if len(rows) == 0 {
			return missing
		}
		d = withCursors(rows)[0]
		return nil
	})
	var faults ent.UserErrors
	if errors.As(err, &faults) {
		return nil, missing
	}
	return d, err
}

// withCursors sets the deliveries' positions in the feed.
func withCursors(rows []*ent.WebhookDelivery) []*ent.WebhookDelivery {
	l := newList("changes")
	for _, d := range rows {
		d.Cursor = l.encode(cursor{formatPosition(d.Position), d.OfferingID.String()})
	}
	return rows
}

// DeliveriesOf gives for each webhook a page of its deliveries, the newest change first, with two statements at the most.
func (s *Store) DeliveriesOf(ctx context.Context, hooks []uuid.UUID, p PageArgs) (pages map[uuid.UUID]*ent.WebhookDeliveryConnection, err error) {
	defer wrap(&err, "DeliveriesOf(%d webhooks)", len(hooks))
	if hooks = distinct(hooks); len(hooks) == 0 {
		return nil, nil
	}
	lists := make([]list, len(hooks))
	for i, id := range hooks {
		lists[i] = newList("deliveries", id)
	}
	w, err := p.window(lists...)
	if err != nil {
		return nil, err
	}
	before := int64(1) << 62
	if w.after != nil {
		if before, err = parsePosition(w.after.key); err != nil {
			return nil, err
		}
	}
	var rows []*ent.WebhookDelivery
	if err := s.scan(ctx, new(query).add("SELECT x.* FROM unnest(?::uuid[]) AS k(key) CROSS JOIN LATERAL (SELECT "+s.columns(ent.WebhookDelivery{})+
		" FROM webhook_delivery wd WHERE wd.webhook_id = k.key AND wd.position < ? ORDER BY wd.position DESC LIMIT ?) x ORDER BY x.position DESC",
		uuids(hooks), before, w.limit()), &rows); err != nil {
		return nil, err
	}
	of := map[uuid.UUID][]*ent.WebhookDelivery{}
	for _, d := range withCursors(rows) {
		of[d.WebhookID] = append(of[d.WebhookID], d)
	}
	totals := map[string]int{}
	if p.Total {
		if totals, err = s.totals(ctx, new(query).add(`SELECT webhook_id::text AS parent, count(*) AS n FROM webhook_delivery
			WHERE webhook_id = ANY(?::uuid[]) GROUP BY webhook_id`, uuids(hooks))); err != nil {
			return nil, err
		}
	}
	pages = map[uuid.UUID]*ent.WebhookDeliveryConnection{}
	for i, id := range hooks {
		c := &ent.WebhookDeliveryConnection{Page: page(w.in(i), of[id], func(d *ent.WebhookDelivery) cursor { return cursor{formatPosition(d.Position), ""} })}
		c.TotalCount = totals[id.String()]
		pages[id] = c
	}
	return pages, nil
}

// QueueDeliveries turns what has changed into deliveries, for each webhook that is not paused what matches its filter before or after: at the most some hundred
// changes of some webhooks in a call. more tells that there may be more to do at once. Several processes may call it at the same time.
func (s *Store) QueueDeliveries(ctx context.Context, now time.Time) (more bool, err error) {
	defer wrap(&err, "QueueDeliveries")
	if err := s.sequenceChanges(ctx); err != nil {
		return false, err
	}
	for range 20 {
		done, err := s.queueNext(ctx, now)
		if done || err != nil {
			return false, err
		}
	}
	return true, nil
}

// queueNext queues a batch for the webhook that is furthest behind; done tells that there is none.
func (s *Store) queueNext(ctx context.Context, now time.Time) (done bool, err error) {
	return done, s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		done = false
		var behind []*struct {
			ent.Webhook `bun:",extend"`
			Last        int64 `bun:"last"` // position of the log
		}
		q := new(query).add("SELECT "+s.columns(ent.Webhook{})+`, c.last FROM webhook wh, (SELECT coalesce(max(position), 0) AS last FROM change) c
			WHERE wh.paused_at IS NULL AND wh.position < c.last
			AND (SELECT count(*) FROM (SELECT FROM webhook_delivery d WHERE d.webhook_id = wh.id AND d.state = 'PENDING' LIMIT ?) p) < ?
			ORDER BY wh.position LIMIT 1 FOR UPDATE OF wh SKIP LOCKED`, maxPending, maxPending)
		if err := s.scan(ctx, q, &behind); err != nil || len(behind) == 0 {
			done = true
			return err
		}
		w := &behind[0].Webhook
		rows, to, err := s.deliveriesFor(context.WithValue(ctx, txKey{}, tx), w, behind[0].Last, now)
		var bad *ent.Error
		if errors.As(err, &bad) && bad.Code == ent.CodeBadInput {
			reason := StaleFilter + bad.Message
			_, err := exec(ctx, tx, new(query).add("UPDATE webhook SET paused_at = ?, paused_reason = ? WHERE id = ?", now, reason, w.ID))
			return err
		}
		if err != nil {
			return err
		}
		if err := insertAll(ctx, tx, rows, keepOld); err != nil {
			return err
		}
		_, err = exec(ctx, tx, new(query).add("UPDATE webhook SET position = ? WHERE id = ?", to, w.ID))
		return err
	})
}

// deliveriesFor makes the deliveries of the next changes after the webhook's position, and gives up to where it has looked. last is a position of the log that is
// taken.
func (s *Store) deliveriesFor(ctx context.Context, w *ent.Webhook, last int64, now time.Time) (rows []*ent.WebhookDelivery, to int64, err error) {
	f, err := ent.ParseFilter(w.Filter)
	if err != nil {
		return nil, 0, err
	}
	changes, read, err := s.positionedAfter(ctx, w.Position)
	if err != nil {
		return nil, 0, err
	}
	if to = read; len(changes) < changesAtOnce {
		to = max(read, last) // what else has a position is no offering's
	}
	ids := make([]uuid.UUID, 0, len(changes))
	for _, c := range changes {
		ids = append(ids, c.Key)
	}
	match, err := s.matching(ctx, f, ids, now)
	if err != nil {
		return nil, 0, err
	}
	scope := s.scopeOf(f)
	for _, c := range changes {
		if !match[c.Key] && f != nil && !c.was(scope) {
			continue
		}
		rows = append(rows, &ent.WebhookDelivery{
			ID: ent.NewID(), WebhookID: w.ID, Position: c.Position, At: c.At, OfferingID: c.Key, Gone: !match[c.Key],
			State: ent.DeliveryPending, NextAt: now, CreatedAt: now,
		})
	}
	return rows, to, nil
}

// ClaimDeliveries gives up to n deliveries that are due, of as many webhooks, to be sent within DeliveryLease and then finished. What is not finished by then, since its
// process was killed, is claimed again. The earliest change of a webhook comes first; webhooks take turns.
func (s *Store) ClaimDeliveries(ctx context.Context, now time.Time, n int) (rows []*ent.WebhookDelivery, err error) {
	defer wrap(&err, "ClaimDeliveries(%d)", n)
	err = s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		rows = nil
		var hooks []*ent.Webhook
		if err := s.scan(ctx, new(query).add("SELECT "+s.columns(ent.Webhook{})+` FROM webhook wh WHERE wh.paused_at IS NULL AND wh.not_before <= ?
			AND EXISTS (SELECT FROM webhook_delivery d WHERE d.webhook_id = wh.id AND d.state = 'PENDING' AND d.next_at <= ?)
			ORDER BY wh.not_before, wh.id LIMIT ? FOR UPDATE OF wh SKIP LOCKED`, now, now, n), &hooks); err != nil || len(hooks) == 0 {
			return err
		}
		ids := make([]uuid.UUID, len(hooks))
		for i, w := range hooks {
			ids[i] = w.ID
		}
		// A statement of its own: it sees what was finished before the locks were had.
		if err := s.scan(ctx, new(query).add(`UPDATE webhook_delivery wd SET attempts = wd.attempts + 1 FROM unnest(?::uuid[]) AS k(key)
			CROSS JOIN LATERAL (SELECT d.id FROM webhook_delivery d WHERE d.webhook_id = k.key AND d.state = 'PENDING' AND d.next_at <= ? ORDER BY d.position LIMIT 1) next
			WHERE wd.id = next.id RETURNING `+s.columns(ent.WebhookDelivery{}), uuids(ids), now), &rows); err != nil {
			return err
		}
		for _, d := range withCursors(rows) {
			d.Webhook = hooks[slices.Index(ids, d.WebhookID)]
			d.Webhook.NotBefore = now.Add(DeliveryLease)
			if _, err := exec(ctx, tx, new(query).add("UPDATE webhook SET not_before = ? WHERE id = ?", d.Webhook.NotBefore, d.WebhookID)); err != nil {
				return err
			}
		}
		return nil
	})
	return rows, err
}

// DeliveredOffering gives the offering that a delivery is about as the public sees it now; nil when it is gone, or does not match the webhook's filter.
func (s *Store) DeliveredOffering(ctx context.Context, d *ent.WebhookDelivery, now time.Time) (o *ent.Offering, err error) {
	defer wrap(&err, "DeliveredOffering(%v)", d.ID)
	f, err := ent.ParseFilter(d.Webhook.Filter)
	if err != nil {
		return nil, err
	}
	match, err := s.matching(ctx, f, []uuid.UUID{d.OfferingID}, now)
	if err != nil || !match[d.OfferingID] {
		return nil, err
	}
	found, err := s.OfferingsByID(ctx, nil, []uuid.UUID{d.OfferingID})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// FinishDelivery says what came of an attempt. It changes nothing where the delivery has been claimed again in the meantime, or its webhook is gone.
func (s *Store) FinishDelivery(ctx context.Context, d *ent.WebhookDelivery, r ent.DeliveryResult) (err error) {
	defer wrap(&err, "FinishDelivery(%v)", d.ID)
	state, ended, next := ent.DeliveryDone, &r.At, d.NextAt
	switch {
	case r.Error == "":
	case r.Retry != nil:
		state, ended, next = ent.DeliveryPending, nil, *r.Retry
	default:
		state = ent.DeliveryFailed
	}
	var status *int
	if r.Status != 0 {
		status = &r.Status
	}
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var hooks []*ent.Webhook // locked first, as by all who claim
		if err := s.scan(ctx, new(query).add("SELECT "+s.columns(ent.Webhook{})+" FROM webhook wh WHERE wh.id = ? FOR UPDATE", d.WebhookID), &hooks); err != nil || len(hooks) == 0 {
			return err
		}
		n, err := exec(ctx, tx, new(query).add(`UPDATE webhook_delivery SET state = ?, gone = ?, next_at = ?, status = ?, error = nullif(?::text, ''), took_ms = ?, done_at = ?
			WHERE id = ? AND state = 'PENDING' AND attempts = ?`,
			string(state), r.Gone, next, status, r.Error, r.Took.Milliseconds(), ended, d.ID, d.Attempts))
		if err != nil || n == 0 {
			return err
		}
		w := hooks[0]
		w.NotBefore = r.At.Add(r.Rest)
		switch {
		case r.Error == "":
			w.FailingSince = nil
		case w.FailingSince == nil:
			w.FailingSince = &r.At
		}
		if r.Pause != "" && w.PausedAt == nil {
			w.PausedAt, w.PausedReason = &r.At, &r.Pause
		}
		_, err = tx.NewUpdate().Model(w).Column("not_before", "failing_since", "paused_at", "paused_reason").WherePK().Exec(ctx)
		return err
	})
}

// ForgetDeliveries deletes deliveries that ended long enough ago, some thousand at the most, and gives how many.
func (s *Store) ForgetDeliveries(ctx context.Context, now time.Time) (n int, err error) {
	defer wrap(&err, "ForgetDeliveries")
	return n, s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err = exec(ctx, tx, new(query).add(`DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM webhook_delivery
			WHERE state <> 'PENDING' AND done_at < ? ORDER BY done_at LIMIT ? FOR UPDATE SKIP LOCKED)`, now.Add(-KeepDeliveries), maxForgotten))
		return err
	})
}
