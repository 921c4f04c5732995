package constrain

import "sync"

// formats are those of strings that are enforced, as RFCs have them, or less: what is allowed here is valid.
var formats = map[string]string{
	"date":      dateFormat,
	"time":      timeFormat,
	"date-time": dateFormat + `T` + timeFormat,
	"duration": `P((\d+D|\d+M(\d+D)?|\d+Y(\d+M(\d+D)?)?)(T(\d+H(\d+M(\d+S)?)?|\d+M(\d+S)?|\d+S))?` +
		`|T(\d+H(\d+M(\d+S)?)?|\d+M(\d+S)?|\d+S)|\d+W)`,
	"email":    `[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*@` + hostFormat,
	"hostname": hostFormat,
	"ipv4":     ipv4Format,
	"ipv6": `([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}` +
		`|([0-9a-fA-F]{1,4}:){1,7}:|([0-9a-fA-F]{1,4}:){1,6}:[0-9a-fA-F]{1,4}` +
		`|([0-9a-fA-F]{1,4}:){1,5}(:[0-9a-fA-F]{1,4}){1,2}|([0-9a-fA-F]{1,4}:){1,4}(:[0-9a-fA-F]{1,4}){1,3}` +
		`|([0-9a-fA-F]{1,4}:){1,3}(:[0-9a-fA-F]{1,4}){1,4}|([0-9a-fA-F]{1,4}:){1,2}(:[0-9a-fA-F]{1,4}){1,5}` +
		`|[0-9a-fA-F]{1,4}:(:[0-9a-fA-F]{1,4}){1,6}|:(:[0-9a-fA-F]{1,4}){1,7}|::|::(ffff:)?` + ipv4Format,
	"uuid":          `[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`,
	"uri":           `[A-Za-z][A-Za-z0-9+.-]*:` + uriRest,
	"uri-reference": `[A-Za-z][A-Za-z0-9+.-]*:` + uriRest + `|(/|/?` + uriWord + `+(/` + uriChar + `*)*)?` + uriTail,
	"json-pointer":  `(/([^~/]|~[01])*)*`,
}

const (
	dateFormat = `(\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|` +
		`02-(0[1-9]|1\d|2[0-8]))` +
		`|(\d\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)`
	timeFormat = `([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)`
	hostFormat = `[A-Za-z0-9]([A-Za-z0-9-]{0,28}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,28}[A-Za-z0-9])?){0,5}`
	ipv4Format = `((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`
	uriChar    = `([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9a-fA-F]{2})`
	uriWord    = `([A-Za-z0-9._~!$&'()*+,;=@-]|%[0-9a-fA-F]{2})` // without a colon
	uriTail    = `(\?(` + uriChar + `|[/?])*)?(#(` + uriChar + `|[/?])*)?`
	uriRest    = `(//([A-Za-z0-9._~-]+@)?([A-Za-z0-9._~-]|%[0-9a-fA-F]{2})*(:\d{1,4})?(/` + uriChar +
		`*)*|/?` + uriChar + `+(/` +
		uriChar + `*)*)` + uriTail
)

// wideFormats are what texts of formats are at least, by any reading. They stand for the formats where that counts: in
// opposites, and in whether two schemas exclude one another.
var wideFormats = map[string]string{
	"time":          `\d\d:[^]*`,
	"date-time":     `\d{4}-\d\d-\d\d[^\d][^]*`,
	"duration":      `P[^]*`,
	"email":         `[^]*@[^]*`,
	"hostname":      `[^\s@:/]*`,
	"uri":           `[A-Za-z][A-Za-z0-9+.-]*:[^]*`,
	"uri-reference": `[^]*`,
	"ipv6":          `[0-9A-Fa-f:.%]*:[0-9A-Fa-f:.%]*`,
}

// emailLength is what bounds an address up to its @.
const emailLength = "email, its length"

// formatPatterns are the expressions of formats.
var formatPatterns = sync.OnceValue(func() map[string]pattern {
	all := map[string]pattern{}
	for name, source := range formats {
		e, err := parseRegexp(source)
		if err != nil {
			panic(err)
		}
		all[name] = pattern{source: "format " + name, e: e}
	}
	for name, source := range wideFormats {
		e, err := parseRegexp(source)
		if err != nil {
			panic(err)
		}
		p := all[name]
		p.wide = &pattern{source: p.source + ", widely", e: e}
		all[name] = p
	}
	local := repeat(oneOf(inverse([]span{{'@', '@'}})...), 1, 64)
	all[emailLength] = pattern{source: "format email, its length", wide: all["email"].wide,
		e: concat(local, symbol('@'), repeat(oneOf(span{0, maxChar}), 0, -1))}
	return all
})

// format reads format. What no draft has is a note, as the drafts say; what one has is enforced, or an error.
func (r *reader) format(v *value) {
	if v.kind != kindString {
		r.fail("format", "want a string")
		return
	}
	switch v.text {
	case "idn-email", "idn-hostname", "iri", "iri-reference", "uri-template", "relative-json-pointer", "regex":
		r.fail("format", "%q is not supported", v.text)
	}
	p, ok := formatPatterns()[v.text]
	if !ok {
		return
	}
	r.s.patterns = append(r.s.patterns, p)
	if v.text == "email" {
		r.s.patterns = append(r.s.patterns, formatPatterns()[emailLength])
	}
}
