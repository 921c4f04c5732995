// Package server answers the requests of language models' clients over HTTP: the API of OpenAI (chat,
// completions, responses, embeddings, models), those of Anthropic (messages) and Ollama, and what programs ask of
// llama.cpp's server (health, properties, slots, metrics, tokens, templates).
//
// A request of any of them becomes a turn (single.go), or several texts (task.go); a dialect (dialect.go) is how an API
// dresses errors and streams.
//
// A Server is an http.Handler for one model. Each request is a session or several in the model's running batch;
// nothing is kept between requests but responses, as texts and tokens (kept.go). What a request asks for and is not
// there is refused by name, in the form that the API's clients read (errors.go). Fields that have no effect here and
// that clients send anyway are listed where a request is read, and ignored.
//
// Server.Serve adds what a listener needs: limits of time and size, and an end that lets texts come to theirs.
package server

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"falconmamba"
	"falconmamba/engine/statecache"
	"falconmamba/text/chat"
)

// Options say how a model is served. Zeros are what suits most.
type Options struct {
	// Name is the model's id, and Aliases are others by which requests may name it.
	Name    string
	Aliases []string
	// Template, if not nil, takes the place of the checkpoint's chat template.
	Template *chat.Template
	// Version is the program's, for those who ask.
	Version string

	// Keys are those that a request must have one of, if there are any, as Authorization: Bearer KEY or as
	// X-Api-Key: KEY.
	Keys []string
	// Hosts are names by which requests may call a server without keys on a loopback address, beside
	// localhost and addresses: a page of another site could else talk to it under its own name.
	Hosts []string
	// Origins are those of pages on other sites that may send requests from a browser, as
	// https://chat.example.com; * stands for any.
	Origins []string

	// MaxTokens is the most that a text may have, and what it has where neither the request
	// nor the checkpoint says; 0 for 4096.
	MaxTokens int
	// MaxChoices bounds the texts of one request, 0 for 32.
	MaxChoices int
	// MaxBody bounds the bytes of a request, 0 for 8 MiB, and MaxBodies of all that are being read together,
	// 0 for 256 MiB.
	MaxBody, MaxBodies int64
	// MaxRequests bounds the requests that are answered at once, 0 for 2048.
	MaxRequests int
	// BodyTime is how long a request may take to arrive, 0 for a minute; WriteTime how long a
	// client may not take what is sent, 0 for a minute; RequestTime how long an answer may take, 0 for an hour.
	BodyTime, WriteTime, RequestTime time.Duration
	// Ping is how often a stream without news has a comment, 0 for 15 s.
	Ping time.Duration
	// Drain is how long requests may go on when the server is told to end, 0 for 30 s; below 0 they may not.
	Drain time.Duration
	// Running is how many texts are written at once: Options.Engine.Running, 0 for 64.
	Running int

	// Keep is how long a response of OpenAI's /v1/responses is kept since it was of use, for others to go on from it:
	// 0 for an hour, below 0 not at all. KeepBytes bounds them all, 0 for 64 MiB; the oldest go first.
	Keep      time.Duration
	KeepBytes int64

	// Store, if not nil, has the responses that several servers share, for as long as it keeps them, so that a
	// conversation goes on on any of them: a store of their own, apart from that of states. What fails there breaks
	// no request, but holds it up: see statecache.Guard. It stays the caller's to close.
	Store statecache.Store

	// NoPage leaves out the page that browsers are shown at /.
	NoPage bool

	// TLS, if not nil, has the certificates to serve with.
	TLS *tls.Config
	// Trace, if not nil, is told of each request at its end, in the goroutine that answers it.
	Trace func(Trace)
	// Logger is told of each request, nil for nobody; with LogTexts of the texts too.
	Logger   *slog.Logger
	LogTexts bool
}

// withDefaults replaces zeros.
func (o Options) withDefaults() Options {
	o.Name = cmp.Or(o.Name, "falcon-mamba")
	o.MaxTokens = cmp.Or(o.MaxTokens, 4096)
	o.MaxChoices = cmp.Or(o.MaxChoices, 32)
	o.MaxBody = cmp.Or(o.MaxBody, 8<<20)
	o.MaxBodies = cmp.Or(o.MaxBodies, 256<<20)
	o.MaxRequests = cmp.Or(o.MaxRequests, 2048)
	o.BodyTime = cmp.Or(o.BodyTime, time.Minute)
	o.WriteTime = cmp.Or(o.WriteTime, time.Minute)
	o.RequestTime = cmp.Or(o.RequestTime, time.Hour)
	o.Ping = cmp.Or(o.Ping, 15*time.Second)
	o.Drain = cmp.Or(o.Drain, 30*time.Second)
	o.Running = cmp.Or(o.Running, 64)
	o.Keep = cmp.Or(o.Keep, time.Hour)
	o.KeepBytes = cmp.Or(o.KeepBytes, 64<<20)
	o.Version = cmp.Or(o.Version, "devel")
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// check refuses what no server can be made of.
func (o Options) check() error {
	switch {
	case o.MaxTokens < 1 || o.MaxChoices < 1 || o.MaxRequests < 1 || o.MaxBody < 1 || o.MaxBodies < o.MaxBody:
		return fmt.Errorf("at most %d tokens, %d choices, %d requests, %d bytes of a request, %d of all: want one or "+
			"more of each", o.MaxTokens, o.MaxChoices, o.MaxRequests, o.MaxBody, o.MaxBodies)
	case o.BodyTime < 0 || o.WriteTime < 0 || o.RequestTime < 0 || o.Ping < 0:
		return errors.New("a limit of time is below 0")
	case slices.Contains(o.Keys, ""):
		return errors.New("a key is empty: anybody would have it")
	}
	return nil
}

// A Server answers requests to one model. It is an http.Handler.
type Server struct {
	m       *falconmamba.Model
	o       Options
	routes  map[string]*route // by path; one that ends with / goes on
	keys    []key
	browser *http.CrossOriginProtection
	chats   conversation
	kept    *shelf
	created int64 // Unix time

	draining atomic.Bool
	base     context.Context // ends when what still runs has to
	cut      context.CancelCauseFunc
	requests atomic.Int64
	bodies   atomic.Int64 // bytes
	count    *counters
	forms    *forms

	mu    sync.Mutex
	tasks map[*task]struct{}
	next  int64 // id of a task
}

// New returns a server of m, which stays the caller's to close.
func New(m *falconmamba.Model, o Options) (*Server, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Server{m: m, o: o, created: time.Now().Unix(), tasks: map[*task]struct{}{}, count: newCounters(),
		forms: newForms(), kept: newShelf(o.Keep, o.KeepBytes)}
	s.base, s.cut = context.WithCancelCause(context.Background())
	for _, k := range o.Keys {
		s.keys = append(s.keys, newKey(k))
	}
	var err error
	if s.browser, err = browsers(o.Origins); err != nil {
		return nil, err
	}
	if s.chats, err = newConversation(m, o.Template); err != nil {
		return nil, err
	}
	s.route()
	return s, nil
}

// Warnings lists what whoever serves the model should be told.
func (s *Server) Warnings() []string {
	if s.m.Tokenizer() == nil {
		return []string{"the model has no tokenizer: prompts are token ids alone, and texts are empty"}
	}
	if s.chats.template == nil {
		return []string{"chats are refused: " + s.chats.why.Error()}
	}
	return nil
}
