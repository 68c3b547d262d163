package signin

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"umland/ent"
)

// newToken makes 256 random bits, and the hash to store: a token is random enough to need no slower one than SHA-256.
func newToken() (token string, hash []byte) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(b), sum[:]
}

// hashToken gives the hash of what newToken can have made.
func hashToken(token string) (hash []byte, ok bool) {
	if len(token) != 43 {
		return nil, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, false
	}
	sum := sha256.Sum256(b)
	return sum[:], true
}

// cookieName has the prefix by which browsers take the cookie from this host only, and over https only.
func (h *Handler) cookieName() string {
	if h.secure {
		return "__Host-umland"
	}
	return "umland"
}

func (h *Handler) setCookie(w http.ResponseWriter, name, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: seconds, Secure: h.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// Actor gives who the request acts as by its cookie; nil without an error when it carries none, or an Authorization header, which then counts alone. A cookie that
// is forged, or whose session has ended, is an *ent.Error with ent.CodeUnauthenticated: answer it with Forget, so that the browser drops the cookie.
func (h *Handler) Actor(r *http.Request) (*ent.Actor, error) {
	if len(r.Header.Values("Authorization")) > 0 {
		return nil, nil
	}
	cookies := r.CookiesNamed(h.cookieName())
	if len(cookies) == 0 {
		return nil, nil
	}
	hash, ok := hashToken(cookies[0].Value)
	if !ok || len(cookies) > 1 {
		return nil, &ent.Error{Code: ent.CodeUnauthenticated, Message: "The session cookie is not one that this server has given. Please sign in."}
	}
	a, err := h.o.Store.ActorBySession(r.Context(), hash, h.o.Now().UTC())
	if a == nil && err == nil {
		err = &ent.Error{Code: ent.CodeUnauthenticated, Message: "The session has ended. Please sign in again."}
	}
	return a, err
}

// Forget makes the browser drop the session's cookie.
func (h *Handler) Forget(w http.ResponseWriter) { h.setCookie(w, h.cookieName(), "", -1) }

// begin signs in: with a new token always, so that nobody can know it beforehand, and the end of the session that the browser had.
func (h *Handler) begin(w http.ResponseWriter, r *http.Request, p *ent.Person, returnTo string) error {
	var old []byte
	if c, err := r.Cookie(h.cookieName()); err == nil {
		old, _ = hashToken(c.Value)
	}
	agent := []rune(strings.ToValidUTF8(r.UserAgent(), ""))
	token, hash := newToken()
	now := h.o.Now().UTC()
	if err := h.o.Store.CreateSession(r.Context(), p.ID, hash, old, string(agent[:min(len(agent), 200)]), now); err != nil {
		return err
	}
	if err := h.o.Store.SetOperators(r.Context(), h.operators, now); err != nil {
		return err
	}
	h.setCookie(w, h.cookieName(), token, int(ent.SessionMost.Seconds()))
	h.o.Log.Info().Str("person", p.NodeID()).Msg("signed in")
	done(w, r, returnTo)
	return nil
}

// signOut ends the session here and in the browser. It works with whatever cookie there is.
func (h *Handler) signOut(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	for _, c := range r.CookiesNamed(h.cookieName()) {
		if hash, ok := hashToken(c.Value); ok {
			if err := h.o.Store.EndSession(r.Context(), hash); err != nil {
				return err
			}
		}
	}
	h.Forget(w)
	done(w, r, form.ReturnTo)
	return nil
}
