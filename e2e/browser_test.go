package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// pageLimit bounds all that a test does in one page.
const pageLimit = time.Minute

// startBrowser starts one Chromium for all pages of a test, with a profile of its own.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("the browser tests need Chromium: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // Chromium does not start as root with it
		chromedp.DisableGPU,
		chromedp.WindowSize(1400, 900),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("enable-unsafe-swiftshader", true), // WebGL without a graphics card, for the map
		chromedp.Flag("lang", "de"),
	)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// page is one open page without any state of others, and what it has said and asked since.
type page struct {
	ctx context.Context

	mu       sync.Mutex
	requests []*network.Request
	faults   []string // errors and warnings: of scripts, of the console, of the network, of the policy
}

func openPage(t *testing.T, browser context.Context) *page {
	t.Helper()
	p := &page{}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.heard))
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	p.ctx, cancel = context.WithTimeout(ctx, pageLimit)
	t.Cleanup(cancel)
	if _, err := chromedp.Call(p.ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(p.ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *page) heard(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request)
	case *network.EventWebSocketCreated:
		p.requests = append(p.requests, &network.Request{Method: "GET", URL: e.URL})
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			p.faults = append(p.faults, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		p.faults = append(p.faults, text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			text := "console: "
			for _, arg := range e.Args {
				text += " " + string(arg.Value) + arg.Description
			}
			p.faults = append(p.faults, text)
		}
	}
}

// run does the actions in their order.
func (p *page) run(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		t.Fatalf("%v; the page said %q", err, p.said())
	}
}

// eval gives the value of a script expression; a promise is awaited.
func eval[T any](t *testing.T, p *page, script string) T {
	t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v; the page said %q", script, err, p.said())
	}
	return value
}

// await waits until the script expression is true.
func (p *page) await(t *testing.T, script string) {
	t.Helper()
	err := chromedp.Do(p.ctx, chromedp.Poll[chromedp.Void](script, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(10*time.Second)))
	if err != nil {
		t.Fatalf("waited for %s: %v; the page said %q", script, err, p.said())
	}
}

func (p *page) said() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var said []string
	for _, fault := range p.faults {
		// What a browser without a graphics card says about drawing a map.
		if !strings.Contains(fault, "GPU stall") && !strings.Contains(fault, "WebGL") {
			said = append(said, fault)
		}
	}
	return said
}

// strangers gives the addresses asked outside of the origin base. A data URL asks nobody.
func (p *page) strangers(base string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []string
	for _, r := range p.requests {
		address := r.URL
		if socket, ok := strings.CutPrefix(address, "ws"); ok {
			address = "http" + socket
		}
		if !strings.HasPrefix(address, base+"/") && !strings.HasPrefix(r.URL, "data:") {
			list = append(list, r.URL)
		}
	}
	return list
}

// operations gives the names of the GraphQL operations that the page has sent.
func (p *page) operations(t *testing.T) []string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	var names []string
	for _, r := range p.requests {
		u, err := url.Parse(r.URL)
		if err != nil || u.Path != "/graphql" {
			continue
		}
		var body struct{ OperationName string }
		for _, entry := range r.PostDataEntries {
			if err := json.Unmarshal(entry.Bytes, &body); err != nil {
				t.Fatal(err)
			}
		}
		names = append(names, body.OperationName)
	}
	return names
}
