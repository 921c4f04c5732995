// The library's tests. FMGEN is what fmgen writes for the prompt, the length and the seed of test_generate, BARE a
// model without a tokenizer; ADAPTED is a model and ADAPTERS a folder with adapters of it.
#include "test.h"

int failures;
fm_error err;
fm_model *model;

void failed(const char *file, int line, const char *what) {
	printf("%s:%d: %s\n", file, line, what);
	failures++;
}

void check_status(const char *file, int line, const char *what, fm_status got, fm_status want) {
	if (got != want) {
		printf("%s:%d: %s is %s, want %s: %s\n", file, line, what, fm_status_name(got), fm_status_name(want),
			err.message);
		failures++;
	} else if (got < 0 && err.status != 0 && (err.status != got || err.message[0] == 0)) {
		printf("%s:%d: %s is %s, and its error has %d: %s\n", file, line, what, fm_status_name(got), err.status,
			err.message);
		failures++;
	}
}

const char *given(const char *name) {
	const char *s = getenv(name);
	if (s == NULL) {
		printf("%s is not set: run the tests by make test-capi\n", name);
		exit(2);
	}
	return s;
}

int add(void *user, const fm_token *token) {
	text *t = user;
	if (t->size + token->text_size < sizeof t->s) {
		memcpy(t->s + t->size, token->text, token->text_size);
		t->size += token->text_size;
		t->s[t->size] = 0;
	}
	CHECK(token->text[token->text_size] == 0);
	if (token->id >= 0 && t->tokens < (int)(sizeof t->ids / sizeof t->ids[0]))
		t->ids[t->tokens++] = token->id;
	t->logprob += token->logprob;
	return t->leave && t->tokens >= t->leave;
}

fm_model *open_model(void) {
	fm_open_options o = {sizeof o};
	fm_model *m;
	o.backend = "cpu";
	OK(fm_model_open(NULL, &o, &m, &err));
	return m;
}

void write_new(text *t, const char *prompt, const fm_generate_options *o) {
	fm_session *s;
	memset(t, 0, sizeof *t);
	OK(fm_session_new(model, &s, &err));
	OK(fm_session_generate(s, prompt, o, add, t, &err));
	OK(fm_session_free(s));
}

int main(int argc, char **argv) {
	static const struct {
		const char *name;
		void (*run)(void);
	} tests[] = {
		{"library", test_library}, {"open", test_open}, {"adapters", test_adapters}, {"text", test_text},
		{"generate", test_generate}, {"forms", test_forms},
		{"steps", test_steps}, {"states", test_states}, {"chat", test_chat}, {"bare", test_bare},
		{"scores", test_scores}, {"misuse", test_misuse}, {"null", test_null}, {"callbacks", test_callbacks},
		{"threads", test_threads},
	};
	model = open_model();
	for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
		int before = failures;
		if (argc > 1 && strcmp(argv[1], tests[i].name) != 0)
			continue;
		tests[i].run();
		printf("%s %s\n", failures == before ? "ok  " : "FAIL", tests[i].name);
		fflush(stdout);
	}
	OK(fm_model_free(model));
	return failures != 0;
}
