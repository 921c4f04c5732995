package server

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"falconmamba/engine"
)

// The page and what belongs to it come with their types, under a policy that lets in nothing from elsewhere.
func TestPage(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{Keys: []string{"secret"}})
	paths := map[string]string{"/": "text/html; charset=utf-8"}
	for name := range pageFiles(t) {
		paths["/"+name] = map[string]string{".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
			".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}[path.Ext(name)]
	}
	for path, kind := range paths {
		a := get(t, url+path)
		h := a.header
		policy := strings.Split(h.Get("Content-Security-Policy"), "; ")
		if a.status != 200 || len(a.body) == 0 || kind == "" || h.Get("Content-Type") != kind ||
			h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d, %v, %d bytes", path, a.status, h, len(a.body))
		}
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
			"frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'"} {
			if !slices.Contains(policy, want) {
				t.Errorf("%s: no %s in %q", path, want, policy)
			}
		}
		if strings.Contains(h.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s: %q", path, policy)
		}
		head := send(t, "HEAD", url+path, "")
		if head.status != 200 || len(head.body) > 0 || head.header.Get("Content-Length") != h.Get("Content-Length") {
			t.Errorf("HEAD %s: %d, %v", path, head.status, head.header)
		}
		if again := send(t, "GET", url+path, "", "If-None-Match", h.Get("ETag")); again.status != 304 || len(again.body) > 0 {
			t.Errorf("%s again: %d, %d bytes", path, again.status, len(again.body))
		}
	}
	for _, path := range []string{"/page/", "/page/nowhere.js", "/page/../page.go", "/page/a/../app.js"} {

		if a := send(t, "GET", url+path, "", "Authorization", "Bearer secret"); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	refused(t, send(t, "POST", url+"/", "{}"), 405, "", "method_not_allowed", "GET")
}

// Without the page there is a line, which Ollama's clients ask for with HEAD.
func TestNoPage(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{NoPage: true})
	if a := get(t, url+"/"); a.status != 200 || a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%d, %v", a.status, a.header)
	}
	if a := send(t, "HEAD", url+"/", ""); a.status != 200 {
		t.Errorf("HEAD: %d", a.status)
	}
	refused(t, get(t, url+"/page/app.js"), 404, "", "unknown_url", "")
}

// What the page refers to is there, and is this server's; scripts and styles are files, and texts no markup.
func TestPageRefers(t *testing.T) {
	files := pageFiles(t)
	refers := regexp.MustCompile(`(?:src|href)="([^"#][^"]*)"|from "\./([^"]+)"|url\(([^)]*)\)`)
	used := map[string]bool{"page/index.html": true}
	for name, text := range files {
		for _, m := range refers.FindAllStringSubmatch(text, -1) {
			to := m[1]
			if m[2] != "" {
				to = "page/" + m[2]
			}
			if _, ok := files[to]; !ok {
				t.Errorf("%s: %s leads nowhere", name, m[0])
			}
			used[to] = true
		}
		for _, bad := range []string{`\b(?:https?|wss?)://`, `"//`, `\bon[a-z]+="`, `\bstyle="`, `<style`, `<script>`, `innerHTML`,
			`outerHTML`, `insertAdjacentHTML`, `document\.write`, `\beval\(`, `new Function`, `@import`, `localStorage`} {
			for _, at := range regexp.MustCompile(bad).FindAllString(strings.ReplaceAll(text,
				`xmlns="http://www.w3.org/2000/svg"`, ""), -1) {
				t.Errorf("%s has %s", name, at)
			}
		}
	}
	for name := range files {
		if !used[name] {
			t.Errorf("nothing refers to %s", name)
		}
	}
}

// Elements that the scripts look for by their ids are in the document, which has each id once.
func TestPageElements(t *testing.T) {
	files := pageFiles(t)
	there := map[string]int{}
	for _, m := range regexp.MustCompile(`\bid="([^"]+)"`).FindAllStringSubmatch(files["page/index.html"], -1) {
		there[m[1]]++
	}
	for id, n := range there {
		if n > 1 {
			t.Errorf("%d elements are %s", n, id)
		}
	}
	for name, text := range files {
		for _, m := range regexp.MustCompile(`\b(?:byId|on)\("([^"]+)"|(?:aria-labelledby|aria-describedby|for)="([^"]+)"|href="#([^"]+)"`).
			FindAllStringSubmatch(text, -1) {
			if id := m[1] + m[2] + m[3]; there[id] == 0 {
				t.Errorf("%s: there is no element %s", name, id)
			}
		}
	}
}

// pageFiles returns the files of the page by their paths.
func pageFiles(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(pageFS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := pageFS.ReadFile(name)
		all[name] = string(data)
		return err
	})
	if err != nil || len(all) < 5 {
		t.Fatalf("%d files, %v", len(all), err)
	}
	return all
}
