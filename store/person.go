package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
)

const lockPeople = 0x756d6c06 // around finding or making a person, so that two sign-ins at once do not make two

// seenEvery is how much time passes at least before a session that is used is written again.
const seenEvery = 5 * time.Minute

func personPosition(p *ent.Person) cursor { return cursor{p.NameKey, p.ID.String()} }

// PersonByEmail gives the person with this address, as ent.FoldEmail gives it; who is not known yet is made. Whoever calls it for a sign-in
// must know that the address is theirs.
func (s *Store) PersonByEmail(ctx context.Context, email string, now time.Time) (p *ent.Person, err error) {
	defer wrap(&err, "PersonByEmail")
	return p, s.people(ctx, func(ctx context.Context, tx bun.Tx) error {
		if p, err = personWhere(ctx, tx, "email = ?", email); p != nil || err != nil {
			return err
		}
		p = &ent.Person{ID: ent.NewID(), Email: &email, CreatedAt: now}
		return insertPerson(ctx, tx, p)
	})
}

// PersonByIdentity gives the person whom an issuer of OpenID Connect names: the one who came with this subject before, else the one whose
// verified address it is, else a new one. An address that belongs to another subject of the same issuer is refused with ent.CodeForbidden: it may
// have been given to somebody else since. Name and address follow what the issuer says, unless the address is another person's.
func (s *Store) PersonByIdentity(ctx context.Context, id ent.Identity, now time.Time) (p *ent.Person, err error) {
	defer wrap(&err, "PersonByIdentity(%q)", id.Issuer)
	return p, s.people(ctx, func(ctx context.Context, tx bun.Tx) error {
		if p, err = personWhere(ctx, tx, "issuer = ? AND subject = ?", id.Issuer, id.Subject); err != nil {
			return err
		}
		var owner *ent.Person
		if id.Email != "" {
			if owner, err = personWhere(ctx, tx, "email = ?", id.Email); err != nil {
				return err
			}
		}
		switch {
		case p != nil && owner == nil && id.Email != "":
			p.Email = &id.Email
		case p != nil:
		case owner != nil && owner.Issuer != nil && *owner.Issuer == id.Issuer:
			return &ent.Error{Code: ent.CodeForbidden, Message: "This mail address belongs to another account. Please ask whoever runs this server."}
		case owner != nil:
			p = owner
			p.Issuer, p.Subject = &id.Issuer, &id.Subject
		default:
			p = &ent.Person{ID: ent.NewID(), Issuer: &id.Issuer, Subject: &id.Subject, Name: id.Name, CreatedAt: now}
			if id.Email != "" {
				p.Email = &id.Email
			}
			return insertPerson(ctx, tx, p)
		}
		if id.Name != "" {
			p.Name = id.Name
		}
		p.Normalize()
		_, err = tx.NewUpdate().Model(p).Column("email", "name", "name_key", "issuer", "subject").WherePK().Exec(ctx)
		return err
	})
}

// people runs work in a transaction while nobody else makes or joins people.
func (s *Store) people(ctx context.Context, work func(ctx context.Context, tx bun.Tx) error) error {
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("SELECT pg_advisory_xact_lock(?)", lockPeople).Exec(ctx); err != nil {
			return err
		}
		return work(ctx, tx)
	})
}

func personWhere(ctx context.Context, db bun.IDB, where string, args ...any) (*ent.Person, error) {
	p := new(ent.Person)
	err := db.NewSelect().Model(p).Where(where, args...).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return p, err
}

func insertPerson(ctx context.Context, tx bun.Tx, p *ent.Person) error {
	p.Normalize()
	_, err := tx.NewInsert().Model(p).Exec(ctx)
	return err
}

// SetOperators gives the people with these addresses, as ent.FoldEmail gives them, the role OPERATOR by configuration, and takes it from those who
// had it so and are not named any more. Who is not known yet gets it when it is called after their first sign-in.
func (s *Store) SetOperators(ctx context.Context, emails []string, now time.Time) (err error) {
	defer wrap(&err, "SetOperators(%d)", len(emails))
	return s.people(ctx, func(ctx context.Context, tx bun.Tx) error {
		list := bun.List(append([]string{""}, emails...)) // never empty; nobody has the address ""
		if _, err := tx.NewRaw(`DELETE FROM membership ms USING person pe WHERE ms.person_id = pe.id AND ms.created_by = ?
			AND ms.role = ? AND (pe.email IS NULL OR pe.email NOT IN (?))`, ent.ByConfiguration, ent.RoleOperator, list).Exec(ctx); err != nil {
			return err
		}
		var found []*ent.Person
		if err := tx.NewSelect().Model(&found).Where("email IN (?)", list).Scan(ctx); err != nil {
			return err
		}
		rows := make([]*ent.Membership, len(found))
		for i, p := range found {
			rows[i] = &ent.Membership{ID: ent.NewID(), PersonID: p.ID, Grant: ent.Grant{Role: ent.RoleOperator}, CreatedAt: now, CreatedBy: ent.ByConfiguration}
		}
		return insertAll(ctx, tx, rows, keepOld)
	})
}

// DeletePeopleOf removes everybody who came by this issuer, with their sessions and grants.
func (s *Store) DeletePeopleOf(ctx context.Context, issuer string) (err error) {
	defer wrap(&err, "DeletePeopleOf(%q)", issuer)
	_, err = s.db.NewDelete().Model((*ent.Person)(nil)).Where("issuer = ?", issuer).Exec(ctx)
	return err
}

// Person gives the person with this key and their grants, nil when there is none.
func (s *Store) Person(ctx context.Context, id uuid.UUID) (p *ent.Person, err error) {
	defer wrap(&err, "Person(%v)", id)
	if p, err = personWhere(ctx, s.querier(ctx), "id = ?", id); p == nil || err != nil {
		return nil, err
	}
	return p, s.loadMemberships(ctx, []*ent.Person{p})
}

// People lists people with their grants, by name: those whose name, or a word in it, begins with search, or whose address search is; and who
// hold a grant over exactly what over names, whatever its role. nil for all.
func (s *Store) People(ctx context.Context, search *string, over *ent.Grant, p PageArgs) (c *ent.PersonConnection, err error) {
	defer wrap(&err, "People")
	w, err := p.window(newList("people", search, over))
	if err != nil {
		return nil, err
	}
	from := new(query)
	if search != nil {
		want := ent.SortKey(clip(*search))
		address, _ := ent.FoldEmail(*search)
		if want == "" {
			return &ent.PersonConnection{Page: page(w, nil, personPosition)}, nil
		}
		plain := spelledOut.Replace(want) // sort keys hold nothing that means anything to LIKE
		from.add(" AND (pe.email = ? OR pe.name_key LIKE ANY(?))", address, []string{want + "%", "% " + want + "%", plain + "%", "% " + plain + "%"})
	}
	if over != nil {
		from.add(` AND EXISTS (SELECT FROM membership ms WHERE ms.person_id = pe.id AND ms.ags IS NOT DISTINCT FROM ?
			AND ms.region_key IS NOT DISTINCT FROM ? AND ms.provider_id IS NOT DISTINCT FROM ?)`, over.AGS, over.RegionKey, over.ProviderID)
	}
	q := new(query).add("SELECT " + s.columns(ent.Person{}) + " FROM person pe WHERE true").append(from)
	if err := w.keyset(q, byName("pe")); err != nil {
		return nil, err
	}
	w.order(q, byName("pe"))
	var rows []*ent.Person
	if err := s.scan(ctx, q, &rows); err != nil {
		return nil, err
	}
	c = &ent.PersonConnection{Page: page(w, rows, personPosition)}
	if err := s.loadMemberships(ctx, c.Nodes()); err != nil {
		return nil, err
	}
	if p.Total {
		totals, err := s.totals(ctx, new(query).add("SELECT '' AS parent, count(*) AS n FROM person pe WHERE true").append(from))
		if err != nil {
			return nil, err
		}
		c.TotalCount = totals[""]
	}
	return c, nil
}

func (s *Store) loadMemberships(ctx context.Context, people []*ent.Person) error {
	ids := make([]uuid.UUID, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	rows, err := byKey[ent.Membership](ctx, s, "membership ms WHERE ms.person_id", ids)
	if err != nil {
		return err
	}
	slices.SortFunc(rows, func(a, b *ent.Membership) int { return slices.Compare(a.ID[:], b.ID[:]) }) // UUIDs of version 7 sort by time
	of := map[uuid.UUID][]*ent.Membership{}
	for _, m := range rows {
		of[m.PersonID] = append(of[m.PersonID], m)
	}
	for _, p := range people {
		p.Memberships = of[p.ID]
	}
	return nil
}

// Grant gives a person a role over something. by is the name of who does so. To grant again what the person has changes nothing; what was granted first is
// given back. What is wrong comes as ent.UserErrors, with paths as in ent.Grant.Validate.
func (s *Store) Grant(ctx context.Context, person uuid.UUID, g ent.Grant, by string, now time.Time) (m *ent.Membership, err error) {
	defer wrap(&err, "Grant(%v, %s)", person, g.Role)
	errs := g.Validate()
	missing := func(path, message string) {
		errs = append(errs, ent.UserError{Path: []string{path}, Code: ent.UserNotFound, Message: message})
	}
	if g.AGS != nil && s.Municipality(*g.AGS) == nil {
		missing("municipality", "There is no such municipality.")
	}
	if g.RegionKey != nil && s.Region(*g.RegionKey) == nil {
		missing("region", "There is no such region.")
	}
	if g.ProviderID != nil {
		if p, err := s.Provider(ctx, *g.ProviderID); err != nil {
			return nil, err
		} else if p == nil {
			missing("provider", "There is no such provider.")
		}
	}
	if len(errs) > 0 {
		return nil, errs
	}
	m = &ent.Membership{ID: ent.NewID(), PersonID: person, Grant: g, CreatedAt: now, CreatedBy: by}
	return m, s.people(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, err := personWhere(ctx, tx, "id = ?", person)
		if err != nil {
			return err
		}
		if p == nil {
			return ent.UserErrors{{Path: []string{"person"}, Code: ent.UserNotFound, Message: "There is no such person."}}
		}
		if _, err := tx.NewInsert().Model(m).On(keepOld).Returning("NULL").Exec(ctx); err != nil {
			return err
		}
		kept := new(ent.Membership)
		err = tx.NewSelect().Model(kept).Where("person_id = ? AND role = ?", person, g.Role).Where("ags IS NOT DISTINCT FROM ?", g.AGS).
			Where("region_key IS NOT DISTINCT FROM ?", g.RegionKey).Where("provider_id IS NOT DISTINCT FROM ?", g.ProviderID).Scan(ctx)
		*m = *kept
		return err
	})
}

// Membership gives the grant with this key, nil when there is none.
func (s *Store) Membership(ctx context.Context, id uuid.UUID) (m *ent.Membership, err error) {
	defer wrap(&err, "Membership(%v)", id)
	found, err := byKey[ent.Membership](ctx, s, "membership ms WHERE ms.id", []uuid.UUID{id})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// Revoke takes a grant; it has an end with the next request. To take it again changes nothing. A grant by configuration comes back while the configuration says so.
func (s *Store) Revoke(ctx context.Context, id uuid.UUID) (err error) {
	defer wrap(&err, "Revoke(%v)", id)
	_, err = s.querier(ctx).NewDelete().Model((*ent.Membership)(nil)).Where("id = ?", id).Exec(ctx)
	return err
}

// RenamePerson sets the name under which a person appears.
func (s *Store) RenamePerson(ctx context.Context, id uuid.UUID, name string) (p *ent.Person, err error) {
	defer wrap(&err, "RenamePerson(%v)", id)
	return p, s.people(ctx, func(ctx context.Context, tx bun.Tx) error {
		if p, err = personWhere(ctx, tx, "id = ?", id); err != nil {
			return err
		}
		if p == nil {
			return ent.BadInput("id", "There is no such person.")
		}
		p.Name = name
		p.Normalize()
		_, err = tx.NewUpdate().Model(p).Column("name", "name_key").WherePK().Exec(ctx)
		return err
	})
}

// DisablePerson keeps a person from signing in and ends their sessions, or lets them sign in again.
func (s *Store) DisablePerson(ctx context.Context, id uuid.UUID, disabled bool, now time.Time) (err error) {
	defer wrap(&err, "DisablePerson(%v, %v)", id, disabled)
	return s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		at := &now
		if !disabled {
			at = nil
		}
		res, err := tx.NewUpdate().Model((*ent.Person)(nil)).Set("disabled_at = CASE WHEN ?::timestamptz IS NOT NULL THEN coalesce(disabled_at, ?) END", at, at).Where("id = ?", id).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ent.BadInput("id", "There is no such person."))
		}
		if !disabled {
			return nil
		}
		_, err = tx.NewDelete().Model((*ent.Session)(nil)).Where("person_id = ?", id).Exec(ctx)
		return err
	})
}

// DeletePerson forgets a person: their sessions, grants and links, and all that ExportPerson gives. Who is not there is forgotten already. They may sign in
// again, as somebody new.
func (s *Store) DeletePerson(ctx context.Context, id uuid.UUID) (err error) {
	defer wrap(&err, "DeletePerson(%v)", id)
	return s.people(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("DELETE FROM sign_in_link WHERE email = (SELECT email FROM person WHERE id = ?)", id).Exec(ctx); err != nil {
			return err
		}
		if err := forgetName(ctx, tx, id); err != nil {
			return err
		}
		_, err := tx.NewDelete().Model((*ent.Person)(nil)).Where("id = ?", id).Exec(ctx)
		return err
	})
}

// nobody stands in histories for who was deleted.
const nobody = "Gelöschtes Konto"

// forgetName takes a person's name out of what they have done: that somebody did it stays.
func forgetName(ctx context.Context, tx bun.Tx, id uuid.UUID) error {
	for _, q := range []*query{
		new(query).add("UPDATE offering SET change_actor_name = ? WHERE change_actor_kind = 'PERSON' AND change_actor_id = ?::uuid", nobody, id),
		new(query).add("UPDATE revision SET content = jsonb_set(content, '{change_actor_name}', to_jsonb(?::text)) WHERE content->>'change_actor_kind' = 'PERSON' AND content->>'change_actor_id' = ?::text", nobody, id.String()),
		new(query).add("UPDATE audit SET actor_name = ? WHERE actor_kind = 'PERSON' AND actor_id = ?::uuid", nobody, id),
		new(query).add("UPDATE api_key SET created_by = ? WHERE created_by = (SELECT name FROM person WHERE id = ?::uuid)", nobody, id),
		new(query).add("UPDATE membership SET created_by = ? WHERE created_by = (SELECT name FROM person WHERE id = ?::uuid)", nobody, id),
	} {
		if _, err := exec(ctx, tx, q); err != nil {
			return err
		}
	}
	return nil
}

// ExportPerson gives everything that is known of a person but what is secret, nil when there is no such person.
func (s *Store) ExportPerson(ctx context.Context, id uuid.UUID) (x *ent.PersonExport, err error) {
	defer wrap(&err, "ExportPerson(%v)", id)
	p, err := s.Person(ctx, id)
	if p == nil || err != nil {
		return nil, err
	}
	x = &ent.PersonExport{
		ID: p.NodeID(), Email: p.Email, Name: p.Name, Issuer: p.Issuer, Subject: p.Subject, CreatedAt: p.CreatedAt, LastSeenAt: p.LastSeenAt, DisabledAt: p.DisabledAt,
		Grants: []ent.MembershipExport{}, Sessions: []ent.SessionExport{}, Links: []ent.LinkExport{},
	}
	for _, m := range p.Memberships {
		g := ent.MembershipExport{Role: m.Role, Municipality: m.AGS, Region: m.RegionKey, CreatedAt: m.CreatedAt, CreatedBy: m.CreatedBy}
		if m.ProviderID != nil {
			provider := ent.ProviderID(*m.ProviderID)
			g.Provider = &provider
		}
		x.Grants = append(x.Grants, g)
	}
	var sessions []ent.Session
	if err := s.db.NewSelect().Model(&sessions).Where("person_id = ?", id).Order("created_at", "hash").Scan(ctx); err != nil {
		return nil, err
	}
	for _, v := range sessions {
		x.Sessions = append(x.Sessions, ent.SessionExport{CreatedAt: v.CreatedAt, SeenAt: v.SeenAt, ExpiresAt: v.ExpiresAt, UserAgent: v.UserAgent})
	}
	var links []ent.SignInLink
	if p.Email != nil {
		if err := s.db.NewSelect().Model(&links).Where("email = ?", *p.Email).Order("expires_at", "hash").Scan(ctx); err != nil {
			return nil, err
		}
	}
	for _, l := range links {
		x.Links = append(x.Links, ent.LinkExport{ExpiresAt: l.ExpiresAt, UsedAt: l.UsedAt, ReturnTo: l.ReturnTo})
	}
	return x, nil
}

// CreateSession lets a person in: it begins a session, and ends the one with the hash old, if there is one. Somebody who is disabled or gone is refused with
// ent.CodeForbidden.
func (s *Store) CreateSession(ctx context.Context, person uuid.UUID, hash, old []byte, userAgent string, now time.Time) (err error) {
	defer wrap(&err, "CreateSession(%v)", person)
	return s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Model((*ent.Session)(nil)).Where("hash = ?", old).Exec(ctx); err != nil {
			return err
		}
		res, err := tx.NewUpdate().Model((*ent.Person)(nil)).Set("last_seen_at = ?", now).Where("id = ? AND disabled_at IS NULL", person).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, &ent.Error{Code: ent.CodeForbidden, Message: "This account is disabled. Please ask whoever runs this server."})
		}
		_, err = tx.NewInsert().Model(&ent.Session{
			Hash: hash, PersonID: person, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(ent.SessionIdle), UserAgent: userAgent,
		}).Exec(ctx)
		return err
	})
}

// ActorBySession gives who acts by the session with this hash, nil when there is none, it has expired at now, or the person is disabled. It notes, every few
// minutes, that the session is used, which moves its end.
func (s *Store) ActorBySession(ctx context.Context, hash []byte, now time.Time) (a *ent.Actor, err error) {
	defer wrap(&err, "ActorBySession")
	var rows []struct {
		ID     uuid.UUID `bun:"id"`
		Name   string    `bun:"name"`
		Email  *string   `bun:"email"`
		SeenAt time.Time `bun:"seen_at"`
		Role   *ent.Role `bun:"role"`

		AGS        *string    `bun:"ags"`
		RegionKey  *string    `bun:"region_key"`
		ProviderID *uuid.UUID `bun:"provider_id"`
	}
	q := new(query).add(`SELECT pe.id, pe.name, pe.email, se.seen_at, ms.role, ms.ags, ms.region_key, ms.provider_id
		FROM session se JOIN person pe ON pe.id = se.person_id LEFT JOIN membership ms ON ms.person_id = pe.id
		WHERE se.hash = ? AND se.expires_at > ? AND pe.disabled_at IS NULL ORDER BY ms.id`, hash, now)
	if err := s.scan(ctx, q, &rows); err != nil || len(rows) == 0 {
		return nil, err
	}
	p := ent.Person{ID: rows[0].ID, Name: rows[0].Name, Email: rows[0].Email}
	a = &ent.Actor{Kind: ent.ActorPerson, ID: p.ID, Name: p.DisplayName()}
	for _, r := range rows {
		if r.Role == nil {
			continue
		}
		a.Grants = append(a.Grants, ent.Grant{Role: *r.Role, AGS: r.AGS, RegionKey: r.RegionKey, ProviderID: r.ProviderID})
		for _, scope := range r.Role.Scopes() {
			if !slices.Contains(a.Scopes, scope) {
				a.Scopes = append(a.Scopes, scope)
			}
		}
	}
	if now.Sub(rows[0].SeenAt) < seenEvery {
		return a, nil
	}
	_, err = s.db.NewRaw(`WITH used AS (
			UPDATE session SET seen_at = ?, expires_at = least(?, created_at + ?::interval) WHERE hash = ? AND expires_at > ? RETURNING person_id)
		UPDATE person SET last_seen_at = ? WHERE id IN (SELECT person_id FROM used)`,
		now, now.Add(ent.SessionIdle), ent.SessionMost.String(), hash, now, now).Exec(ctx)
	return a, err
}

// EndSession ends a session for good. To end it again changes nothing.
func (s *Store) EndSession(ctx context.Context, hash []byte) (err error) {
	defer wrap(&err, "EndSession")
	_, err = s.db.NewDelete().Model((*ent.Session)(nil)).Where("hash = ?", hash).Exec(ctx)
	return err
}

// EndSessions ends all sessions of a person.
func (s *Store) EndSessions(ctx context.Context, person uuid.UUID) (err error) {
	defer wrap(&err, "EndSessions(%v)", person)
	_, err = s.db.NewDelete().Model((*ent.Session)(nil)).Where("person_id = ?", person).Exec(ctx)
	return err
}

// CreateLink stores a link, of which only the hash is known here.
func (s *Store) CreateLink(ctx context.Context, l *ent.SignInLink) (err error) {
	defer wrap(&err, "CreateLink")
	_, err = s.db.NewInsert().Model(l).Exec(ctx)
	return err
}

// Link gives the link with this hash, nil when there is none, or it is used or expired at now.
func (s *Store) Link(ctx context.Context, hash []byte, now time.Time) (l *ent.SignInLink, err error) {
	defer wrap(&err, "Link")
	var links []*ent.SignInLink
	q := new(query).add("SELECT "+s.columns(ent.SignInLink{})+" FROM sign_in_link sl WHERE sl.hash = ? AND sl.used_at IS NULL AND sl.expires_at > ?", hash, now)
	if err := s.scan(ctx, q, &links); err != nil || len(links) == 0 {
		return nil, err
	}
	return links[0], nil
}

// UseLink is Link, and uses the link up, and with it all others to the same address. Of several calls at once one gets the link, the others nil.
func (s *Store) UseLink(ctx context.Context, hash []byte, now time.Time) (l *ent.SignInLink, err error) {
	defer wrap(&err, "UseLink")
	err = s.people(ctx, func(ctx context.Context, tx bun.Tx) error {
		var found []*ent.SignInLink
		err := tx.NewRaw("UPDATE sign_in_link SET used_at = ? WHERE hash = ? AND used_at IS NULL AND expires_at > ? RETURNING *", now, hash, now).Scan(ctx, &found)
		if err != nil || len(found) == 0 {
			return err
		}
		l = found[0]
		_, err = tx.NewUpdate().Model(l).Set("used_at = ?", now).Where("email = ? AND used_at IS NULL", l.Email).Exec(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return l, nil
}

// CleanSignIns removes sessions and links that have expired at now, up to most of each, and tells how many.
func (s *Store) CleanSignIns(ctx context.Context, most int, now time.Time) (n int, err error) {
	defer wrap(&err, "CleanSignIns")
	for _, table := range []string{"session", "sign_in_link"} {
		res, err := s.db.NewRaw("DELETE FROM ? WHERE hash IN (SELECT hash FROM ? WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)",
			bun.Ident(table), bun.Ident(table), now, most).Exec(ctx)
		if err != nil {
			return n, err
		}
		gone, err := res.RowsAffected()
		if err != nil {
			return n, err
		}
		n += int(gone)
	}
	return n, nil
}
