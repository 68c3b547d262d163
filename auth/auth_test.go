package auth

import (
	"bytes"
	"strings"
	"testing"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	token, hash := NewToken()
	again, ok := Hash(token)
	if !ok || !bytes.Equal(hash, again) || len(hash) != 32 {
		t.Errorf("the hash of %q is %x, then %x", token, hash, again)
	}
	if other, _ := NewToken(); other == token {
		t.Error("a token came twice")
	}
	for _, s := range []string{"", "uml_", strings.TrimPrefix(token, "uml_"), token + "x"} {
		if _, ok := Hash(s); ok {
			t.Errorf("%q was taken for a token", s)
		}
	}
}
