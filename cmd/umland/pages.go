package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/paulmach/orb"

	"umland/ent"
	"umland/pages"
	"umland/register"
	"umland/server"
	"umland/store"
	"umland/tiles"
	"umland/web"
)

// pages makes the pages that the server shows; a setting that cannot be is an error at once.
func (c serveCmd) pages(env *environment, st *store.Store) (func(server.Query) http.Handler, error) {
	boundaries, err := register.LoadBoundaries()
	if err != nil {
		return nil, err
	}
	script, assets := web.Explorer()
	options := pages.Options{
		Points: func(ctx context.Context, f *ent.OfferingFilter, box orb.Bound, level, limit int, now time.Time) ([]tiles.Point, error) {
			return points(ctx, st, f, box, level, limit, now)
		},
		Boundaries: tiles.Boundaries{Within: boundaries.Within, Polygon: boundaries.Polygon, Name: func(ags string) string {
			if m := st.Municipality(ags); m != nil {
				return m.Name
			}
			return ""
		}},
		Script: script, Editor: web.Editor(), Assets: assets, Now: env.now, Log: env.log, Version: versionText(),
		Origin: c.PublicURL, Basemap: c.Basemap, BasemapCredit: c.BasemapCredit,
		Legal: pages.Legal{Imprint: c.ImprintURL, Privacy: c.PrivacyURL, Accessibility: c.AccessibilityURL},
	}
	handler, err := pages.Handler(options)
	if err != nil {
		return nil, fmt.Errorf("the pages cannot be made: %w", err)
	}
	return func(query server.Query) http.Handler { return handler(pages.Query(query)) }, nil
}

// points reads what a tile shows.
func points(ctx context.Context, st *store.Store, f *ent.OfferingFilter, box orb.Bound, level, limit int, now time.Time) ([]tiles.Point, error) {
	found, err := st.TilePoints(ctx, f, ent.BoundingBox{West: box.Left(), South: box.Bottom(), East: box.Right(), North: box.Top()}, level, limit, now)
	out := make([]tiles.Point, len(found))
	for i, p := range found {
		out[i] = tiles.Point{
			Count: p.Count, Place: orb.Point{p.Longitude, p.Latitude}, ID: p.ID, Title: p.Title, Kind: string(p.Kind),
			Bounds: orb.Bound{Min: orb.Point{p.West, p.South}, Max: orb.Point{p.East, p.North}},
		}
	}
	return out, err
}
