package report

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

func (c Column) pad(cell string) string {
	fill := strings.Repeat(" ", max(0, c.wide()-utf8.RuneCountInString(cell)))
	if c.Left {
		return cell + fill
	}
	return fill + cell
}

// human is a value as people read it, in a cell of Markdown.
func human(v any) string {
	var s string
	switch v := v.(type) {
	case nil:
	case time.Duration:
		s = duration(v)
	case fmt.Stringer:
		s = v.String()
	case float64:
		s = fmt.Sprintf("%.4g", v)
	default:
		s = fmt.Sprint(v)
	}
	return strings.NewReplacer("|", `\|`, "\n", " ", "\r", " ").Replace(s)
}

// duration writes three digits.
func duration(d time.Duration) string {
	s := d.Seconds()
	switch {
	case d == 0:
		return "0"
	case s < 1e-6:
		return fmt.Sprintf("%d ns", d)
	case s < 1e-3:
		return fmt.Sprintf("%.3g µs", s*1e6)
	case s < 1:
		return fmt.Sprintf("%.3g ms", s*1e3)
	}
	return fmt.Sprintf("%.3g s", s)
}
