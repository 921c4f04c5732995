// Package page tests the server's page in a real browser: Chromium without a head, by its DevTools protocol.
package page

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A browser is a tab at the server's page, so many pixels wide.
type browser struct {
	t   *testing.T
	ctx context.Context
}

// open opens the page at an address, in a tab of a fresh browser. What the browser complains of, the policy's refusals
// among it, fails the test, and so does a request to another host.
func open(t *testing.T, url string, width, height int64) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	err := chromedp.Listen(ctx, func(e any) {
		switch e := e.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("an exception: %s", e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			// A refusal that the test asks for is noted as a request that failed.
			if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
				t.Errorf("the browser complains: %s", e.Entry.Text)
			}
		case *network.EventRequestWillBeSent:
			if to := e.Request.URL; !strings.HasPrefix(to, url) && !strings.HasPrefix(to, "blob:"+url) {
				t.Errorf("a request to %s", to)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	b := &browser{t, ctx}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	b.do(chromedp.EmulateViewport(width, height), chromedp.Navigate(url))
	return b
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// call sends a command of the protocol.
func call[P, R any](b *browser, c cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, c, params); err != nil {
		b.t.Fatal(err)
	}
}

// value evaluates an expression.
func value[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits for an expression to be true.
func (b *browser) until(expression string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(20*time.Second),
		chromedp.WithPollingInterval(20*time.Millisecond))); err != nil {
		b.picture("failed")
		b.t.Fatalf("%s: %v", expression, err)
	}
}

// press types keys where the focus is.
func (b *browser) press(keys string, options ...chromedp.KeyOption) {
	b.t.Helper()
	if text, ok := strings.CutSuffix(keys, kb.Enter); ok {
		b.press(text, options...)
		b.enter(kb.ModifierNone)
	} else if keys != "" {
		b.do(chromedp.KeyEvent(keys, options...))
	}
}

// enter presses Enter as one event, as a keyboard does: a page that takes the key has no new line come of it.
func (b *browser) enter(held kb.Modifier) {
	b.t.Helper()
	key := input.DispatchKeyEventParams{Type: kb.KeyDown, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13,
		NativeVirtualKeyCode: 13, Text: kb.Enter, UnmodifiedText: kb.Enter, Modifiers: int64(held)}
	call(b, input.DispatchKeyEvent, key)
	key.Type, key.Text, key.UnmodifiedText = kb.KeyUp, "", ""
	call(b, input.DispatchKeyEvent, key)
}

// quiet waits for the text that is being written to end.
func (b *browser) quiet() {
	b.t.Helper()
	b.until(`document.getElementById("stop").hidden`)
}

// ask sends a message by the keyboard, and waits for the answer's end.
func (b *browser) ask(words string) {
	b.t.Helper()
	b.do(chromedp.Focus(chromedp.CSS("#message")))
	b.press(words + kb.Enter)
	b.until(fmt.Sprintf(`[...document.querySelectorAll("article.user .said")].at(-1)?.textContent === %q`, words))
	b.quiet()
}

// click clicks a button that is called so, in the last article that has one.
func (b *browser) click(label string) {
	b.t.Helper()
	if !value[bool](b, fmt.Sprintf(`(() => {
		const b = [...document.querySelectorAll("main button, footer button")].filter((b) =>
			(b.getAttribute("aria-label") ?? b.textContent) === %q && b.checkVisibility()).at(-1);
		b?.focus(); b?.click(); return Boolean(b) })()`, label)) {
		b.t.Fatalf("there is no button %q", label)
	}
}

// said returns the texts of the messages that are shown.
func (b *browser) said() []string {
	b.t.Helper()
	return value[[]string](b, `[...document.querySelectorAll("article .said")].map((e) => e.textContent)`)
}

// last returns the words below the last message.
func (b *browser) last() string {
	b.t.Helper()
	return value[string](b, `[...document.querySelectorAll("article .meta")].at(-1)?.textContent ?? ""`)
}

// set changes settings, in the dialog as it is.
func (b *browser) set(fields map[string]string) {
	b.t.Helper()
	list, _ := json.Marshal(fields)
	b.do(chromedp.Click(chromedp.CSS("#open-settings")))
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`for (const [name, v] of Object.entries(%s))
		document.getElementById("settings-form").elements[name].value = v; null`, list)))
	b.do(chromedp.Click(chromedp.CSS("#settings-form button[type=submit]")))
	b.until(`!document.querySelector("dialog[open]")`)
}

// picture keeps what is seen in the folder FM_PICTURES, if it is set.
func (b *browser) picture(name string) {
	dir := os.Getenv("FM_PICTURES")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		b.t.Error(err)
	}
}

// fits fails where something is wider than the window.
func (b *browser) fits(what string) {
	b.t.Helper()
	if wide := value[[]string](b, `[...document.querySelectorAll("body, body *")].filter((e) => e.checkVisibility() &&
		!e.closest(".skip, .unseen") && (e.getBoundingClientRect().right > innerWidth + .5 || e.getBoundingClientRect().left < -.5))
		.map((e) => e.tagName + "#" + e.id + "." + e.className)`); len(wide) > 0 {
		b.t.Errorf("%s: wider than the window: %q", what, wide)
	}
	if value[int](b, `document.scrollingElement.scrollWidth`) > value[int](b, `innerWidth`) ||
		value[bool](b, `document.getElementById("main").scrollWidth > document.getElementById("main").clientWidth`) {
		b.t.Errorf("%s: it scrolls sideways", what)
	}
}

// readable fails where words have less contrast with what is behind them than 4.5 to 1, the least of WCAG 2.2's AA. What
// is turned off is left out.
func (b *browser) readable(what string) {
	b.t.Helper()
	if faint := value[[]string](b, `(() => {
		const parts = (c) => c.match(/[\d.]+/g).map(Number);
		const light = ([r, g, b]) => [r, g, b].map((x) => x / 255).map((x) => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4)
			.reduce((sum, x, i) => sum + x * [.2126, .7152, .0722][i], 0);
		const behind = (e) => {
			for (; e; e = e.parentElement) {
				const c = parts(getComputedStyle(e).backgroundColor);
				if (c.length < 4 || c[3] > 0) return c;
			}
			return [255, 255, 255];
		};
		return [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && !e.closest("[aria-disabled=true], .unseen, .skip") &&
			[...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim())).flatMap((e) => {
			const [low, high] = [light(parts(getComputedStyle(e).color)), light(behind(e))].sort((a, b) => a - b);
			const contrast = (high + .05) / (low + .05);
			return contrast < 4.5 ? [e.tagName + " " + e.textContent.slice(0, 20) + " " + contrast.toFixed(1)] : [];
		});
	})()`); len(faint) > 0 {
		b.t.Errorf("%s: hard to read: %q", what, faint)
	}
}

// The servers: one as it is, one with a key that keeps no responses, and one whose model has no chat template.
var address, withKey, noChats = os.Getenv("FM_URL"), os.Getenv("FM_URL_KEY"), os.Getenv("FM_URL_PLAIN")

func TestMain(m *testing.M) {
	if address == "" || withKey == "" || noChats == "" {
		fmt.Println("FM_URL, FM_URL_KEY and FM_URL_PLAIN are not set: scripts/test-page.sh starts these servers")
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// A conversation: an answer comes in parts, another version of it, a changed message, and back; of what was said before
// the message nothing is read again.
func TestChat(t *testing.T) {
	b := open(t, address, 1000, 800)
	b.until(`document.getElementById("model").textContent === "tiny-shakespeare"`)
	b.picture("empty")
	if device := value[string](b, `document.getElementById("device").textContent`); device == "" {
		t.Error("no device")
	}
	b.set(map[string]string{"max_tokens": "60", "seed": "7", "system": "Be <b>brief</b>."})
	b.do(chromedp.Evaluate[chromedp.Void](`window.parts = 0; new MutationObserver(() => { parts++ }).observe(
		document.getElementById("messages"), { childList: true, subtree: true, characterData: true }); null`))
	b.ask("Who is <img src=x onerror=alert(1)> there?")
	first := b.said()
	if len(first) != 2 || first[0] != "Who is <img src=x onerror=alert(1)> there?" || first[1] == "" {
		t.Fatalf("%q", first)
	}
	if n := value[int](b, `parts`); n < 3 {
		t.Errorf("the answer came in %d parts", n)
	}
	if value[int](b, `document.querySelectorAll("main img, main b").length`) > 0 {
		t.Error("a text is markup")
	}
	if m := b.last(); !strings.Contains(m, "60 tokens") || !strings.Contains(m, "tok/s") || !strings.Contains(m, " of ") ||
		!strings.Contains(m, "token limit") {
		t.Errorf("below: %q", m)
	}
	if told := value[string](b, `document.getElementById("told").textContent`); told != first[1] {
		t.Errorf("a screen reader is told %q", told)
	}

	b.ask("And who art thou?")
	known, read := reuse(t, b.last())
	if known < 60 || known >= read {
		t.Errorf("%d of %d were known", known, read)
	}
	second := b.said()
	b.picture("chat")

	b.click("Answer again")
	b.quiet()
	again := b.said()
	if len(again) != 4 || again[3] == second[3] || again[3] == "" {
		t.Fatalf("%q, and again %q", second, again)
	}
	if reused, all := reuse(t, b.last()); reused < known || all != read {
		t.Errorf("again %d of %d were known, want %d of %d", reused, all, known, read)
	}
	if which := value[string](b, `document.querySelector(".which").textContent`); which != "2 of 2" {
		t.Errorf("version %q", which)
	}
	b.click("Previous version of the answer")
	same(t, "back", b.said(), second)
	b.click("Next version of the answer")
	same(t, "on", b.said(), again)

	// A fork at the first message.
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("[aria-label='Edit the message']").click()`))
	b.until(`document.activeElement.tagName === "TEXTAREA" && document.activeElement.closest("article")`)
	b.readable("an edited message")
	b.picture("edit")
	b.press("a", chromedp.KeyModifiers(kb.ModifierCtrl))
	b.press("What news?" + kb.Enter)
	b.until(`document.querySelector("article.user .said")?.textContent === "What news?"`)
	b.quiet()
	forked := b.said()
	if len(forked) != 2 || forked[1] == "" {
		t.Fatalf("%q", forked)
	}
	b.picture("fork")
	b.click("Previous version of the message")
	same(t, "back before the fork", b.said(), again)
	b.ask("Go on.")
	if reused, read := reuse(t, b.last()); reused < 150 || reused >= read {
		t.Errorf("behind an older state %d of %d were known", reused, read)
	}

	// It stays in the tab.
	before := b.said()
	b.do(chromedp.Reload())
	b.until(`document.querySelectorAll("article").length === 6`)
	same(t, "after a reload", b.said(), before)
	b.do(chromedp.Click(chromedp.CSS("#new")))
	b.until(`document.querySelectorAll("article").length === 0`)
	b.picture("new")
	b.click("What news?")
	same(t, "an earlier conversation", b.said(), forked)
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if strings.Join(got, "\x00") != strings.Join(want, "\x00") {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// reuse returns how many tokens of a prompt were known, and how many it has.
func reuse(t *testing.T, words string) (reused, read int) {
	t.Helper()
	for _, part := range strings.Split(words, " · ") {
		if _, err := fmt.Sscanf(part, "%d of %d prompt tokens reused", &reused, &read); err == nil {
			return reused, read
		}
	}
	t.Fatalf("no tokens in %q", words)
	return 0, 0
}

// A long answer is stopped by a key and by the button; what goes on from it has what was written.
func TestStop(t *testing.T) {
	b := open(t, address, 1000, 800)
	b.set(map[string]string{"max_tokens": "4000", "seed": "1"})
	for _, stop := range []func(){
		func() { b.press(kb.Escape) },
		func() { b.do(chromedp.Click(chromedp.CSS("#stop"))) },
	} {
		b.do(chromedp.Focus(chromedp.CSS("#message")))
		b.press("Speak on" + kb.Enter)
		b.until(`document.querySelector("article.writing .said")?.textContent.length > 20`)
		b.picture("writing")
		stop()
		b.quiet()
		if m := b.last(); !strings.Contains(m, "stopped") {
			t.Errorf("below: %q", m)
		}
		if focus := value[string](b, `document.activeElement.id`); focus != "message" {
			t.Errorf("the focus is at %q", focus)
		}
	}
	b.set(map[string]string{"max_tokens": "8"})
	b.ask("And now?")
	if reused, read := reuse(t, b.last()); reused < 10 || read < reused {
		t.Errorf("behind two stopped answers %d of %d were known", reused, read)
	}
}

// A phone and the dark: nothing is wider than the window, and the colours are others.
func TestPhone(t *testing.T) {
	b := open(t, address, 360, 640)
	light := value[string](b, `getComputedStyle(document.body).backgroundColor`)
	b.fits("empty")
	b.set(map[string]string{"max_tokens": "40"})
	b.ask(strings.Repeat("Honorificabilitudinitatibus", 4))
	b.click("Answer again")
	b.quiet()
	b.fits("with an answer")
	b.readable("light")
	b.picture("phone")
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
	if dark := value[string](b, `getComputedStyle(document.body).backgroundColor`); dark == light {
		t.Errorf("light and dark are %s", dark)
	}
	b.readable("dark")
	b.click("Edit the message")
	b.readable("an edited message in the dark")
	b.fits("an edited message")
	b.press(kb.Escape)
	b.picture("phone-dark")
	b.do(chromedp.Click(chromedp.CSS("#open-settings")))
	b.fits("settings")
	b.readable("settings in the dark")
	b.picture("settings-dark")
	b.press(kb.Escape)
	b.do(chromedp.Click(chromedp.CSS("#mode-text")))
	b.fits("text")
	b.picture("text-dark")
}

// With the keyboard alone: to a message, through the buttons of an answer, and through the settings.
func TestKeyboard(t *testing.T) {
	b := open(t, address, 1000, 800)
	b.until(`document.getElementById("model").textContent === "tiny-shakespeare"`)
	name := func() string {
		return value[string](b, `document.activeElement.getAttribute("aria-label") ??
			document.activeElement.labels?.[0]?.textContent.trim() ?? document.activeElement.textContent`)
	}
	to := func(want string) {
		t.Helper()
		for range 40 {
			if name() == want {
				if !value[bool](b, `document.activeElement.matches(":focus-visible")`) {
					t.Errorf("%s has the focus, which is not seen", want)
				}
				return
			}
			b.press(kb.Tab)
		}
		t.Fatalf("the keyboard does not come to %q", want)
	}
	b.press(kb.Tab)
	if name() != "Skip to the message" {
		t.Errorf("first comes %q", name())
	}
	b.picture("skip")
	b.press(kb.Enter)
	to("Settings")
	b.press(kb.Enter)
	b.until(`document.querySelector("dialog[open]")`)
	to("Token limit")
	b.press("20")
	b.picture("settings")
	b.press(kb.Enter)
	b.until(`!document.querySelector("dialog[open]")`)
	if name() != "Settings" {
		t.Errorf("behind the settings the focus is at %q", name())
	}
	to("Message")
	b.press("Hark")
	b.enter(kb.ModifierShift)
	b.press("who comes?" + kb.Enter)
	b.until(`document.querySelector("article.model")`)
	b.quiet()
	if said := b.said(); len(said) != 2 || said[0] != "Hark\nwho comes?" {
		t.Fatalf("%q", said)
	}
	to("Answer again")
	b.press(kb.Enter)
	b.quiet()
	if name() != "Answer again" {
		t.Errorf("again, and the focus is at %q", name())
	}
	to("Previous version of the answer")
	b.press(kb.Enter)
	b.until(`document.querySelector(".which").textContent === "1 of 2"`)
	if name() != "Previous version of the answer" {
		t.Errorf("a version back, and the focus is at %q", name())
	}
	to("Edit the message")
	b.press(kb.Enter)
	b.until(`document.activeElement.tagName === "TEXTAREA"`)
	b.press(kb.Escape)
	if name() != "Edit the message" || len(b.said()) != 2 {
		t.Errorf("not edited, and the focus is at %q", name())
	}
	// Each field and button has a name.
	if bad := value[[]string](b, `[...document.querySelectorAll("button, input, textarea, a")].filter((e) =>
		!(e.getAttribute("aria-label") || e.labels?.[0]?.textContent.trim() || e.textContent.trim())).map((e) => e.outerHTML)`); len(bad) > 0 {
		t.Errorf("without a name: %q", bad)
	}
}

// A text is written on, and there is a way back.
func TestText(t *testing.T) {
	b := open(t, address, 1000, 800)
	b.set(map[string]string{"max_tokens": "30", "seed": "3"})
	b.do(chromedp.Click(chromedp.CSS("#mode-text")), chromedp.Focus(chromedp.CSS("#document")))
	text := func() string { return value[string](b, `document.getElementById("document").value`) }
	b.press("ROMEO:")
	b.enter(kb.ModifierCtrl)
	b.until(`document.getElementById("document").value.length > 8`)
	b.quiet()
	first := text()
	if !strings.HasPrefix(first, "ROMEO:") {
		t.Errorf("%q", first)
	}
	b.click("Again")
	b.quiet()
	if again := text(); again == first || !strings.HasPrefix(again, "ROMEO:") {
		t.Errorf("%q, and again %q", first, again)
	}
	b.picture("text")
	b.click("Previous version of the text")
	if back := text(); back != first {
		t.Errorf("back is %q, want %q", back, first)
	}
	b.click("Write on")
	b.quiet()
	if on := text(); !strings.HasPrefix(on, first) || len(on) == len(first) {
		t.Errorf("%q goes on as %q", first, on)
	}
}

// A server with keys is asked with one, and says what is wrong with another. Where it keeps no responses, a conversation
// is sent whole.
func TestKey(t *testing.T) {
	b := open(t, withKey, 1000, 800)
	for _, try := range []struct{ why, key string }{{"missing", "wrong"}, {"is not one of", "clé"}} {
		b.until(fmt.Sprintf(`document.getElementById("keys").open &&
			document.getElementById("keys-why").textContent.includes(%q)`, try.why))
		b.picture("key")
		b.press(try.key + kb.Enter)
	}
	b.until(`document.getElementById("model").textContent === "tiny-shakespeare"`)
	// What the server refuses is a text.
	b.set(map[string]string{"max_tokens": "9000"})
	b.ask("Ho!")
	if m := value[string](b, `document.querySelector("article .failure")?.textContent ?? ""`); !strings.Contains(m, "max_output_tokens") {
		t.Errorf("the failure is %q", m)
	}
	b.readable("a failure")
	b.picture("failure")
	b.set(map[string]string{"max_tokens": "8"})
	b.click("Answer again")
	b.quiet()
	_, first := reuse(t, b.last())
	b.ask("What ho!")
	if reused, read := reuse(t, b.last()); reused < first || read < first+8 || len(b.said()) != 4 {
		t.Errorf("%d of %d were known, behind %d", reused, read, first)
	}
}

// A server that cannot be reached is said so, and asked again once it can be. What was written before stays.
func TestOffline(t *testing.T) {
	b := open(t, address, 1000, 800)
	b.set(map[string]string{"max_tokens": "8"})
	b.ask("Is there anybody?")
	offline := func(yes bool) {
		call(b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: yes, DownloadThroughput: -1, UploadThroughput: -1}}})
	}
	offline(true)
	b.ask("Hello?")
	failure := `document.querySelector("article .failure")?.textContent ?? ""`
	if m := value[string](b, failure); !strings.Contains(m, "cannot be reached") || len(b.said()) != 4 {
		t.Errorf("the failure is %q", m)
	}
	offline(false)
	b.click("Answer again")
	b.quiet()
	if m := value[string](b, failure); m != "" || b.said()[3] == "" {
		t.Errorf("the failure is %q", m)
	}
}

// Export saves everything as JSON, and a page that is left while a text is written has what there was of it.
func TestExport(t *testing.T) {
	b := open(t, address, 1000, 800)
	b.set(map[string]string{"max_tokens": "4000", "seed": "1", "system": "Be long."})
	b.do(chromedp.Focus(chromedp.CSS("#message")))
	b.press("Speak on" + kb.Enter)
	b.until(`document.querySelector("article.writing .said")?.textContent.length > 20`)
	b.do(chromedp.Reload())
	b.until(`document.querySelectorAll("article").length === 2 &&
		document.getElementById("model").textContent === "tiny-shakespeare"`)
	if m := b.last(); !strings.Contains(m, "stopped") || len(b.said()[1]) < 20 {
		t.Errorf("%q, below %q", b.said(), m)
	}
	b.do(chromedp.Evaluate[chromedp.Void](`URL.createObjectURL = (blob) => { blob.text().then((s) => { window.saved = s });
		return "blob:" + location.origin + "/0" }; document.getElementById("export").click(); null`))
	b.until(`window.saved`)
	var saved struct {
		Model    string
		Settings struct{ System string }
		Messages []struct{ Role, Text string }
	}
	if err := json.Unmarshal([]byte(value[string](b, `saved`)), &saved); err != nil {
		t.Fatal(err)
	}
	if said := b.said(); saved.Model != "tiny-shakespeare" || saved.Settings.System != "Be long." || len(saved.Messages) != 3 ||
		saved.Messages[2].Text != said[1] || saved.Messages[1].Role != "user" {
		t.Errorf("%+v", saved)
	}
}

// A model without a chat template writes texts on, and no more is offered.
func TestNoChats(t *testing.T) {
	b := open(t, noChats, 1000, 800)
	b.until(`document.getElementById("device").textContent && !document.getElementById("plain").hidden`)
	if value[bool](b, `document.getElementById("modes").checkVisibility() || document.getElementById("message").checkVisibility()`) {
		t.Error("a chat is offered")
	}
	b.set(map[string]string{"max_tokens": "30"})
	b.do(chromedp.Focus(chromedp.CSS("#document")))
	b.press("JULIET:")
	b.click("Write on")
	b.until(`document.getElementById("document").value.length > 9`)
	b.quiet()
	b.picture("plain")
}
