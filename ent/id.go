// Package ent holds the entities of Umland: bun models and what makes them valid, one file per table.
// It asks no database; the rules that need one (who owns what, what exists) live in store.
package ent

import (
	"strings"

	"github.com/google/uuid"
)

// Global ids are a prefix that names the type, an underscore, and the entity's own key:
// "off_0199…" for an offering, "mun_12069020" for a municipality. They are stable and safe in URLs.
const (
	prefixOffering     = "off_"
	prefixOccurrence   = "occ_"
	prefixProvider     = "prv_"
	prefixPlace        = "plc_"
	prefixSource       = "src_"
	prefixMunicipality = "mun_"
	prefixRegion       = "reg_"
	prefixCategory     = "cat_"
	prefixKey          = "key_"
	prefixPerson       = "per_"
	prefixMembership   = "grt_"
	prefixWebhook      = "hook_"
	prefixDelivery     = "dlv_"
	prefixHarvest      = "hrv_"
)

// NewID gives a new time-ordered key (RFC 9562 UUID version 7).
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// NodeType names the type that a global id belongs to ("Offering", "Place", …), "" when it is none of ours.
func NodeType(id string) string {
	for prefix, name := range map[string]string{
		prefixOffering: "Offering", prefixOccurrence: "Occurrence", prefixProvider: "Provider",
		prefixPlace: "Place", prefixSource: "Source", prefixMunicipality: "Municipality",
		prefixRegion: "Region", prefixCategory: "Category",
	} {
		if strings.HasPrefix(id, prefix) {
			return name
		}
	}
	return ""
}

// parseID takes the canonical form only, so that one entity has one id.
func parseID(prefix, id string) (uuid.UUID, bool) {
	rest, ok := strings.CutPrefix(id, prefix)
	if !ok || len(rest) != 36 {
		return uuid.Nil, false
	}
	u, err := uuid.Parse(rest)
	return u, err == nil && u.String() == rest
}
