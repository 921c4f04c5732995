// Serve writes texts over HTTP, for any number of clients at once, in one running batch.
//
//	go run ./examples/serve -model MODEL
//	curl -N localhost:8080/generate --data-binary 'Once upon a time'
//	curl localhost:8080/stats
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"falconmamba"
	_ "falconmamba/backend/all" // the devices of the platform
)

func main() {
	name := flag.String("model", "checkpoint/tiny", "a folder, a file or a model of the hub")
	addr := flag.String("addr", "localhost:8080", "where to listen")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	m, err := falconmamba.Open(ctx, *name, nil)
	if err != nil {
		log.Fatal(err)
	}
	l, err := net.Listen("tcp", *addr)
	if err == nil {
		err = serve(ctx, l, m)
	}
	if err := errors.Join(err, m.Close()); err != nil {
		log.Fatal(err)
	}
}

// serve answers requests until ctx ends. Then it begins nothing more, and gives the texts
// that are being written a minute to end.
func serve(ctx context.Context, l net.Listener, m *falconmamba.Model) error {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /generate", func(w http.ResponseWriter, r *http.Request) { generate(w, r, m) })
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, r *http.Request) { json.NewEncoder(w).Encode(m.Stats()) })
	server := &http.Server{Handler: mux}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return errors.Join(server.Shutdown(grace), m.Shutdown(grace))
}

// generate writes on from the body, and sends each token as it comes. A client that reads
// slowly holds only its own text, and one that goes away ends it.
func generate(w http.ResponseWriter, r *http.Request, m *falconmamba.Model) {
	prompt, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s, err := m.NewSession()
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	defer s.Close()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8") // no browser takes it for a page
	begun := false
	for t, err := range s.Generate(r.Context(), string(prompt), nil) {
		switch {
		case err != nil && begun:
			panic(http.ErrAbortHandler) // the client sees that its text is not whole
		case errors.Is(err, falconmamba.ErrQueueFull):
			w.Header().Set("Retry-After", "1")
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		case errors.Is(err, falconmamba.ErrEmpty):
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		begun = true
		io.WriteString(w, t.Text)
		http.NewResponseController(w).Flush()
	}
}
