package hub

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// What errors of this package are, for errors.Is.
var (
	ErrNotFound = errors.New("not found on the hub")
	ErrAccess   = errors.New("access refused by the hub")
	ErrOffline  = errors.New("offline, and not in the cache")
	ErrCorrupt  = errors.New("not what the hub says it is")
	ErrDiskFull = errors.New("disk full")
)

// An explained error is one line for people that is one of the sentinels.
type explained struct {
	text string
	is   error
}

func (e *explained) Error() string { return e.text }
func (e *explained) Unwrap() error { return e.is }

func explain(is error, format string, args ...any) error {
	return &explained{fmt.Sprintf(format, args...), is}
}

// A passing error may be gone with the next try.
type passing struct {
	error
	after time.Duration // that the server asked to wait, 0 if it did not
}

func (e *passing) Unwrap() error { return e.error }

// maxWait bounds how long a server may ask to be left alone.
const maxWait = time.Minute

// status turns a refused request into an error. what names the thing asked for.
func (c *client) status(r *http.Response, n Name, what string) error {
	code, host := r.Header.Get("X-Error-Code"), c.Endpoint
	token := "set HF_TOKEN to a token that may read it"
	if c.Token != "" {
		token = "the token of HF_TOKEN may not read it"
	}
	if said := r.Header.Get("X-Error-Message"); said != "" {
		token += fmt.Sprintf("; the server says: %.200q", said)
	}
	switch s := r.StatusCode; {
	case code == "GatedRepo" || s == http.StatusForbidden:
		return explain(ErrAccess, "%s: access is refused (%s): if the model is gated, accept its terms at %s/%s; %s",
			n, r.Status, host, n.repo(), token)
	case code == "RevisionNotFound":
		return explain(ErrNotFound, "%s: %s has no revision %q", n, n.repo(), n.Revision)
	case code == "EntryNotFound":
		return explain(ErrNotFound, "%s: %s is not in the repository", n, what)
	case s == http.StatusUnauthorized:
		// The hub does not say whether a model is private or missing.
		if c.Token != "" {
			return explain(ErrAccess, "%s: %s refuses the token, or there is no such model: "+
				"check HF_TOKEN and the name; %s", n, host, token)
		}
		return explain(ErrAccess, "%s: there is no such model at %s, or it is not public: check the name; %s",
			n, host, token)
	case s == http.StatusNotFound:
		return explain(ErrNotFound, "%s: %s is not found at %s: check the name and the revision", n, what, host)
	case s == http.StatusTooManyRequests || s == http.StatusRequestTimeout || s >= 500:
		err := fmt.Errorf("%s: %s answers %s to a request for %s", n, host, r.Status, what)
		after, _ := strconv.Atoi(r.Header.Get("Retry-After"))
		return &passing{err, min(time.Duration(max(0, min(after, 3600)))*time.Second, maxWait)}
	default:
		return fmt.Errorf("%s: %s answers %s to a request for %s", n, host, r.Status, what)
	}
}

// plain takes the address out of an error of net/http: after a redirect it is
// signed, long, and not what was asked for.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
