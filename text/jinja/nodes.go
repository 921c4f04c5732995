package jinja

// Statements.
type (
	// dataStmt writes text as it stands.
	dataStmt struct{ text string }
	// outputStmt writes a value.
	outputStmt struct {
		line  int
		value expr
	}
	ifStmt struct {
		line int
		cond expr
		then []stmt
		els  []stmt
	}
	forStmt struct {
		line   int
		target assignTarget
		over   expr
		cond   expr // nil for all
		body   []stmt
		els    []stmt
	}
	assignStmt struct {
		line   int
		target assignTarget
		value  expr
	}
	// assignBlockStmt sets a name to what the body writes.
	assignBlockStmt struct {
		line    int
		target  assignTarget
		filters []filterCall
		body    []stmt
	}
	macroStmt struct {
		line     int
		name     string
		params   []string
		defaults []expr // of the last parameters
		body     []stmt

		caller, varargs, kwargs bool // the body names these
	}
	loopControl struct{ leave bool } // break or continue
)

type stmt interface{ run(r *renderer) flow }

// An assignTarget is what is assigned to: a name, several, or an attribute.
type assignTarget struct {
	names []string
	many  bool   // unpack
	attr  string // of names[0], a namespace
}

// Expressions.
type (
	constExpr struct{ value any }
	nameExpr  struct {
		line int
		name string
	}
	listExpr struct {
		items []expr
		tuple bool
	}
	dictExpr struct {
		line         int
		keys, values []expr
	}
	getattrExpr struct {
		line int
		of   expr
		name string
	}
	getitemExpr struct {
		line int
		of   expr
		key  expr
	}
	sliceExpr struct {
		line             int
		of               expr
		begin, end, step expr // nil where not given
	}
	callExpr struct {
		line int
		of   expr
		args argNodes
	}
	filterExpr struct {
		of   expr
		call filterCall
	}
	testExpr struct {
		line   int
		of     expr
		name   string
		test   test
		args   []expr
		negate bool
	}
	unaryExpr struct {
		line int
		op   string // "-", "+" or "not"
		of   expr
	}
	binaryExpr struct {
		line        int
		op          string
		left, right expr
	}
	// compareExpr is a chain: a < b < c.
	compareExpr struct {
		line  int
		first expr
		ops   []string
		rest  []expr
	}
	logicExpr struct { // and, or
		or          bool
		left, right expr
	}
	condExpr struct { // a if cond else b
		cond      expr
		then, els expr // els nil for none
	}
)

type expr interface{ eval(r *renderer) any }

type argNodes struct {
	args  []expr
	names []string // of the named ones
	named []expr
	star  expr // behind *, nil for none
	stars expr // behind **
}

type filterCall struct {
	line   int
	name   string
	filter filter
	args   argNodes
}
