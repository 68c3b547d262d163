package signin

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"log"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// What the issuer knows of its clients and its people.
const (
	clientID     = "umland"
	clientSecret = "s3cret & more: 100%"
)

// idp is the issuer process.
type idp struct {
	URL  string
	stop func()
}

func startIssuer(t *testing.T, env ...string) *idp {
	t.Helper()
	i := new(idp)
	_, i.stop = start(t, "issuer", i, env...)
	return i
}

// The issuer: OpenID Connect Core with the code flow, Discovery, PKCE (S256, required), RS256, userinfo, and the issuer in its answers (RFC 9207). Who signs in says who they
// are in a form, and which fault the issuer is to have, if any: "anna", "anna:wrong-nonce".
type issuing struct {
	url         string
	key, stolen *rsa.PrivateKey // the second is not published

	mu    sync.Mutex
	codes map[string]url.Values // what was asked for, by code
}

func runIssuer() {
	l, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("SIGNIN_TEST_PORT"))
	if err != nil {
		log.Fatal(err)
	}
	s := &issuing{url: "http://" + l.Addr().String(), codes: map[string]url.Values{}}
	for _, key := range []**rsa.PrivateKey{&s.key, &s.stolen} {
		if *key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			log.Fatal(err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", s.discovery)
	mux.HandleFunc("GET /keys", s.keys)
	mux.HandleFunc("GET /authorize", s.authorize)
	mux.HandleFunc("POST /authorize", s.signedIn)
	mux.HandleFunc("POST /token", s.token)
	mux.HandleFunc("GET /userinfo", s.userinfo)
	go func() { log.Print(http.Serve(l, mux)) }()
	fmt.Printf("{\"URL\": %q}\n", s.url)
	untilInputEnds()
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (s *issuing) discovery(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, 200, map[string]any{
		"issuer": s.url, "authorization_endpoint": s.url + "/authorize", "token_endpoint": s.url + "/token", "jwks_uri": s.url + "/keys",
		"userinfo_endpoint": s.url + "/userinfo", "response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"}, "code_challenge_methods_supported": []string{"S256"},
		"scopes_supported": []string{"openid", "profile", "email"}, "authorization_response_iss_parameter_supported": true,
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic"},
	})
}

func (s *issuing) keys(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, 200, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: s.key.Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"}}})
}

func (s *issuing) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != clientID || !strings.HasSuffix(q.Get("redirect_uri"), "/auth/oidc/callback") {
		http.Error(w, "unknown client or redirect address", http.StatusBadRequest)
		return
	}
	if q.Get("response_type") != "code" || !strings.Contains(q.Get("scope"), "openid") || q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 || len(q.Get("nonce")) < 32 || len(q.Get("state")) < 32 {
		http.Error(w, "not as this issuer wants it: "+r.URL.RawQuery, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, `<form method="post" action="/authorize?%s"><input name="user"></form>`, html.EscapeString(r.URL.RawQuery))
}

func (s *issuing) signedIn(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	q.Set("user", r.PostFormValue("user"))
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		http.Error(w, "bad redirect address", http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {q.Get("state")}, "iss": {s.url}}
	if q.Get("user") == "" {
		answer.Set("error", "access_denied")
	} else {
		code := rand.Text()
		s.mu.Lock()
		s.codes[code] = q
		s.mu.Unlock()
		answer.Set("code", code)
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// about is what the issuer says of a user.
func about(user string) map[string]any {
	c := map[string]any{"sub": "sub-" + user, "email": user + "@example.org", "email_verified": true, "name": strings.ToUpper(user[:1]) + user[1:]}
	switch user {
	case "boss":
		c["email"] = "Chefin@Example.org"
	case "impostor": // says that the operator's address is theirs
		c["email"], c["email_verified"] = "chefin@example.org", false
	case "silent": // does not say whether it is
		c["email"] = "chefin@example.org"
		delete(c, "email_verified")
	case "cognito":
		c["email_verified"] = "true"
	}
	return c
}

func (s *issuing) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth() // form-encoded within (RFC 6749 2.3.1)
	id, _ = url.QueryUnescape(id)
	secret, _ = url.QueryUnescape(secret)
	if id != clientID || subtle.ConstantTimeCompare([]byte(secret), []byte(clientSecret)) != 1 {
		answerJSON(w, 401, map[string]string{"error": "invalid_client"})
		return
	}
	s.mu.Lock()
	asked := s.codes[r.PostFormValue("code")]
	delete(s.codes, r.PostFormValue("code"))
	s.mu.Unlock()
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if asked == nil || r.PostFormValue("grant_type") != "authorization_code" || asked.Get("redirect_uri") != r.PostFormValue("redirect_uri") ||
		asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(challenge[:]) {
		answerJSON(w, 400, map[string]string{"error": "invalid_grant"})
		return
	}
	user, fault, _ := strings.Cut(asked.Get("user"), ":")
	now := time.Now()
	claims := map[string]any{"iss": s.url, "aud": clientID, "azp": clientID, "nonce": asked.Get("nonce"), "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix()}
	maps.Copy(claims, about(user))
	key := s.key
	switch fault {
	case "wrong-nonce":
		claims["nonce"] = "x" + asked.Get("nonce")[1:]
	case "no-nonce":
		delete(claims, "nonce")
	case "wrong-audience":
		claims["aud"] = "another"
	case "other-party":
		claims["aud"], claims["azp"] = []string{clientID, "another"}, "another"
	case "no-party":
		claims["aud"] = []string{clientID, "another"}
		delete(claims, "azp")
	case "expired":
		claims["exp"] = now.Add(-time.Second).Unix()
	case "long":
		claims["exp"] = now.Add(time.Hour).Unix()
	case "wrong-issuer":
		claims["iss"] = "https://id.example.org"
	case "no-subject":
		claims["sub"] = ""
	case "stolen-key":
		key = s.stolen
	case "userinfo", "userinfo-other":
		delete(claims, "email")
		delete(claims, "email_verified")
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, new(jose.SignerOptions).WithType("JWT").WithHeader("kid", "1"))
	if err != nil {
		log.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		log.Fatal(err)
	}
	switch fault {
	case "unsigned":
		head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
		token = head + "." + strings.Split(token, ".")[1] + "."
	case "no-token":
		token = ""
	case "down":
		http.Error(w, "out of order", http.StatusServiceUnavailable)
		return
	case "huge":
		token = strings.Repeat("x", 3<<20)
	}
	access := user
	if fault == "userinfo-other" {
		access = "somebody"
	}
	answerJSON(w, 200, map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": token})
}

func (s *issuing) userinfo(w http.ResponseWriter, r *http.Request) {
	user, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || user == "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	answerJSON(w, 200, about(user))
}
