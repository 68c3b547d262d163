package signin

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// The test binary runs itself again as the issuer and as the mail server, so that both are processes of their own on the other side of a socket. They end when
// their input does, which is when the tests end.
func TestMain(m *testing.M) {
	switch os.Getenv("SIGNIN_TEST_PROCESS") {
	case "issuer":
		runIssuer()
		return
	case "smtp":
		runSMTP()
		return
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "signin")
	if err != nil {
		log.Print(err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	// The mail server has a certificate that the tests trust: who makes it is the only root that they know.
	if err := errors.Join(writeCertificate(dir), os.Setenv("SSL_CERT_FILE", filepath.Join(dir, "cert.pem")), os.Setenv("SSL_CERT_DIR", dir)); err != nil {
		log.Print(err)
		return 1
	}
	return m.Run()
}

func writeCertificate(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "cert.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600),
		os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
}

// start runs the test binary as something else. The first line that it prints is decoded into what; the others are handed on.
func start(t *testing.T, role string, what any, env ...string) (lines *bufio.Scanner, stop func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(append(os.Environ(), "SIGNIN_TEST_PROCESS="+role), env...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	stop = func() {
		once.Do(func() {
			_ = stdin.Close()
			_ = cmd.Wait()
		})
	}
	t.Cleanup(stop)
	lines = bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	if !lines.Scan() {
		t.Fatalf("the %s says nothing", role)
	}
	if err := json.Unmarshal(lines.Bytes(), what); err != nil {
		t.Fatal(err)
	}
	return lines, stop
}

// untilInputEnds lasts as long as the parent.
func untilInputEnds() { _, _ = io.Copy(io.Discard, os.Stdin) }

// letter is a mail that the server took.
type letter struct {
	From, To, Data, User string
	TLS                  bool
}

// post is the mail server process.
type post struct {
	StartTLS, TLS, Plain string // addresses

	mu      sync.Mutex
	letters []letter
}

func startPost(t *testing.T) *post {
	t.Helper()
	p := new(post)
	lines, _ := start(t, "smtp", p)
	go func() {
		for lines.Scan() {
			var l letter
			if json.Unmarshal(lines.Bytes(), &l) == nil {
				p.mu.Lock()
				p.letters = append(p.letters, l)
				p.mu.Unlock()
			}
		}
	}()
	return p
}

// to gives the letters to an address.
func (p *post) to(address string) (found []letter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.letters {
		if l.To == address {
			found = append(found, l)
		}
	}
	return found
}

// wait gives the n-th letter to an address, from 1.
func (p *post) wait(t *testing.T, address string, n int) letter {
	t.Helper()
	for range 1000 {
		if found := p.to(address); len(found) >= n {
			return found[n-1]
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("letter %d to %s does not come", n, address)
	return letter{}
}

// The mail server: with STARTTLS, with TLS from the start, and without. With TLS it wants the user umland with the password geheim. It asks whoever writes to
// an address that begins with "later" to come again, the first time.
func runSMTP() {
	cert, err := tls.LoadX509KeyPair(filepath.Join(os.Getenv("SSL_CERT_DIR"), "cert.pem"), filepath.Join(os.Getenv("SSL_CERT_DIR"), "key.pem"))
	if err != nil {
		log.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	out := &output{seen: map[string]bool{}}
	serve := func(config *tls.Config, implicit bool) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			log.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(l.Addr().String())
		s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
			return &smtpSession{conn: c, out: out, secured: config != nil}, nil
		}))
		s.Domain = "localhost"
		s.TLSConfig = config
		if implicit {
			l, s.TLSConfig = tls.NewListener(l, config), nil
		}
		go func() { log.Print(s.Serve(l)) }()
		return "localhost:" + port
	}
	first, _ := json.Marshal(map[string]string{"StartTLS": serve(config, false), "TLS": serve(config, true), "Plain": serve(nil, false)})
	fmt.Println(string(first))
	untilInputEnds()
}

type output struct {
	mu   sync.Mutex
	seen map[string]bool
}

type smtpSession struct {
	conn    *smtp.Conn
	out     *output
	secured bool
	letter  letter
}

func (s *smtpSession) AuthMechanisms() []string {
	if _, ok := s.conn.TLSConnectionState(); ok && s.secured {
		return []string{sasl.Plain}
	}
	return nil
}

func (s *smtpSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "umland" || password != "geheim" {
			return smtp.ErrAuthFailed
		}
		s.letter.User = user
		return nil
	}), nil
}

func (s *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	_, s.letter.TLS = s.conn.TLSConnectionState()
	if s.secured && s.letter.User == "" {
		return smtp.ErrAuthRequired
	}
	s.letter.From = from
	return nil
}

func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	if bytes.HasPrefix([]byte(to), []byte("later")) && !s.out.seen[to] {
		s.out.seen[to] = true
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Greylisted, come again"}
	}
	s.letter.To = to
	return nil
}

func (s *smtpSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.letter.Data = string(b)
	line, err := json.Marshal(s.letter)
	if err != nil {
		return err
	}
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	fmt.Println(string(line))
	return nil
}

func (s *smtpSession) Reset()        {}
func (s *smtpSession) Logout() error { return nil }
