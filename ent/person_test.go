package ent

import (
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestFoldEmail(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ in, want string }{
		{"Rathaus@Example.ORG", "rathaus@example.org"},
		{"  a.b+c@x.de\n", "a.b+c@x.de"},
		{"amt@grünewald.de", "amt@xn--grnewald-75a.de"},
		{"amt@Grünewald.de", "amt@xn--grnewald-75a.de"},
		{"amt@xn--grnewald-75a.de", "amt@xn--grnewald-75a.de"},
		{"root@localhost", "root@localhost"},
		{"\u212aate@x.de", ""}, // the Kelvin sign, which folds to k
		{"kåre@x.de", ""},
		{"", ""}, {"@", ""}, {"a@", ""}, {"@x.de", ""}, {"a", ""}, {"a@b", ""}, {"a@x.de.", ""}, {"a@[127.0.0.1]", ""},
		{"a@b@x.de", ""}, {".a@x.de", ""}, {"a.@x.de", ""}, {"a..b@x.de", ""}, {`"a b"@x.de`, ""}, {"a b@x.de", ""},
		{"a@x.de\r\nBcc: b@x.de", ""}, {"a\r\nBcc: b@x.de", ""}, {"A <a@x.de>", ""}, {"a@x.de,b@x.de", ""}, {"a@x_y.de", ""},
		{"a\x00@x.de", ""}, {"a@x\x00.de", ""}, {"a@-x.de", ""},
		{strings.Repeat("a", 64) + "@x.de", strings.Repeat("a", 64) + "@x.de"},
		{strings.Repeat("a", 65) + "@x.de", ""},
		{"a@" + strings.Repeat("b.", 130) + "de", ""},
	} {
		got, ok := FoldEmail(tc.in)
		if ok != (tc.want != "") || ok && got != tc.want {
			t.Errorf("FoldEmail(%q) = %q, %v; want %q", tc.in, got, ok, tc.want)
		}
		if ok {
			if again, _ := FoldEmail(got); again != got {
				t.Errorf("FoldEmail(%q) = %q, folded again %q", tc.in, got, again)
			}
		}
	}
}

func TestGrantValidate(t *testing.T) {
	t.Parallel()
	ags, region, provider := "12069020", "12", uuid.New()
	for _, tc := range []struct {
		name  string
		grant Grant
		path  string // of the fault, "" for none
	}{
		{"member", Grant{Role: RoleMember, ProviderID: &provider}, ""},
		{"trusted", Grant{Role: RoleTrusted, ProviderID: &provider}, ""},
		{"editor", Grant{Role: RoleEditor, AGS: &ags}, ""},
		{"reviewer of a region", Grant{Role: RoleReviewer, RegionKey: &region}, ""},
		{"operator", Grant{Role: RoleOperator}, ""},
		{"member of a municipality", Grant{Role: RoleMember, AGS: &ags}, "provider"},
		{"member of nothing", Grant{Role: RoleMember}, "provider"},
		{"member of two", Grant{Role: RoleTrusted, ProviderID: &provider, AGS: &ags}, "provider"},
		{"reviewer of a provider", Grant{Role: RoleReviewer, ProviderID: &provider}, "municipality"},
		{"editor of two", Grant{Role: RoleEditor, AGS: &ags, RegionKey: &region}, "municipality"},
		{"editor of all", Grant{Role: RoleEditor}, "municipality"},
		{"operator of a part", Grant{Role: RoleOperator, RegionKey: &region}, "region"},
		{"no role", Grant{ProviderID: &provider}, "role"},
		{"unknown role", Grant{Role: "KING"}, "role"},
	} {
		errs := tc.grant.Validate()
		if tc.path == "" && len(errs) > 0 || tc.path != "" && (len(errs) != 1 || errs[0].Path[0] != tc.path) {
			t.Errorf("%s: %v", tc.name, errs)
		}
	}
}

func TestPersonNormalize(t *testing.T) {
	t.Parallel()
	mail := "z@x.de"
	for _, tc := range []struct{ in, want, key string }{
		{" Änne \t Öz ", "Änne Öz", "anne oz"},
		{"Amt\u202egnp.exe\x00", "Amtgnp.exe", "amtgnp exe"},
		{"\u200b", "", "z x de"},
		{"a\xffb", "ab", "ab"},
	} {
		p := Person{Name: tc.in, Email: &mail}
		p.Normalize()
		if p.Name != tc.want || p.NameKey != tc.key {
			t.Errorf("%q becomes %q, %q", tc.in, p.Name, p.NameKey)
		}
	}
	p := Person{Name: strings.Repeat("ä", 1000)}
	if p.Normalize(); len([]rune(p.Name)) != MaxName {
		t.Errorf("the name has %d characters", len([]rune(p.Name)))
	}
}
