package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"falconmamba/cmd/internal/cli"
	"falconmamba/engine"
	"falconmamba/engine/statecache"
	"falconmamba/engine/statecache/redis"
)

// A place is where servers share states and responses.
type place struct {
	name    string // a folder, or the address of a server of Redis' protocol
	keep    time.Duration
	gib     int // of a folder
	limit   time.Duration
	durable string

	server *redis.Store // nil for a folder
}

// storeEnv has the place where no flag does: an address may have a password.
const storeEnv = "FM_STORE"

// checkTime is how long a server may take to say at the beginning that it is there.
const checkTime = 3 * time.Second

// check refuses what is no place.
func (p *place) check() (err error) {
	if p.name == "" {
		p.name = os.Getenv(storeEnv)
	}
	switch {
	case p.durable != "turn" && p.durable != "async":
		return cli.Usagef("--durable %s: want turn or async", p.durable)
	case p.keep <= 0 || p.limit <= 0 || p.gib < 1:
		return cli.Usagef("--store-keep %v, --store-timeout %v, --store-size %d: want more than 0", p.keep, p.limit,
			p.gib)
	case p.isServer():
		if p.server, err = redis.Open(p.name, redis.Options{Prefix: "fm:state:", Keep: p.keep}); err != nil {
			return cli.Usagef("--store: %w; or a folder", err)
		}
	}
	return nil
}

func (p *place) isServer() bool { return strings.Contains(p.name, "://") }

// open returns where states and responses go, nil for nowhere. Responses end after so long.
func (p *place) open(ctx context.Context, responses time.Duration, log *slog.Logger) (
	states, kept statecache.Store, err error,
) {
	if p.name == "" {
		return nil, nil, nil
	}
	if p.isServer() {
		states, kept = p.server, p.server.With(redis.Options{Prefix: "fm:response:", Keep: responses})
		ctx, cancel := context.WithTimeout(ctx, checkTime)
		defer cancel()
		if refused, err := p.server.Check(ctx); refused {
			return nil, nil, err
		} else if err != nil {
			log.Warn("the store does not answer, and may come later", "err", err)
		}
	} else {
		path := cli.ExpandHome(p.name)
		if states, err = statecache.OpenFolder(path, statecache.FolderOptions{Suffix: ".state",
			Budget: int64(p.gib) << 30, Keep: p.keep}); err != nil {
			return nil, nil, err
		}
		if kept, err = statecache.OpenFolder(filepath.Join(path, "responses"), statecache.FolderOptions{
			Suffix: ".response", Budget: responseBytes, Keep: responses, Sum: true}); err != nil {
			return nil, nil, err
		}
	}
	return statecache.Guard(states, p.limit, 0, log.With("store", "states")),
		statecache.Guard(kept, p.limit, 0, log.With("store", "responses")), nil
}

// responseBytes is what the responses of all servers take of a folder at most.
const responseBytes = 1 << 30

// durability returns what --durable says.
func (p *place) durability() engine.Durability {
	switch {
	case p.name == "":
		return engine.DurableLater
	case p.durable == "async":
		return engine.DurableAsync
	}
	return engine.DurableTurn
}

// close ends connections.
func (p *place) close() error {
	if p.server == nil {
		return nil
	}
	return p.server.Close()
}
