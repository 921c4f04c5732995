// Snapshots, forks, files and conversations.
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

static char *path_of(const char *name) {
	static char path[4096];
	snprintf(path, sizeof path, "%s/%s", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", name);
	return path;
}

static void go_on(fm_session *s, text *t) {
	fm_generate_options o = {sizeof o};
	o.max_tokens = 12, o.temperature = 0.8f, o.seed = 5;
	memset(t, 0, sizeof *t);
	OK(fm_session_generate(s, NULL, &o, add, t, &err));
}

void test_states(void) {
	fm_session *s, *f;
	fm_snapshot *n, *again;
	text a, b;
	int32_t *ids, *copy;
	size_t count, size, copied;
	void *data;
	OK(fm_session_new(model, &s, &err));
	OK(fm_session_append_text(s, "JULIET:\nO Romeo, Romeo, wherefore", &err));
	OK(fm_session_tokens(s, &ids, &count, &err));
	OK(fm_session_snapshot(s, &n, &err));
	OK(fm_snapshot_tokens(n, &copy, &copied, &err));
	CHECK(count == copied && memcmp(ids, copy, count * sizeof *ids) == 0);
	fm_free(copy);
	fm_free(ids);
	OK(fm_session_fork(s, &f, &err));
	go_on(s, &a);

	go_on(f, &b);
	CHECK(strcmp(a.s, b.s) == 0);
	OK(fm_session_restore(s, n, &err));
	go_on(s, &b);
	CHECK(strcmp(a.s, b.s) == 0);
	OK(fm_session_restore(f, n, &err)); // into another session
	go_on(f, &b);
	CHECK(strcmp(a.s, b.s) == 0);

	// Through memory, into another model.
	OK(fm_snapshot_write(n, &data, &size, &err));
	OK(fm_snapshot_free(n));
	fm_model *other = open_model();
	IS(FM_BAD_HANDLE, fm_session_restore(s, n, &err));
	OK(fm_snapshot_read(model, data, size, &n, &err));
	OK(fm_session_restore(s, n, &err));
	go_on(s, &b);
	CHECK(strcmp(a.s, b.s) == 0);
	OK(fm_snapshot_read(other, data, size, &again, &err));
	CHECK(fm_session_restore(s, again, &err) < 0); // of another model
	OK(fm_snapshot_free(again));
	OK(fm_session_restore(s, n, &err));
	((char *)data)[size - 9] ^= 1;
	IS(FM_FAILED, fm_snapshot_read(model, data, size, &again, &err));
	CHECK(again == NULL && strstr(err.message, "checksum"));
	IS(FM_FAILED, fm_snapshot_read(model, data, 5, &again, &err));
	CHECK(fm_snapshot_read(model, data, 0, &again, &err) < 0);
	IS(FM_INVALID, fm_snapshot_read(model, NULL, 5, &again, &err));
	fm_free(data);
	OK(fm_model_free(other));

	// Through a file.
	char *path = strdup(path_of("capi-\xc3\xbc.state"));
	struct stat st;
	unlink(path);
	OK(fm_session_save(s, path, &err));
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	OK(fm_session_reset(f, &err));
	OK(fm_session_load(f, path, &err));
	go_on(f, &b);
	CHECK(strcmp(a.s, b.s) == 0);
	FILE *file = fopen(path, "wb");
	fputs("a diary", file);
	fclose(file);
	IS(FM_FAILED, fm_session_save(s, path, &err)); // is not replaced
	IS(FM_FAILED, fm_session_load(s, path, &err));
	unlink(path);
	IS(FM_NOT_FOUND, fm_session_load(s, path, &err));
	IS(FM_INVALID, fm_session_load(s, "\xff", &err));
	free(path);
	OK(fm_snapshot_free(n));
	OK(fm_session_free(f));
	OK(fm_session_free(s));
}

static void said(fm_chat *c, size_t want, const char *role, const char *content) {
	fm_message **messages;
	size_t n;
	OK(fm_chat_messages(c, &messages, &n, &err));
	CHECK(n == want && messages && messages[n] == NULL);
	if (n == want && n > 0)
		CHECK(strcmp(messages[n - 1]->role, role) == 0 && strcmp(messages[n - 1]->content, content) == 0);
	fm_free(messages);
}

void test_chat(void) {
	fm_chat *c, *f;
	text a, b;
	char *s;
	int undone;
	fm_stop_reason reason;
	fm_generate_options o = {sizeof o};
	fm_chat_options how = {sizeof how};
	fm_message say[2] = {{"system", "Speak."}, {"user", "Hey"}};
	o.max_tokens = 10, o.temperature = 0.8f, o.seed = 9;

	OK(fm_model_render(model, say, 2, 1, &s, &err)); // ChatML: the model has its tokens
	CHECK(strcmp(s, "<|im_start|>system\nSpeak.<|im_end|>\n<|im_start|>user\nHey<|im_end|>\n"
					"<|im_start|>assistant\n") == 0);
	fm_free(s);
	say[1].content = NULL;
	IS(FM_INVALID, fm_model_render(model, say, 2, 1, &s, &err));
	CHECK(s == NULL);
	OK(fm_chat_new(model, NULL, &c, &err));
	OK(fm_chat_free(c));
	how.system = "Speak.";
	how.chat_template = "{% for m in messages %}{{ m.role }}:\n{{ m.content }}\n{% endfor %}"
						"{% if add_generation_prompt %}assistant:\n{% endif %}";
	OK(fm_chat_new(model, &how, &c, &err));
	said(c, 1, "system", "Speak.");
	memset(&a, 0, sizeof a);
	OK(fm_chat_say(c, "Who is there?", &o, add, &a, &err));
	said(c, 3, "assistant", a.s);
	OK(fm_chat_stop_reason(c, &reason, &err));
	CHECK(reason == FM_STOP_LENGTH || reason == FM_STOP_EOS);

	// The same by steps, in a conversation that went back.
	OK(fm_chat_fork(c, &f, &err));
	OK(fm_chat_undo(c, &undone, &err));
	CHECK(undone == 1);
	said(c, 1, "system", "Speak.");
	OK(fm_chat_undo(c, &undone, &err));
	CHECK(undone == 0);
	fm_generation *g;
	const fm_token *t;
	fm_status status;
	memset(&b, 0, sizeof b);
	OK(fm_chat_begin(c, "Who is there?", &o, &g, &err));
	while ((status = fm_generation_next(g, &t, &err)) == FM_OK) {
		add(&b, t);
		if (b.tokens == 3) {
			IS(FM_BUSY, fm_chat_undo(c, &undone, &err));
			IS(FM_BUSY, fm_chat_say(c, "x", &o, add, &b, &err));
			IS(FM_BUSY, fm_chat_reset(c, &err));
		}
	}
	CHECK(status == FM_END);
	OK(fm_generation_free(g));
	CHECK(strcmp(a.s, b.s) == 0);

	// Both go on alike, the one through a file.
	const char *path = path_of("capi.chat");
	unlink(path);
	OK(fm_chat_save(f, path, &err));
	OK(fm_chat_reset(f, &err));
	said(f, 1, "system", "Speak.");
	OK(fm_chat_load(f, path, &err));
	said(f, 3, "assistant", a.s);
	fm_session *session;
	OK(fm_session_new(model, &session, &err));
	OK(fm_session_load(session, path, &err));
	OK(fm_session_free(session));
	unlink(path);
	IS(FM_NOT_FOUND, fm_chat_load(f, path, &err));
	memset(&a, 0, sizeof a);
	memset(&b, 0, sizeof b);
	OK(fm_chat_say(c, "Go on.", &o, add, &a, &err));
	OK(fm_chat_say(f, "Go on.", &o, add, &b, &err));
	CHECK(a.size > 0 && strcmp(a.s, b.s) == 0);
	said(f, 5, "assistant", b.s);

	IS(FM_INVALID, fm_chat_say(c, NULL, &o, add, &a, &err));
	IS(FM_INVALID, fm_chat_say(c, "\xc0", &o, add, &a, &err));
	OK(fm_chat_free(c));
	how.chat_template = "{% for";
	IS(FM_INVALID, fm_chat_new(model, &how, &c, &err));
	how.chat_template = NULL, how.struct_size = 1;
	IS(FM_INVALID, fm_chat_new(model, &how, &c, &err));
	CHECK(c == NULL);
	OK(fm_chat_free(f));
}

// A model without a tokenizer takes ids.
void test_bare(void) {
	fm_model *m;
	fm_session *s;
	fm_chat *c;
	fm_model_info *info;
	int32_t *ids, id = 3;
	size_t n;
	char *words;
	text t = {{0}};
	fm_open_options o = {sizeof o};
	fm_generate_options g = {sizeof g};
	fm_chat_options how = {sizeof how};
	fm_message message = {"user", "x"};
	o.backend = "cpu";
	OK(fm_model_open(given("BARE"), &o, &m, &err));
	OK(fm_model_describe(m, &info, &err));
	CHECK(!info->has_tokenizer && !info->has_chat_template);
	fm_free(info);
	IS(FM_UNSUPPORTED, fm_model_encode(m, "x", &ids, &n, &err));
	IS(FM_UNSUPPORTED, fm_model_decode(m, &id, 1, &words, &n, &err));
	IS(FM_UNSUPPORTED, fm_model_render(m, &message, 1, 1, &words, &err));
	IS(FM_UNSUPPORTED, fm_chat_new(m, NULL, &c, &err));
	how.chat_template = "{{ messages[0].content }}";
	IS(FM_UNSUPPORTED, fm_chat_new(m, &how, &c, &err));
	OK(fm_session_new(m, &s, &err));
	IS(FM_UNSUPPORTED, fm_session_append_text(s, "x", &err));
	IS(FM_UNSUPPORTED, fm_session_generate(s, "x", NULL, add, &t, &err));
	OK(fm_session_append(s, &id, 1, &err));
	g.max_tokens = 5;
	OK(fm_session_generate(s, NULL, &g, add, &t, &err));
	CHECK(t.tokens == 5 && t.size == 0);
	g.regex = "a";
	IS(FM_UNSUPPORTED, fm_session_generate(s, NULL, &g, add, &t, &err));
	OK(fm_session_free(s));
	OK(fm_model_free(m));
	o.flags = FM_OPEN_TEXT;
	CHECK(fm_model_open(given("BARE"), &o, &m, &err) < 0);
}
