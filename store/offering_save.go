package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"umland/ent"
)

// Series have occurrence rows from a year before now to two years after, and maxOccurrences rows at the most.
const (
	occurrencesBack  = 366 * 24 * time.Hour
	occurrencesAhead = 2 * 366 * 24 * time.Hour
	maxOccurrences   = 2_000
)

// OfferingSave is one save of an offering.
type OfferingSave struct {
	// ID says which offering; else (provider, externalId) does; else one of the provider that is exactly the same.
	ID              *uuid.UUID
	ProviderID      uuid.UUID
	ExternalID      *string
	ExpectedVersion *int
	// Faults are those that are known already: the save is refused, with all that are found besides.
	Faults ent.UserErrors
	// Edit puts the input into the offering as it is, or into an empty one, and gives the faults that only it can know,
	// with paths relative to the input.
	Edit    func(o *ent.Offering) ent.UserErrors
	Publish bool
}

// SaveOffering creates or updates an offering in one transaction, or changes nothing and gives ent.UserErrors, with paths relative to the
// input. Saving what is there already changes nothing: no version, no time. What is WITHDRAWN stays so; PublishOffering brings it back.
func (s *Store) SaveOffering(ctx context.Context, key *ent.Key, now time.Time, in OfferingSave) (saved *ent.Offering, err error) {
	defer wrap(&err, "SaveOffering(%v, %v)", in.ProviderID, in.ID)
	err = s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		saved, err = s.saveOffering(ctx, tx, key, now, in)
		return err
	})
	return saved, conflict(err, "offering of the provider")
}

// conflict is the fault of a save whose external id another one has taken in the meantime.
func conflict(err error, what string) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" {
		return fault(ent.UserConflict, "Another "+what+" has this externalId.", "externalId")
	}
	return err
}

func (s *Store) saveOffering(ctx context.Context, tx bun.Tx, key *ent.Key, now time.Time, in OfferingSave) (*ent.Offering, error) {
	if len(in.Faults) > 0 {
		return nil, append(in.Faults, s.otherFaults(in)...)
	}
	provider, old, err := s.findForSave(ctx, tx, key, in)
	if faults := (ent.UserErrors)(nil); errors.As(err, &faults) {
		return nil, append(faults, s.otherFaults(in)...)
	}
	if err != nil {
		return nil, err
	}
	o := &ent.Offering{ID: ent.NewID(), CreatedAt: now, Status: ent.StatusDraft}
	if old != nil {
		copied := *old
		o = &copied
	}
	o.ProviderID, o.Provider = provider.ID, provider
	if in.ExternalID != nil {
		o.ExternalID = in.ExternalID
	}
	if err := s.edit(ctx, tx, in, o); err != nil {
		return nil, err
	}
	o.ContentHash = o.Hash()
	if old == nil && o.ExternalID == nil {
		same := new(ent.Offering)
		err := tx.NewSelect().Model(same).Where("provider_id = ? AND external_id IS NULL AND content_hash = ? AND status <> 'WITHDRAWN'",
			o.ProviderID, o.ContentHash).Order("created_at").Limit(1).Scan(ctx)
		if err == nil {
			old, o.ID, o.CreatedAt, o.Status, o.Version, o.PublishedAt = same, same.ID, same.CreatedAt, same.Status, same.Version, same.PublishedAt
		} else if !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
	}
	changed := old == nil || !bytes.Equal(o.ContentHash, old.ContentHash)
	setStatus(o, key, in.Publish, changed)
	if !changed && o.Status == old.Status {
		return old, nil
	}
	return o, s.write(ctx, tx, now, o, old == nil)
}

// otherFaults lists what else is wrong with an input that is refused already, so that all is told at once.
func (s *Store) otherFaults(in OfferingSave) ent.UserErrors {
	o := &ent.Offering{ExternalID: in.ExternalID}
	faults := in.Edit(o)
	if o.Place != nil && o.Place.ID != uuid.Nil {
		o.Place = nil // by its id: it is not what is wrong
	}
	o.Normalize()
	faults = append(append(faults, o.Validate()...), s.unknownNames(o)...)
	if in.ID != nil || in.ExternalID != nil { // what an update leaves out may be there
		faults = slices.DeleteFunc(faults, func(f ent.UserError) bool {
			return f.Code == ent.UserRequired && (f.Path[0] == "schedule" || f.Path[0] == "tour") && len(f.Path) == 1
		})
	}
	return faults
}

// findForSave reads the provider, and the offering that the save is about, which it locks; nil when it is a new one. Its faults are
// ent.UserErrors.
func (s *Store) findForSave(ctx context.Context, tx bun.Tx, key *ent.Key, in OfferingSave) (*ent.Provider, *ent.Offering, error) {
	provider := new(ent.Provider)
	err := tx.NewSelect().Model(provider).Where("id = ?", in.ProviderID).For("KEY SHARE").Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil, fault(ent.UserNotFound, "There is no such provider.", "provider")
	case err != nil:
		return nil, nil, err
	case !owns(key, provider):
		return nil, nil, fault(ent.UserForbidden, "The API key does not act for this provider.", "provider")
	}
	o := new(ent.Offering)
	q := tx.NewSelect().Model(o).For("UPDATE")
	switch {
	case in.ID != nil:
		q.Where("id = ?", *in.ID)
	case in.ExternalID != nil:
		q.Where("provider_id = ? AND external_id = ?", in.ProviderID, *in.ExternalID)
	}
	if in.ID == nil {
		// What has no row yet cannot be locked: saves of the same thing wait for each other here.
		lock := in.ProviderID.String()
		if in.ExternalID != nil {
			lock += *in.ExternalID
		}
		if _, err := tx.NewRaw("SELECT pg_advisory_xact_lock(?, ?)", lockSave, hash32(lock)).Exec(ctx); err != nil {
			return nil, nil, err
		}
		if in.ExternalID == nil {
			if in.ExpectedVersion != nil {
				return nil, nil, fault(ent.UserInvalid, "expectedVersion goes with id or externalId.", "expectedVersion")
			}
			return provider, nil, nil
		}
	}
	err = q.Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows) && in.ID != nil:
		return nil, nil, fault(ent.UserNotFound, "There is no such offering.", "id")
	case errors.Is(err, sql.ErrNoRows) && in.ExpectedVersion != nil:
		return nil, nil, fault(ent.UserConflict, "There is no such offering yet; leave expectedVersion out to create it.", "expectedVersion")
	case errors.Is(err, sql.ErrNoRows):
		return provider, nil, nil
	case err != nil:
		return nil, nil, err
	}
	if err := mayChange(ctx, tx, key, o, in.ExpectedVersion); err != nil {
		return nil, nil, err
	}
	if in.ID != nil && in.ExternalID != nil {
		taken, err := tx.NewSelect().Table("offering").
			Where("provider_id = ? AND external_id = ? AND id <> ?", in.ProviderID, *in.ExternalID, o.ID).Exists(ctx)
		if err != nil {
			return nil, nil, err
		}
		if taken {
			return nil, nil, fault(ent.UserConflict, "Another offering of the provider has this externalId.", "externalId")
		}
	}
	return provider, o, nil
}

// mayChange checks the key's right to change an offering that was read, and the version that it is expected to have. It sets the
// offering's provider. The municipality that answers for the place, where that is not the provider's, has the right as long as the status is
// among answering.
func mayChange(ctx context.Context, tx bun.Tx, key *ent.Key, o *ent.Offering, expected *int, answering ...ent.OfferingStatus) error {
	o.Provider = new(ent.Provider)
	if err := tx.NewSelect().Model(o.Provider).Where("id = ?", o.ProviderID).Scan(ctx); err != nil {
		return err
	}
	answers := key.May(ent.ScopeWrite) && key.AGS != nil && *key.AGS == o.AGS && slices.Contains(answering, o.Status)
	switch {
	case owns(key, o.Provider) || answers:
	case o.Status != ent.StatusPublished: // for this key it is not there
		return fault(ent.UserNotFound, "There is no such offering.", "id")
	default:
		return fault(ent.UserForbidden, "The API key does not act for the provider of this offering.", "id")
	}
	if expected != nil && *expected != o.Version {
		return fault(ent.UserConflict, "The offering has version "+strconv.Itoa(o.Version)+" by now.", "expectedVersion")
	}
	return nil
}

// edit puts the input into o, and o into the form that is stored; its place is stored with it. Its faults are ent.UserErrors, all
// that there are.
func (s *Store) edit(ctx context.Context, tx bun.Tx, in OfferingSave, o *ent.Offering) error {
	if o.PlaceID != nil {
		o.Place = &ent.Place{ID: *o.PlaceID}
	}
	faults := in.Edit(o)
	if o.Place != nil && o.Place.ID != uuid.Nil {
		id := o.Place.ID
		o.Place = new(ent.Place)
		switch err := tx.NewSelect().Model(o.Place).Where("id = ?", id).Scan(ctx); {
		case errors.Is(err, sql.ErrNoRows):
			o.Place, faults = nil, append(faults, userError(ent.UserNotFound, "There is no such place.", "place", "id"))
		case err != nil:
			return err
		}
	}
	o.Normalize()
	faults = append(append(faults, o.Validate()...), s.unknownNames(o)...)
	if len(faults) > 0 {
		return faults
	}
	o.AGS, o.PlaceID = o.Provider.AGS, nil
	if o.Place == nil {
		return nil
	}
	if o.Place.ID == uuid.Nil {
		s.settle(o.Place, o.Provider.AGS)
		if _, err := tx.NewInsert().Model(o.Place).On(keepOld).Exec(ctx); err != nil {
			return err
		}
	}
	o.AGS, o.PlaceID = o.Place.AGS, &o.Place.ID
	return nil
}

// settle finds the place's municipality, by its point, else by its postal code and locality, else home, and makes its id from all that describes it.
func (s *Store) settle(p *ent.Place, home string) {
	p.AGS = home
	if p.Longitude != nil {
		if ags, ok := s.locate(*p.Longitude, *p.Latitude, home); ok && s.Municipality(ags) != nil {
			p.AGS = ags
		}
	} else if m := s.reference().byAddress(p, home); m != nil {
		p.AGS = m.AGS
	}
	p.ID = p.DescribedID()
}

// byAddress finds the one municipality whose name is the place's locality and whose postal code begins with the same three digits: the register
// has one of a town's codes only. nil when it is none or more than one, as with the many parts of municipalities that are called like another one.
func (r *reference) byAddress(p *ent.Place, home string) (found *ent.Municipality) {
	if p.Locality == nil || p.PostalCode == nil {
		return nil
	}
	name, code := ent.SortKey(*p.Locality), *p.PostalCode
	if h := r.municipalities[home]; h != nil && (h.PostalCode == code || r.municipalityKeys[home].sort == name) {
		return h
	}
	for _, m := range r.municipalitiesNamed {
		if r.municipalityKeys[m.AGS].sort == name && len(m.PostalCode) == 5 && m.PostalCode[:3] == code[:3] {
			if found != nil {
				return nil
			}
			found = m
		}
	}
	return found
}

// unknownNames lists the categories and municipalities that the offering names and that do not exist.
func (s *Store) unknownNames(o *ent.Offering) (faults ent.UserErrors) {
	for i, slug := range o.CategorySlugs[:min(len(o.CategorySlugs), ent.MaxCategories)] {
		if s.Category(slug) == nil {
			faults = append(faults, userError(ent.UserNotFound, "There is no category "+strconv.Quote(clip(slug))+".", "categories", strconv.Itoa(i)))
		}
	}
	for i, ags := range o.ServiceArea[:min(len(o.ServiceArea), ent.MaxArea)] {
		if s.Municipality(ags) == nil {
			faults = append(faults, userError(ent.UserNotFound, "There is no municipality with the AGS "+strconv.Quote(clip(ags))+".", "serviceArea", strconv.Itoa(i)))
		}
	}
	return faults
}

// setStatus moves the offering on its way: to the public where that is wanted and the key may, to a review where it may not.
func setStatus(o *ent.Offering, key *ent.Key, publish, changed bool) {
	may := mayPublish(key, o)
	switch {
	case o.Status == ent.StatusWithdrawn:
	case o.Status == ent.StatusPublished && (may || !changed):
	case o.Status == ent.StatusPublished: // what nobody has reviewed is not for the public
		o.Status = ent.StatusInReview
	case publish && may:
		o.Status = ent.StatusPublished
	case publish:
		o.Status = ent.StatusInReview
	}
}

// write stores the offering as a new version and makes its occurrences.
func (s *Store) write(ctx context.Context, tx bun.Tx, now time.Time, o *ent.Offering, isNew bool) error {
	o.Version++
	o.UpdatedAt, o.ConfirmedAt = now, &now
	if o.Status == ent.StatusPublished && o.PublishedAt == nil {
		o.PublishedAt = &now
	}
	rows, err := Expand(o, now)
	if err != nil {
		return err
	}
	if isNew {
		err = s.insertOfferings(ctx, tx, []*ent.Offering{o}, "")
	} else {
		err = s.updateOffering(ctx, tx, o)
	}
	if err != nil {
		return err
	}
	return s.writeOccurrences(ctx, tx, o.ID, rows, isNew)
}

// writeOccurrences makes the offering's dates those of rows, and leaves alone what stays the same.
func (s *Store) writeOccurrences(ctx context.Context, tx bun.Tx, id uuid.UUID, rows []OccurrenceRow, isNew bool) error {
	if isNew {
		return insertAll(ctx, tx, rows, "")
	}
	originals := make([]time.Time, len(rows))
	for i, r := range rows {
		originals[i] = r.Original
	}
	gone := tx.NewDelete().Table("occurrence").Where("offering_id = ?", id)
	if len(rows) > 0 {
		gone.Where("original NOT IN ?", bun.Tuple(originals))
	}
	if _, err := gone.Exec(ctx); err != nil {
		return err
	}
	return insertAll(ctx, tx, rows, `CONFLICT (offering_id, original) DO UPDATE
		SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, until = excluded.until, all_day = excluded.all_day`)
}

// OccurrenceRow is a date as it is written, with when it is over.
type OccurrenceRow struct {
	ent.Occurrence `bun:",extend"`
	Until          time.Time `bun:"until"`
}

// Expand makes the rows of the offering's dates as of now, and sets to where they reach.
func Expand(o *ent.Offering, now time.Time) (rows []OccurrenceRow, err error) {
	o.ExpandedUntil, o.LastUntil = nil, nil
	if o.Schedule == nil {
		return nil, nil
	}
	from, to := now.Add(-occurrencesBack), now.Add(occurrencesAhead)
	if o.Schedule.RRule == nil { // single dates are few: they are kept whenever they are
		from, to = time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)
	} else {
		o.ExpandedUntil = &to
	}
	spans, err := o.Schedule.Expand(from, to, maxOccurrences)
	if err != nil {
		return nil, err
	}
	last := o.Schedule.Start // of a series that was over before the window
	for _, span := range spans {
		r := OccurrenceRow{Occurrence: ent.Occurrence{
			OfferingID: o.ID, Original: span.Original, StartsAt: span.Start, EndsAt: span.End, AllDay: o.Schedule.AllDay, Status: ent.OccurrenceScheduled,
		}}
		switch {
		case span.End != nil && span.End.After(span.Start):
			r.Until = *span.End
		case o.Schedule.AllDay:
			r.Until = span.Start.AddDate(0, 0, 1)
		default:
			r.Until = span.Start.Add(time.Second)
		}
		if r.Until.After(last) {
			last = r.Until
		}
		rows = append(rows, r)
	}
	o.LastUntil = &last
	return rows, nil
}

// ExtendOccurrences makes the dates of series for the time that has come into the window since they were last made. Call it once a day;
// it does a bounded piece of work in each transaction and several processes may call it at once.
func (s *Store) ExtendOccurrences(ctx context.Context, now time.Time) (n int, err error) {
	defer wrap(&err, "ExtendOccurrences(%v)", now)
	var failed []error
	for {
		var batch []*ent.Offering
		err = s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			err := tx.NewSelect().Model(&batch).Where("expanded_until < ?", now.Add(occurrencesAhead-30*24*time.Hour)).
				Limit(100).For("UPDATE SKIP LOCKED").Scan(ctx)
			if err != nil {
				return err
			}
			for _, o := range batch {
				rows, err := Expand(o, now)
				if err != nil { // one that cannot be expanded must not hold up the others
					failed = append(failed, fmt.Errorf("offering %v: %w", o.ID, err))
					until := now.Add(occurrencesAhead)
					o.ExpandedUntil = &until
				}
				if err := insertAll(ctx, tx, rows, keepOld); err != nil {
					return err
				}
				if _, err := tx.NewUpdate().Model((*ent.Offering)(nil)).Set("expanded_until = ?, last_until = ?", o.ExpandedUntil, o.LastUntil).Where("id = ?", o.ID).Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		n += len(batch)
		if err != nil || len(batch) == 0 {
			return n, errors.Join(append(failed, err)...)
		}
	}
}

// PublishOffering puts the offering before the public, or into review for a key that may not.
func (s *Store) PublishOffering(ctx context.Context, key *ent.Key, now time.Time, id uuid.UUID, expected *int) (*ent.Offering, error) {
	return s.moveOffering(ctx, key, now, id, expected, func(o *ent.Offering) {
		o.WithdrawnReason = nil
		if o.Status == ent.StatusWithdrawn {
			o.Status = ent.StatusDraft
		}
		setStatus(o, key, true, false)
	})
}

// WithdrawOffering takes the offering back from the public.
func (s *Store) WithdrawOffering(ctx context.Context, key *ent.Key, now time.Time, id uuid.UUID, expected *int, reason *string) (*ent.Offering, error) {
	return s.moveOffering(ctx, key, now, id, expected, func(o *ent.Offering) {
		if o.Status != ent.StatusWithdrawn {
			o.Status, o.WithdrawnReason = ent.StatusWithdrawn, reason
		}
	})
}

// moveOffering changes the status of an offering; where it stays the same, nothing changes.
func (s *Store) moveOffering(ctx context.Context, key *ent.Key, now time.Time, id uuid.UUID, expected *int, move func(*ent.Offering)) (o *ent.Offering, err error) {
	defer wrap(&err, "moveOffering(%v)", id)
	err = s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		o = new(ent.Offering)
		err := tx.NewSelect().Model(o).Where("id = ?", id).For("UPDATE").Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return fault(ent.UserNotFound, "There is no such offering.", "id")
		}
		if err != nil {
			return err
		}
		if err := mayChange(ctx, tx, key, o, expected, ent.StatusInReview, ent.StatusPublished); err != nil {
			return err
		}
		was := o.Status
		move(o)
		if o.Status == was {
			return nil
		}
		o.Version++
		o.UpdatedAt = now
		if o.Status == ent.StatusPublished && o.PublishedAt == nil {
			o.PublishedAt = &now
		}
		_, err = tx.NewUpdate().Model(o).Column("status", "version", "updated_at", "published_at", "withdrawn_reason").WherePK().Exec(ctx)
		return err
	})
	return o, err
}

// owns tells whether the key acts for the provider.
func owns(key *ent.Key, p *ent.Provider) bool {
	switch {
	case !key.May(ent.ScopeWrite):
		return false
	case key.ProviderID != nil:
		return *key.ProviderID == p.ID
	default:
		return key.AGS != nil && *key.AGS == p.AGS
	}
}

// mayPublish tells whether the key may put the offering before the public without a review: in the municipality that it acts for, or
// in which its provider is. The offering's provider must be set.
func mayPublish(key *ent.Key, o *ent.Offering) bool {
	switch {
	case !key.May(ent.ScopePublish):
		return false
	case key.ProviderID != nil:
		return o.Provider.AGS == o.AGS
	default:
		return key.AGS != nil && *key.AGS == o.AGS
	}
}

func userError(code ent.UserErrorCode, message string, path ...string) ent.UserError {
	return ent.UserError{Path: path, Code: code, Message: message}
}

// fault is one user error as the error of a save.
func fault(code ent.UserErrorCode, message string, path ...string) error {
	return ent.UserErrors{userError(code, message, path...)}
}

func hash32(s string) int32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s))
	return int32(h.Sum32())
}
