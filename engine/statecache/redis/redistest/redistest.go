// Package redistest runs Debian's redis-server for tests.
package redistest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A Server is a redis-server of its own on a loopback address, which keeps nothing on a disk.
type Server struct {
	Addr string

	t    testing.TB
	args []string
	run  *exec.Cmd
}

// Start runs a server until the test ends, with further arguments as --requirepass x. Where there is none the
// test is left out, but with FM_TEST_REQUIRE=redis.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if strings.Contains(os.Getenv("FM_TEST_REQUIRE"), "redis") {
			t.Fatal("redis-server is not installed")
		}
		t.Skip("left out: redis-server is not installed (apt install redis-server)")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Addr: l.Addr().String(), t: t}
	l.Close()
	_, port, _ := net.SplitHostPort(s.Addr)
	s.args = append([]string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
		"--dir", t.TempDir(), "--logfile", filepath.Join(t.TempDir(), "log")}, args...)
	s.Again()
	t.Cleanup(s.Stop)
	return s
}

// Port returns where it listens.
func (s *Server) Port() int {
	_, port, _ := net.SplitHostPort(s.Addr)
	n, _ := strconv.Atoi(port)
	return n
}

// URL returns its address as clients have it.
func (s *Server) URL() string { return "redis://" + s.Addr + "/0" }

// Stop kills the server. What it kept is lost.
func (s *Server) Stop() {
	if s.run == nil {
		return
	}
	_ = s.run.Process.Kill()
	_ = s.run.Wait()
	s.run = nil
}

// Again starts it where it was.
func (s *Server) Again() {
	s.t.Helper()
	s.run = exec.Command("redis-server", s.args...)
	if err := s.run.Start(); err != nil {
		s.t.Fatal(err)
	}
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", s.Addr)
		if err == nil {
			c.Close()
			return
		}
		if time.Since(begin) > 20*time.Second {
			s.t.Fatalf("redis-server does not listen at %s: %v", s.Addr, err)
		}
	}
}
