package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"falconmamba/internal/jsonerr"
)

// A client asks one endpoint.
type client struct {
	Options
	http *http.Client
}

const maxRedirects = 5

// errRedirect is what a server may not ask for, however often it is tried.
type errRedirect struct{ text string }

func (e errRedirect) Error() string { return e.text }

func newClient(o Options) *client {
	c := &client{Options: o}
	c.http = &http.Client{Transport: o.Transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return errRedirect{fmt.Sprintf("more than %d redirects", maxRedirects)}
		}
		if via[0].URL.Scheme == "https" && r.URL.Scheme != "https" {
			return errRedirect{fmt.Sprintf("redirect from https to %s://%s", r.URL.Scheme, r.URL.Host)}
		}
		if r.URL.Scheme != "https" && r.URL.Scheme != "http" {
			return errRedirect{fmt.Sprintf("redirect to a %s address", r.URL.Scheme)}
		}
		// Files come from other hosts by signed addresses: the token is not theirs.
		if r.URL.Host != via[0].URL.Host {
			r.Header.Del("Authorization")
		} else if c.Token != "" {
			r.Header.Set("Authorization", "Bearer "+c.Token)
		}
		return nil
	}}
	return c
}

// A remote is a file of a repository.
type remote struct {
	name string
	size int64  // −1 where the server did not say
	hash string // 64 digits: SHA-256; 40: SHA-1 as of a git blob; empty: not said
}

// A listing is a repository at one commit.
type listing struct {
	commit string
	files  map[string]remote
}

// timely bounds the time of what is asked about files of n.
func (c *client) timely(ctx context.Context, n Name) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, c.Metadata, &explained{
		fmt.Sprintf("%s: %s has not said within %v which files there are", n, c.Endpoint, c.Metadata), errUnreachable})
}

// maxAnswer bounds what is read of an answer that is not a file.
const maxAnswer = 64 << 20

// list asks for the files of a repository.
func (c *client) list(ctx context.Context, n Name) (*listing, error) {
	address := fmt.Sprintf("%s/api/models/%s/revision/%s?blobs=true", c.Endpoint, n.repo(), url.PathEscape(n.Revision))
	ctx, cancel := c.timely(ctx, n)
	defer cancel()
	var l *listing
	err := c.again(ctx, func() (int64, error) {
		r, err := c.send(ctx, http.MethodGet, address, nil)
		if err != nil {
			return 0, c.unreachable(n, err)
		}
		defer r.Body.Close()
		if r.StatusCode != http.StatusOK {
			return 0, c.status(r, n, n.repo())
		}
		text, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer+1))
		if err != nil {
			return 0, c.unreachable(n, err)
		}
		if len(text) > maxAnswer {
			return 0, fmt.Errorf("%s: the list of files at %s is longer than %d bytes", n, c.Endpoint, maxAnswer)
		}
		if l, err = parseListing(text); err != nil {
			return 0, fmt.Errorf("%s: %s does not answer as a hub does: %w", n, c.Endpoint, err)
		}
		return 0, nil
	})
	return l, err
}

// parseListing reads the answer of /api/models/ORG/NAME/revision/REVISION. Names
// that would leave the snapshot are left out, since no file of a model has one.
func parseListing(text []byte) (*listing, error) {
	var answer struct {
		SHA      string
		Siblings []struct {
			Name   string `json:"rfilename"`
			Size   *int64
			BlobID string
			LFS    *struct {
				SHA256 string
				Size   *int64
			}
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, fmt.Errorf("not a list of files: %w", jsonerr.Plain(err))
	}
	if !isHex(answer.SHA, 40) {
		return nil, fmt.Errorf("sha is %.60q: want a commit", answer.SHA)
	}
	l := &listing{answer.SHA, map[string]remote{}}
	for _, s := range answer.Siblings {
		if !local(s.Name) {
			continue
		}
		f := remote{name: s.Name, size: -1}
		switch {
		case s.LFS != nil:
			if isHex(s.LFS.SHA256, 64) {
				f.hash = s.LFS.SHA256
			}
			if s.LFS.Size != nil {
				s.Size = s.LFS.Size
			}
		case isHex(s.BlobID, 40):
			f.hash = s.BlobID
		}
		if s.Size != nil {
			if *s.Size < 0 {
				return nil, fmt.Errorf("%s has %d bytes", s.Name, *s.Size)
			}
			f.size = *s.Size
		}
		l.files[f.name] = f
	}
	return l, nil
}

// address is where a file is downloaded from.
func (c *client) address(n Name, commit, file string) string {
	elems := strings.Split(file, "/")
	for i, e := range elems {
		elems[i] = url.PathEscape(e)
	}
	return fmt.Sprintf("%s/%s/resolve/%s/%s", c.Endpoint, n.repo(), commit, strings.Join(elems, "/"))
}

// describe asks for the hash and the size of a file, where the listing of a
// mirror has left them out.
func (c *client) describe(ctx context.Context, n Name, commit string, f remote) (remote, error) {
	if f.hash != "" && f.size >= 0 {
		return f, nil
	}
	err := c.again(ctx, func() (int64, error) {
		r, err := c.send(ctx, http.MethodHead, c.address(n, commit, f.name), nil)
		if err != nil {
			return 0, c.unreachable(n, err)
		}
		r.Body.Close()
		// Headers of the endpoint's own redirect are about the file itself.
		for at := r; at != nil; at = at.Request.Response {
			tag := at.Header.Get("X-Linked-Etag")
			if tag == "" {
				tag = at.Header.Get("ETag")
			}
			size := at.Header.Get("X-Linked-Size")
			if size == "" && at == r {
				size = at.Header.Get("Content-Length")
			}
			tag = strings.Trim(strings.TrimPrefix(tag, "W/"), `"`)
			if isHex(tag, 64) || isHex(tag, 40) {
				f.hash = tag
			}
			if v, err := strconv.ParseInt(size, 10, 64); err == nil && v >= 0 {
				f.size = v
			}
		}
		if r.StatusCode != http.StatusOK {
			return 0, c.status(r, n, f.name)
		}
		return 0, nil
	})
	if err == nil && (f.hash == "" || f.size < 0) {
		err = fmt.Errorf("%s: %s does not say the hash and the size of %s, so it cannot be checked: "+
			"set HF_ENDPOINT to another server", n, c.Endpoint, f.name)
	}
	return f, err
}

// send makes a request. The answer, and each read of its body, must come within
// the time of a stall.
func (c *client) send(ctx context.Context, method, address string, header http.Header) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	for k, v := range header {
		r.Header[k] = v
	}
	r.Header.Set("User-Agent", "falconmamba-go")
	r.Header.Set("Accept-Encoding", "identity")
	if c.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.Token)
	}
	w := &watched{ctx: ctx, cancel: cancel, stall: c.Stall}
	w.timer = time.AfterFunc(c.Stall, func() { cancel(errStalled{c.Stall}) })
	resp, err := c.http.Do(r)
	if err != nil {
		w.timer.Stop()
		err = w.cause(err)
		cancel(nil)
		return nil, err
	}
	w.timer.Reset(c.Stall)
	w.body = resp.Body
	resp.Body = w
	return resp, nil
}

type errStalled struct{ time.Duration }

func (e errStalled) Error() string { return fmt.Sprintf("next to nothing came for %v", e.Duration) }

// leastCome is how many bytes keep a connection alive.
const leastCome = 1 << 10

// watched is a body that must not stall.
type watched struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	body   io.ReadCloser
	timer  *time.Timer
	stall  time.Duration
	come   int // bytes since the timer was set
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.body.Read(p)
	if w.come += n; w.come >= leastCome {
		w.timer.Reset(w.stall)
		w.come = 0
	}
	if err != nil && err != io.EOF {
		err = w.cause(err)
	}
	return n, err
}

// cause is why a request was given up, if it was.
func (w *watched) cause(err error) error {
	if cause := context.Cause(w.ctx); cause != nil {
		return cause
	}
	return plain(err)
}

func (w *watched) Close() error {
	w.timer.Stop()
	err := w.body.Close()
	w.cancel(nil)
	return err
}

// unreachable is the error of a request without a whole answer. Most are gone
// with another try.
func (c *client) unreachable(n Name, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	lost := &explained{fmt.Sprintf("%s: %s cannot be reached: %v", n, c.Endpoint, err), errUnreachable}
	if errors.As(err, new(errRedirect)) {
		return lost
	}
	return &passing{error: lost}
}

var errUnreachable = errors.New("unreachable")

// tries is how often something is tried without getting any further.
const tries = 5

// enough is how many more bytes count as getting further.
const enough = 1 << 20

// again calls f until it succeeds, or fails for good. f returns how many bytes
// it has brought.
func (c *client) again(ctx context.Context, f func() (int64, error)) error {
	backoff := c.backoff
	var brought int64
	for left := tries; ; left-- {
		n, err := f()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if brought += n; brought >= enough {
			left, backoff, brought = tries, c.backoff, 0
		}
		var p *passing
		if !errors.As(err, &p) {
			return err
		}
		wait := max(backoff, p.after)
		if end, ok := ctx.Deadline(); left == 1 || ok && time.Until(end) < wait {
			return p.error
		}
		if c.Retry != nil {
			c.Retry(p.error, wait)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(wait):
		}
		backoff *= 2
	}
}
