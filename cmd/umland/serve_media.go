package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"

	"umland/ent"
	"umland/fetch"
	"umland/graph"
	"umland/media"
	"umland/pgdev"
	"umland/signin"
)

// mediaFlags say where the images lie that people upload.
type mediaFlags struct {
	MediaDir         string `env:"UMLAND_MEDIA_DIR" placeholder:"DIR" help:"Where uploaded images are kept. Not set: media below the data directory."`
	MediaS3Endpoint  string `name:"media-s3-endpoint" env:"UMLAND_MEDIA_S3_ENDPOINT" placeholder:"URL" help:"S3-compatible storage that keeps them instead."`
	MediaS3Region    string `name:"media-s3-region" env:"UMLAND_MEDIA_S3_REGION" placeholder:"NAME" help:"Its region. Not set: us-east-1."`
	MediaS3Bucket    string `name:"media-s3-bucket" env:"UMLAND_MEDIA_S3_BUCKET" placeholder:"NAME" help:"Its bucket, which must be there."`
	MediaS3Key       string `name:"media-s3-key" env:"UMLAND_MEDIA_S3_KEY" placeholder:"KEY" help:"Its access key."`
	MediaS3Secret    string `name:"media-s3-secret" env:"UMLAND_MEDIA_S3_SECRET" placeholder:"SECRET" help:"Its secret key."`
	MediaS3PathStyle bool   `name:"media-s3-path-style" env:"UMLAND_MEDIA_S3_PATH_STYLE" help:"Whether the bucket stands in the path, not in the host's name."`
}

func (f mediaFlags) open(env *environment) (store media.Store, closed func() error, err error) {
	closed = func() error { return nil }
	if f.MediaS3Endpoint != "" {
		store, err = media.NewS3(media.S3Options{
			Endpoint: f.MediaS3Endpoint, Region: f.MediaS3Region, Bucket: f.MediaS3Bucket, Key: f.MediaS3Key, Secret: f.MediaS3Secret, PathStyle: f.MediaS3PathStyle,
		})
		return store, closed, err
	}
	dir := f.MediaDir
	if dir == "" {
		below := env.DataDir
		if below == "" {
			if below, err = pgdev.DefaultDir(); err != nil {
				return nil, closed, err
			}
		}
		dir = filepath.Join(below, "media")
	}
	d, err := media.OpenDir(dir)
	if err != nil {
		return nil, closed, fmt.Errorf("images cannot be kept, --media-dir says where else: %w", err)
	}
	return d, d.Close, nil
}

// mountMedia adds uploads and images to what the server serves.
func mountMedia(env *environment, store media.Store, base string, key func(ctx context.Context, token string) (*ent.Actor, error), people *signin.Handler, mount map[string]http.Handler) {
	failed := func(_ context.Context, err error) { env.log.Error().Err(err).Msg("images") }
	client := fetch.New(fetch.Options{Version: versionText(), Contact: base, MaxBytes: media.MaxBytes + 1, Now: env.now})
	var upload http.Handler = &media.Upload{
		Base: base, Store: store, Processor: media.NewProcessor(), Failed: failed,
		Authorize: func(r *http.Request) error {
			var actor *ent.Actor
			var err error
			if header := r.Header.Get("Authorization"); header != "" {
				if scheme, token, _ := strings.Cut(header, " "); strings.EqualFold(scheme, "Bearer") {
					actor, err = key(r.Context(), strings.TrimSpace(token))
				}
			} else if people != nil {
				actor, err = people.Actor(r)
			}
			switch {
			case err != nil:
				return err
			case actor == nil:
				return &ent.Error{Code: ent.CodeUnauthenticated, Message: "This needs somebody who is signed in, or an API key."}
			case !actor.May(ent.ScopeWrite):
				return &ent.Error{Code: ent.CodeForbidden, Message: "Images are uploaded by whoever may save offerings."}
			}
			return nil
		},
		Fetch: func(ctx context.Context, url string) (io.ReadCloser, error) {
			res, err := client.Do(ctx, fetch.Request{URL: url, NoRobots: true})
			if err != nil {
				return nil, err
			}
			return res.Body, nil
		},
	}
	if people != nil {
		upload = people.Protect(upload)
	}
	served := media.Serve(store, failed)
	mount[media.Path] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == media.Path {
			upload.ServeHTTP(w, r)
			return
		}
		served.ServeHTTP(w, r)
	})
}

// variants gives the sizes of a picture of this server.
func variants(base string) func(url string) []*graph.ImageVariant {
	return func(url string) []*graph.ImageVariant {
		all := []*graph.ImageVariant{}
		for _, v := range media.Variants(base, url) {
			all = append(all, &graph.ImageVariant{URL: v.URL, Width: v.Width, Height: v.Height})
		}
		return all
	}
}
