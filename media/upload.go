package media

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"umland/ent"
)

// The codes of errors beside those of ent; the GraphQL API has the same.
const (
	codeBadRequest ent.Code = "BAD_REQUEST"
	codeNotFound   ent.Code = "NOT_FOUND"
	codeMethod     ent.Code = "METHOD_NOT_ALLOWED"
	codeType       ent.Code = "UNSUPPORTED_MEDIA_TYPE"
	codeLimit      ent.Code = "LIMIT_EXCEEDED"
	codeBusy       ent.Code = "BUSY"
	codeTime       ent.Code = "REQUEST_TIMEOUT"
)

const (
	maxText    = 8_192  // bytes of a text beside the file
	maxRequest = 16_384 // bytes of a request by JSON
	readTime   = time.Minute
	totalTime  = 2 * time.Minute
	writeTime  = 30 * time.Second
)

// Upload answers POST of an image: multipart/form-data with the image as file, or JSON with the url it is fetched from; with either may
// come alt, credit and licence. It answers 201 with the picture, and otherwise with errors that name the field.
// A browser lets any page post a form, so where cookies authorise, cross-origin requests have to be refused before.
type Upload struct {
	Base      string // the public address of the server, without a slash at its end
	Store     Store
	Processor *Processor
	// Authorize says whether the request may upload, before any of its body is read. An *ent.Error is shown.
	Authorize func(*http.Request) error
	// Fetch opens what is at a URL, which came from the request: it must not reach into the operator's network. An *ent.Error is shown.
	Fetch func(ctx context.Context, url string) (io.ReadCloser, error)
	// Failed is told of what goes wrong on our side, and why a fetch did.
	Failed func(context.Context, error)
}

// uploaded is the answer.
type uploaded struct {
	URL      string    `json:"url"` // for offerings: 1,280 pixels wide at most
	Variants []Variant `json:"variants"`
	Width    int       `json:"width"`
	Height   int       `json:"height"`
	Alt      *string   `json:"alt"`
	Credit   *string   `json:"credit"`
	Licence  *string   `json:"licence"`
	Warnings []string  `json:"warnings"`
}

// ServeHTTP answers as Upload says.
func (u *Upload) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	ctx, cancel := context.WithTimeout(r.Context(), totalTime)
	defer cancel()
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Now().Add(readTime))
	_ = rc.SetWriteDeadline(time.Now().Add(totalTime + writeTime))

	// r.Body stays as it is: by it the server knows that it has not yet told a client that said Expect to send.
	made, err := u.receive(ctx, w, r, http.MaxBytesReader(w, r.Body, MaxBytes+4*maxText))
	if err == nil {
		h.Set("Location", made.URL)
		answer(w, http.StatusCreated, made)
		return
	}
	var shown *ent.Error
	if !errors.As(err, &shown) {
		shown = &ent.Error{Code: ent.CodeInternal, Message: "Something went wrong on our side.", Err: err}
	}
	if shown.Err != nil && ctx.Err() == nil || shown.Code == ent.CodeInternal {
		u.Failed(ctx, err)
	}
	// Closing a connection while the client is still sending can lose the answer on its way; one that said Expect waits to be told to.
	if r.Header.Get("Expect") == "" && rc.SetReadDeadline(time.Now().Add(2*time.Second)) == nil {
		_, _ = io.CopyN(io.Discard, r.Body, MaxBytes)
	}
	answerError(w, shown)
}

// receive does what the request asks for. Errors that are no *ent.Error are ours.
func (u *Upload) receive(ctx context.Context, w http.ResponseWriter, r *http.Request, body io.Reader) (*uploaded, error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		return nil, &ent.Error{Code: codeMethod, Message: "Use POST."}
	}
	if err := u.Authorize(r); err != nil {
		return nil, err
	}
	var pic *Picture
	var im ent.Image
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && media == "multipart/form-data" && params["boundary"] != "":
		pic, err = u.fromForm(ctx, multipart.NewReader(body, params["boundary"]), &im)
	case err == nil && media == "application/json":
		pic, err = u.fromURL(ctx, body, &im)
	default:
		err = &ent.Error{Code: codeType, Message: "Send the image as multipart/form-data, or its url as application/json."}
	}
	if err != nil {
		return nil, err
	}

	id, _ := parseName(pic.Files[0].Name)
	made := &uploaded{Variants: id.variants(u.Base), Width: pic.Width, Height: pic.Height, Warnings: []string{}}
	for _, v := range made.Variants {
		if made.URL == "" || v.Width <= 1280 {
			made.URL = v.URL
		}
	}
	im.URL = made.URL
	if err := check(&im); err != nil {
		return nil, err
	}
	made.Alt, made.Credit, made.Licence = im.Alt, im.Credit, im.Licence
	if made.Alt == nil {
		made.Warnings = append(made.Warnings, "alt: Say in a sentence what the image shows, for those who cannot see it.")
	}
	for _, f := range pic.Files {
		if err := u.Store.Put(ctx, f.Name, f.ContentType, f.Bytes); err != nil {
			return nil, &ent.Error{Code: ent.CodeUnavailable, Message: "The picture cannot be stored at the moment. Please try again later.", Err: err}
		}
	}
	return made, nil
}

// fromForm reads a form.
func (u *Upload) fromForm(ctx context.Context, form *multipart.Reader, im *ent.Image) (*Picture, error) {
	var pic *Picture
	texts := map[string]**string{"alt": &im.Alt, "credit": &im.Credit, "licence": &im.Licence}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, unread(ctx, err)
		}
		field := part.FormName()
		to, text := texts[field]
		switch {
		case field == "file" && pic == nil:
			if pic, err = u.Processor.Process(ctx, part); err != nil {
				return nil, unread(ctx, err)
			}
		case text && *to == nil:
			b, err := io.ReadAll(io.LimitReader(part, maxText+1))
			if err != nil {
				return nil, unread(ctx, err)
			}
			if len(b) > maxText {
				return nil, ent.BadInput(field, "Has more than %d bytes.", maxText)
			}
			s := string(b)
			*to = &s
		case field == "file" || text:
			return nil, &ent.Error{Code: codeBadRequest, Field: field, Message: "Comes twice."}
		default:
			return nil, &ent.Error{Code: codeBadRequest, Message: "The form has a part that is none of file, alt, credit and licence."}
		}
	}
	if pic == nil {
		return nil, &ent.Error{Code: codeBadRequest, Field: "file", Message: "Is missing: send the image as a part of this name."}
	}
	return pic, nil
}

// fromURL reads a request by JSON and fetches what it names.
func (u *Upload) fromURL(ctx context.Context, body io.Reader, im *ent.Image) (*Picture, error) {
	var in struct {
		URL     string  `json:"url"`
		Alt     *string `json:"alt"`
		Credit  *string `json:"credit"`
		Licence *string `json:"licence"`
	}
	b, err := io.ReadAll(io.LimitReader(body, maxRequest+1))
	if err != nil {
		return nil, unread(ctx, err)
	}
	if len(b) > maxRequest {
		return nil, &ent.Error{Code: codeLimit, Message: "The body has more bytes than a request with a url may have."}
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return nil, &ent.Error{Code: codeBadRequest, Message: `The body is not JSON of the form {"url", "alt", "credit", "licence"}.`}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, &ent.Error{Code: codeBadRequest, Message: "The body goes on after its JSON."}
	}
	*im = ent.Image{URL: in.URL, Alt: in.Alt, Credit: in.Credit, Licence: in.Licence}
	if err := check(im); err != nil {
		return nil, err
	}
	file, err := u.Fetch(ctx, in.URL)
	if err != nil {
		return nil, unfetched(err)
	}
	defer file.Close()
	pic, err := u.Processor.Process(ctx, file)
	var fault *ent.Error
	if errors.As(err, &fault) {
		if fault.Field == "file" {
			fault.Field = "url"
		}
		return nil, fault
	}
	if err != nil {
		return nil, unfetched(err)
	}
	return pic, nil
}

func unfetched(err error) error {
	var shown *ent.Error
	if errors.As(err, &shown) {
		return shown
	}
	return &ent.Error{Code: ent.CodeBadInput, Field: "url", Message: "The image could not be fetched from there.", Err: err}
}

// unread says why a body could not be read to its end.
func unread(ctx context.Context, err error) error {
	var shown *ent.Error
	var most *http.MaxBytesError
	switch {
	case errors.As(err, &shown):
		return shown
	case errors.As(err, &most):
		return tooLarge()
	case ctx.Err() != nil:
		return &ent.Error{Code: ent.CodeUnavailable, Message: "This took too long. Please try again later.", Err: err}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &ent.Error{Code: codeTime, Message: "The body did not arrive in time."}
	}
	return &ent.Error{Code: codeBadRequest, Message: "The form cannot be read: it is damaged or cut off."}
}

// check trims the texts, takes empty ones for missing, and says what is wrong with the first that is.
func check(im *ent.Image) error {
	for field, s := range map[string]**string{"alt": &im.Alt, "credit": &im.Credit, "licence": &im.Licence} {
		if *s == nil {
			continue
		}
		if !utf8.ValidString(**s) || strings.ContainsRune(**s, 0) {
			return ent.BadInput(field, "Is not text in UTF-8.")
		}
		if t := strings.TrimSpace(**s); t == "" {
			*s = nil
		} else {
			*s = &t
		}
	}
	for _, e := range im.Validate() {
		return ent.BadInput(strings.Join(e.Path, "."), "%s", e.Message)
	}
	return nil
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // whoever asked is gone
}

// answerError answers {"errors": [{"message", "code", "field"}]}.
func answerError(w http.ResponseWriter, err *ent.Error) {
	type fault struct {
		Message string   `json:"message"`
		Code    ent.Code `json:"code"`
		Field   string   `json:"field,omitempty"`
	}
	status := http.StatusInternalServerError
	switch err.Code {
	case codeBadRequest:
		status = http.StatusBadRequest
	case ent.CodeUnauthenticated:
		status = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", `Bearer realm="Umland"`)
	case ent.CodeForbidden:
		status = http.StatusForbidden
	case codeNotFound:
		status = http.StatusNotFound
	case codeMethod:
		status = http.StatusMethodNotAllowed
	case codeTime:
		status = http.StatusRequestTimeout
	case codeLimit:
		status = http.StatusRequestEntityTooLarge
	case codeType:
		status = http.StatusUnsupportedMediaType
	case ent.CodeBadInput:
		status = http.StatusUnprocessableEntity
	case codeBusy:
		status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", "2")
	case ent.CodeUnavailable:
		status = http.StatusServiceUnavailable
	}
	message := err.Message
	if err.Field != "" {
		message = err.Field + ": " + message
	}
	answer(w, status, map[string][]fault{"errors": {{message, err.Code, err.Field}}})
}
