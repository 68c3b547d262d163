package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Options say where an S3-compatible storage is.
type S3Options struct {
	Endpoint    string // such as https://s3.example.org; http only where the way to it is safe
	Region      string // "" for us-east-1, as storages do that know no regions
	Bucket      string // which must be there
	Key, Secret string
	PathStyle   bool // https://s3.example.org/bucket/name; else https://bucket.s3.example.org/name
}

// S3 is a Store in a bucket of an S3-compatible storage.
type S3 struct {
	client *minio.Client
	bucket string
}

// NewS3 gives the store; it does not ask the storage anything yet.
func NewS3(o S3Options) (*S3, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" {
		return nil, fmt.Errorf("the S3 endpoint %q is not of the form https://host", o.Endpoint)
	}
	if o.Bucket == "" || o.Key == "" || o.Secret == "" {
		return nil, errors.New("S3 needs a bucket, a key and a secret")
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	lookup := minio.BucketLookupDNS
	if o.PathStyle {
		lookup = minio.BucketLookupPath
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds:        credentials.NewStaticV4(o.Key, o.Secret, ""),
		Secure:       u.Scheme == "https",
		Region:       o.Region,
		BucketLookup: lookup,
		MaxRetries:   3,
	})
	if err != nil {
		return nil, err
	}
	return &S3{client, o.Bucket}, nil
}

// Put implements Store.
func (s *S3) Put(ctx context.Context, name, contentType string, b []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	if _, err := s.client.StatObject(ctx, s.bucket, name, minio.StatObjectOptions{}); err == nil {
		return nil
	} else if !missing(err) {
		return err
	}
	_, err := s.client.PutObject(ctx, s.bucket, name, bytes.NewReader(b), int64(len(b)), minio.PutObjectOptions{
		ContentType:      contentType,
		CacheControl:     immutable,
		DisableMultipart: true,
	})
	return err
}

// Get implements Store.
func (s *S3) Get(ctx context.Context, name string) (io.ReadSeekCloser, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	o, err := s.client.GetObject(ctx, s.bucket, name, minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	if _, err := o.Stat(); err != nil {
		_ = o.Close()
		if missing(err) {
			return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
		}
		return nil, err
	}
	return o, nil
}

// Delete implements Store.
func (s *S3) Delete(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := s.client.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{}); err != nil && !missing(err) {
		return err
	}
	return nil
}

// missing tells an object that is not there from a bucket that is not there.
func missing(err error) bool {
	r := minio.ToErrorResponse(err)
	return r.StatusCode == http.StatusNotFound && r.Code != minio.NoSuchBucket
}
