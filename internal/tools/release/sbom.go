package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// A bill is a CycloneDX document, https://cyclonedx.org/docs/1.5/json: what programs were built from, as Go
// recorded it in them. Licences are not known from there.
type bill struct {
	Format     string      `json:"bomFormat"`
	Spec       string      `json:"specVersion"`
	Version    int         `json:"version"`
	Metadata   metadata    `json:"metadata"`
	Components []component `json:"components"`
}

type metadata struct {
	Timestamp string    `json:"timestamp"`
	Component component `json:"component"`
}

type component struct {
	Type       string      `json:"type"`
	Ref        string      `json:"bom-ref"`
	Name       string      `json:"name"`
	Version    string      `json:"version,omitempty"`
	PURL       string      `json:"purl,omitempty"`
	Hashes     []hash      `json:"hashes,omitempty"`
	Properties []property  `json:"properties,omitempty"`
	Components []component `json:"components,omitempty"`
}

type hash struct {
	Alg     string `json:"alg"`
	Content string `json:"content"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// sbom writes the bill of files that Go built, which must be of one commit.
func sbom(w io.Writer, at time.Time, files []string) error {
	b := bill{Format: "CycloneDX", Spec: "1.5", Version: 1}
	b.Metadata.Timestamp = at.Format(time.RFC3339)
	modules := map[string]component{}
	var own debug.Module
	for _, path := range files {
		info, err := buildinfo.ReadFile(path)
		if err != nil {
			return err
		}
		if own.Path != "" && own.Version != info.Main.Version {
			return fmt.Errorf("%s is of version %s, and %s of %s", path, info.Main.Version, files[0], own.Version)
		}
		own = info.Main
		file, err := fileOf(path, info)
		if err != nil {
			return err
		}
		b.Metadata.Component.Components = append(b.Metadata.Component.Components, file)
		std := component{Type: "library", Name: "std", Version: info.GoVersion, PURL: "pkg:golang/std@" +
			strings.TrimPrefix(info.GoVersion, "go")}
		std.Ref = std.PURL
		modules[std.PURL] = std
		for _, d := range info.Deps {
			for d.Replace != nil {
				d = d.Replace
			}
			c := component{Type: "library", Name: d.Path, Version: d.Version}
			c.PURL = "pkg:golang/" + d.Path + "@" + d.Version
			c.Ref = c.PURL
			if d.Sum != "" {
				c.Properties = []property{{"go:sum", d.Sum}}
			}
			modules[c.PURL] = c
		}
	}
	m := &b.Metadata.Component
	m.Type, m.Name, m.Version = "application", own.Path, own.Version
	m.Ref = own.Path + "@" + own.Version
	for _, purl := range slices.Sorted(maps.Keys(modules)) {
		b.Components = append(b.Components, modules[purl])
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(b)
}

// fileOf returns what is known of a file itself.
func fileOf(path string, info *debug.BuildInfo) (component, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return component{}, err
	}
	name := filepath.Base(path)
	c := component{Type: "file", Ref: name, Name: name,
		Hashes: []hash{{"SHA-256", fmt.Sprintf("%x", sha256.Sum256(data))}}}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision", "vcs.time", "vcs.modified", "GOOS", "GOARCH", "CGO_ENABLED", "-tags", "-buildmode":
			c.Properties = append(c.Properties, property{"go:" + s.Key, s.Value})
		}
	}
	return c, nil
}
