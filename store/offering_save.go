package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"umland/ent"
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
	// with paths relative to the input. It may be called more than once.
	Edit    func(o *ent.Offering) ent.UserErrors
	Publish bool
	// New makes an offering even where the provider has one that is exactly the same. ID and ExternalID are nil then.
	New bool
	// Action is what the history calls it; "" means ActionSave.
	Action ent.Action
}

// Saved is what came of a save: the offering as it is now, or faults with paths relative to the input and nothing changed.
type Saved struct {
	Offering *ent.Offering
	Faults   ent.UserErrors
	// Conflict is set where expectedVersion is not the version that is there: what is there, and how the input would differ from it.
	Conflict *Conflict
}

// Conflict is an offering as it stands in the way of a save.
type Conflict struct {
	Current *ent.Offering
	// Since lists what has changed since the expected version; Mine what the input says otherwise than Current.
	Since, Mine []*ent.FieldChange
}

// SaveOffering is SaveOfferings for one; its error is ent.UserErrors where the input is at fault.
func (s *Store) SaveOffering(ctx context.Context, actor *ent.Actor, now time.Time, in OfferingSave) (*ent.Offering, error) {
	saved, err := s.SaveOfferings(ctx, actor, now, []OfferingSave{in})
	if err != nil {
		return nil, err
	}
	if len(saved[0].Faults) > 0 {
		return nil, saved[0].Faults
	}
	return saved[0].Offering, nil
}

// SaveOfferings creates or updates each of the offerings, or refuses it, in one transaction: what is refused spoils nothing else. Of the same
// offering twice in ins, the later one changes what the earlier one has made. Saving what is there already changes nothing: no version, no time. What is
// WITHDRAWN stays so; PublishOffering brings it back.
func (s *Store) SaveOfferings(ctx context.Context, actor *ent.Actor, now time.Time, ins []OfferingSave) (saved []Saved, err error) {
	defer wrap(&err, "SaveOfferings(%d)", len(ins))
	err = s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		saved, err = s.saveOfferings(ctx, tx, actor, now, ins)
		return err
	})
	if !spoiled(err) {
		return saved, err
	}
	// One of them cannot be stored as nobody foresaw: the others are saved without it.
	saved = make([]Saved, len(ins))
	for i := range ins {
		err := s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			one, err := s.saveOfferings(ctx, tx, actor, now, ins[i:i+1])
			if err == nil {
				saved[i] = one[0]
			}
			return err
		})
		var pg *pgconn.PgError
		switch {
		case errors.As(err, &pg) && pg.Code == "23505":
			saved[i] = Saved{Faults: ent.UserErrors{userError(ent.UserConflict, "Another offering of the provider has this externalId.", "externalId")}}
		case err != nil:
			return nil, err
		}
	}
	return saved, nil
}

// errCheck ends the transaction of a check.
var errCheck = errors.New("nothing is to be saved")

// CheckOfferings tells what SaveOfferings would do, and saves nothing. What the database alone refuses, an externalId that is taken in the same moment,
// does not show.
func (s *Store) CheckOfferings(ctx context.Context, actor *ent.Actor, now time.Time, ins []OfferingSave) (saved []Saved, err error) {
	defer wrap(&err, "CheckOfferings(%d)", len(ins))
	err = s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if saved, err = s.saveOfferings(ctx, tx, actor, now, ins); err != nil {
			return err
		}
		return errCheck
	})
	if errors.Is(err, errCheck) {
		err = nil
	}
	return saved, err
}

// spoiled tells whether the database refused a row: data exceptions and violated constraints (SQLSTATE classes 22 and 23).
func spoiled(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23"))
}

// conflict is the fault of a save whose external id another one has taken in the meantime.
func conflict(err error, what string) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" {
		return fault(ent.UserConflict, "Another "+what+" has this externalId.", "externalId")
	}
	return err
}

// saving is one save on its way.
type saving struct {
	*OfferingSave
	result   *Saved
	provider *ent.Provider
	old, new *ent.Offering  // old is nil for a new one
	edited   ent.UserErrors // what Edit had to say of new
	done     bool
}

func (x *saving) refuse(faults ...ent.UserError) {
	x.result.Faults = append(x.result.Faults, faults...)
	x.done = len(x.result.Faults) > 0
}

// saveOfferings saves round by round: of those that are about the same offering each has its own round.
func (s *Store) saveOfferings(ctx context.Context, tx bun.Tx, actor *ent.Actor, now time.Time, ins []OfferingSave) ([]Saved, error) {
	saved := make([]Saved, len(ins))
	var open []*saving
	for i := range ins {
		x := &saving{OfferingSave: &ins[i], result: &saved[i]}
		if len(x.OfferingSave.Faults) > 0 {
			x.refuse(append(slices.Clone(x.OfferingSave.Faults), s.otherFaults(x.OfferingSave)...)...)
			continue
		}
		open = append(open, x)
	}
	for len(open) > 0 {
		round, rest := distinctSaves(open)
		late, err := s.saveRound(ctx, tx, actor, now, round)
		if err != nil {
			return nil, err
		}
		for _, x := range late {
			x.done = false
		}
		open = append(late, rest...)
	}
	return saved, nil
}

// distinctSaves takes those from the front that name no offering twice.
func distinctSaves(open []*saving) (round, rest []*saving) {
	seen := map[string]bool{}
	for _, x := range open {
		for _, name := range x.names() {
			if seen[name] {
				rest = append(rest, x)
				break
			}
		}
		if len(rest) == 0 || rest[len(rest)-1] != x {
			round = append(round, x)
		}
		for _, name := range x.names() { // also of those that wait: who comes after them waits, too
			seen[name] = true
		}
	}
	return round, rest
}

func (x *saving) names() (names []string) {
	if x.ID != nil {
		names = append(names, x.ID.String())
	}
	if x.ExternalID != nil {
		names = append(names, x.ProviderID.String()+*x.ExternalID)
	}
	return names
}

// saveRound saves those that are about different offerings. late are those that turned out not to be.
func (s *Store) saveRound(ctx context.Context, tx bun.Tx, actor *ent.Actor, now time.Time, round []*saving) (late []*saving, err error) {
	if err := s.readForSave(ctx, tx, actor, round); err != nil {
		return nil, err
	}
	claimed := map[uuid.UUID]bool{}
	for _, x := range round {
		switch {
		case x.done:
			continue
		case x.old != nil && claimed[x.old.ID]:
			late, x.done = append(late, x), true
			continue
		case x.old != nil:
			claimed[x.old.ID] = true
			copied := *x.old
			x.new = &copied
			if p := x.old.PlaceID; p != nil {
				x.new.Place = &ent.Place{ID: *p}
			}
		default:
			x.new = &ent.Offering{ID: ent.NewID(), CreatedAt: now, Status: ent.StatusDraft}
		}
		x.new.ProviderID, x.new.Provider = x.provider.ID, x.provider
		if x.ExternalID != nil {
			x.new.ExternalID = x.ExternalID
		}
		x.edited = x.Edit(x.new)
	}
	places, err := s.readPlaces(ctx, round)
	if err != nil {
		return nil, err
	}
	for _, x := range round {
		if x.done {
			continue
		}
		if x.old != nil && x.old.PlaceID != nil {
			x.old.Place = places[*x.old.PlaceID]
		}
		faults := s.finish(x, places)
		if x.old != nil && x.ExpectedVersion != nil && *x.ExpectedVersion != x.old.Version {
			x.result.Conflict = &Conflict{Current: x.old}
			if len(faults) == 0 {
				x.result.Conflict.Mine = ent.Differences(x.old, x.new)
			}
			x.refuse(userError(ent.UserConflict, "The offering has version "+strconv.Itoa(x.old.Version)+" by now.", "expectedVersion"))
		}
		if x.refuse(faults...); len(x.result.Faults) > 0 {
			continue
		}
		if x.old != nil {
			s.hold(x.old, x.new, actor, now)
			if p := x.new.PlaceID; p != nil && x.new.Place == nil {
				x.new.Place = places[*p]
			}
		}
		x.new.ContentHash = x.new.Hash()
	}
	if err := s.findSame(ctx, tx, round); err != nil {
		return nil, err
	}
	if err := s.explainConflicts(ctx, tx, round); err != nil {
		return nil, err
	}
	w := &writing{actor: actor, now: now}
	created := map[string]*saving{} // by provider and content
	for _, x := range round {
		if x.done {
			continue
		}
		if content := x.provider.ID.String() + string(x.new.ContentHash); x.old == nil && x.new.ExternalID == nil && !x.New {
			if first := created[content]; first != nil {
				x.result.Offering = first.new
				continue
			}
			created[content] = x
		}
		changed := x.old == nil || !bytes.Equal(x.new.ContentHash, x.old.ContentHash)
		s.setStatus(x.new, actor, now, x.Publish, changed)
		x.result.Offering = x.new
		switch {
		case changed || x.new.Status != x.old.Status:
			w.add(x.old, x.new, cmp.Or(x.Action, ent.ActionSave))
		case !sameHeld(x.old, x.new):
			w.quiet = append(w.quiet, x.new)
		case actor.Kind == ent.ActorSource: // vouches for it again
			x.result.Offering = x.old
			w.confirm = append(w.confirm, x.old.ID)
		default:
			x.result.Offering = x.old
		}
	}
	if err := s.useLink(ctx, tx, actor, len(w.changes)); err != nil {
		return nil, err
	}
	return late, s.write(ctx, tx, w)
}

// otherFaults lists what else is wrong with an input that is refused already, so that all is told at once.
func (s *Store) otherFaults(in *OfferingSave) ent.UserErrors {
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

// readForSave reads the providers, and the offerings that the saves are about, which it locks. It refuses what the actor may not do.
func (s *Store) readForSave(ctx context.Context, tx bun.Tx, actor *ent.Actor, round []*saving) error {
	var providerIDs, ids, owners []uuid.UUID
	var externals []string
	var locks []int32
	for _, x := range round {
		providerIDs = append(providerIDs, x.ProviderID)
		if x.ID != nil {
			ids = append(ids, *x.ID)
		} else if !x.New {
			// What has no row yet cannot be locked: saves of the same thing wait for each other here.
			lock := x.ProviderID.String()
			if x.ExternalID != nil {
				lock += *x.ExternalID
			}
			locks = append(locks, hash32(lock))
		}
		if x.ExternalID != nil {
			owners, externals = append(owners, x.ProviderID), append(externals, *x.ExternalID)
		}
	}
	var found []*ent.Provider
	err := s.scan(ctx, new(query).add("SELECT "+s.columns(ent.Provider{})+" FROM provider p WHERE p.id = ANY(?::uuid[]) ORDER BY p.id FOR KEY SHARE", uuids(distinct(providerIDs))), &found)
	if err != nil {
		return err
	}
	providers := byID(found, func(p *ent.Provider) uuid.UUID { return p.ID })
	if len(locks) > 0 {
		// In one order, so that no two bulks wait for each other.
		slices.Sort(locks)
		if _, err := exec(ctx, tx, new(query).add("SELECT pg_advisory_xact_lock(?, k) FROM unnest(?::int[]) k", lockSave, slices.Compact(locks))); err != nil {
			return err
		}
	}
	var offerings []*ent.Offering
	if len(ids)+len(owners) > 0 {
		q := new(query).add("SELECT "+s.columns(ent.Offering{})+" FROM offering o WHERE o.id IN (SELECT unnest(?::uuid[])", uuids(ids))
		q.add(" UNION SELECT e.id FROM unnest(?::uuid[], ?::text[]) AS k(provider, external) JOIN offering e ON e.provider_id = k.provider AND e.external_id = k.external)",
			uuids(owners), externals)
		if err := s.scan(ctx, q.add(" ORDER BY o.id FOR NO KEY UPDATE"), &offerings); err != nil {
			return err
		}
	}
	known := byID(offerings, func(o *ent.Offering) uuid.UUID { return o.ID })
	external := map[string]*ent.Offering{}
	for _, o := range offerings {
		if o.ExternalID != nil {
			external[o.ProviderID.String()+*o.ExternalID] = o
		}
	}
	var others []uuid.UUID // providers of offerings that are not the input's
	for _, o := range offerings {
		if providers[o.ProviderID] == nil {
			others = append(others, o.ProviderID)
		}
	}
	more, err := s.ProvidersByID(ctx, distinct(others))
	if err != nil {
		return err
	}
	for _, p := range more {
		providers[p.ID] = p
	}
	for _, x := range round {
		var namesake *ent.Offering
		if x.ExternalID != nil {
			namesake = external[x.ProviderID.String()+*x.ExternalID]
		}
		if f := s.identify(x, actor, providers, known, namesake); f != nil {
			x.refuse(*f)
			x.refuse(s.otherFaults(x.OfferingSave)...)
		}
	}
	return nil
}

// identify sets the provider and the offering that a save is about, or says why it is refused. namesake has its external id.
func (s *Store) identify(x *saving, actor *ent.Actor, providers map[uuid.UUID]*ent.Provider, known map[uuid.UUID]*ent.Offering, namesake *ent.Offering) *ent.UserError {
	refuse := func(code ent.UserErrorCode, message, field string) *ent.UserError {
		f := userError(code, message, field)
		return &f
	}
	if x.provider = providers[x.ProviderID]; x.provider == nil {
		return refuse(ent.UserNotFound, "There is no such provider.", "provider")
	}
	if !s.owns(actor, ent.ScopeWrite, x.provider) {
		return refuse(ent.UserForbidden, "The API key does not act for this provider.", "provider")
	}
	if x.old = namesake; x.ID != nil {
		x.old = known[*x.ID]
	}
	switch {
	case x.old == nil && x.ID != nil:
		return refuse(ent.UserNotFound, "There is no such offering.", "id")
	case x.old == nil && x.ExpectedVersion != nil && x.ExternalID == nil:
		return refuse(ent.UserInvalid, "expectedVersion goes with id or externalId.", "expectedVersion")
	case x.old == nil && x.ExpectedVersion != nil:
		return refuse(ent.UserConflict, "There is no such offering yet; leave expectedVersion out to create it.", "expectedVersion")
	case x.old == nil:
		return nil
	}
	x.old.Provider = providers[x.old.ProviderID]
	switch {
	case s.owns(actor, ent.ScopeWrite, x.old.Provider):
	case x.old.Status != ent.StatusPublished: // for this actor it is not there
		return refuse(ent.UserNotFound, "There is no such offering.", "id")
	default:
		return refuse(ent.UserForbidden, "The API key does not act for the provider of this offering.", "id")
	}
	if namesake != nil && namesake != x.old {
		return refuse(ent.UserConflict, "Another offering of the provider has this externalId.", "externalId")
	}
	return nil
}

// readPlaces reads the places that edited offerings name by id, and those of the offerings that were there.
func (s *Store) readPlaces(ctx context.Context, round []*saving) (map[uuid.UUID]*ent.Place, error) {
	var ids []uuid.UUID
	for _, x := range round {
		if x.done {
			continue
		}
		if x.old != nil && x.old.PlaceID != nil {
			ids = append(ids, *x.old.PlaceID)
		}
		if p := x.new.Place; p != nil && p.ID != uuid.Nil {
			ids = append(ids, p.ID)
		}
	}
	found, err := s.PlacesByID(ctx, distinct(ids))
	return byID(found, func(p *ent.Place) uuid.UUID { return p.ID }), err
}

// finish brings an edited offering into the form that is stored. It gives all faults that there are.
func (s *Store) finish(x *saving, places map[uuid.UUID]*ent.Place) ent.UserErrors {
	o, faults := x.new, x.edited
	if o.Place != nil && o.Place.ID != uuid.Nil {
		if o.Place = places[o.Place.ID]; o.Place == nil {
			faults = append(faults, userError(ent.UserNotFound, "There is no such place.", "place", "id"))
		}
	}
	o.Normalize()
	faults = append(append(faults, o.Validate()...), s.unknownNames(o)...)
	if len(faults) > 0 {
		return faults
	}
	s.stand(o)
	return nil
}

// stand finds the municipality that answers for the offering: where its place is, else where its provider is.
func (s *Store) stand(o *ent.Offering) {
	o.AGS, o.PlaceID = o.Provider.AGS, nil
	if o.Place != nil {
		if o.Place.ID == uuid.Nil {
			s.settle(o.Place, o.Provider.AGS)
		}
		o.AGS, o.PlaceID = o.Place.AGS, &o.Place.ID
	}
}

// hold keeps what persons have set against what a source says, and notes what a person sets against the source.
func (s *Store) hold(old, o *ent.Offering, actor *ent.Actor, now time.Time) {
	o.Held = map[string]ent.Held{}
	for name, h := range old.Held {
		o.Held[name] = h
	}
	unsaid := new(ent.Offering)
	unsaid.Normalize()
	for _, f := range ent.OfferingFields() {
		h, held := o.Held[f.Name]
		switch {
		case actor.Kind == ent.ActorSource && held:
			h.Proposed = f.Get(o)
			o.Held[f.Name] = h
			if err := f.Set(o, f.Get(old)); err != nil {
				panic(err) // what Get gives Set takes
			}
			if f.Name == "place" {
				o.Place = nil
			}
		case actor.Kind == ent.ActorSource && old.SourceID == nil && !f.Same(old, unsaid):
			// A person posted it before any source had it.
			o.Held[f.Name] = ent.Held{At: old.UpdatedAt, Proposed: f.Get(o)}
			if err := f.Set(o, f.Get(old)); err != nil {
				panic(err) // what Get gives Set takes
			}
			if f.Name == "place" {
				o.Place = nil
			}
		case actor.Kind != ent.ActorSource && o.SourceID != nil && !f.Same(old, o):
			if !held {
				h.Proposed = f.Get(old)
			}
			h.At = now
			o.Held[f.Name] = h
		}
	}
	if len(o.Held) == 0 {
		o.Held = nil
	}
}

func sameHeld(a, b *ent.Offering) bool {
	if len(a.Held) != len(b.Held) {
		return false
	}
	for name, h := range a.Held {
		if !bytes.Equal(h.Proposed, b.Held[name].Proposed) {
			return false
		}
	}
	return true
}

// findSame finds for new offerings without an external id those of their providers that are exactly the same.
func (s *Store) findSame(ctx context.Context, tx bun.Tx, round []*saving) error {
	var owners []uuid.UUID
	var hashes []string
	for _, x := range round {
		if !x.done && x.old == nil && x.new.ExternalID == nil && !x.New {
			owners, hashes = append(owners, x.new.ProviderID), append(hashes, hex.EncodeToString(x.new.ContentHash))
		}
	}
	if len(owners) == 0 {
		return nil
	}
	var same []*ent.Offering
	q := new(query).add("SELECT "+s.columns(ent.Offering{})+` FROM unnest(?::uuid[], ?::text[]) AS k(provider, hash)
		JOIN offering o ON o.provider_id = k.provider AND o.content_hash = decode(k.hash, 'hex')
		WHERE o.external_id IS NULL AND o.status <> 'WITHDRAWN' ORDER BY o.created_at DESC`, uuids(owners), hashes)
	if err := s.scan(ctx, q, &same); err != nil {
		return err
	}
	oldest := map[string]*ent.Offering{}
	for _, o := range same {
		oldest[o.ProviderID.String()+string(o.ContentHash)] = o
	}
	for _, x := range round {
		if x.done || x.old != nil || x.new.ExternalID != nil || x.New {
			continue
		}
		if o := oldest[x.new.ProviderID.String()+string(x.new.ContentHash)]; o != nil {
			o.Provider = x.provider
			x.old = o
			x.new.ID, x.new.CreatedAt, x.new.Status, x.new.Version, x.new.PublishedAt = o.ID, o.CreatedAt, o.Status, o.Version, o.PublishedAt
			x.new.Held, x.new.Change, x.new.ReviewBy, x.new.ReviewNote = o.Held, o.Change, o.ReviewBy, o.ReviewNote
		}
	}
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

// byAddress finds the one municipality that a postal code and locality mean: the one whose name is the locality and whose postal code begins with the
// same three digits, for the register has one of a town's codes only; without a code the one of that name in home's district; without a
// locality the one with the code. nil when it is none or more than one, as with the many parts of municipalities that are called like another one.
func (r *reference) byAddress(p *ent.Place, home string) (found *ent.Municipality) {
	var name, code string
	if p.Locality != nil {
		name = ent.SortKey(*p.Locality)
	}
	if p.PostalCode != nil {
		code = *p.PostalCode
	}
	if h := r.municipalities[home]; h != nil && (code != "" && h.PostalCode == code || name != "" && r.municipalityKeys[home].sort == name) {
		return h
	}
	key := name
	if key == "" {
		key = code
	}
	if key == "" {
		return nil
	}
	for _, m := range r.municipalitiesBy[key] {
		switch {
		case name != "" && code != "" && (len(m.PostalCode) != 5 || m.PostalCode[:3] != code[:3]), name != "" && code == "" && m.AGS[:5] != home[:5]:
			continue
		case found != nil:
			return nil
		}
		found = m
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

// setStatus moves the offering on its way: to the public where that is wanted and the actor may, to a review where it may not. A DRAFT keeps
// its publication date only where somebody who may publish wants it published then.
func (s *Store) setStatus(o *ent.Offering, actor *ent.Actor, now time.Time, publish, changed bool) {
	may := s.mayPublish(actor, o)
	scheduled := o.Status == ent.StatusDraft && o.PublishAt != nil
	switch {
	case o.Status == ent.StatusWithdrawn:
	case o.Status == ent.StatusPublished && (may || !changed):
	case o.Status == ent.StatusPublished: // what nobody has reviewed is not for the public
		o.Status = ent.StatusInReview
	case publish && may:
		if o.Status = ent.StatusPublished; o.PublishAt != nil && o.PublishAt.After(now) {
			o.Status = ent.StatusDraft
		}
	case publish && (changed || !scheduled):
		o.Status = ent.StatusInReview
	case !publish && scheduled:
		o.PublishAt = nil
		o.ContentHash = o.Hash()
	}
	expire(o, now)
}

// expire withdraws what is public, or was just to become so, and has expired.
func expire(o *ent.Offering, now time.Time) {
	if o.Status == ent.StatusPublished && o.ExpiresAt != nil && !o.ExpiresAt.After(now) {
		reason := "Abgelaufen"
		o.Status, o.WithdrawnReason = ent.StatusWithdrawn, &reason
	}
}

func byID[T any](list []*T, id func(*T) uuid.UUID) map[uuid.UUID]*T {
	m := make(map[uuid.UUID]*T, len(list))
	for _, x := range list {
		m[id(x)] = x
	}
	return m
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
