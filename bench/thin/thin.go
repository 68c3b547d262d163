// Package thin is the least that answers the benchmark's questions: net/http, a pgx pool, and one prepared statement for each question
// that gives the whole answer as JSON, which goes through byte for byte. It is the practical limit that Umland is measured against: no
// GraphQL, no checks, no schema.
package thin

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"umland/ent"
)

//go:embed *.sql
var files embed.FS

// maxBody bounds a request.
const maxBody = 8 << 20

// Open connects to the database at dsn.
func Open(ctx context.Context, dsn string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = 20
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.ConnConfig.RuntimeParams["application_name"] = "thin"
	return pgxpool.NewWithConfig(ctx, cfg)
}

// variables are the ones of Umland's questions.
type variables struct {
	ID        string
	AGS       string
	District  string
	From, To  time.Time
	Words     string
	Longitude float64
	Latitude  float64
	Kinds     []string
	After     string
	Inputs    []input
}

// arguments turns the variables into those of the question's statement.
var arguments = map[int]func(v *variables) ([]any, error){
	1: func(v *variables) ([]any, error) {
		id, ok := ent.ParseOfferingID(v.ID)
		return []any{id, time.Now()}, check(ok, "id")
	},
	2: func(v *variables) ([]any, error) { return []any{v.AGS, time.Now()}, nil },
	3: func(v *variables) ([]any, error) { return []any{v.District, v.From, v.To}, nil },
	4: func(v *variables) ([]any, error) { return []any{v.Words}, nil },
	5: func(v *variables) ([]any, error) { return []any{v.Longitude, v.Latitude, 10.0}, nil },
	6: func(v *variables) ([]any, error) { return []any{v.District, v.Kinds}, nil },
	7: func(v *variables) ([]any, error) {
		if v.After == "" {
			return []any{"", uuid.Nil}, nil
		}
		b, err := base64.StdEncoding.DecodeString(v.After)
		key, id, ok := strings.Cut(string(b), "\x01")
		if err != nil || !ok {
			return nil, fmt.Errorf("after is no cursor")
		}
		u, err := uuid.Parse(id)
		return []any{key, u}, err
	},
	8: save,
}

func check(ok bool, name string) error {
	if ok {
		return nil
	}
	return fmt.Errorf("%s cannot be read", name)
}

// Handler answers POST /N with the variables of question N as JSON.
func Handler(pool *pgxpool.Pool) (http.Handler, error) {
	mux := http.NewServeMux()
	for n, args := range arguments {
		sql, err := files.ReadFile(strconv.Itoa(n) + ".sql")
		if err != nil {
			return nil, err
		}
		mux.HandleFunc("POST /"+strconv.Itoa(n), func(w http.ResponseWriter, r *http.Request) { answer(w, r, pool, string(sql), args) })
	}
	return mux, nil
}

func answer(w http.ResponseWriter, r *http.Request, pool *pgxpool.Pool, sql string, arguments func(*variables) ([]any, error)) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var v variables
	if err := json.Unmarshal(body, &v); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	args, err := arguments(&v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	rows, err := pool.Query(r.Context(), sql, args...)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	out, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) ([]byte, error) {
		raw := row.RawValues()[0]
		out := make([]byte, 0, len(raw)+9)
		return append(append(append(out, `{"data":`...), raw...), '}'), nil
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(out)))
	_, _ = w.Write(out)
}

// input is an offering to save, as in Umland's OfferingInput.
type input struct {
	Provider    string   `json:"provider"`
	ExternalID  string   `json:"externalId"`
	Kind        string   `json:"kind"`
	Title       string   `json:"title"`
	Summary     string   `json:"summary"`
	Description string   `json:"description"`
	Categories  []string `json:"categories"`
	Audiences   []string `json:"audiences"`
	Place       struct {
		Name       string  `json:"name"`
		Street     string  `json:"street"`
		PostalCode string  `json:"postalCode"`
		Locality   string  `json:"locality"`
		Longitude  float64 `json:"longitude"`
		Latitude   float64 `json:"latitude"`
	} `json:"place"`
	Schedule *struct {
		Start time.Time `json:"start"`
		End   time.Time `json:"end"`
	} `json:"schedule"`
}

// row is an input with what the statement does not make.
type row struct {
	input
	ID          uuid.UUID `json:"id"`
	TitleKey    string    `json:"titleKey"`
	PlaceID     uuid.UUID `json:"placeId"`
	ContentHash []byte    `json:"contentHash"`
}

func save(v *variables) ([]any, error) {
	if len(v.Inputs) == 0 {
		return nil, fmt.Errorf("inputs is empty")
	}
	provider, ok := ent.ParseProviderID(v.Inputs[0].Provider)
	if !ok {
		return nil, fmt.Errorf("provider cannot be read")
	}
	rows := make([]row, len(v.Inputs))
	for i, in := range v.Inputs {
		content, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		hash := sha256.Sum256(content)
		p := in.Place
		place := ent.Place{Name: p.Name, Street: &p.Street, PostalCode: &p.PostalCode, Locality: &p.Locality, Longitude: &p.Longitude, Latitude: &p.Latitude}
		rows[i] = row{in, ent.NewID(), ent.SortKey(in.Title), place.DescribedID(), hash[:]}
	}
	b, err := json.Marshal(rows)
	return []any{provider, b, time.Now().UTC()}, err
}
