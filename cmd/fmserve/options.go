package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"falconmamba/cmd/internal/cli"
	"falconmamba/engine"
	"falconmamba/internal/regular"
	"falconmamba/server"
)

// options are the command line.
type options struct {
	cli.ModelFlags
	flags *pflag.FlagSet

	host           string
	port           int
	keys           []string
	keyFile        string
	cert, key      string
	engine         engine.Options // but for what ModelFlags say
	template       string         // a file
	log            string
	verbose        bool
	bodyMiB        int
	cacheMiB       int
	cacheDeviceMiB int
	served         server.Options
	drain          time.Duration
	store          place
}

// declare returns the command line with nothing on it.
func declare() *options {
	o := &options{}
	fs := cli.NewFlags(program)
	o.flags = fs
	o.DeclareModel(fs)
	fs.StringVar(&o.host, "host", "127.0.0.1", "listen on `ADDRESS`; 0.0.0.0 or :: for all of the machine's")
	fs.IntVar(&o.port, "port", 11435, "listen on port `N`; 0: any that is free")
	fs.StringSliceVarP(&o.served.Aliases, "alias", "a", nil,
		"`NAME` of the model for clients, and others by which requests may call it")
	fs.StringArrayVar(&o.keys, "api-key", nil, "clients must send `KEY`; may be repeated ($FM_API_KEY is one too)")
	fs.StringVar(&o.keyFile, "api-key-file", "", "`FILE` with such keys, one to a line")
	fs.StringVar(&o.cert, "cert", "", "serve TLS with the certificates of `FILE`, in PEM")
	fs.StringVar(&o.key, "key", "", "`FILE` with the certificate's key, in PEM")
	fs.StringSliceVar(&o.served.Hosts, "allow-host", nil,
		"`NAME` by which a server on a loopback address may be called too, behind\na proxy say")
	fs.StringSliceVar(&o.served.Origins, "allow-origin", nil,
		"`ORIGIN` of pages that may send requests from a browser, as\nhttps://chat.example.com; *: any (default: none)")
	fs.StringVar(&o.template, "chat-template-file", "",
		"`FILE` with a chat template in Jinja, in place of the model's own")
	fs.IntVarP(&o.served.MaxTokens, "n-predict", "n", 4096, "write at most `N` tokens for a text")
	fs.IntVar(&o.served.MaxChoices, "max-choices", 32, "write at most `N` texts for a request")
	fs.IntVar(&o.bodyMiB, "max-body", 8, "a request has at most `N` MiB")
	fs.IntVar(&o.engine.Running, "running", 64, "write `N` texts at once")
	fs.IntVar(&o.engine.Waiting, "waiting", 0, "`N` requests wait at most, others are refused; 0: 1024, -1: none")
	fs.DurationVar(&o.engine.Pace, "pace", 0,
		"`TIME` that a text waits at most between tokens for prompts beside it; 0: 100ms")
	fs.IntVar(&o.engine.States, "states", 0, "`N` states that the device has room for; 0: as many as fit")
	fs.IntVar(&o.cacheMiB, "cache-ram", 1024,
		"keep states of texts in `N` MiB of the host's memory, lest the same\nbeginning is read twice; 0: keep none")
	fs.IntVar(&o.cacheDeviceMiB, "cache-device", 0, "and in `N` MiB of the device's own")
	fs.StringVar(&o.store.name, "store", "",
		"share states and responses with other servers in `PLACE`: a folder, or a server of\nRedis' protocol, as "+
			"redis://:PASSWORD@HOST:6379/0 ($FM_STORE is it too)")
	fs.StringVar(&o.store.durable, "durable", "async",
		"the state of a turn is there `WHEN`: turn, before its end is told, or async,\nbehind it, and before the end "+
			"of the next one is told")
	fs.DurationVar(&o.store.keep, "store-keep", 24*time.Hour, "a state is kept there for `TIME` after it was of use")
	fs.DurationVar(&o.store.limit, "store-timeout", 5*time.Second, "and may take `TIME` to write or to read a state")
	fs.IntVar(&o.store.gib, "store-size", 16, "states take `N` GiB of a folder")
	fs.DurationVar(&o.served.RequestTime, "timeout", time.Hour, "an answer takes `TIME` at most")
	fs.DurationVar(&o.served.Keep, "keep-responses", time.Hour,
		"keep a response of /v1/responses for `TIME` after it was of use; 0: none")
	fs.BoolVar(&o.served.NoPage, "no-page", false, "show no page to browsers")
	fs.DurationVar(&o.drain, "drain", 30*time.Second, "`TIME` that requests may go on for at the end")
	fs.StringVar(&o.log, "log", "text", "log in `FORMAT`: text, json or none")
	fs.BoolVar(&o.served.LogTexts, "log-texts", false, "log prompts and texts too")
	fs.BoolVar(&o.verbose, "verbose", false, "log more")
	o.DeclareRest(fs)
	cli.DeclareVersion(fs)
	return o
}

// parse reads the command line. help is not empty where it was asked for.
func parse(args []string) (o *options, help string, err error) {
	o = declare()
	switch {
	case len(args) == 1 && args[0] == "help":
		args = []string{"--help"}
	case len(args) == 1 && args[0] == "version":
		return nil, cli.Version(program), nil
	}
	if err := cli.Parse(o.flags, args); errors.Is(err, pflag.ErrHelp) {
		return nil, o.page().Help(), nil
	} else if errors.Is(err, cli.ErrVersion) {
		return nil, cli.Version(program), nil
	} else if err != nil {
		return nil, "", err
	}
	return o, "", o.check()
}

// check refuses what makes no sense whatever the model, and reads the files that flags name.
func (o *options) check() (err error) {
	switch {
	case o.flags.NArg() > 0:
		return cli.Usagef("%q is not a flag: the model goes behind -m", o.flags.Arg(0))
	case o.port < 0 || o.port > 65535:
		return cli.Usagef("--port %d: want 0 to 65535", o.port)
	case (o.cert == "") != (o.key == ""):
		return cli.Usagef("--cert and --key go together")
	case o.served.MaxTokens < 1 || o.served.MaxChoices < 1:
		return cli.Usagef("-n %d, --max-choices %d: want 1 or more", o.served.MaxTokens, o.served.MaxChoices)
	case o.bodyMiB < 1 || o.bodyMiB > 1024:
		return cli.Usagef("--max-body %d: want 1 to 1024 MiB", o.bodyMiB)
	case o.served.RequestTime <= 0 || o.drain < 0:
		return cli.Usagef("--timeout %v, --drain %v: want more than 0, and 0 or more", o.served.RequestTime, o.drain)
	case o.served.Keep < 0:
		return cli.Usagef("--keep-responses %v: want 0 or more", o.served.Keep)
	case o.cacheMiB < 0 || o.cacheDeviceMiB < 0:
		return cli.Usagef("--cache-ram %d, --cache-device %d: want 0 MiB or more", o.cacheMiB, o.cacheDeviceMiB)
	case o.cacheMiB == 0 && o.cacheDeviceMiB > 0:
		return cli.Usagef("--cache-device wants room in the host's memory too: give --cache-ram")
	case o.cacheMiB == 0 && (o.store.name != "" || os.Getenv(storeEnv) != ""):
		return cli.Usagef("--store wants room in the host's memory too: give --cache-ram")
	case o.engine.Running < 1:
		return cli.Usagef("--running %d: want 1 or more", o.engine.Running)
	}
	if err := o.store.check(); err != nil {
		return err
	}
	o.engine.Cache = engine.CacheOptions{Off: o.cacheMiB == 0, Host: int64(o.cacheMiB) << 20,
		Device: int64(o.cacheDeviceMiB) << 20}
	if err := o.engine.Validate(); err != nil {
		return cli.Usagef("%w", err)
	}
	if _, err := o.Options(); err != nil {
		return err
	}
	if o.drain == 0 {
		o.drain = -1
	}
	if o.served.Keep == 0 {
		o.served.Keep = -1
	}
	o.served.Drain, o.served.Running = o.drain, o.engine.Running
	o.served.MaxBody = int64(o.bodyMiB) << 20
	o.served.MaxBodies = max(256<<20, 4*o.served.MaxBody)
	o.served.Name = cli.ModelName(o.Model)
	switch {
	case len(o.served.Aliases) > 0:
		o.served.Name, o.served.Aliases = o.served.Aliases[0], o.served.Aliases[1:]
	case o.Model == "":
		o.served.Name = "tiny-shakespeare"
	default:
		o.served.Aliases = []string{o.Model} // as ORG/NAME of the hub
	}
	if o.served.Keys, err = o.apiKeys(); err != nil {
		return err
	}
	if o.cert != "" {
		pair, err := readCertificate(cli.ExpandHome(o.cert), cli.ExpandHome(o.key))
		if err != nil {
			return fmt.Errorf("certificate %s with key %s: %w", o.cert, o.key, err)
		}
		o.served.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	if o.template != "" {
		if o.served.Template, err = cli.ReadTemplate(cli.ExpandHome(o.template)); err != nil {
			return err
		}
	}
	_, err = o.logger(io.Discard)
	return err
}

// maxSecrets bounds a file of keys or certificates, in bytes.
const maxSecrets = 1 << 20

// readCertificate reads a certificate and its key, as tls.LoadX509KeyPair does, from regular files.
func readCertificate(cert, key string) (pair tls.Certificate, err error) {
	public, err := regular.Read(cert, maxSecrets)
	if err != nil {
		return pair, err
	}
	private, err := regular.Read(key, maxSecrets)
	if err != nil {
		return pair, err
	}
	return tls.X509KeyPair(public, private)
}

// apiKeys returns the keys of flags, files and the environment.
func (o *options) apiKeys() (keys []string, err error) {
	keys = o.keys
	if k := os.Getenv("FM_API_KEY"); k != "" {
		keys = append(keys, k)
	}
	for _, k := range keys {
		if strings.TrimSpace(k) != k || k == "" {
			return nil, cli.Usagef("a key of --api-key or $FM_API_KEY is empty, or has white space at its ends")
		}
	}
	if o.keyFile == "" {
		return keys, nil
	}
	text, err := regular.Read(cli.ExpandHome(o.keyFile), maxSecrets)
	if err != nil {
		return nil, err
	}
	before := len(keys)
	for line := range strings.Lines(string(text)) {
		if k := strings.TrimSpace(line); k != "" && !strings.HasPrefix(k, "#") {
			keys = append(keys, k)
		}
	}
	if len(keys) == before {
		return nil, fmt.Errorf("%s has no key: want one to a line", o.keyFile)
	}
	return keys, nil
}

// logger returns what --log asks for.
func (o *options) logger(w io.Writer) (*slog.Logger, error) {
	h := &slog.HandlerOptions{Level: slog.LevelInfo}
	if o.verbose {
		h.Level = slog.LevelDebug
	}
	switch o.log {
	case "text":
		return slog.New(slog.NewTextHandler(w, h)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, h)), nil
	case "none":
		return slog.New(slog.DiscardHandler), nil
	}
	return nil, cli.Usagef("--log %s: want text, json or none", o.log)
}
