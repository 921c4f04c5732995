package hub

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"falconmamba/internal/regular"
)

// Options say where models are. The zero value is what the environment says, in
// the variables of the Python client.
type Options struct {
	// Cache is the folder of the cache: $HF_HUB_CACHE, else $HF_HOME/hub, else
	// ~/.cache/huggingface/hub.
	Cache string
	// Endpoint is the server's address: $HF_ENDPOINT, else https://huggingface.co.
	Endpoint string
	// Token is sent to the endpoint: $HF_TOKEN, else what the file
	// $HF_TOKEN_PATH, else $HF_HOME/token holds, else none.
	Token string
	// Offline uses the cache alone. $HF_HUB_OFFLINE sets it too.
	Offline bool

	// Confirm, if not nil, is called before weights are downloaded, when the configs are there. Its error ends the
	// download, and is returned.
	Confirm func(Plan) error
	// Progress, if not nil, is called while weights are downloaded, with bytes,
	// by one goroutine at a time.
	Progress func(done, total int64)
	// Retry, if not nil, is called before a request is made again after a wait, by
	// several goroutines.
	Retry func(err error, wait time.Duration)
	// Parallel is how many files are downloaded at once; 0 is 4.
	Parallel int
	// Stall is how long the server may take for each KiB before the connection is
	// given up and another tried; 0 is 30 s.
	Stall time.Duration
	// Metadata is how long the server may take to list the files, and again to say the
	// hashes of those that the list has none of, with all tries and waits; 0 is 2 min. A
	// file itself may take as long as it does not stall.
	Metadata time.Duration
	// Transport sends the requests; nil is one like http.DefaultTransport.
	Transport http.RoundTripper

	backoff time.Duration               // before the second try; twice as long before the next
	link    func(old, new string) error // makes a symbolic link
}

// resolve fills in what the environment says.
func (o Options) resolve() (Options, error) {
	home, err := huggingFaceHome()
	if o.Cache == "" {
		switch env := first("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"); {
		case env != "":
			o.Cache = expand(env)
		case err != nil:
			return o, fmt.Errorf("no folder for the cache of models: %w; set HF_HOME", err)
		default:
			o.Cache = filepath.Join(home, "hub")
		}
	}
	if o.Endpoint == "" {
		o.Endpoint = first("HF_ENDPOINT")
	}
	if o.Endpoint == "" {
		o.Endpoint = "https://huggingface.co"
	}
	o.Endpoint = strings.TrimRight(o.Endpoint, "/")
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return o, fmt.Errorf("HF_ENDPOINT is %q: want an address such as https://huggingface.co", o.Endpoint)
	}
	if o.Token == "" {
		o.Token = token(home)
	}
	if strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return o, errors.New("the token of HF_TOKEN, or of its file, has characters that no token has")
	}
	o.Offline = o.Offline || truth("HF_HUB_OFFLINE") || truth("TRANSFORMERS_OFFLINE")
	if o.Parallel <= 0 {
		o.Parallel = 4
	}
	if o.Stall <= 0 {
		o.Stall = 30 * time.Second
	}
	if o.Metadata <= 0 {
		o.Metadata = 2 * time.Minute
	}
	if o.Transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.DisableCompression = true // ranges and hashes are of the file as it is
		o.Transport = t
	}
	if o.backoff == 0 {
		o.backoff = 500 * time.Millisecond
	}
	if o.link == nil {
		o.link = os.Symlink
	}
	return o, nil
}

// huggingFaceHome is the folder that all of Hugging Face's programs share.
func huggingFaceHome() (string, error) {
	if env := first("HF_HOME"); env != "" {
		return expand(env), nil
	}
	if env := first("XDG_CACHE_HOME"); env != "" {
		return filepath.Join(expand(env), "huggingface"), nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".cache", "huggingface"), err
}

// token returns the user's token, or nothing. A file that cannot be read is as
// good as none: most models need no token.
func token(home string) string {
	if t := strings.TrimSpace(first("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")); t != "" {
		return t
	}
	if truth("HF_HUB_DISABLE_IMPLICIT_TOKEN") {
		return ""
	}
	file := expand(first("HF_TOKEN_PATH"))
	if file == "" {
		if home == "" {
			return ""
		}
		file = filepath.Join(home, "token")
	}
	text, err := regular.Read(file, 4096)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// first returns the first of the variables that is set.
func first(names ...string) string {
	for _, name := range names {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return ""
}

func truth(name string) bool {
	switch strings.ToUpper(os.Getenv(name)) {
	case "1", "ON", "YES", "TRUE":
		return true
	}
	return false
}

// expand resolves a leading ~ or ~user and then variables, $NAME and ${NAME}, which a shell
// leaves alone between quotes: Python's os.path.expanduser and expandvars, as the Python
// client does. What is not known stays as it stands.
func expand(p string) string {
	if strings.HasPrefix(p, "~") {
		name, rest := p[1:], ""
		if i := strings.IndexFunc(p, func(r rune) bool { return r == '/' || r == filepath.Separator }); i >= 0 {
			name, rest = p[1:i], p[i:]
		}
		if home := homeOf(name); home != "" {
			p = home + rest
		}
	}
	return variables.ReplaceAllStringFunc(p, func(s string) string {
		if v, ok := os.LookupEnv(strings.Trim(s, "${}")); ok {
			return v
		}
		return s
	})
}

var variables = regexp.MustCompile(`\$(?:\w+|\{[^{}]*\})`)

// homeOf is a user's home folder, that of the one who runs this for no name, or nothing.
func homeOf(name string) string {
	if name == "" {
		home, _ := os.UserHomeDir()
		return home
	}
	u, err := user.Lookup(name)
	if err != nil {
		return ""
	}
	return u.HomeDir
}
