package gguf

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
)

// A Set is the files of one model: one, or the parts of a split file in their
// order, as llama.cpp's gguf-split makes them. The first has the keys.
type Set []*File

// splitName is how the parts are called: NAME-00002-of-00003.gguf.
var splitName = regexp.MustCompile(`(?i)^(.*)-([0-9]{5})-of-([0-9]{5})(\.gguf)$`)

// A Part is what the name of a part says.
type Part struct {
	Name      string // before the numbers
	No, Count int    // No from 0 on
	ext       string
}

// PartOf reads the name or the path of a file. ok is false for a file that is not
// split.
func PartOf(path string) (p Part, ok bool) {
	m := splitName.FindStringSubmatch(path)
	if m == nil {
		return Part{Count: 1}, false
	}
	no, _ := strconv.Atoi(m[2]) // five digits
	count, _ := strconv.Atoi(m[3])
	return Part{m[1], no - 1, count, m[4]}, no >= 1 && no <= count
}

// Path returns what part no of the same file is called.
func (p Part) Path(no int) string {
	return fmt.Sprintf("%s-%05d-of-%05d%s", p.Name, no+1, p.Count, p.ext)
}

// OpenSet opens a file, and the others if it is part of a split one. Any part may
// be named. open is Open or Read.
func OpenSet(path string, open func(path string) (*File, error)) (set Set, err error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	no, count, err := f.part()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if count == 1 {
		return Set{f}, nil
	}
	set = make(Set, 0, 1)
	defer func() {
		if err != nil {
			f.Close()
			set.Close()
			set = nil
		}
	}()
	p, ok := PartOf(path)
	if !ok || p.No != no || p.Count != count {
		return set, fmt.Errorf("%s is part %d of %d by its keys: want it called %s, and the others beside it",
			path, no+1, count, Part{"NAME", no, count, ".gguf"}.Path(no))
	}
	for i := range count {
		part := f
		if i != no {
			if part, err = open(p.Path(i)); errors.Is(err, fs.ErrNotExist) {
				return set, fmt.Errorf("%s is missing: %s is part %d of %d, and the model needs all",
					p.Path(i), path, no+1, count)
			} else if err != nil {
				return set, err
			}
		}
		set = append(set, part)
	}
	if err := set.Check(); err != nil {
		return set, fmt.Errorf("%s: %w", p.Path(0), err)
	}
	return set, nil
}

// part reads which part of how many a file is: 0 of 1 where it does not say.
func (f *File) part() (no, count int, err error) {
	read := func(name string, to *int, least, most int64) {
		v, ok := f.Key(name)
		if !ok || err != nil {
			return
		}
		n, e := v.Int()
		switch {
		case e != nil:
			err = fmt.Errorf("%s %w", name, e)
		case n < least || n > most:
			err = fmt.Errorf("%s is %d: want %d to %d", name, n, least, most)
		}
		*to = int(n)
	}
	count = 1
	read("split.count", &count, 0, 99999)
	count = max(count, 1)
	read("split.no", &no, 0, int64(count)-1)
	return no, count, err
}

// Check reports what keeps the files from being the parts of one model.
func (s Set) Check() error {
	tensors := 0
	seen := map[string]int{}
	for i, f := range s {
		no, count, err := f.part()
		if err != nil {
			return fmt.Errorf("part %d: %w", i+1, err)
		}
		if no != i || count != len(s) {
			return fmt.Errorf("what should be part %d of %d is part %d of %d: the parts are of different files",
				i+1, len(s), no+1, count)
		}
		for _, t := range f.Tensors {
			if other, twice := seen[t.Name]; twice {
				return fmt.Errorf("tensor %s is in parts %d and %d: the parts are of different files",
					quote(t.Name), other+1, i+1)
			}
			seen[t.Name] = i
		}
		tensors += len(f.Tensors)
	}
	for i, f := range s {
		v, ok := f.Key("split.tensors.count")
		if !ok {
			continue
		}
		n, err := v.Int()
		if err != nil {
			return fmt.Errorf("part %d: split.tensors.count %w", i+1, err)
		}
		if n != int64(tensors) {
			return fmt.Errorf("part %d says that the model has %d tensors, the parts have %d: "+
				"the parts are of different files", i+1, n, tensors)
		}
	}
	return nil
}

// Key returns the value of a key of the model.
func (s Set) Key(name string) (Value, bool) { return s[0].Key(name) }

// Lookup returns the entry of a tensor, and which file it is in.
func (s Set) Lookup(name string) (part int, t Tensor, ok bool) {
	for i, f := range s {
		if t, ok := f.Lookup(name); ok {
			return i, t, true
		}
	}
	return 0, Tensor{}, false
}

// Close unmaps all.
func (s Set) Close() error {
	var errs []error
	for _, f := range s {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
