package main

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// deployed returns a file of deploy/.
func deployed(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// first returns what a pattern captures.
func first(t *testing.T, pattern, text string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("there is no %s", pattern)
	}
	return m[1]
}

// What is deployed has flags that there are.
func TestDeployedFlags(t *testing.T) {
	unit := strings.Fields(first(t, `(?m)^ExecStart=\S+ (.*) \$FMSERVE_FLAGS$`, deployed(t, "fmserve.service")))
	image := strings.Split(strings.ReplaceAll(first(t, `(?m)^CMD \[(.*)\]$`, deployed(t, "Containerfile")), `"`, ""), ", ")
	pod := strings.Fields(strings.ReplaceAll(first(t, `(?s)\n          args:\n(.*?)\n          env:`,
		deployed(t, "kubernetes/fmserve.yaml")), "- ", ""))
	t.Setenv(storeEnv, "redis://:PASSWORD@redis:6379/0")
	for what, args := range map[string][]string{"the unit": unit, "the image": image, "the pod": pod} {
		o, _, err := parse(args)
		if err != nil {
			t.Errorf("%s: fmserve %q: %v", what, args, err)
		} else if o.store.name == "" {
			t.Errorf("%s: $FM_STORE is not the place", what)
		}
	}
}

// The unit and haproxy's file are taken by the programs that read them, where they are.
func TestDeployedFiles(t *testing.T) {
	dir := t.TempDir()
	for name, check := range map[string][]string{"fmserve.service": {"systemd-analyze", "verify"},
		"haproxy.cfg": {"haproxy", "-c", "-f"}} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(check[0]); err != nil {
				t.Skipf("left out: %s is not installed", check[0])
			}
			path := filepath.Join(dir, name)
			text := strings.Replace(deployed(t, name), "=/usr/local/bin/fmserve ", "="+os.Args[0]+" ", 1)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			said, err := exec.Command(check[0], append(check[1:], path)...).CombinedOutput()
			if err != nil || strings.Contains(string(said), "WARN") || strings.Contains(string(said), name+":") {
				t.Errorf("%v: %s", err, said)
			}
		})
	}
}

// A picker of endpoints that reads vLLM's gauges finds them: the names of llm-d-router and of the Gateway API's
// inference extension.
func TestPickersGauges(t *testing.T) {
	url, _, stop := start(t)
	defer stop()
	text := fetch(t, strings.TrimSuffix(url, "/v1")+"/metrics")
	for _, name := range []string{"vllm:num_requests_waiting", "vllm:num_requests_running", "vllm:kv_cache_usage_perc"} {
		if !strings.Contains(text, "# TYPE "+name+" gauge\n") || !strings.Contains(text, "\n"+name+"{") {
			t.Errorf("there is no gauge %s", name)
		}
	}
}

func fetch(t *testing.T, url string) string {
	t.Helper()
	a, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
