package store_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"umland/ent"
	"umland/store"
	"umland/store/storetest"
)

const (
	belzig  = "12069020"
	issuer  = "https://id.example.org"
	another = "https://id.example.net"
)

func hash(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}

// person finds or makes one by mail.
func person(t *testing.T, st *store.Store, email string) *ent.Person {
	t.Helper()
	p, err := st.PersonByEmail(t.Context(), email, storetest.Noon)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func session(t *testing.T, st *store.Store, p *ent.Person, token string, now time.Time) {
	t.Helper()
	if err := st.CreateSession(t.Context(), p.ID, hash(token), nil, "Test", now); err != nil {
		t.Fatal(err)
	}
}

func actor(t *testing.T, st *store.Store, token string, now time.Time) *ent.Actor {
	t.Helper()
	a, err := st.ActorBySession(t.Context(), hash(token), now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestPersonIsFound(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	ctx := t.Context()
	by := func(id ent.Identity) *ent.Person {
		t.Helper()
		p, err := st.PersonByIdentity(ctx, id, storetest.Noon)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	anna := person(t, st, "anna@example.org")
	if again := person(t, st, "anna@example.org"); again.ID != anna.ID {
		t.Error("an address makes two people")
	}
	if p := by(ent.Identity{Issuer: issuer, Subject: "1", Email: "anna@example.org", Name: "Anna Öz"}); p.ID != anna.ID || p.Name != "Anna Öz" {
		t.Errorf("a verified address finds %+v", p)
	}
	if p := by(ent.Identity{Issuer: issuer, Subject: "1", Email: "a.oez@example.org"}); p.ID != anna.ID || *p.Email != "a.oez@example.org" || p.Name != "Anna Öz" {
		t.Errorf("a known subject with a new address is %+v", p)
	}
	if p := by(ent.Identity{Issuer: issuer, Subject: "1"}); p.ID != anna.ID || *p.Email != "a.oez@example.org" {
		t.Errorf("a known subject without an address is %+v", p)
	}
	bert := by(ent.Identity{Issuer: issuer, Subject: "2", Name: "Bert"})
	if bert.ID == anna.ID || bert.Email != nil {
		t.Errorf("another subject is %+v", bert)
	}
	carla := person(t, st, "carla@example.org")
	if p := by(ent.Identity{Issuer: issuer, Subject: "2", Email: "carla@example.org"}); p.ID != bert.ID || p.Email != nil {
		t.Errorf("a known subject with the address of another person is %+v", p)
	}
	if p := person(t, st, "carla@example.org"); p.ID != carla.ID {
		t.Error("an address has gone to another person")
	}
	_, err := st.PersonByIdentity(ctx, ent.Identity{Issuer: issuer, Subject: "3", Email: "a.oez@example.org"}, storetest.Noon)
	var refused *ent.Error
	if !errors.As(err, &refused) || refused.Code != ent.CodeForbidden {
		t.Errorf("another subject with an address that is taken: %v", err)
	}
	if p := by(ent.Identity{Issuer: another, Subject: "1", Email: "a.oez@example.org"}); p.ID != anna.ID || *p.Issuer != another {
		t.Errorf("at a new issuer the address finds %+v", p)
	}

	for round := range 20 {
		subject := fmt.Sprint("many", round)
		var wg sync.WaitGroup
		found := make([]uuid.UUID, 4)
		for i := range found {
			wg.Go(func() {
				p, err := st.PersonByIdentity(ctx, ent.Identity{Issuer: issuer, Subject: subject, Email: subject + "@example.org"}, storetest.Noon)
				if err != nil {
					t.Error(err)
					return
				}
				found[i] = p.ID
			})
		}
		wg.Wait()
		if len(slices.Compact(found)) != 1 {
			t.Errorf("sign-ins at once make %v", found)
		}
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	st := storetest.Demo(t)
	ctx, noon := t.Context(), storetest.Noon
	anna := person(t, st, "anna@example.org")
	session(t, st, anna, "one", noon)
	if a := actor(t, st, "one", noon); a == nil || a.ID != anna.ID || a.Kind != ent.ActorPerson || a.Name != "anna@example.org" || a.Scopes != nil || a.Grants != nil {
		t.Fatalf("the actor is %+v", a)
	}
	if actor(t, st, "two", noon) != nil {
		t.Error("a session that nobody began has an actor")
	}

	providers, err := st.Providers(ctx, nil, nil, nil, store.PageArgs{})
	if err != nil {
		t.Fatal(err)
	}
	club := providers.Edges[0].Node.ID
	ags := belzig
	for _, g := range []ent.Grant{{Role: ent.RoleMember, ProviderID: &club}, {Role: ent.RoleReviewer, AGS: &ags}} {
		if _, err := st.Grant(ctx, anna.ID, g, "Operator", noon); err != nil {
			t.Fatal(err)
		}
	}
	a := actor(t, st, "one", noon)
	if len(a.Grants) != 2 || a.Grants[0].Role != ent.RoleMember || *a.Grants[0].ProviderID != club || *a.Grants[1].AGS != belzig {
		t.Errorf("the grants are %+v", a.Grants)
	}
	want := []ent.Scope{ent.ScopeRead, ent.ScopeWrite, ent.ScopePublish, ent.ScopeReview, ent.ScopeSource}
	if !slices.Equal(a.Scopes, want) {
		t.Errorf("the scopes are %v", a.Scopes)
	}

	// Without use it ends after 12 hours, with use after 30 days.
	if actor(t, st, "one", noon.Add(12*time.Hour-time.Second)) == nil {
		t.Error("it ends before 12 hours")
	}
	if actor(t, st, "one", noon.Add(24*time.Hour-2*time.Second)) == nil {
		t.Error("use does not move its end")
	}
	session(t, st, anna, "idle", noon)
	if actor(t, st, "idle", noon.Add(12*time.Hour)) != nil {
		t.Error("it does not end after 12 hours without use")
	}
	at := noon.Add(24 * time.Hour)
	for ; at.Before(noon.Add(30 * 24 * time.Hour)); at = at.Add(11 * time.Hour) {
		if actor(t, st, "one", at) == nil {
			t.Fatalf("it ends after %v", at.Sub(noon))
		}
	}
	if actor(t, st, "one", noon.Add(30*24*time.Hour-time.Second)) == nil {
		t.Error("it ends before 30 days")
	}
	if actor(t, st, "one", noon.Add(30*24*time.Hour)) != nil {
		t.Error("it does not end after 30 days")
	}

	session(t, st, anna, "old", noon)
	if err := st.CreateSession(ctx, anna.ID, hash("new"), hash("old"), "", noon); err != nil {
		t.Fatal(err)
	}
	if actor(t, st, "old", noon) != nil || actor(t, st, "new", noon) == nil {
		t.Error("a new session does not take the place of the old one")
	}
	if err := st.EndSession(ctx, hash("new")); err != nil {
		t.Fatal(err)
	}
	if actor(t, st, "new", noon) != nil {
		t.Error("an ended session has an actor")
	}

	if err := st.DisablePerson(ctx, anna.ID, true, noon); err != nil {
		t.Fatal(err)
	}
	if actor(t, st, "one", noon) != nil {
		t.Error("somebody disabled acts")
	}
	var refused *ent.Error
	if err := st.CreateSession(ctx, anna.ID, hash("again"), nil, "", noon); !errors.As(err, &refused) || refused.Code != ent.CodeForbidden {
		t.Errorf("somebody disabled signs in: %v", err)
	}
	if err := st.DisablePerson(ctx, anna.ID, false, noon); err != nil {
		t.Fatal(err)
	}
	if actor(t, st, "one", noon) != nil {
		t.Error("a session comes back with its person")
	}
	session(t, st, anna, "again", noon)
	if err := st.DisablePerson(ctx, uuid.New(), true, noon); !errors.As(err, &refused) || refused.Code != ent.CodeBadInput {
		t.Errorf("nobody is disabled: %v", err)
	}
}

func TestGrant(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	ctx, noon := t.Context(), storetest.Noon
	anna := person(t, st, "anna@example.org")
	ags, nowhere, region, none := belzig, "99999999", "12", uuid.New()
	for _, tc := range []struct {
		name   string
		person uuid.UUID
		grant  ent.Grant
		path   string
	}{
		{"municipality that is not", anna.ID, ent.Grant{Role: ent.RoleEditor, AGS: &nowhere}, "municipality"},
		{"region that is not", anna.ID, ent.Grant{Role: ent.RoleEditor, RegionKey: &nowhere}, "region"},
		{"provider that is not", anna.ID, ent.Grant{Role: ent.RoleMember, ProviderID: &none}, "provider"},
		{"role over the wrong thing", anna.ID, ent.Grant{Role: ent.RoleMember, AGS: &ags}, "provider"},
		{"person that is not", none, ent.Grant{Role: ent.RoleEditor, AGS: &ags}, "person"},
	} {
		_, err := st.Grant(ctx, tc.person, tc.grant, "x", noon)
		var errs ent.UserErrors
		if !errors.As(err, &errs) || len(errs) != 1 || errs[0].Path[0] != tc.path {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	first, err := st.Grant(ctx, anna.ID, ent.Grant{Role: ent.RoleEditor, RegionKey: &region}, "Bert", noon)
	if err != nil {
		t.Fatal(err)
	}
	again, err := st.Grant(ctx, anna.ID, ent.Grant{Role: ent.RoleEditor, RegionKey: &region}, "Carla", noon.Add(time.Hour))
	if err != nil || again.ID != first.ID || again.CreatedBy != "Bert" {
		t.Errorf("granted again: %+v, %v", again, err)
	}
	if m, err := st.Membership(ctx, first.ID); err != nil || m == nil || *m.RegionKey != region || m.PersonID != anna.ID {
		t.Errorf("the grant is %+v, %v", m, err)
	}
	session(t, st, anna, "one", noon)
	if !actor(t, st, "one", noon).May(ent.ScopePublish) {
		t.Error("an editor may not publish")
	}
	for range 2 {
		if err := st.Revoke(ctx, first.ID); err != nil {
			t.Fatal(err)
		}
	}
	if a := actor(t, st, "one", noon); a == nil || a.May(ent.ScopeRead) {
		t.Errorf("after the grant is taken the actor is %+v", a)
	}
}

func TestOperators(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	ctx, noon := t.Context(), storetest.Noon
	anna, bert := person(t, st, "anna@example.org"), person(t, st, "bert@example.org")
	roles := func(p *ent.Person) string {
		t.Helper()
		p, err := st.Person(ctx, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		var roles []string
		for _, m := range p.Memberships {
			roles = append(roles, string(m.Role)+" by "+m.CreatedBy)
		}
		return strings.Join(roles, ", ")
	}
	if _, err := st.Grant(ctx, bert.ID, ent.Grant{Role: ent.RoleOperator}, "Carla", noon); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := st.SetOperators(ctx, []string{"anna@example.org", "bert@example.org", "nobody@example.org"}, noon); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := roles(anna), roles(bert); a != "OPERATOR by configuration" || b != "OPERATOR by Carla" {
		t.Errorf("Anna is %q, Bert %q", a, b)
	}
	if err := st.SetOperators(ctx, nil, noon); err != nil {
		t.Fatal(err)
	}
	if a, b := roles(anna), roles(bert); a != "" || b != "OPERATOR by Carla" {
		t.Errorf("without a list Anna is %q, Bert %q", a, b)
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	ctx, noon := t.Context(), storetest.Noon
	link := func(token, email string) {
		t.Helper()
		if err := st.CreateLink(ctx, &ent.SignInLink{Hash: hash(token), Email: email, ExpiresAt: noon.Add(ent.LinkLife), ReturnTo: "/x"}); err != nil {
			t.Fatal(err)
		}
	}
	link("a", "anna@example.org")
	link("a2", "anna@example.org")
	link("b", "bert@example.org")
	if l, err := st.Link(ctx, hash("a"), noon.Add(30*time.Minute)); l != nil || err != nil {
		t.Errorf("an expired link is %v, %v", l, err)
	}
	if l, err := st.UseLink(ctx, hash("a"), noon.Add(30*time.Minute)); l != nil || err != nil {
		t.Errorf("an expired link gives %v, %v", l, err)
	}
	if l, err := st.Link(ctx, hash("a"), noon.Add(30*time.Minute-time.Second)); l == nil || err != nil {
		t.Errorf("the link is %v, %v", l, err)
	}
	var wins atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			l, err := st.UseLink(ctx, hash("a"), noon)
			if err != nil {
				t.Error(err)
			} else if l != nil {
				wins.Add(1)
				if l.Email != "anna@example.org" || l.ReturnTo != "/x" {
					t.Errorf("the link is %+v", l)
				}
			}
		})
	}
	wg.Wait()
	if wins.Load() != 1 {
		t.Errorf("one link was used %d times", wins.Load())
	}
	if l, err := st.Link(ctx, hash("a2"), noon); l != nil || err != nil {
		t.Errorf("another link to the same address is left: %v, %v", l, err)
	}
	if l, err := st.UseLink(ctx, hash("b"), noon); l == nil || err != nil {
		t.Errorf("the link to another address is gone: %v, %v", l, err)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	ctx, noon := t.Context(), storetest.Noon
	ags := belzig
	var names []string
	for i, name := range []string{"Zoe Adler", "Änne Öz", "Anna Öz", "Bernd"} {
		p, err := st.PersonByIdentity(ctx, ent.Identity{Issuer: issuer, Subject: fmt.Sprint(i), Name: name, Email: fmt.Sprintf("p%d@example.org", i)}, noon)
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			if _, err := st.Grant(ctx, p.ID, ent.Grant{Role: ent.RoleEditor, AGS: &ags}, "x", noon); err != nil {
				t.Fatal(err)
			}
		}
	}
	one := 1
	for p := (store.PageArgs{First: &one, Total: true}); ; {
		c, err := st.People(ctx, nil, nil, p)
		if err != nil {
			t.Fatal(err)
		}
		if c.TotalCount != 4 {
			t.Errorf("%d in all", c.TotalCount)
		}
		for _, n := range c.Nodes() {
			names = append(names, fmt.Sprint(n.Name, len(n.Memberships)))
		}
		if !c.PageInfo.HasNextPage {
			break
		}
		p.After = c.PageInfo.EndCursor
	}
	if got := strings.Join(names, ", "); got != "Anna Öz1, Änne Öz0, Bernd0, Zoe Adler1" {
		t.Errorf("by pages of one: %s", got)
	}
	for _, tc := range []struct {
		search string
		over   *ent.Grant
		want   string
	}{
		{"öz", nil, "Anna Öz, Änne Öz"}, {"oez", nil, "Anna Öz, Änne Öz"}, {"P3@Example.org", nil, "Bernd"}, {"%", nil, ""}, {"nobody", nil, ""},
		{"a", &ent.Grant{AGS: &ags}, "Anna Öz, Zoe Adler"}, {"a", &ent.Grant{}, ""},
	} {
		c, err := st.People(ctx, &tc.search, tc.over, store.PageArgs{})
		if err != nil {
			t.Fatal(err)
		}
		names = nil
		for _, n := range c.Nodes() {
			names = append(names, n.Name)
		}
		if got := strings.Join(names, ", "); got != tc.want {
			t.Errorf("%q finds %q, want %q", tc.search, got, tc.want)
		}
	}
	bad := "x"
	if _, err := st.People(ctx, nil, nil, store.PageArgs{After: &bad}); err == nil {
		t.Error("a cursor that is none is taken")
	}
}

func TestPersonIsForgotten(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	ctx, noon := t.Context(), storetest.Noon
	anna, bert := person(t, st, "anna@example.org"), person(t, st, "bert@example.org")
	ags := belzig
	for _, p := range []*ent.Person{anna, bert} {
		session(t, st, p, *p.Email, noon)
		if _, err := st.Grant(ctx, p.ID, ent.Grant{Role: ent.RoleEditor, AGS: &ags}, "Carla", noon); err != nil {
			t.Fatal(err)
		}
		if err := st.CreateLink(ctx, &ent.SignInLink{Hash: hash("link " + *p.Email), Email: *p.Email, ExpiresAt: noon.Add(time.Hour), ReturnTo: "/there"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := st.RenamePerson(ctx, anna.ID, " Anna  Öz "); err != nil {
		t.Fatal(err)
	}
	x, err := st.ExportPerson(ctx, anna.ID)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		anna.NodeID(), `"email":"anna@example.org"`, `"name":"Anna Öz"`, `"lastSeenAt":"2026-11-23T11:00:00Z"`, `"userAgent":"Test"`,
		`"grants":[{"role":"EDITOR","municipality":"12069020","createdAt":"2026-11-23T11:00:00Z","createdBy":"Carla"}]`, `"returnTo":"/there"`,
	} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the export lacks %s: %s", want, b)
		}
	}
	if strings.Contains(string(b), "bert") || strings.Contains(strings.ToLower(string(b)), "hash") {
		t.Errorf("the export holds what is not hers to have: %s", b)
	}
	for range 2 {
		if err := st.DeletePerson(ctx, anna.ID); err != nil {
			t.Fatal(err)
		}
	}
	if actor(t, st, "anna@example.org", noon) != nil || actor(t, st, "bert@example.org", noon) == nil {
		t.Error("the wrong session has ended")
	}
	if l, err := st.Link(ctx, hash("link anna@example.org"), noon); l != nil || err != nil {
		t.Errorf("her link is left: %v, %v", l, err)
	}
	if x, err := st.ExportPerson(ctx, anna.ID); x != nil || err != nil {
		t.Errorf("something is left: %v, %v", x, err)
	}
	if p, err := st.Person(ctx, bert.ID); err != nil || len(p.Memberships) != 1 {
		t.Errorf("Bert is %+v, %v", p, err)
	}

	if n, err := st.CleanSignIns(ctx, 100, noon.Add(time.Minute)); n != 0 || err != nil {
		t.Errorf("cleaning takes %d that run, %v", n, err)
	}
	session(t, st, bert, "second", noon)
	if n, err := st.CleanSignIns(ctx, 1, noon.Add(24*time.Hour)); n != 2 || err != nil {
		t.Errorf("cleaning takes %d, %v", n, err)
	}
	if n, err := st.CleanSignIns(ctx, 1, noon.Add(24*time.Hour)); n != 1 || err != nil {
		t.Errorf("cleaning again takes %d, %v", n, err)
	}

	demo, err := st.PersonByIdentity(ctx, ent.Identity{Issuer: "demo", Subject: "clerk"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	session(t, st, demo, "demo", noon)
	if err := st.DeletePeopleOf(ctx, "demo"); err != nil {
		t.Fatal(err)
	}
	if actor(t, st, "demo", noon) != nil || actor(t, st, "bert@example.org", noon) != nil {
		t.Error("sessions are left")
	}
}
