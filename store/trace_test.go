package store_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"umland/ent"
	"umland/pgdev/pgtest"
	"umland/store"
	"umland/store/storetest"
)

// The log of slow statements says which they are, and nothing of whom they are about.
func TestSlowStatementsHaveNoValues(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	st, err := store.Open(t.Context(), pgtest.NewDB(t, storetest.Prepare), store.Options{Log: zerolog.New(&log), Slow: time.Nanosecond, MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	p, err := st.PersonByEmail(t.Context(), "erika@example.org", storetest.Noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{`Erika O'Hara \`, "Erika ' ' Geheim", "Erika\nGeheim"} {
		if _, err := st.RenamePerson(t.Context(), p.ID, name); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.CreateLink(t.Context(), &ent.SignInLink{Hash: []byte("geheim"), Email: "erika@example.org", ExpiresAt: storetest.Noon.Add(time.Hour), ReturnTo: "/" + strings.Repeat("geheim", 100)}); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	text := strings.ToLower(log.String())
	for _, want := range []string{`update \"person\"`, `insert into \"sign_in_link\"`, "'…'"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log has no %s", want)
		}
	}
	for _, private := range []string{"erika", "hara", "geheim", "example.org"} {
		if i := strings.Index(text, private); i >= 0 {
			t.Errorf("the log has %q: %s", private, text[max(0, i-100):min(len(text), i+100)])
		}
	}
}
