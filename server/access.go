package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// A key is what stands for an API key: two are compared in the same time whatever they are.
type key [sha256.Size]byte

func newKey(text string) key { return sha256.Sum256([]byte(text)) }

// admit decides who may ask. It reports whether the request is answered already, as those are in which a browser
// asks beforehand.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, route *route) (done bool, err error) {
	if err := s.checkHost(r); err != nil {
		return false, err
	}
	allowed := s.cors(w, r)
	if err := s.browser.Check(r); err != nil && !allowed {
		return false, &apiError{status: http.StatusForbidden, kind: invalidRequest, code: "forbidden_origin",
			message: "a page of another site may not send requests here: its origin has to be allowed"}
	}
	if r.Method == "OPTIONS" {
		if r.Header.Get("Access-Control-Request-Method") == "" || !allowed {
			return false, nil // a method like others
		}
		w.Header().Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
		w.Header().Set("Access-Control-Allow-Headers", headers(r.Header.Get("Access-Control-Request-Headers")))
		w.Header().Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
		return true, nil
	}
	if route != nil && route.open {
		return false, nil
	}
	return false, s.checkKey(r)
}

// checkKey wants one of the keys, if there are any. A request that goes nowhere needs one too.
func (s *Server) checkKey(r *http.Request) error {
	if len(s.keys) == 0 {
		return nil
	}
	var given []string
	scheme, bearer, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if ok && strings.EqualFold(scheme, "Bearer") {
		given = append(given, bearer)
	}
	if key := r.Header.Get("X-Api-Key"); key != "" { // as Anthropic's clients send it, some with a token beside it
		given = append(given, key)
	}
	found := 0
	for _, text := range given {
		k := newKey(strings.TrimSpace(text))
		for _, known := range s.keys {
			found |= subtle.ConstantTimeCompare(k[:], known[:])
		}
	}
	if found == 1 {
		return nil
	}
	e := &apiError{status: http.StatusUnauthorized, kind: invalidRequest, code: "invalid_api_key",
		message: "the API key is not one of this server's"}
	if given == nil {
		e.message = "an API key is missing: send it as Authorization: Bearer KEY, or as X-Api-Key: KEY"
	}
	return e
}

// checkHost refuses a request to a server without keys on a loopback address that calls it by another name: a page of
// another site can make its name that of this machine.
func (s *Server) checkHost(r *http.Request) error {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok || len(s.keys) > 0 {
		return nil
	}
	if addr, err := netip.ParseAddrPort(local.String()); err != nil || !addr.Addr().Unmap().IsLoopback() {
		return nil
	}
	host := (&url.URL{Host: r.Host}).Hostname()
	_, err := netip.ParseAddr(host)
	if err == nil || host == "" || strings.EqualFold(host, "localhost") || strings.HasSuffix(host, ".localhost") ||
		slices.ContainsFunc(s.o.Hosts, func(h string) bool { return strings.EqualFold(h, host) }) {
		return nil
	}
	return &apiError{status: http.StatusForbidden, kind: invalidRequest, code: "forbidden_host",
		message: fmt.Sprintf("this server is not called %s: its name has to be allowed", abridged(host))}
}

// browsers returns what refuses requests that pages of other sites have a browser send.
func browsers(origins []string) (*http.CrossOriginProtection, error) {
	p := http.NewCrossOriginProtection()
	for _, origin := range origins {
		if origin == "*" {
			continue
		}
		if err := p.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("origin %q: %w; want one such as https://chat.example.com, or *", origin, err)
		}
	}
	return p, nil
}

// cors lets pages of allowed origins read answers. It reports whether the request is of such a page.
func (s *Server) cors(w http.ResponseWriter, r *http.Request) bool {
	if len(s.o.Origins) == 0 {
		return false
	}
	w.Header().Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" || !slices.Contains(s.o.Origins, origin) && !slices.Contains(s.o.Origins, "*") {
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", origin)
	w.Header().Set("Access-Control-Expose-Headers", "X-Request-Id, Request-Id, Retry-After")
	return true
}

// headers returns the headers that a page may send: those it asks for, which are names and commas.
func headers(asked string) string {
	if strings.ContainsFunc(asked, func(r rune) bool {
		return !(r == ',' || r == ' ' || r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' ||
			'A' <= r && r <= 'Z')
	}) {
		return "Authorization, Content-Type"
	}
	return asked
}
