package webhook

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"umland/ent"
	"umland/fetch"
)

// backOff returns how long to wait after each attempt that failed; after the last one the delivery is given up.
func backOff() []time.Duration {
	return []time.Duration{
		10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute,
		2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
	}
}

const (
	jitter  = 0.2                // of a wait, added at random: what failed together does not come again together
	giveUp  = 3 * 24 * time.Hour // a webhook that has failed for so long is paused
	maxRest = 24 * time.Hour     // that a receiver may ask for
	// A receiver that does not answer is left alone for a while, which grows with the time for which it has failed: it must not keep others waiting.
	minSilence, maxSilence = 10 * time.Second, 10 * time.Minute
)

// fail says what becomes of a delivery whose attempt failed with err.
func fail(r *ent.DeliveryResult, d *ent.WebhookDelivery, err error) {
	r.Error = err.Error()
	var f *fetch.Error
	if errors.As(err, &f) {
		r.Status, r.Error = f.Status, f.Message // what is behind it may name addresses of the network
		if f.RetryAfter > 0 {
			r.Rest = min(f.RetryAfter, maxRest)
		}
	}
	failing := time.Duration(0)
	if d.Webhook.FailingSince != nil {
		failing = r.At.Sub(*d.Webhook.FailingSince)
	}
	if r.Status == 0 {
		r.Rest = min(max(failing/10, minSilence), maxSilence)
	}
	if waits := backOff(); d.Attempts <= len(waits) {
		wait := waits[d.Attempts-1]
		retry := r.At.Add(max(wait+time.Duration(rand.Float64()*jitter*float64(wait)), r.Rest))
		r.Retry = &retry
	}
	switch {
	case r.Status == http.StatusGone:
		r.Pause = "The receiver has answered 410 Gone."
		r.Retry = &r.At // when somebody resumes it
	case failing >= giveUp:
		r.Pause = "Nothing has arrived for three days."
	}
}
