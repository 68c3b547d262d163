// Package webhook tells receivers of what changes: it queues the changes, and sends them signed, again and again until they have arrived or are given up.
// docs/webhooks.md is the receiver's guide.
package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"umland/ent"
	"umland/fetch"
	"umland/store"
)

// What a receiver's answer may take.
const (
	Timeout  = 10 * time.Second // of an attempt
	MaxBytes = 64_000           // of an answer's body, which is not read further
)

const (
	maxAtOnce   = 4 // attempts, each of another webhook
	defaultPoll = 2 * time.Second
	// attemptTime bounds an attempt with all that is around it, and is below store.DeliveryLease.
	attemptTime = 30 * time.Second
)

// Sender sends what webhooks are to be told. There may be several, in as many processes.
type Sender struct {
	Store *store.Store
	// Fetch goes out. Its Timeout should be that of this package, its Interval negative: one webhook has one attempt at a time.
	Fetch *fetch.Client
	Now   func() time.Time
	Log   zerolog.Logger
	API   string        // address of the GraphQL API, for receivers that ask for more; "" when it is not known
	Poll  time.Duration // how long to wait at the most before looking for work; 0 means 2 s
}

// Run sends until ctx ends; then attempts that are under way come to their end, within 30 s. What goes wrong with the database is logged and tried
// again.
func (s *Sender) Run(ctx context.Context) { _ = s.work(ctx, false) }

// Drain queues and sends all that is due now, and gives back when there is no more of it.
func (s *Sender) Drain(ctx context.Context) error { return s.work(ctx, true) }

func (s *Sender) work(ctx context.Context, drain bool) error {
	poll := s.Poll
	if poll <= 0 {
		poll = defaultPoll
	}
	ended := make(chan struct{}, maxAtOnce)
	running := 0
	defer func() {
		for ; running > 0; running-- {
			<-ended
		}
	}()
	for ctx.Err() == nil {
		changed := s.Store.Changed()
		more, err := s.Store.QueueDeliveries(ctx, s.now())
		var claimed []*ent.WebhookDelivery
		if err == nil && running < maxAtOnce {
			claimed, err = s.Store.ClaimDeliveries(ctx, s.now(), maxAtOnce-running)
		}
		if err != nil && ctx.Err() == nil {
			if drain {
				return err
			}
			s.Log.Warn().Err(err).Msg("webhooks cannot be worked on and are tried again")
		}
		for _, d := range claimed {
			running++
			go func() {
				defer func() { ended <- struct{}{} }()
				s.deliver(context.WithoutCancel(ctx), d)
			}()
		}
		if err == nil && (more || len(claimed) > 0 && running < maxAtOnce) {
			continue
		}
		if drain && running == 0 {
			return nil
		}
		if drain {
			changed = nil
		}
		wait := time.NewTimer(poll)
		select {
		case <-ended:
			running--
		case <-changed:
		case <-wait.C:
		case <-ctx.Done():
		}
		wait.Stop()
	}
	return ctx.Err()
}

func (s *Sender) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// deliver makes one attempt and notes what came of it. Where that cannot be noted the delivery is claimed again when its lease is over.
func (s *Sender) deliver(ctx context.Context, d *ent.WebhookDelivery) {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	began := s.now()
	o, err := s.Store.DeliveredOffering(ctx, d, began)
	switch bad := (*ent.Error)(nil); {
	case err == nil:
		err = s.Store.FinishDelivery(ctx, d, s.attempt(ctx, d, o))
	case errors.As(err, &bad) && bad.Code == ent.CodeBadInput:
		reason := store.StaleFilter + bad.Message
		err = s.Store.FinishDelivery(ctx, d, ent.DeliveryResult{At: began, Gone: d.Gone, Error: reason, Retry: &began, Pause: reason})
	}
	if err != nil {
		s.Log.Warn().Err(err).Str("delivery", d.NodeID()).Msg("a delivery comes again since what came of it could not be noted")
	}
}

// message is the body of a delivery.
type message struct {
	ID       string    `json:"id"`
	Cursor   string    `json:"cursor"`
	At       time.Time `json:"at"`
	Gone     bool      `json:"gone"`
	Offering struct {
		ID        string           `json:"id"`
		Kind      ent.OfferingKind `json:"kind,omitempty"`
		Title     string           `json:"title,omitempty"`
		UpdatedAt *time.Time       `json:"updatedAt,omitempty"`
	} `json:"offering"`
	API string `json:"api,omitempty"`
}

// attempt sends the delivery; o is the offering as it is now, nil when it is gone.
func (s *Sender) attempt(ctx context.Context, d *ent.WebhookDelivery, o *ent.Offering) ent.DeliveryResult {
	m := message{ID: d.NodeID(), Cursor: d.Cursor, At: d.At.UTC(), Gone: o == nil, API: s.API}
	m.Offering.ID = d.OfferingNodeID()
	if o != nil {
		updated := o.UpdatedAt.UTC()
		m.Offering.Kind, m.Offering.Title, m.Offering.UpdatedAt = o.Kind, o.Title, &updated
	}
	r := ent.DeliveryResult{Gone: o == nil}
	began := s.now()
	body, err := json.Marshal(m)
	var res *fetch.Response
	if err == nil {
		res, err = s.Fetch.Do(ctx, fetch.Request{
			URL: d.Webhook.URL, Body: body, NoRobots: true, MaxBytes: MaxBytes,
			Header: http.Header{
				"Content-Type":     {"application/json"},
				"Umland-Delivery":  {m.ID},
				"Umland-Signature": {Sign(d.Webhook.Secret, began, body)},
			},
		})
	}
	if err == nil {
		r.Status = res.Status
		_, _ = io.Copy(io.Discard, res.Body) // so that the connection can be kept
		_ = res.Body.Close()
	}
	r.At = s.now()
	r.Took = r.At.Sub(began)
	if err != nil {
		fail(&r, d, err)
	}
	return r
}

// Sign gives the field Umland-Signature of a body that is sent at an instant: "t=" and the Unix time in seconds, ",v1=" and the hex HMAC-SHA256 with the secret
// of that time, a dot, and the body.
func Sign(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(t + "."))
	_, _ = mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
