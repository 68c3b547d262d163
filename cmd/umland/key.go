package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"umland/auth"
	"umland/ent"
	"umland/store"
)

type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Make an API key. The key is the last word that is printed, and shown only this once."`
	List   keyListCmd   `cmd:"" help:"List the keys, without what is secret."`
	Rotate keyRotateCmd `cmd:"" help:"Give a key another token; the old one ends at once."`
	Revoke keyRevokeCmd `cmd:"" help:"End a key for good."`
}

type keyCreateCmd struct {
	Provider     string        `xor:"owner" required:"" placeholder:"ID" help:"The provider that the key acts for."`
	Municipality string        `xor:"owner" required:"" placeholder:"AGS" help:"The municipality that the key acts for."`
	Region       string        `xor:"owner" required:"" placeholder:"KEY" help:"The region that the key acts for: a district, an association, a cooperation."`
	Operator     bool          `xor:"owner" required:"" help:"The key acts for the whole server."`
	Scope        []string      `default:"read,write" enum:"read,write,publish,review,source,admin" help:"What it may do: read, write, publish, review, source, admin; several with commas. A provider's key may read, write and publish; admin is an operator's."`
	Name         string        `placeholder:"TEXT" help:"What to call it; not set: the name of its owner."`
	Expires      time.Duration `placeholder:"DURATION" help:"When it ends, such as 8760h; not set: never."`
}

// Run makes the key and prints it.
func (c keyCreateCmd) Run(env *environment) error {
	if c.Expires < 0 {
		return ent.BadInput("expires", "--expires must not lie in the past.")
	}
	return env.withStore(func(st *store.Store) error {
		now := env.now().UTC()
		token, hash := auth.NewToken()
		k := &ent.Key{ID: ent.NewID(), Name: c.Name, Hash: hash, CreatedAt: now}
		for _, s := range c.Scope {
			if scope := ent.Scope(strings.ToUpper(s)); !slices.Contains(k.Scopes, scope) {
				k.Scopes = append(k.Scopes, scope)
			}
		}
		if c.Expires > 0 {
			at := now.Add(c.Expires)
			k.ExpiresAt = &at
		}
		if err := c.owner(env, st, k); err != nil {
			return err
		}
		if err := st.GrantKey(env.ctx, commandLine(), k); err != nil {
			return err
		}
		_, err := fmt.Fprintf(env.stdout, "Key %s for %s may %s. It is shown only this once:\n%s\n",
			k.NodeID(), k.Name, strings.Join(c.Scope, ", "), token)
		return err
	})
}

// owner sets who the key acts for.
func (c keyCreateCmd) owner(env *environment, st *store.Store, k *ent.Key) error {
	switch {
	case c.Operator:
		k.Name = cmp.Or(k.Name, "Betrieb")
		return nil
	case c.Region != "":
		g := st.Region(c.Region)
		if g == nil {
			return ent.BadInput("region", "There is no region with the key %q.", c.Region)
		}
		k.RegionKey, k.Name = &c.Region, cmp.Or(k.Name, g.Name)
		return nil
	case c.Municipality != "":
		ags, ok := ent.ParseAGS(c.Municipality)
		m := st.Municipality(ags)
		if !ok || m == nil {
			return ent.BadInput("municipality", "There is no municipality with the AGS %q.", c.Municipality)
		}
		k.AGS = &ags
		if k.Name == "" {
			k.Name = m.Name
		}
		return nil
	}
	id, ok := ent.ParseProviderID(c.Provider)
	if !ok {
		return ent.BadInput("provider", "%q is not the id of a provider.", c.Provider)
	}
	k.ProviderID = &id
	p, err := st.Provider(env.ctx, id)
	if err != nil {
		return err
	}
	if p == nil {
		return ent.BadInput("provider", "There is no provider with the id %s.", c.Provider)
	}
	if k.Name == "" {
		k.Name = p.Name
	}
	return nil
}

type keyListCmd struct{}

// Run prints a line for each key.
func (keyListCmd) Run(env *environment) error {
	return env.withStore(func(st *store.Store) error {
		keys, err := st.Keys(env.ctx, commandLine())
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "ID\tNAME\tACTS FOR\tROLE\tSCOPES\tMADE\tUSED\tSTATE")
		for _, k := range keys {
			owner, state, used := "everything", "valid", "never"
			switch {
			case k.AGS != nil:
				owner = "municipality " + *k.AGS
			case k.RegionKey != nil:
				owner = "region " + *k.RegionKey
			case k.ProviderID != nil:
				owner = "provider " + ent.ProviderID(*k.ProviderID)
			}
			if k.LastUsedAt != nil {
				used = k.LastUsedAt.Format(time.DateOnly)
			}
			switch {
			case k.RevokedAt != nil:
				state = "revoked " + k.RevokedAt.Format(time.DateOnly)
			case k.ExpiresAt != nil && !k.ExpiresAt.After(env.now()):
				state = "expired " + k.ExpiresAt.Format(time.DateOnly)
			case k.ExpiresAt != nil:
				state = "until " + k.ExpiresAt.Format(time.DateOnly)
			}
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
				k.NodeID(), k.Name, owner, k.Role, strings.Join(k.ScopeNames(), ","), k.CreatedAt.Format(time.DateOnly), used, state)
		}
		return w.Flush()
	})
}

type keyRotateCmd struct {
	ID string `arg:"" help:"The key's id, as list shows it: key_…"`
}

// Run gives the key another token and prints it.
func (c keyRotateCmd) Run(env *environment) error {
	id, ok := ent.ParseKeyID(c.ID)
	if !ok {
		return ent.BadInput("id", "%q is not the id of a key.", c.ID)
	}
	return env.withStore(func(st *store.Store) error {
		token, hash := auth.NewToken()
		if _, err := st.RotateKey(env.ctx, commandLine(), env.now().UTC(), id, hash); err != nil {
			return err
		}
		_, err := fmt.Fprintf(env.stdout, "Key %s has another token; the old one has ended. It is shown only this once:\n%s\n", c.ID, token)
		return err
	})
}

// commandLine is who acts when somebody runs umland on the machine itself.
func commandLine() *ent.Actor { return ent.System("Kommandozeile") }

type keyRevokeCmd struct {
	ID string `arg:"" help:"The key's id, as list shows it: key_…"`
}

// Run ends the key.
func (c keyRevokeCmd) Run(env *environment) error {
	id, ok := ent.ParseKeyID(c.ID)
	if !ok {
		return ent.BadInput("id", "%q is not the id of a key.", c.ID)
	}
	return env.withStore(func(st *store.Store) error {
		if _, err := st.RevokeKey(env.ctx, commandLine(), env.now().UTC(), id); err != nil {
			return err
		}
		_, err := fmt.Fprintln(env.stdout, "Key", c.ID, "is revoked.")
		return err
	})
}
