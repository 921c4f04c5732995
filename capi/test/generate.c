// How texts are written: by callback and by step, and what ends them.
#include "test.h"

static const char prompt[] = "ROMEO:\n";

void test_generate(void) {
	text a, b;
	fm_generate_options o = {sizeof o};
	fm_stop_reason reason;
	fm_session *s;

	// What fmgen writes: the checkpoint's defaults, and some of its own.
	OK(fm_model_defaults(model, &o, &err));
	o.max_tokens = 40, o.temperature = 0.7f, o.seed = 3;
	write_new(&a, prompt, &o);
	CHECK(a.tokens == 40);
	if (strcmp(a.s, given("FMGEN")) != 0) {
		failed(__FILE__, __LINE__, "another text than fmgen's");
		printf("fmgen:\n%s\nhere:\n%s\n", given("FMGEN"), a.s);
	}
	o.seed = 4;
	write_new(&b, prompt, &o);
	CHECK(strcmp(a.s, b.s) != 0);
	o.seed = 3;

	// In two parts, the second by another call; the callback's end is no error.
	OK(fm_session_new(model, &s, &err));
	OK(fm_session_stop_reason(s, &reason, &err));
	CHECK(reason == FM_STOP_NONE);
	memset(&b, 0, sizeof b);
	b.leave = 15;
	OK(fm_session_generate(s, prompt, &o, add, &b, &err));
	CHECK(b.tokens == 15);
	OK(fm_session_stop_reason(s, &reason, &err));
	CHECK(reason == FM_STOP_NONE);
	b.leave = 0;
	o.max_tokens = 25;
	OK(fm_session_generate(s, NULL, &o, add, &b, &err));
	CHECK(strcmp(a.s, b.s) == 0);
	OK(fm_session_stop_reason(s, &reason, &err));
	CHECK(reason == FM_STOP_LENGTH);

	// Begun anew.
	OK(fm_session_reset(s, &err));
	IS(FM_INVALID, fm_session_generate(s, NULL, &o, add, &b, &err));
	OK(fm_session_append_text(s, prompt, &err));
	OK(fm_session_prefill(s, NULL, NULL, NULL, &err));
	memset(&b, 0, sizeof b);
	o.max_tokens = 40;
	OK(fm_session_generate(s, "", &o, add, &b, &err));
	CHECK(strcmp(a.s, b.s) == 0);

	// Stop strings end it and are left out.
	const char *stops[] = {"zzz-not-there", "\n\nD"};
	o.temperature = 0, o.stop = stops, o.stop_count = 2, o.max_tokens = 200;
	OK(fm_session_reset(s, &err));
	memset(&b, 0, sizeof b);
	OK(fm_session_generate(s, prompt, &o, add, &b, &err));
	OK(fm_session_stop_reason(s, &reason, &err));
	CHECK(reason == FM_STOP_STRING && strcmp(b.s, "I'll not believe it.") == 0);
	stops[0] = "";
	IS(FM_INVALID, fm_session_generate(s, NULL, &o, add, &b, &err));
	stops[0] = "\x80";
	IS(FM_INVALID, fm_session_generate(s, NULL, &o, add, &b, &err));
	stops[0] = NULL;
	IS(FM_INVALID, fm_session_generate(s, NULL, &o, add, &b, &err));
	o.stop = NULL;
	IS(FM_INVALID, fm_session_generate(s, NULL, &o, add, &b, &err));
	o.stop_count = 0;

	// No options are the checkpoint's, and 256 tokens.
	fm_generate_options d = {sizeof d};
	text c;
	OK(fm_model_defaults(model, &d, &err));
	CHECK(d.struct_size == sizeof d && d.flags == 0 && d.stop == NULL && d.cancel == NULL);
	d.seed = 0;
	write_new(&b, prompt, NULL);
	write_new(&c, prompt, &d);
	CHECK(b.tokens > 0 && b.tokens <= 256 && strcmp(b.s, c.s) == 0);
	IS(FM_INVALID, fm_model_defaults(model, NULL, &err));
	d.struct_size = 0;
	IS(FM_INVALID, fm_model_defaults(model, &d, &err));

	// What makes no sense.
	IS(FM_INVALID, fm_session_generate(s, "\xff", &o, add, &b, &err));
	IS(FM_INVALID, fm_session_generate(s, NULL, &o, NULL, NULL, &err));
	o.temperature = -1;
	IS(FM_INVALID, fm_session_generate(s, NULL, &o, add, &b, &err));
	o.temperature = NAN;
	IS(FM_INVALID, fm_session_generate(s, NULL, &o, add, &b, &err));
	o.temperature = 0, o.top_logprobs = 21;
	IS(FM_INVALID, fm_session_generate(s, NULL, &o, add, &b, &err));
	o.top_logprobs = 0, o.flags = 1u << 30;
	IS(FM_UNSUPPORTED, fm_session_generate(s, NULL, &o, add, &b, &err));
	OK(fm_session_free(s));
}

static int first_two(void *user, const fm_token *token) {
	CHECK(token->top_count == 2 && token->top != NULL);
	if (token->top_count == 2) {
		CHECK(token->top[0].logprob >= token->top[1].logprob);
		CHECK(token->top[0].id == token->id && fabs(token->top[0].logprob - token->logprob) < 1e-9); // it is greedy
	}
	return add(user, token);
}

void test_forms(void) {
	text a, b;
	fm_session *s;
	fm_generate_options o = {sizeof o};

	// Log-probabilities are those that scoring gives.
	o.max_tokens = 12, o.top_logprobs = 2;
	memset(&a, 0, sizeof a);
	OK(fm_session_new(model, &s, &err));
	OK(fm_session_generate(s, prompt, &o, first_two, &a, &err));
	OK(fm_session_free(s));
	int32_t *ids;
	size_t n;
	OK(fm_model_encode(model, prompt, &ids, &n, &err));
	fm_choice choice = {a.ids, (size_t)a.tokens, 0, 0, 0};
	OK(fm_model_score(model, ids, n, &choice, 1, NULL, &err));
	CHECK(fabs(choice.logprob - a.logprob) < 1e-3 * fabs(a.logprob) && choice.greedy);
	fm_free(ids);
	o.top_logprobs = 0;
	write_new(&b, prompt, &o);
	CHECK(isnan(b.logprob) && strcmp(a.s, b.s) == 0);

	// A token that is banned does not come; one that is wished for does.
	fm_bias bias = {a.ids[0], -INFINITY};
	o.biases = &bias, o.bias_count = 1;
	write_new(&b, prompt, &o);
	CHECK(b.ids[0] != a.ids[0]);
	bias.bias = 1000;
	write_new(&b, prompt, &o);
	CHECK(b.ids[0] == a.ids[0] && b.ids[11] == a.ids[0]);
	OK(fm_session_new(model, &s, &err));
	bias.bias = NAN;
	IS(FM_INVALID, fm_session_generate(s, prompt, &o, add, &b, &err));
	bias.bias = 0, bias.id = -1;
	IS(FM_INVALID, fm_session_generate(s, prompt, &o, add, &b, &err));
	o.biases = NULL, o.bias_count = 0;

	// Forms hold the text.
	o.max_tokens = 64, o.regex = "[0-9]{3}-[ab]+c";
	write_new(&b, prompt, &o);
	CHECK(b.size > 5 && b.s[3] == '-' && strspn(b.s, "0123456789") == 3 && strspn(b.s + 4, "abc") == b.size - 4);
	o.regex = NULL, o.grammar = "root ::= \"yes\" | \"no\"";
	write_new(&b, prompt, &o);
	CHECK(strcmp(b.s, "yes") == 0 || strcmp(b.s, "no") == 0);
	o.grammar = NULL, o.json_schema = "{\"enum\": [17, 18]}";
	write_new(&b, prompt, &o);
	CHECK(strcmp(b.s, "17") == 0 || strcmp(b.s, "18") == 0);
	o.regex = "a";
	IS(FM_INVALID, fm_session_generate(s, prompt, &o, add, &b, &err));
	o.regex = NULL, o.json_schema = "{";
	IS(FM_INVALID, fm_session_generate(s, prompt, &o, add, &b, &err));
	o.json_schema = NULL, o.grammar = "\xfe";
	IS(FM_INVALID, fm_session_generate(s, prompt, &o, add, &b, &err));
	OK(fm_session_free(s));
}

void test_steps(void) {
	text a, b = {{0}};
	fm_session *s;
	fm_generation *g, *other;
	const fm_token *t;
	fm_stop_reason reason;
	fm_generate_options o = {sizeof o};
	o.max_tokens = 20, o.temperature = 0.9f, o.seed = 11;
	write_new(&a, prompt, &o);

	OK(fm_session_new(model, &s, &err));
	OK(fm_session_begin(s, prompt, &o, &g, &err));
	for (int i = 0; i < 20; i++) {
		OK(fm_generation_next(g, &t, &err));
		if (t)
			add(&b, t);
		if (i == 4) { // while it writes it may be asked, and not changed
			fm_session *f;
			text c = {{0}};
			IS(FM_BUSY, fm_session_append_text(s, "x", &err));
			IS(FM_BUSY, fm_session_reset(s, &err));
			OK(fm_session_begin(s, NULL, &o, &other, &err));
			IS(FM_BUSY, fm_generation_next(other, &t, &err));
			IS(FM_END, fm_generation_next(other, &t, &err));
			OK(fm_generation_free(other));
			OK(fm_session_fork(s, &f, &err));
			fm_generate_options rest = o;
			rest.max_tokens = 15;
			OK(fm_session_generate(f, NULL, &rest, add, &c, &err));
			CHECK(c.size > 0 && strcmp(c.s, a.s + strlen(b.s)) == 0);
			OK(fm_session_free(f));
		}
	}
	CHECK(strcmp(a.s, b.s) == 0);
	IS(FM_END, fm_generation_next(g, &t, &err));
	CHECK(t == NULL);
	IS(FM_END, fm_generation_next(g, &t, &err));
	OK(fm_session_stop_reason(s, &reason, &err));
	CHECK(reason == FM_STOP_LENGTH);
	OK(fm_session_append_text(s, "x", &err)); // though the generation is not freed
	OK(fm_generation_free(g));

	// Left where it is, before the first token, and after some.
	OK(fm_session_begin(s, NULL, &o, &g, &err));
	OK(fm_generation_free(g));
	IS(FM_BAD_HANDLE, fm_generation_next(g, &t, &err));
	OK(fm_session_begin(s, NULL, &o, &g, &err));
	OK(fm_generation_next(g, &t, &err));
	OK(fm_generation_next(g, &t, &err));
	OK(fm_generation_free(g));
	OK(fm_session_append_text(s, "x", &err));

	// Its session goes first. What was written already may still come.
	fm_status status;
	o.max_tokens = -1, o.flags = FM_GENERATE_IGNORE_EOS;
	OK(fm_session_begin(s, NULL, &o, &g, &err));
	OK(fm_generation_next(g, &t, &err));
	OK(fm_session_free(s));
	while ((status = fm_generation_next(g, &t, &err)) == FM_OK)
		;
	CHECK(status == FM_CLOSED);
	IS(FM_END, fm_generation_next(g, &t, &err));
	OK(fm_generation_free(g));
	OK(fm_session_new(model, &s, &err));
	OK(fm_session_begin(s, prompt, &o, &g, &err));
	OK(fm_session_free(s));
	IS(FM_CLOSED, fm_generation_next(g, &t, &err));
	OK(fm_generation_free(g));

	// Cancelled between two steps.
	OK(fm_session_new(model, &s, &err));
	OK(fm_cancel_new(&o.cancel, &err));
	OK(fm_session_begin(s, prompt, &o, &g, &err));
	OK(fm_generation_next(g, &t, &err));
	OK(fm_cancel_trigger(o.cancel));
	while ((status = fm_generation_next(g, &t, &err)) == FM_OK)
		;
	CHECK(status == FM_CANCELLED);
	IS(FM_END, fm_generation_next(g, &t, &err));
	OK(fm_generation_free(g));
	OK(fm_cancel_free(o.cancel));
	OK(fm_session_append_text(s, "x", &err));
	OK(fm_session_free(s));
}
