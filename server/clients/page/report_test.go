package page

import (
	"bytes"
	"os"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// The page of fmbench report, from a file: it asks for nothing, the browser has nothing to complain of, and it is whole
// on a wide window and a narrow one, in light and dark, and on paper.
func TestReport(t *testing.T) {
	for what, url := range map[string]string{"report": os.Getenv("FM_URL_REPORT"), "compare": os.Getenv("FM_URL_COMPARE")} {
		if url == "" {
			t.Fatalf("no address of the page %s: run by scripts/test-page.sh", what)
		}
		b := open(t, url, 1280, 900)
		if n := value[int](b, `document.querySelectorAll("svg.plot").length`); n < 1 || what == "report" && n < 6 {
			t.Errorf("%s has %d plots", what, n)
		}
		if text := value[string](b, `document.body.innerText`); len(text) < 500 {
			t.Errorf("%s has %d characters", what, len(text))
		}
		// Nothing of a plot is outside of it, and words have the page's colours.
		if out := value[[]string](b, `[...document.querySelectorAll("svg.plot")].flatMap((s) => {
			const o = s.getBoundingClientRect()
			return [...s.querySelectorAll("text, circle, rect, polygon")].filter((e) => {
				const r = e.getBoundingClientRect()
				return r.left < o.left - 2 || r.right > o.right + 2 || r.top < o.top - 2 || r.bottom > o.bottom + 2
			}).map((e) => s.getAttribute("aria-label") + ": " + e.outerHTML)
		})`); len(out) > 0 {
			t.Errorf("%s: %d things are outside of their plots: %.300q", what, len(out), out)
		}
		light := value[string](b, `getComputedStyle(document.body).backgroundColor`)
		b.picture(what)
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
		dark := value[string](b, `getComputedStyle(document.body).backgroundColor`)
		if light != "rgb(255, 255, 255)" || dark == light {
			t.Errorf("%s is %s, and in the dark %s", what, light, dark)
		}
		b.picture(what + "-dark")
		// Paper is white however dark the screen is.
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print",
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
		if paper := value[string](b, `getComputedStyle(document.body).backgroundColor`); paper != light {
			t.Errorf("%s on paper is %s", what, paper)
		}
		pdf, err := chromedp.Call(b.ctx, page.PrintToPDF, page.PrintToPDFParams{})
		if err != nil || !bytes.HasPrefix(pdf.Data, []byte("%PDF")) {
			t.Errorf("%s is not printed: %v", what, err)
		}
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
		b.do(chromedp.EmulateViewport(390, 800))
		if value[int](b, `document.scrollingElement.scrollWidth`) > value[int](b, `innerWidth`) {
			t.Errorf("%s scrolls sideways on a phone", what)
		}
		b.picture(what + "-phone")
	}
}
