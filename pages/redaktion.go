package pages

import "net/http"

// editor answers with the page of the editor, which its script fills: what it shows depends on who is signed in. It holds nothing of anybody's.
func (s *site) editor(r *request) error {
	r.w.Header().Set("Cache-Control", "no-cache")
	r.render("redaktion", http.StatusOK, &view{request: r, Title: r.tr("Redaktion – Umland", "Editor – Umland"), Robots: "noindex"}, nil)
	return nil
}

// EditorScript is the address of the editor's built script, "" when it was not built.
func (v *view) EditorScript() string { return v.site.Editor }
