package constrain

import (
	"encoding/binary"
	"slices"
)

// A speller makes automata of bytes. Most states of a large automaton differ in nothing but where they lead to: how
// the characters that leave them are spelled is found out once.
type speller struct {
	*effort
	spell func(span) []spelling
	known map[span][]spelling
	forms map[string]*form
	ids   map[string]int32 // states by form, and where that leads to
	out   *dfa
}

// A form is the moves of a state whose targets are left open.
type form struct {
	id    int32
	moves []formMove
}

// A formMove leads to a target, or to a state of a form, whose targets are some of this one's.
type formMove struct {
	span
	to    int32
	inner *form
	of    []int32
}

// A part is what is left of a spelling, to one of a form's targets.
type part struct {
	rest spelling
	to   int32
}

// spelled returns the automaton of the bytes that d's texts are spelled with.
func (w *effort) spelled(d *dfa, spell func(span) []spelling) (*dfa, error) {
	s := speller{effort: w, spell: spell, known: map[span][]spelling{}, forms: map[string]*form{},
		ids: map[string]int32{}, out: &dfa{states: make([]dfaState, len(d.states))}}
	shapes := map[string]*form{}
	var key []byte
	for i, from := range d.states {
		var targets []int32
		key = key[:0]
		for _, m := range from.moves {
			at := number(&targets, m.to)
			key = appendMove(key, move{m.span, at})
		}
		f, ok := shapes[string(key)]
		if !ok {
			var parts []part
			for _, m := range from.moves {
				for _, sp := range s.spellings(m.span) {
					parts = append(parts, part{sp, int32(slices.Index(targets, m.to))})
				}
			}
			var err error
			if f, err = s.form(parts); err != nil {
				return nil, err
			}
			shapes[string(key)] = f
		}
		moves, err := s.moves(f, targets)
		if err != nil {
			return nil, err
		}
		s.out.states[i] = dfaState{moves, from.accept}
	}
	return s.out.trim(), nil
}

// number returns the place of a target in a list, to which it is added where it is new.
func number(list *[]int32, to int32) int32 {
	at := slices.Index(*list, to)
	if at < 0 {
		at = len(*list)
		*list = append(*list, to)
	}
	return int32(at)
}

func (s *speller) spellings(r span) []spelling {
	all, ok := s.known[r]
	if !ok {
		all = s.spell(r)
		s.known[r] = all
	}
	return all
}

// form returns the form that some parts make.
func (s *speller) form(parts []part) (*form, error) {
	var key []byte
	for _, p := range parts {
		for _, r := range p.rest {
			key = append(key, byte(r.lo), byte(r.hi))
		}
		key = binary.LittleEndian.AppendUint32(append(key, 0, 1), uint32(p.to))
	}
	if f, ok := s.forms[string(key)]; ok {
		return f, nil
	}
	if !s.effort.spend(4 * len(parts)) {
		return nil, errEffort
	}
	f := &form{id: int32(len(s.forms))}
	s.forms[string(key)] = f
	arcs := make([]move, len(parts))
	for i, p := range parts {
		arcs[i] = move{p.rest[0], int32(i)}
	}
	var failed error
	sweep(arcs, func(r span, which []int32) {
		if failed != nil {
			return
		}
		if first := parts[which[0]]; len(first.rest) == 1 {
			f.moves = append(f.moves, formMove{span: r, to: first.to})
			return
		}
		m := formMove{span: r}
		rest := make([]part, len(which))
		for i, w := range which {
			rest[i] = part{parts[w].rest[1:], number(&m.of, parts[w].to)}
		}
		m.inner, failed = s.form(rest)
		f.moves = append(f.moves, m)
	})
	return f, failed
}

// moves returns those of a state of a form that leads to some targets, and makes the states between.
func (s *speller) moves(f *form, targets []int32) ([]move, error) {
	if !s.effort.spend(2 + 2*len(f.moves)) {
		return nil, errEffort
	}
	moves := make([]move, 0, len(f.moves))
	for _, m := range f.moves {
		if m.inner == nil {
			moves = append(moves, move{m.span, targets[m.to]})
			continue
		}
		to := make([]int32, len(m.of))
		for i, at := range m.of {
			to[i] = targets[at]
		}
		key := key32(append([]int32{m.inner.id}, to...))
		id, ok := s.ids[key]
		if !ok {
			if id = int32(len(s.out.states)); id > 4*maxStates {
				return nil, errStates
			}
			s.ids[key] = id
			s.out.states = append(s.out.states, dfaState{})
			inner, err := s.moves(m.inner, to)
			if err != nil {
				return nil, err
			}
			s.out.states[id].moves = inner
		}
		moves = append(moves, move{m.span, id})
	}
	return joined(moves), nil
}
