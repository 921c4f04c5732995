package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

var drawn = []edge{
	{".", "model", false, ""}, {".", "backend", false, ""}, {"model", "backend", false, ""},
	{"model", "backend/null", true, ""}, {"backend/vulkan", "backend", false, ""}, {"model/deep", "model", false, ""},
}

// TestDraw sees that the same imports give the same bytes, and well-formed XML.
func TestDraw(t *testing.T) {
	table, err := parseTable(small)
	if err != nil {
		t.Fatal(err)
	}
	first, err := table.draw(drawn)
	if err != nil {
		t.Fatal(err)
	}
	again, err := table.draw(drawn)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("a second picture differs: %v", err)
	}
	for d := xml.NewDecoder(bytes.NewReader(first)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{">falconmamba<", ">model<", ">deep<", ">backend/vulkan<", ">backend/null<"} {
		if !strings.Contains(string(first), text) {
			t.Errorf("the picture does not say %s", text)
		}
	}
}

// TestReduced sees that what is reached by way of another room, or imported by tests
// alone, has no arrow.
func TestReduced(t *testing.T) {
	table, err := parseTable(small + "\nground\n")
	if err != nil {
		t.Fatal(err)
	}
	g, err := table.newGraph(drawn)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range g.arrows {
		got = append(got, a.path[0].room.name+" → "+a.path[len(a.path)-1].room.name)
	}
	want := ". → model, model → backend, backend/vulkan → backend"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("arrows are %s, want %s", s, want)
	}
}
