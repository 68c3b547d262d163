// Command umland is the whole of Umland: the server and its tools.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"umland/ent"
)

// version is set by the linker: -X main.version=….
var version string

// cli is every subcommand and every setting. What is a flag is also an environment variable; docs/settings.md lists them all.
type cli struct {
	globals

	Serve    serveCmd    `cmd:"" help:"Serve the API and the pages. Without DATABASE_URL it starts a private Postgres."`
	Migrate  migrateCmd  `cmd:"" help:"Bring the database to the newest schema, register and vocabulary. serve does so too."`
	Key      keyCmd      `cmd:"" help:"Make, list and end API keys."`
	Source   sourceCmd   `cmd:"" help:"Add, list and remove feeds."`
	Harvest  harvestCmd  `cmd:"" help:"Read feeds now. serve reads them by itself."`
	Holidays holidaysCmd `cmd:"" help:"Load school holidays, which opening hours and dates may depend on."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

type globals struct {
	DatabaseURL  string         `name:"database-url" env:"DATABASE_URL" placeholder:"URL" help:"Postgres 15 or newer, such as postgres://user:password@host/db. Not set: a private one is started."`
	DataDir      string         `env:"UMLAND_DATA_DIR" placeholder:"DIR" help:"Where the private Postgres keeps its data. Not set: a folder of the user's, /var/lib/umland for root."`
	PgBin        string         `env:"UMLAND_PG_BIN" placeholder:"DIR" help:"Folder with postgres and initdb for the private Postgres. Not set: it is looked for."`
	DBConns      int            `name:"db-conns" env:"UMLAND_DB_CONNS" default:"20" help:"Database connections at the most."`
	HarvestAllow []netip.Prefix `env:"UMLAND_HARVEST_ALLOW" placeholder:"NETWORKS" help:"Networks that are not public and that feeds may be fetched from all the same, such as 10.1.0.0/16; several with commas."`
	SlowQuery    time.Duration  `env:"UMLAND_SLOW_QUERY" default:"200ms" help:"Statements that take longer are logged; 0 logs none."`
	LogLevel     string         `env:"UMLAND_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"debug, info, warn or error."`
	LogFormat    string         `env:"UMLAND_LOG_FORMAT" default:"auto" enum:"auto,json,pretty" help:"json, pretty, or auto: pretty on a terminal."`
}

// env is what a command runs in.
type environment struct {
	globals
	ctx    context.Context
	stdout io.Writer
	log    zerolog.Logger
	now    func() time.Time
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main with everything that it takes from the process handed in. It gives the exit code: 0, 1 for a failure, 2 for a command line
// that cannot be read.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	var c cli
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("umland"),
		kong.Description("One graph of everything that a rural region offers."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: false}),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited = code; panic(exit{}) }))
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "umland:", err)
		return 2
	}
	defer func() { // --help ends the parser in the middle
		if p := recover(); p != nil {
			if _, ok := p.(exit); !ok {
				panic(p)
			}
			code = exited
		}
	}()
	parsed, err := parser.Parse(args)
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "umland: %v\nTry umland --help.\n", err)
		return 2
	}
	// Little of what a server holds lives long: it collects less often than Go would, and harder from 160 MiB on. Nothing fails there.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(160 << 20)
	}
	env := &environment{globals: c.globals, ctx: ctx, stdout: stdout, log: newLog(c.globals, stderr), now: time.Now}
	if err := parsed.Run(env); err != nil && !errors.Is(err, context.Canceled) {
		var safe *ent.Error
		var faults ent.UserErrors
		switch {
		case errors.As(err, &safe) && safe.Err == nil:
			_, _ = fmt.Fprintln(stderr, "umland:", safe.Message)
		case errors.As(err, &faults):
			for _, f := range faults {
				_, _ = fmt.Fprintln(stderr, "umland:", f.Message)
			}
		default:
			_, _ = fmt.Fprintln(stderr, "umland:", err)
		}
		return 1
	}
	return 0
}

type exit struct{}

func newLog(g globals, w io.Writer) zerolog.Logger {
	level, _ := zerolog.ParseLevel(g.LogLevel) // kong has checked it
	file, _ := w.(*os.File)
	if g.LogFormat == "pretty" || g.LogFormat == "auto" && file != nil && isatty.IsTerminal(file.Fd()) {
		w = zerolog.ConsoleWriter{Out: w, TimeFormat: time.TimeOnly}
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger()
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(env *environment) error {
	_, err := fmt.Fprintln(env.stdout, "umland", versionText())
	return err
}

// versionText is the version that the linker set, else what the Go toolchain knows of the source.
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return "dev-" + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return "dev"
}
