package ent

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"golang.org/x/net/idna"
)

// How long a sign-in lasts.
const (
	SessionIdle = 12 * time.Hour      // without a request
	SessionMost = 30 * 24 * time.Hour // in all
	LinkLife    = 30 * time.Minute    // of a link that was sent by mail
)

// Person is somebody who signs in, or whom a grant waits for.
type Person struct {
	bun.BaseModel `bun:"table:person,alias:pe"`

	ID         uuid.UUID  `bun:"id,pk"`
	Email      *string    `bun:"email"` // as FoldEmail gives it; nil where nothing has shown that an address is theirs
	Name       string     `bun:"name"`  // "" where none is known
	NameKey    string     `bun:"name_key"`
	Issuer     *string    `bun:"issuer"`  // of OpenID Connect, with the subject there; nil for those who only ever came by mail
	Subject    *string    `bun:"subject"` // never shown
	CreatedAt  time.Time  `bun:"created_at"`
	LastSeenAt *time.Time `bun:"last_seen_at"` // to some minutes; nil before the first sign-in
	DisabledAt *time.Time `bun:"disabled_at"`  // since when they cannot sign in

	Memberships []*Membership `bun:"-"` // in the order in which they were granted
}

// NodeID is the global id. People are not nodes of the graph: who may see them is decided where they are listed.
func (p *Person) NodeID() string { return PersonID(p.ID) }

// PersonID is the global id of the person with this key.
func PersonID(id uuid.UUID) string { return prefixPerson + id.String() }

// ParsePersonID is the way back from PersonID.
func ParsePersonID(id string) (uuid.UUID, bool) { return parseID(prefixPerson, id) }

// DisplayName is the name, or what comes closest: the address, or the id.
func (p *Person) DisplayName() string {
	switch {
	case p.Name != "":
		return p.Name
	case p.Email != nil:
		return *p.Email
	}
	return p.NodeID()
}

// Normalize brings the person into the form that is stored. A name that came from elsewhere is cut to MaxName characters and loses what cannot be seen.
func (p *Person) Normalize() {
	name := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unicode.Is(unicode.C, r):
			return -1
		}
		return r
	}, p.Name)
	if r := []rune(name); len(r) > MaxName {
		name = string(r[:MaxName])
	}
	p.Name = strings.Join(strings.Fields(name), " ")
	p.NameKey = SortKey(p.DisplayName())
}

// PersonConnection is a page of people.
type PersonConnection struct{ Page[Person] }

// Membership is a grant that a person holds.
type Membership struct {
	bun.BaseModel `bun:"table:membership,alias:ms"`

	ID       uuid.UUID `bun:"id,pk"`
	PersonID uuid.UUID `bun:"person_id"`
	Grant
	CreatedAt time.Time `bun:"created_at"`
	CreatedBy string    `bun:"created_by"` // the name of who granted it
}

// ByConfiguration is the CreatedBy of the grants that the operator's settings give, and take again.
const ByConfiguration = "configuration"

// NodeID is the global id. Memberships are not nodes of the graph.
func (m *Membership) NodeID() string { return prefixMembership + m.ID.String() }

// ParseMembershipID is the way back from Membership.NodeID.
func ParseMembershipID(id string) (uuid.UUID, bool) { return parseID(prefixMembership, id) }

// Validate lists what is wrong with the grant, with paths relative to it; whether what it is held over exists is not asked.
func (g Grant) Validate() UserErrors {
	var errs UserErrors
	c := check{errs: &errs}
	oneOf(c.at("role"), g.Role, RoleMember, RoleTrusted, RoleEditor, RoleReviewer, RoleOperator)
	var over []string
	for _, a := range []struct {
		name  string
		given bool
	}{{"municipality", g.AGS != nil}, {"region", g.RegionKey != nil}, {"provider", g.ProviderID != nil}} {
		if a.given {
			over = append(over, a.name)
		}
	}
	switch g.Role {
	case RoleMember, RoleTrusted:
		if !slices.Equal(over, []string{"provider"}) {
			c.at("provider").add(UserInvalid, "The role %s is held over a provider, and nothing else.", g.Role)
		}
	case RoleEditor, RoleReviewer:
		if len(over) != 1 || over[0] == "provider" {
			c.at("municipality").add(UserInvalid, "The role %s is held over a municipality or a region, one of the two.", g.Role)
		}
	case RoleOperator:
		if len(over) != 0 {
			c.at(over[0]).add(UserInvalid, "The role OPERATOR is held over the whole server, not over a part of it.")
		}
	}
	return errs
}

// Session is a sign-in that lasts. The token itself, which the cookie holds, is not kept, only its SHA-256.
type Session struct {
	bun.BaseModel `bun:"table:session,alias:se"`

	Hash      []byte    `bun:"hash,pk"`
	PersonID  uuid.UUID `bun:"person_id"`
	CreatedAt time.Time `bun:"created_at"`
	SeenAt    time.Time `bun:"seen_at"`
	ExpiresAt time.Time `bun:"expires_at"`
	UserAgent string    `bun:"user_agent"` // 200 characters of it
}

// SignInLink is a link that was sent by mail and signs in once. The token itself is not kept, only its SHA-256.
type SignInLink struct {
	bun.BaseModel `bun:"table:sign_in_link,alias:sl"`

	Hash      []byte     `bun:"hash,pk"`
	Email     string     `bun:"email"` // as FoldEmail gives it
	ExpiresAt time.Time  `bun:"expires_at"`
	UsedAt    *time.Time `bun:"used_at"`
	ReturnTo  string     `bun:"return_to"` // a path on this server
}

// Identity is what an issuer of OpenID Connect says of somebody.
type Identity struct {
	Issuer, Subject string
	Email           string // as FoldEmail gives it; "" unless the issuer says that it is verified
	Name            string
}

// PersonExport is everything that is known of a person, for themselves (GDPR article 15 and 20).
type PersonExport struct {
	ID         string             `json:"id"`
	Email      *string            `json:"email"`
	Name       string             `json:"name"`
	Issuer     *string            `json:"issuer"`
	Subject    *string            `json:"subject"`
	CreatedAt  time.Time          `json:"createdAt"`
	LastSeenAt *time.Time         `json:"lastSeenAt"`
	DisabledAt *time.Time         `json:"disabledAt"`
	Grants     []MembershipExport `json:"grants"`
	Sessions   []SessionExport    `json:"sessions"`
	Links      []LinkExport       `json:"signInLinks"`
}

// MembershipExport is a grant in a PersonExport.
type MembershipExport struct {
	Role         Role      `json:"role"`
	Municipality *string   `json:"municipality,omitempty"` // AGS
	Region       *string   `json:"region,omitempty"`
	Provider     *string   `json:"provider,omitempty"` // global id
	CreatedAt    time.Time `json:"createdAt"`
	CreatedBy    string    `json:"createdBy"`
}

// SessionExport is a session in a PersonExport.
type SessionExport struct {
	CreatedAt time.Time `json:"createdAt"`
	SeenAt    time.Time `json:"seenAt"`
	ExpiresAt time.Time `json:"expiresAt"`
	UserAgent string    `json:"userAgent"`
}

// LinkExport is a link that was sent, in a PersonExport.
type LinkExport struct {
	ExpiresAt time.Time  `json:"expiresAt"`
	UsedAt    *time.Time `json:"usedAt"`
	ReturnTo  string     `json:"returnTo"`
}

// localPart is an unquoted local part (RFC 5321 Dot-string) in ASCII.
var localPart = regexp.MustCompile("^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")

// FoldEmail gives a mail address in the one form by which people are known: in small letters, the domain as in the DNS (IDNA). ok is false for
// what is no address of a person on the internet. What stands before the @ must be ASCII: folding other letters would let two mailboxes
// become one person.
func FoldEmail(s string) (folded string, ok bool) {
	s = strings.TrimSpace(s)
	if len(s) > 254 {
		return "", false
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 {
		return "", false
	}
	for i := range at {
		if s[i] >= utf8.RuneSelf {
			return "", false
		}
	}
	local := strings.ToLower(s[:at])
	domain, err := idna.Lookup.ToASCII(s[at+1:])
	if err != nil || !strings.Contains(domain, ".") && domain != "localhost" || strings.HasSuffix(domain, ".") {
		return "", false
	}
	folded = local + "@" + domain
	return folded, len(local) <= 64 && len(folded) <= 254 && localPart.MatchString(local)
}
