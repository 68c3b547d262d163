package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"umland/ent"
	"umland/harvest"
	"umland/store"
)

type sourceCmd struct {
	Add    sourceAddCmd    `cmd:"" help:"Add a feed. Its id is the last word that is printed."`
	List   sourceListCmd   `cmd:"" help:"List the feeds and how it goes with them."`
	Remove sourceRemoveCmd `cmd:"" help:"Remove a feed; what it offered is withdrawn."`
}

type sourceAddCmd struct {
	Municipality string            `placeholder:"AGS" help:"Whose feed it is; its items are there unless they say otherwise."`
	Provider     string            `placeholder:"ID" help:"Whose the items are that name no organiser; not set: the municipality itself."`
	Format       string            `required:"" help:"ical, schemaorg, rss, csv, geojson, hsds, xzufi, sva, linkedevents or umland."`
	URL          string            `name:"url" required:"" help:"Where it is fetched from."`
	Name         string            `placeholder:"TEXT" help:"What to call it; not set: the name of its server."`
	Licence      string            `placeholder:"SPDX" help:"On what terms its items may be used, such as CC-BY-4.0."`
	Attribution  string            `placeholder:"TEXT" help:"Whom to name with them."`
	Every        time.Duration     `default:"6h" help:"How often it is read; 0 is never by itself."`
	Option       map[string]string `placeholder:"NAME=VALUE" help:"Options of the format, such as the columns of a table: title=Veranstaltung."`
}

// firstLook is how long a server leaves a source alone that was added by the command line: whoever adds one there reads it next, and wants to see what comes of it.
const firstLook = time.Minute

// Run adds the source and prints its id.
func (c sourceAddCmd) Run(env *environment) error {
	return env.withStore(func(st *store.Store) error {
		save := store.SourceSave{Formats: harvest.FormatNames(), Wait: firstLook, Edit: func(x *ent.Source) {
			x.Name, x.Format, x.URL, x.Licence, x.EverySeconds, x.Options = c.Name, strings.ToLower(c.Format), &c.URL, c.Licence, int(c.Every/time.Second), c.Option
			if c.Attribution != "" {
				x.Attribution = &c.Attribution
			}
		}}
		edit := save.Edit
		var ags, provider string
		if c.Municipality != "" {
			var ok bool
			if ags, ok = ent.ParseAGS(c.Municipality); !ok {
				return ent.BadInput("municipality", "There is no municipality with the AGS %q.", c.Municipality)
			}
		}
		save.Edit = func(x *ent.Source) {
			edit(x)
			if ags != "" {
				x.AGS = &ags
			}
			if id, ok := ent.ParseProviderID(c.Provider); ok {
				x.ProviderID = &id
			}
		}
		if provider = c.Provider; provider != "" {
			if _, ok := ent.ParseProviderID(provider); !ok {
				return ent.BadInput("provider", "%q is not the id of a provider.", provider)
			}
		}
		x, err := st.SaveSource(env.ctx, commandLine(), env.now().UTC().Truncate(time.Microsecond), save)
		if err != nil {
			return plainFaults(err)
		}
		_, err = fmt.Fprintf(env.stdout, "Source %q is read as %s every %v: %s\n", x.Name, x.Format, c.Every, x.NodeID())
		return err
	})
}

// plainFaults says the faults of an input for somebody at a command line.
func plainFaults(err error) error {
	faults, ok := err.(ent.UserErrors) //nolint:errorlint // the store gives them as they are
	if !ok || len(faults) == 0 {
		return err
	}
	var texts []string
	for _, f := range faults {
		texts = append(texts, "--"+strings.Join(f.Path, ".")+": "+f.Message)
	}
	return ent.BadInput("", "%s", strings.Join(texts, " "))
}

type sourceListCmd struct{}

// Run prints a line for each source.
func (sourceListCmd) Run(env *environment) error {
	return env.withStore(func(st *store.Store) error {
		w := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "ID\tNAME\tFORMAT\tMUNICIPALITY\tEVERY\tITEMS\tHEALTH\tLAST RUN\tURL")
		err := st.EachSource(env.ctx, func(x *ent.Source) {
			ags, url, last := "", "", "never"
			if x.AGS != nil {
				ags = *x.AGS
			}
			if x.URL != nil {
				url = *x.URL
			}
			if r := x.LastRun; r != nil {
				last = r.StartedAt.Format(time.RFC3339)
			}
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%v\t%d\t%s\t%s\t%s\n", x.NodeID(), x.Name, x.Format, ags, time.Duration(x.EverySeconds)*time.Second, x.Records, x.Health(), last, url)
		})
		if err != nil {
			return err
		}
		return w.Flush()
	})
}

type sourceRemoveCmd struct {
	ID   string `arg:"" help:"The source's id, as list shows it: src_…"`
	Keep bool   `help:"Let its offerings stand, as if their providers had posted them."`
}

// Run removes the source.
func (c sourceRemoveCmd) Run(env *environment) error {
	id, ok := ent.ParseSourceID(c.ID)
	if !ok {
		return ent.BadInput("id", "%q is not the id of a source.", c.ID)
	}
	return env.withStore(func(st *store.Store) error {
		if err := st.DeleteSource(env.ctx, commandLine(), env.now().UTC().Truncate(time.Microsecond), id, c.Keep); err != nil {
			return plainFaults(err)
		}
		_, err := fmt.Fprintln(env.stdout, "Source", c.ID, "is removed.")
		return err
	})
}
