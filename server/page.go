package server

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"net/http"
	"path"
	"time"
)

// The page is what a browser shows of the server: GET / is its document, /page/NAME what that refers to. It needs
// nothing from elsewhere, and asks the API as other clients do.
//
//go:embed page
var pageFS embed.FS

// pageTypes are the media types of its files, by the ends of their names.
var pageTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// pagePolicy lets the page load from this server alone, and run no script but its files. Texts cannot become markup:
// there are no trusted types.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; " +
	"trusted-types 'none'"

// root answers GET /, and HEAD / by which Ollama's clients see whether a server is there.
func (c *call) root() error {
	if c.s.o.NoPage {
		c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		c.w.limit(c.s.o.WriteTime)
		_, err := c.w.Write([]byte("falconmamba is running\n"))
		if err != nil {
			return errGone
		}
		return nil
	}
	return c.pageFile("index.html")
}

// asset answers GET /page/NAME.
func (c *call) asset() error { return c.pageFile(c.rest) }

func (c *call) pageFile(name string) error {
	data, err := pageFS.ReadFile("page/" + name)
	if err != nil {
		return c.s.unknown(c.r.URL.Path)
	}
	h := c.w.Header()
	h.Set("Content-Type", pageTypes[path.Ext(name)])
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache") // but with the tag nothing is sent twice
	sum := sha256.Sum256(data)
	h.Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:12])+`"`)
	c.w.limit(c.s.o.WriteTime)
	http.ServeContent(c.w, c.r, name, time.Time{}, bytes.NewReader(data))
	return nil
}
