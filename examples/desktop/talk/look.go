package talk

import (
	"falconmamba"
	"falconmamba/examples/desktop/tree"
)

// A View is what there is to show.
type View struct {
	Version int         // the turns and the text are another when this is
	Turns   []tree.Turn // that the text on show is of
	Rows    []tree.Row  // all turns
	Status  string
	Failed  bool // the status is an error
	Busy    bool // commands wait or run
	Lost    bool // the device was lost: it has to be opened anew
	States  int  // that are kept, of how many bytes, and how many these may be
	Bytes   int64
	Limit   int64
	Session *falconmamba.Session // whose state is to be drawn, or nil
	State   *falconmamba.State   // a copy of that, where Begin was asked for one
}

// Look tells what there is to show. What it returns is not changed afterwards. Turns and Rows are those of the last
// View, if nothing is new.
func (t *Talk) Look(last View) View {
	t.mu.Lock()
	defer t.mu.Unlock()
	v := View{Version: t.version, Status: t.status, Failed: t.failed, Busy: t.waiting > 0, Lost: t.lost, State: t.state,
		Turns: last.Turns, Rows: last.Rows}
	v.States, v.Bytes, v.Limit = t.tree.Kept()
	if t.on != nil {
		v.Session = t.on.session
	}
	if last.Version != v.Version || last.States != v.States || last.Bytes != v.Bytes || v.Rows == nil {
		v.Turns, v.Rows = tree.Turns(t.here), t.tree.Rows(t.here)
	}
	return v
}
