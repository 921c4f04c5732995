package hub

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"falconmamba/checkpoint/gguf"
)

// A Name says which model: ORG/REPO[@REVISION][:FILE].
type Name struct {
	Org, Repo string
	Revision  string // a branch, a tag or a commit; main where the name has none
	// File is the path of a GGUF file in the repository, or what tells it from
	// the others at the end of its name (Q4_K_M); empty for safetensors.
	File string
}

// word is a half of org/repo (huggingface_hub, validate_repo_id). A name that
// begins otherwise is a path.
var word = regexp.MustCompile(`^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?$`)

// Parse reads a name. Its error says that s is none, which a path is not
// either: ask for the file first.
func Parse(s string) (Name, error) {
	n := Name{Revision: "main"}
	s = nameOf(s)
	repo, file, hasFile := strings.Cut(s, ":")
	repo, rev, hasRev := strings.Cut(repo, "@")
	var ok bool
	n.Org, n.Repo, ok = strings.Cut(repo, "/")
	if !ok || hosts[n.Org] || !word.MatchString(n.Org) || !word.MatchString(n.Repo) ||
		strings.Contains(repo, "--") || strings.Contains(repo, "..") {
		return n, fmt.Errorf("%q is no model of the hub: want ORG/NAME, ORG/NAME@REVISION or ORG/NAME:FILE.gguf", s)
	}
	if hasRev {
		n.Revision = rev
		if !local(rev) {
			return n, fmt.Errorf("%q: %q is no revision: want a branch, a tag or a commit behind the sign @", s, rev)
		}
	}
	if hasFile {
		n.File = file
		if !local(file) {
			return n, fmt.Errorf("%q: %q is no file of a repository: want the name of a GGUF file behind the colon",
				s, file)
		}
	}
	return n, nil
}

// hosts are the hub's.
var hosts = map[string]bool{"huggingface.co": true, "www.huggingface.co": true, "hf.co": true}

// nameOf is the name behind an address of the hub, as people copy it from a browser:
// https://huggingface.co/ORG/NAME, with /tree/REVISION or /blob/REVISION/FILE behind it. What is
// none stays as it is.
func nameOf(s string) string {
	rest := strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
	host, rest, _ := strings.Cut(rest, "/")
	if !hosts[host] {
		return s
	}
	rest, _, _ = strings.Cut(rest, "?")
	rest, _, _ = strings.Cut(rest, "#")
	parts := strings.Split(strings.Trim(rest, "/"), "/")
	if len(parts) < 2 {
		return s
	}
	name := strings.Join(parts[:2], "/")
	if len(parts) == 2 {
		return name
	}
	if parts[2] != "tree" && parts[2] != "blob" && parts[2] != "resolve" || len(parts) < 4 {
		return s
	}
	if parts[3] != "main" {
		name += "@" + parts[3]
	}
	if file := strings.Join(parts[4:], "/"); strings.HasSuffix(strings.ToLower(file), ggufExt) {
		name += ":" + file
	}
	return name
}

func (n Name) String() string {
	s := n.repo()
	if n.Revision != "main" {
		s += "@" + n.Revision
	}
	if n.File != "" {
		s += ":" + n.File
	}
	return s
}

func (n Name) repo() string { return n.Org + "/" + n.Repo }

// folder is what the repository's folder in the cache is called.
func (n Name) folder() string { return "models--" + n.Org + "--" + n.Repo }

// picks reports whether a file of the repository is the GGUF file meant.
func (n Name) picks(file string) bool {
	if n.File == file {
		return true
	}
	if strings.HasSuffix(strings.ToLower(n.File), ggufExt) || n.File == "" {
		return false
	}
	base := strings.ToLower(path.Base(file))
	if p, ok := gguf.PartOf(base); ok {
		base = p.Name + ggufExt
	}
	base, ok := strings.CutSuffix(base, ggufExt)
	if !ok {
		return false
	}
	rest, ok := strings.CutSuffix(base, strings.ToLower(n.File))
	return ok && (rest == "" || strings.ContainsAny(rest[len(rest)-1:], "-."))
}

const ggufExt = ".gguf"

// parts returns the files that a GGUF file is of: itself, or all parts of a split
// one.
func parts(file string) []string {
	p, ok := gguf.PartOf(file)
	if !ok {
		return []string{file}
	}
	all := make([]string, p.Count)
	for i := range all {
		all[i] = p.Path(i)
	}
	return all
}

// firsts leaves out of a list of GGUF files the parts behind the first.
func firsts(files []string) []string {
	return slices.DeleteFunc(slices.Clone(files), func(file string) bool {
		p, ok := gguf.PartOf(file)
		return ok && p.No > 0
	})
}

// local reports whether a slash-separated path from outside stays below the
// folder it is joined to, on every system.
func local(p string) bool {
	if p == "" || len(p) > 1024 || !filepath.IsLocal(p) || path.Clean(p) != p {
		return false
	}
	for _, r := range p {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`\:*?"<>|`, r) {
			return false
		}
	}
	for elem := range strings.SplitSeq(p, "/") {
		// Windows drops dots and spaces at the end of a name.
		if strings.TrimRight(elem, ". ") != elem || len(elem) > 255 {
			return false
		}
	}
	return p != "."
}

// isHex reports whether s is n hexadecimal digits in lower case.
func isHex(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789abcdef") == ""
}
