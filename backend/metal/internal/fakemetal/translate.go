//go:build metalfake

package fakemetal

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A program is a kernel in C++ for kernel/metal_stdlib.
type program struct {
	kernel    string
	text      string
	constants []functionConstant
}

// A functionConstant is a value that a pipeline may set.
type functionConstant struct {
	name, typ string
	id        int
	guarded   bool // the source asks whether it is defined
}

// translate turns a source with one kernel into C++. Lines keep their numbers.
func translate(source string) (*program, error) {
	t := translator{tokens: lex(source), program: &program{}}
	if err := t.attributes(); err != nil {
		return nil, err
	}
	t.constructors()
	if err := t.storage(); err != nil {
		return nil, err
	}
	thunk, err := t.kernel()
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	text.WriteString("#include \"launch.h\"\n#line 1 \"" + t.program.kernel + ".metal\"\n")
	for _, k := range t.tokens {
		text.WriteString(k.space)
		text.WriteString(k.text)
	}
	text.WriteString("\n#undef double\n#line 1 \"thunk\"\n" + thunk)
	t.program.text = text.String()
	return t.program, nil
}

// A token is a piece of the source and the white space before it.
type token struct {
	space, text string
	attributes  []attribute // that stood after it
}

// An attribute is what stands in [[ ]].
type attribute struct{ name, argument string }

var lexeme = regexp.MustCompile(`^(?:[A-Za-z_]\w*|\.?[0-9](?:[eEpP][+-]|[\w.])*|"(?:[^"\\]|\\.)*"|\[\[|\]\]|::|->|.)`)
var directive = regexp.MustCompile(`^#(?:[^\n\\]|\\(?s:.))*`)
var blank = regexp.MustCompile(`^(?:\s|//[^\n]*|(?s:/\*.*?\*/))+`)
var comment = regexp.MustCompile(`//[^\n]*|(?s:/\*.*?\*/)`)

// lex cuts the source into tokens. Comments become line ends.
func lex(s string) []token {
	var list []token
	depth := 0 // of [[ that are open, so that a[b[i]] is no attribute
	for len(s) > 0 {
		var k token
		if b := blank.FindString(s); b != "" {
			k.space = comment.ReplaceAllStringFunc(b,
				func(c string) string { return " " + strings.Repeat("\n", strings.Count(c, "\n")) })
			s = s[len(b):]
		}
		if k.text = directive.FindString(s); k.text == "" {
			k.text = lexeme.FindString(s)
		}
		if k.text == "" && s != "" {
			k.text = s[:1]
		}
		switch {
		case k.text == "[[":
			depth++
		case k.text == "]]" && depth > 0:
			depth--
		case k.text == "]]":
			k.text = "]"
		}
		s = s[len(k.text):]
		list = append(list, k)
	}
	return list
}

type translator struct {
	tokens  []token
	program *program
}

// attributes takes [[…]] out and hangs each on the token before it.
func (t *translator) attributes() error {
	var out []token
	for i := 0; i < len(t.tokens); i++ {
		k := t.tokens[i]
		if k.text != "[[" {
			out = append(out, k)
			continue
		}
		if len(out) == 0 {
			return fmt.Errorf("an attribute at the very beginning")
		}
		last := &out[len(out)-1]
		var a attribute
		depth := 0
		for i++; i < len(t.tokens) && t.tokens[i].text != "]]"; i++ {
			switch text := t.tokens[i].text; {
			case text == "(":
				depth++
			case text == ")":
				depth--
			case text == "," && depth == 0:
				last.attributes = append(last.attributes, a)
				a = attribute{}
			case depth > 0:
				a.argument += text
			default:
				a.name += text
			}
		}
		last.attributes = append(last.attributes, a)
	}
	t.tokens = out
	return nil
}

var vectorType = regexp.MustCompile(`^(?:float|half|u?int|u?short|u?char|u?long)[234]$`)

var halfLiteral = regexp.MustCompile(`^[0-9.].*[hH]$`)

// constructors rewrites what C++ does not have: float4(…) for vectors of the
// compiler's own, and 0.5h.
func (t *translator) constructors() {
	for i, k := range t.tokens {
		if halfLiteral.MatchString(k.text) {
			t.tokens[i].text = "(half)" + k.text[:len(k.text)-1]
		}
	}
	for i := range t.tokens[:max(0, len(t.tokens)-2)] {
		declares := t.tokens[i+2].text == "&" || t.tokens[i+2].text == "*" // float4 (&tile)[4]
		if k := &t.tokens[i]; vectorType.MatchString(k.text) && t.tokens[i+1].text == "(" && !declares {
			k.text = "fm_make<" + k.text + ">"
		}
	}
}

// storage gives threadgroup variables a section of their own and function
// constants their values, which come as macros.
func (t *translator) storage() error {
	for i := 0; i < len(t.tokens); i++ {
		if i > 0 && !strings.Contains("{};", t.tokens[i-1].text) && !strings.HasPrefix(t.tokens[i-1].text, "#") {
			continue
		}
		switch t.tokens[i].text {
		case "threadgroup":
			if decl := t.until(i, ";", "="); !decl.has("*") && !decl.has("&") {
				t.tokens[i].text = `static __attribute__((section("fm_threadgroup")))`
			}
		case "constant":
			if err := t.functionConstant(i); err != nil {
				return err
			}
		}
	}
	for i, k := range t.tokens {
		if k.text != "is_function_constant_defined" || i+2 >= len(t.tokens) {
			continue
		}
		name := t.tokens[i+2].text
		for c := range t.program.constants {
			if p := &t.program.constants[c]; p.name == name {
				p.guarded = true
				t.tokens[i+2].text = fmt.Sprintf("FM_DEFINED_%d", p.id)
			}
		}
		t.tokens[i].text = ""
	}
	return nil
}

// functionConstant handles "constant uint n [[function_constant(0)]];" at i.
func (t *translator) functionConstant(i int) error {
	decl := t.until(i, ";", "=")
	last := decl[len(decl)-1]
	for _, a := range last.attributes {
		if a.name != "function_constant" {
			continue
		}
		id, err := strconv.Atoi(a.argument)
		if err != nil || len(decl) != 3 {
			return fmt.Errorf("function constant %s: %q is not a number that the stand-in takes", last.text, a.argument)
		}
		for _, c := range t.program.constants {
			if c.id == id {
				return fmt.Errorf("function constants %s and %s have one number, %d", c.name, last.text, id)
			}
		}
		t.program.constants = append(t.program.constants, functionConstant{name: last.text, typ: decl[1].text, id: id})
		t.tokens[i].text = "static const"
		t.tokens[i+2].text += fmt.Sprintf(" = (%s)FM_CONSTANT_%d", decl[1].text, id)
	}
	return nil
}

type tokens []token

// until returns the tokens from i to the first of ends, or all.
func (t *translator) until(i int, ends ...string) tokens {
	for j := i; j < len(t.tokens); j++ {
		for _, e := range ends {
			if t.tokens[j].text == e {
				return t.tokens[i:j]
			}
		}
	}
	return t.tokens[i:]
}

func (ts tokens) has(text string) bool {
	for _, k := range ts {
		if k.text == text {
			return true
		}
	}
	return false
}

// positions are the arguments that tell a thread where it is, as C++.
var positions = map[string]string{
	"thread_position_in_grid":        "fm_in_grid(0), fm_in_grid(1), fm_in_grid(2)",
	"thread_position_in_threadgroup": "fm_in_group(0), fm_in_group(1), fm_in_group(2)",
	"threadgroup_position_in_grid":   "fm_group(0), fm_group(1), fm_group(2)",
	"threadgroups_per_grid":          "fm_groups(0), fm_groups(1), fm_groups(2)",
	"threads_per_threadgroup":        "fm_threads(0), fm_threads(1), fm_threads(2)",
	"threads_per_grid": "fm_groups(0)*fm_threads(0), fm_groups(1)*fm_threads(1), " +
		"fm_groups(2)*fm_threads(2)",
	"thread_index_in_threadgroup":      "fm_thread(), 0, 0",
	"thread_index_in_simdgroup":        "fm_thread()%32, 0, 0",
	"simdgroup_index_in_threadgroup":   "fm_thread()/32, 0, 0",
	"simdgroups_per_threadgroup":       "(fm_group_size()+31)/32, 0, 0",
	"threads_per_simdgroup":            "32, 0, 0",
	"thread_execution_width":           "32, 0, 0",
	"dispatch_threads_per_threadgroup": "fm_threads(0), fm_threads(1), fm_threads(2)",
}

// kernel finds the one kernel and returns what calls it.
func (t *translator) kernel() (string, error) {
	at := -1
	for i, k := range t.tokens {
		if k.text != "kernel" {
			continue
		}
		if at >= 0 {
			return "", fmt.Errorf("a second kernel in one source: the stand-in takes one")
		}
		at = i
	}
	if at < 0 || at+3 >= len(t.tokens) || t.tokens[at+1].text != "void" || t.tokens[at+3].text != "(" {
		return "", fmt.Errorf("no kernel: want kernel void NAME(…)")
	}
	name := t.tokens[at+2].text
	t.program.kernel = name
	var calls, arguments []string
	taken := map[int]string{}
	for n, p := range parameters(t.tokens[at+4:]) {
		typ := fmt.Sprintf("fm_parameter<%d, decltype(%s)>::type", n, name)
		last := p[len(p)-1]
		if len(last.attributes) != 1 {
			return "", fmt.Errorf("parameter %s of %s has %d attributes, want one", last.text, name,
				len(last.attributes))
		}
		a := last.attributes[0]
		if where, ok := positions[a.name]; ok {
			calls = append(calls, fmt.Sprintf("fm_position<%s>(%s)", typ, where))
			continue
		}
		index, err := strconv.Atoi(a.argument)
		if a.name != "buffer" || err != nil || index < 0 || index > 30 {
			return "", fmt.Errorf("parameter %s of %s: the stand-in does not know [[%s(%s)]]", last.text, name, a.name,
				a.argument)
		}
		if other, dup := taken[index]; dup {
			return "", fmt.Errorf("parameters %s and %s of %s are both buffer(%d)", other, last.text, name, index)
		}
		if !p.has("device") && !p.has("constant") {
			return "", fmt.Errorf("parameter %s of %s has no address space", last.text, name)
		}
		taken[index] = last.text
		calls = append(calls, fmt.Sprintf("fm_at<%s>::take(%d)", typ, index))
		arguments = append(arguments, fmt.Sprintf("{%d, fm_pointee<%s>::least, alignof(fm_pointee<%s>::type)}",
			index, typ, typ))
	}
	return fmt.Sprintf("static void fm_body() { %s(%s); }\nextern \"C\" const fm_kernel fm_entry = {\"%s\", fm_body, "+
		"%d, {%s}};\n",
		name, strings.Join(calls, ", "), name, len(arguments), strings.Join(arguments, ", ")), nil
}

// parameters splits what follows the opening parenthesis.
func parameters(list []token) (out []tokens) {
	depth, from := 1, 0
	for i, k := range list {
		switch k.text {
		case "(", "<", "[":
			depth++
		case ")", ">", "]":
			depth--
		}
		if depth == 0 || depth == 1 && k.text == "," {
			if i > from {
				out = append(out, list[from:i])
			}
			from = i + 1
		}
		if depth == 0 {
			break
		}
	}
	return out
}
