package chat

// Statements.
type (
	// dataStmt writes text as it stands.
	dataStmt struct{ text string }
	// printStmt writes a value.
	printStmt struct {
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
		target target
		over   expr
		cond   expr // nil for all
		body   []stmt
		els    []stmt
	}
	setStmt struct {
		line   int
		target target
		value  expr
	}
	// blockSetStmt sets a name to what the body writes.
	blockSetStmt struct {
		line    int
		target  target
		filters []filterCall
		body    []stmt
	}
	macroStmt struct {
		line     int
		name     string
		params   []string
		defaults []expr // of the last parameters
		body     []stmt
	}
	loopControl struct{ leave bool } // break or continue
)

type stmt interface{ run(r *run) flow }

// A target is what is assigned to: a name, several, or an attribute.
type target struct {
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
	attrExpr struct {
		line int
		of   expr
		name string
	}
	indexExpr struct {
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
		args arguments
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
	choiceExpr struct { // a if cond else b
		cond      expr
		then, els expr // els nil for none
	}
)

type expr interface{ eval(r *run) any }

type arguments struct {
	args  []expr
	names []string // of the named ones
	named []expr
}

type filterCall struct {
	line   int
	name   string
	filter filter
	args   arguments
}
