package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"falconmamba/backend"
	"falconmamba/cmd/internal/cli"
)

// TestMain has the warnings of devices behind it, which come once. For tests of several processes it is the program.
func TestMain(m *testing.M) {
	if os.Getenv(programEnv) != "" {
		main()
	}
	infos, _ := backend.Devices()
	for _, i := range infos {
		cli.Warn(program, io.Discard, i)
	}
	os.Exit(m.Run())
}

// start runs the program until stop is called, which returns its exit status. It returns its address and
// what it has written to stderr, line by line, up to there.
func start(t *testing.T, args ...string) (url string, said []string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r, w := io.Pipe()
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, append([]string{"--port", "0", "--backend", "cpu"}, args...), io.Discard, w)
		w.Close()
	}()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if _, after, ok := strings.Cut(lines.Text(), " at http"); ok {
			url = "http" + after
			break
		}
		said = append(said, lines.Text())
	}
	go io.Copy(io.Discard, r)
	if url == "" {
		t.Fatalf("it does not listen: %q", said)
	}
	return url, said, func() int { cancel(); return <-status }
}

// Alone it serves the embedded model on this machine, and a signal ends it well.
func TestServe(t *testing.T) {
	url, said, stop := start(t)
	if !strings.HasPrefix(url, "http://127.0.0.1:") || len(said) > 0 {
		t.Errorf("%s, %q", url, said)
	}
	a, err := http.Post(url+"/chat/completions", "application/json", strings.NewReader(
		`{"model":"tiny-shakespeare","messages":[{"role":"user","content":"O Romeo"}],"max_tokens":8}`))
	if err != nil {
		t.Fatal(err)
	}
	if data, _ := io.ReadAll(a.Body); a.StatusCode != 200 || !bytes.Contains(data, []byte(`"role":"assistant"`)) {
		t.Errorf("%d %s", a.StatusCode, data)
	}
	if status := stop(); status != cli.OK {
		t.Errorf("status %d", status)
	}
}

// On other addresses than this machine's own it warns, unless there is a key; TLS is served with a certificate.
func TestOtherAddresses(t *testing.T) {
	_, said, stop := start(t, "--host", "0.0.0.0")
	if stop(); len(said) != 1 || !strings.Contains(said[0], "give --api-key") {
		t.Errorf("%q", said)
	}
	dir := t.TempDir()
	cert, key := certificate(t, dir)
	keys := filepath.Join(dir, "keys")
	if err := os.WriteFile(keys, []byte("# of the team\nsecret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	url, said, stop := start(t, "--host", "0.0.0.0", "--api-key-file", keys, "--cert", cert, "--key", key, "-a", "one,two")
	defer stop()
	if len(said) > 0 || !strings.HasPrefix(url, "https://") {
		t.Errorf("%s, %q", url, said)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		ForceAttemptHTTP2: true}}
	q, _ := http.NewRequest("GET", strings.Replace(url, "[::]", "127.0.0.1", 1)+"/models/two", nil)
	q.Header.Set("Authorization", "Bearer secret")
	a, err := client.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	if data, _ := io.ReadAll(a.Body); a.StatusCode != 200 || a.ProtoMajor != 2 || !bytes.Contains(data, []byte(`"id":"one"`)) {
		t.Errorf("%s %d %s", a.Proto, a.StatusCode, data)
	}
}

// certificate makes one for this machine.
func certificate(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	public, err := x509.CreateCertificate(rand.Reader, about, about, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", public), write("key.pem", "PRIVATE KEY", secret)
}

// A command line that makes no sense is one line with its reason, and no model is loaded for it.
func TestUsage(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	_, again := net.Listen("tcp", taken.Addr().String())
	var inUse syscall.Errno
	if !errors.As(again, &inUse) {
		t.Fatalf("a port that is taken: %v", again)
	}
	empty := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(empty, []byte("# none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"x":                                    `2 "x" is not a flag`,
		"--port 70000":                         "2 0 to 65535",
		"--cert x":                             "2 go together",
		"--cert x --key y":                     "1 certificate x",
		"-n 0":                                 "2 1 or more",
		"--max-body 0":                         "2 1 to 1024",
		"--timeout 0s":                         "2 more than 0",
		"--keep-responses -1s":                 "2 0 or more",
		"--running 0":                          "2 1 or more",
		"--cache-ram -1":                       "2 0 MiB or more",
		"--cache-ram 0 --cache-device 1":       "2 --cache-ram",
		"--log loud":                           "2 text, json or none",
		"--backend abacus":                     "1 abacus",
		"--api-key=":                           "2 is empty",
		"--api-key-file=":                      "2 --api-key-file is empty",
		"--host=":                              "2 --host is empty",
		"--cert= --key x":                      "2 --cert is empty",
		"--api-key-file " + empty:              "1 no key",
		"--chat-template-file nowhere":         "1 nowhere",
		"--chat-template-file " + t.TempDir():  "1 not a regular file",
		"--api-key-file " + t.TempDir():        "1 not a regular file",
		"--cert " + t.TempDir() + " --key key": "1 not a regular file",
		"--port " + port:                       "1 " + inUse.Error(),
		"-m nowhere/at/all --port 0":           "1 nowhere/at/all",
		"--allow-origin x --port 0":            "1 https://chat.example.com",
		"-c 4096":                              "2 no context to size",
		"--prot 1":                             "2 did you mean --port",
	} {
		var stderr bytes.Buffer
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second) // it serves, which is wrong
		status := run(ctx, strings.Fields(line), io.Discard, &stderr)
		cancel()
		code, words, _ := strings.Cut(want, " ")
		if got := stderr.String(); string(rune('0'+status)) != code || !strings.Contains(got, words) ||
			strings.Count(got, "\n") != 1 {
			t.Errorf("fmserve %s: status %d, %q; want %s", line, status, got, want)
		}
	}
	for _, line := range []string{"--help", "help", "version", "--version", "--port=0 --version", "--list-devices"} {
		var stdout bytes.Buffer
		if status := run(context.Background(), strings.Fields(line), &stdout, io.Discard); status != 0 || stdout.Len() == 0 {
			t.Errorf("fmserve %s: status %d, %q", line, status, &stdout)
		}
	}
}

// The model is opened as its own flags and those of the server say.
func TestModelOptions(t *testing.T) {
	o, _, err := parse([]string{"--state-type", "bf16", "--chunk", "16", "--running", "3", "--draft", "random:130m",
		"--draft-quant", "q8_0"})
	if err != nil {
		t.Fatal(err)
	}
	m, err := o.model()
	if err != nil {
		t.Fatal(err)
	}
	if e := m.Engine; e.StateType != backend.BF16 || e.Chunk != 16 || e.Running != 3 || !m.Text {
		t.Errorf("states as %v, a chunk of %d, %d running, text: %v", e.StateType, e.Chunk, e.Running, m.Text)
	}
	if d := m.Draft; d.Model != "random:130m" || d.Checkpoint.Quant == 0 {
		t.Errorf("the draft model is %+v", d)
	}
}
