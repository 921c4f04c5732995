// What is no handle, or no place for a result, is an error of every function and no crash.
#include "test.h"

// Calls every function that takes a handle of a kind with h, and every one that takes two with h as the second.
static void each_model(fm_status want, void *h) {
	int32_t *ids, id = 1;
	size_t n;
	float *v;
	char *s;
	double nats;
	fm_model_info *info;
	fm_session *session;
	fm_snapshot *snapshot;
	fm_chat *chat;
	fm_choice choice = {&id, 1, 0, 0, 0};
	fm_message message = {"user", "x"};
	fm_generate_options o = {sizeof o};
	IS(want, fm_model_describe(h, &info, &err));
	IS(want, fm_model_encode(h, "x", &ids, &n, &err));
	IS(want, fm_model_decode(h, &id, 1, &s, &n, &err));
	IS(want, fm_model_render(h, &message, 1, 1, &s, &err));
	IS(want, fm_model_embed(h, &id, 1, NULL, &v, &n, &err));
	IS(want, fm_model_loss(h, &id, 1, NULL, &nats, &n, &err));
	IS(want, fm_model_score(h, &id, 1, &choice, 1, NULL, &err));
	IS(want, fm_model_defaults(h, &o, &err));
	IS(want, fm_session_new(h, &session, &err));
	IS(want, fm_snapshot_read(h, "x", 1, &snapshot, &err));
	IS(want, fm_chat_new(h, NULL, &chat, &err));
	CHECK(!info && !ids && !s && !v && !session && !snapshot && !chat && n == 0 && nats == 0);
	if (h)
		IS(want, fm_model_free(h));
}

static void each_session(fm_status want, void *h) {
	int32_t *ids, id = 1;
	size_t n;
	float *v;
	text t = {{0}};
	fm_session *fork;
	fm_snapshot *snapshot;
	fm_generation *generation;
	fm_stop_reason reason;
	IS(want, fm_session_append_text(h, "x", &err));
	IS(want, fm_session_append(h, &id, 1, &err));
	IS(want, fm_session_prefill(h, NULL, NULL, NULL, &err));
	IS(want, fm_session_tokens(h, &ids, &n, &err));
	IS(want, fm_session_logits(h, NULL, &v, &n, &err));
	IS(want, fm_session_reset(h, &err));
	IS(want, fm_session_fork(h, &fork, &err));
	IS(want, fm_session_generate(h, "x", NULL, add, &t, &err));
	IS(want, fm_session_begin(h, "x", NULL, &generation, &err));
	IS(want, fm_session_stop_reason(h, &reason, &err));
	IS(want, fm_session_snapshot(h, &snapshot, &err));
	IS(want, fm_session_restore(h, NULL, &err));
	IS(want, fm_session_save(h, "/nowhere/x", &err));
	IS(want, fm_session_load(h, "/nowhere/x", &err));
	CHECK(!ids && !v && !fork && !generation && !snapshot && n == 0 && reason == 0 && t.tokens == 0);
	if (h)
		IS(want, fm_session_free(h));
}

static void each_chat(fm_status want, void *h) {
	size_t n;
	int undone;
	text t = {{0}};
	fm_chat *fork;
	fm_message **messages;
	fm_generation *generation;
	fm_stop_reason reason;
	IS(want, fm_chat_say(h, "x", NULL, add, &t, &err));
	IS(want, fm_chat_begin(h, "x", NULL, &generation, &err));
	IS(want, fm_chat_stop_reason(h, &reason, &err));
	IS(want, fm_chat_messages(h, &messages, &n, &err));
	IS(want, fm_chat_undo(h, &undone, &err));
	IS(want, fm_chat_reset(h, &err));
	IS(want, fm_chat_fork(h, &fork, &err));
	IS(want, fm_chat_save(h, "/nowhere/x", &err));
	IS(want, fm_chat_load(h, "/nowhere/x", &err));
	CHECK(!fork && !generation && !messages && n == 0 && undone == 0 && t.tokens == 0);
	if (h)
		IS(want, fm_chat_free(h));
}

static void each_rest(fm_status want, void *generation, void *snapshot, void *cancel) {
	const fm_token *t;
	void *data;
	int32_t *ids, id = 1;
	size_t n;
	float *v;
	fm_session *s;
	fm_model *m;
	fm_open_options open = {sizeof open};
	fm_generate_options o = {sizeof o};
	IS(want, fm_generation_next(generation, &t, &err));
	IS(want, fm_snapshot_write(snapshot, &data, &n, &err));
	IS(want, fm_snapshot_tokens(snapshot, &ids, &n, &err));
	CHECK(!t && !data && !ids && n == 0);
	OK(fm_session_new(model, &s, &err));
	IS(want, fm_session_restore(s, snapshot, &err));
	IS(want, fm_cancel_trigger(cancel));
	if (cancel) { // NULL is none
		text t = {{0}};
		open.cancel = o.cancel = cancel;
		IS(want, fm_model_open("", &open, &m, &err));
		IS(want, fm_model_embed(model, &id, 1, cancel, &v, &n, &err));
		IS(want, fm_session_prefill(s, NULL, NULL, cancel, &err));
		IS(want, fm_session_logits(s, cancel, &v, &n, &err));
		IS(want, fm_session_generate(s, "x", &o, add, &t, &err));
		IS(want, fm_cancel_free(cancel));
	}
	if (generation)
		IS(want, fm_generation_free(generation));
	if (snapshot)
		IS(want, fm_snapshot_free(snapshot));
	OK(fm_session_free(s));
}

static void each(void *h) {
	each_model(FM_BAD_HANDLE, h);
	each_session(FM_BAD_HANDLE, h);
	each_chat(FM_BAD_HANDLE, h);
	each_rest(FM_BAD_HANDLE, h, h, h);
}

void test_misuse(void) {
	fm_model *m = open_model();
	fm_session *s, *kept;
	fm_chat *c;
	fm_generation *g;
	fm_snapshot *n;
	fm_cancel *x;
	fm_chat_options how = {sizeof how};
	how.chat_template = "{{ messages[0].content }}";

	// No handles at all.
	void *none[] = {NULL, (void *)1, (void *)4095, (void *)0xdeadbeef, &m, (void *)UINTPTR_MAX,
		(void *)(UINTPTR_MAX >> 1), (void *)((uintptr_t)1 << 56), (void *)((uintptr_t)7 << 56 | 1 << 24),
		(void *)(uintptr_t)0xc000000000};
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		each(none[i]);
	OK(fm_model_free(NULL));
	OK(fm_session_free(NULL));
	OK(fm_chat_free(NULL));
	OK(fm_generation_free(NULL));
	OK(fm_snapshot_free(NULL));
	OK(fm_cancel_free(NULL));
	fm_model *none_such;
	IS(FM_BAD_HANDLE, fm_model_describe((void *)1, (fm_model_info **)&none_such, &err));
	CHECK(strstr(err.message, "no handle"));

	// Of another kind.
	OK(fm_session_new(m, &s, &err));
	OK(fm_chat_new(m, &how, &c, &err));
	OK(fm_session_begin(s, "x", NULL, &g, &err));
	OK(fm_session_snapshot(s, &n, &err));
	OK(fm_cancel_new(&x, &err));
	each_session(FM_BAD_HANDLE, m);
	CHECK(strcmp(err.message, "") == 0 || strstr(err.message, "fm_model"));
	each_chat(FM_BAD_HANDLE, m);
	each_rest(FM_BAD_HANDLE, m, m, m);
	each_model(FM_BAD_HANDLE, s);
	each_chat(FM_BAD_HANDLE, s);
	each_rest(FM_BAD_HANDLE, s, s, s);
	each_model(FM_BAD_HANDLE, c);
	each_session(FM_BAD_HANDLE, c);
	each_rest(FM_BAD_HANDLE, c, c, c);
	each_model(FM_BAD_HANDLE, g);
	each_rest(FM_BAD_HANDLE, x, g, n);
	each_model(FM_BAD_HANDLE, n);
	each_session(FM_BAD_HANDLE, x);
	IS(FM_BAD_HANDLE, fm_session_reset((fm_session *)m, &err));
	CHECK(strstr(err.message, "fm_model") && strstr(err.message, "fm_session"));

	// Freed, though their places are taken by others.
	OK(fm_generation_free(g));
	OK(fm_session_free(s));
	OK(fm_chat_free(c));
	OK(fm_snapshot_free(n));
	OK(fm_cancel_free(x));
	OK(fm_session_new(m, &kept, &err));
	each_session(FM_BAD_HANDLE, s);
	IS(FM_BAD_HANDLE, fm_session_reset(s, &err));
	CHECK(strstr(err.message, "freed"));
	each_chat(FM_BAD_HANDLE, c);
	each_rest(FM_BAD_HANDLE, g, n, x);
	for (int i = 0; i < 1000; i++) {
		OK(fm_cancel_new(&x, &err));
		OK(fm_cancel_free(x));
	}
	IS(FM_BAD_HANDLE, fm_cancel_free(x));
	OK(fm_session_reset(kept, &err));

	// What belongs to a freed model is closed, and still to be freed.
	OK(fm_chat_new(m, &how, &c, &err));
	OK(fm_session_begin(kept, "x", NULL, &g, &err));
	OK(fm_model_free(m));
	each_model(FM_BAD_HANDLE, m);
	text t = {{0}};
	const fm_token *token;
	IS(FM_CLOSED, fm_session_append_text(kept, "x", &err));
	IS(FM_CLOSED, fm_session_fork(kept, &s, &err));
	IS(FM_CLOSED, fm_session_generate(kept, "x", NULL, add, &t, &err));
	IS(FM_CLOSED, fm_generation_next(g, &token, &err));
	IS(FM_CLOSED, fm_chat_say(c, "x", NULL, add, &t, &err));
	OK(fm_generation_free(g));
	OK(fm_chat_free(c));
	OK(fm_session_free(kept));
}

// There must be a place for a result, and for the error there need not be one.
void test_null(void) {
	int32_t *ids, id = 1;
	size_t n;
	float *v;
	char *s;
	double nats;
	fm_session *session;
	fm_snapshot *snapshot;
	OK(fm_session_new(model, &session, NULL));
	OK(fm_session_append(session, &id, 1, NULL));
	OK(fm_session_snapshot(session, &snapshot, NULL));
	IS(FM_INVALID, fm_cancel_new(NULL, &err));
	IS(FM_INVALID, fm_model_describe(model, NULL, &err));
	IS(FM_INVALID, fm_model_encode(model, "x", NULL, &n, &err));
	IS(FM_INVALID, fm_model_encode(model, "x", &ids, NULL, NULL));
	IS(FM_INVALID, fm_model_decode(model, &id, 1, NULL, &n, &err));
	IS(FM_INVALID, fm_model_decode(model, &id, 1, &s, NULL, &err));
	IS(FM_INVALID, fm_model_render(model, NULL, 0, 0, NULL, &err));
	IS(FM_INVALID, fm_model_render(model, NULL, 1, 0, &s, &err));
	IS(FM_INVALID, fm_model_embed(model, &id, 1, NULL, NULL, &n, &err));
	IS(FM_INVALID, fm_model_embed(model, &id, 1, NULL, &v, NULL, &err));
	IS(FM_INVALID, fm_model_embed(model, NULL, 1, NULL, &v, &n, &err));
	IS(FM_INVALID, fm_model_loss(model, &id, 1, NULL, NULL, &n, &err));
	IS(FM_INVALID, fm_model_loss(model, &id, 1, NULL, &nats, NULL, &err));
	IS(FM_INVALID, fm_session_new(model, NULL, &err));
	IS(FM_INVALID, fm_chat_new(model, NULL, NULL, &err));
	IS(FM_INVALID, fm_snapshot_read(model, "x", 1, NULL, &err));
	IS(FM_INVALID, fm_session_append_text(session, NULL, &err));
	IS(FM_INVALID, fm_session_append(session, NULL, 1, &err));
	IS(FM_INVALID, fm_session_append(session, &id, SIZE_MAX, &err));
	IS(FM_INVALID, fm_session_tokens(session, NULL, &n, &err));
	IS(FM_INVALID, fm_session_tokens(session, &ids, NULL, &err));
	IS(FM_INVALID, fm_session_logits(session, NULL, NULL, &n, &err));
	IS(FM_INVALID, fm_session_fork(session, NULL, &err));
	IS(FM_INVALID, fm_session_begin(session, "x", NULL, NULL, &err));
	IS(FM_INVALID, fm_session_stop_reason(session, NULL, &err));
	IS(FM_INVALID, fm_session_snapshot(session, NULL, &err));
	IS(FM_BAD_HANDLE, fm_session_restore(session, NULL, &err));
	IS(FM_INVALID, fm_session_save(session, NULL, &err));
	IS(FM_INVALID, fm_session_load(session, NULL, &err));
	IS(FM_INVALID, fm_snapshot_write(snapshot, NULL, &n, &err));
	IS(FM_INVALID, fm_snapshot_tokens(snapshot, NULL, &n, &err));
	fm_generation *g;
	OK(fm_session_begin(session, NULL, NULL, &g, &err));
	IS(FM_INVALID, fm_generation_next(g, NULL, &err));
	OK(fm_generation_free(g));
	OK(fm_snapshot_free(snapshot));
	OK(fm_session_free(session));
}
