// Callbacks, and several threads.
#include "test.h"

#include <pthread.h>
#include <unistd.h>

static const char prompt[] = "ROMEO:\n";

// A text without an end.
static fm_generate_options endless(void) {
	fm_generate_options o = {sizeof o};
	o.max_tokens = -1, o.flags = FM_GENERATE_IGNORE_EOS, o.temperature = 1;
	return o;
}

typedef struct scene {
	fm_session *s, *fork;
	fm_snapshot *snapshot;
	fm_model *m;
	fm_cancel *cancel;
	fm_status freed;
	pthread_t thread;
	text t;
	int tokens, elsewhere;
} scene;

static int ask(void *user, const fm_token *token) {
	scene *c = user;
	c->elsewhere += !pthread_equal(c->thread, pthread_self());
	add(&c->t, token);
	if (++c->tokens == 5) {
		text other = {{0}};
		fm_generate_options o = {sizeof o};
		o.max_tokens = 3;
		OK(fm_session_snapshot(c->s, &c->snapshot, &err));
		OK(fm_session_fork(c->s, &c->fork, &err));
		IS(FM_BUSY, fm_session_append_text(c->s, "x", &err));
		IS(FM_BUSY, fm_session_generate(c->s, "x", NULL, add, &other, &err));
		write_new(&other, prompt, &o); // another session writes within the callback
		CHECK(other.tokens == 3);
	}
	return 0;
}

static int trigger(void *user, const fm_token *token) {
	scene *c = user;
	(void)token;
	if (++c->tokens == 3)
		OK(fm_cancel_trigger(c->cancel));
	return 0;
}

static int free_session(void *user, const fm_token *token) {
	scene *c = user;
	(void)token;
	if (++c->tokens == 3)
		c->freed = fm_session_free(c->s);
	return 0;
}

static int free_model(void *user, const fm_token *token) {
	scene *c = user;
	(void)token;
	if (++c->tokens == 3)
		c->freed = fm_model_free(c->m);
	return 0;
}

static int told(void *user, const char *stage, int64_t done, int64_t total) {
	scene *c = user;
	c->elsewhere += !pthread_equal(c->thread, pthread_self()) || strcmp(stage, "read") != 0 || done > total;
	c->tokens++;
	return c->tokens == 2;
}

void test_callbacks(void) {
	scene c = {.thread = pthread_self()};
	text rest = {{0}};
	fm_generate_options o = {sizeof o};
	o.max_tokens = 15, o.temperature = 0.8f, o.seed = 2;
	OK(fm_session_new(model, &c.s, &err));
	OK(fm_session_generate(c.s, prompt, &o, ask, &c, &err));
	CHECK(c.tokens == 15 && !c.elsewhere);

	// The fork and the snapshot have the text of that moment.
	o.max_tokens = 10;
	OK(fm_session_generate(c.fork, NULL, &o, add, &rest, &err));
	CHECK(rest.size > 0 && strcmp(c.t.s + c.t.size - rest.size, rest.s) == 0);
	memset(&rest, 0, sizeof rest);
	OK(fm_session_restore(c.s, c.snapshot, &err));
	OK(fm_session_generate(c.s, NULL, &o, add, &rest, &err));
	CHECK(rest.size > 0 && strcmp(c.t.s + c.t.size - rest.size, rest.s) == 0);
	OK(fm_snapshot_free(c.snapshot));
	OK(fm_session_free(c.fork));

	// A prompt of many chunks.
	char *long_text = calloc(1, 40001);
	for (int i = 0; i < 4000; i++)
		memcpy(long_text + 10 * i, "Good my l ", 10);
	fm_open_options small = {sizeof small};
	fm_model *m;
	fm_session *s;
	small.backend = "cpu", small.chunk = 64;
	OK(fm_model_open("", &small, &m, &err));
	OK(fm_session_new(m, &s, &err));
	OK(fm_session_append_text(s, long_text, &err));
	c.tokens = 0;
	IS(FM_CANCELLED, fm_session_prefill(s, told, &c, NULL, &err));
	CHECK(c.tokens == 2 && !c.elsewhere);
	OK(fm_session_free(s));
	free(long_text);

	// Ended from within.
	o = endless();
	OK(fm_cancel_new(&c.cancel, &err));
	o.cancel = c.cancel, c.tokens = 0;
	IS(FM_CANCELLED, fm_session_generate(c.s, NULL, &o, trigger, &c, &err));
	CHECK(c.tokens >= 3);
	OK(fm_cancel_free(c.cancel));
	o.cancel = NULL, c.tokens = 0, c.freed = 1;
	IS(FM_CLOSED, fm_session_generate(c.s, NULL, &o, free_session, &c, &err));
	OK(c.freed);
	OK(fm_session_new(m, &c.s, &err));
	c.tokens = 0, c.freed = 1, c.m = m;
	IS(FM_CLOSED, fm_session_generate(c.s, prompt, &o, free_model, &c, &err));
	OK(c.freed);
	OK(fm_session_free(c.s));
}

// A worker writes on a thread of its own.
typedef struct worker {
	pthread_t thread;
	fm_session *s;
	fm_generate_options o;
	fm_status status;
	text t;
	fm_error err;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	int tokens, hold;
} worker;

static int count(void *user, const fm_token *token) {
	worker *w = user;
	pthread_mutex_lock(&w->mutex);
	add(&w->t, token);
	w->tokens++;
	pthread_cond_broadcast(&w->changed);
	while (w->hold && w->tokens == w->hold)
		pthread_cond_wait(&w->changed, &w->mutex);
	pthread_mutex_unlock(&w->mutex);
	return 0;
}

static void *work(void *user) {
	worker *w = user;
	w->status = fm_session_generate(w->s, prompt, &w->o, count, w, &w->err);
	return NULL;
}

static void begin(worker *w, fm_model *m, fm_generate_options o) {
	memset(w, 0, sizeof *w);
	w->o = o;
	pthread_mutex_init(&w->mutex, NULL);
	pthread_cond_init(&w->changed, NULL);
	OK(fm_session_new(m, &w->s, &err));
}

static void start(worker *w) { CHECK(pthread_create(&w->thread, NULL, work, w) == 0); }

static void wait_for(worker *w, int tokens) {
	pthread_mutex_lock(&w->mutex);
	while (w->tokens < tokens)
		pthread_cond_wait(&w->changed, &w->mutex);
	pthread_mutex_unlock(&w->mutex);
}

static void end(worker *w, fm_status want) {
	pthread_join(w->thread, NULL);
	if (w->status != want) {
		failed(__FILE__, __LINE__, "a thread's status");
		printf("%s, want %s: %s\n", fm_status_name(w->status), fm_status_name(want), w->err.message);
	}
}

void test_threads(void) {
	enum { many = 4 };
	worker w[many];
	text alone;
	fm_generate_options o = {sizeof o};
	fm_open_options open = {sizeof open};
	fm_model *rounding = model;

	// Several sessions at once: each writes what it writes alone, where activations of several are not rounded.
	open.backend = "cpu", open.precision = "f32";
	OK(fm_model_open(NULL, &open, &model, &err));
	o.max_tokens = 24, o.temperature = 0.8f;
	for (int i = 0; i < many; i++) {
		o.seed = 100 + (uint64_t)i;
		begin(&w[i], model, o);
		start(&w[i]);
	}
	for (int i = 0; i < many; i++) {
		end(&w[i], FM_OK);
		write_new(&alone, prompt, &w[i].o);
		CHECK(alone.size > 0 && strcmp(alone.s, w[i].t.s) == 0);
		OK(fm_session_free(w[i].s));
	}
	OK(fm_model_free(model));
	model = rounding;

	// Cancelled from another thread.
	o = endless();
	OK(fm_cancel_new(&o.cancel, &err));
	begin(&w[0], model, o);
	start(&w[0]);
	wait_for(&w[0], 3);
	OK(fm_cancel_trigger(o.cancel));
	end(&w[0], FM_CANCELLED);
	OK(fm_cancel_free(o.cancel));
	o.cancel = NULL;
	int32_t *ids;
	size_t n;
	OK(fm_session_tokens(w[0].s, &ids, &n, &err)); // the text is what was told
	CHECK(n > (size_t)w[0].t.tokens && ids[n - 1] == w[0].t.ids[w[0].t.tokens - 1]);
	fm_free(ids);
	OK(fm_session_free(w[0].s));

	// In use on another thread, between two tokens: it may be asked, and not changed.
	begin(&w[0], model, o);
	w[0].hold = 4;
	start(&w[0]);
	wait_for(&w[0], 4);
	IS(FM_BUSY, fm_session_append_text(w[0].s, "x", &err));
	IS(FM_BUSY, fm_session_reset(w[0].s, &err));
	IS(FM_BUSY, fm_session_load(w[0].s, "/nowhere/x", &err));
	OK(fm_session_tokens(w[0].s, &ids, &n, &err));
	fm_free(ids);

	// Freed by another thread.
	OK(fm_session_free(w[0].s));
	pthread_mutex_lock(&w[0].mutex);
	w[0].hold = 0;
	pthread_cond_broadcast(&w[0].changed);
	pthread_mutex_unlock(&w[0].mutex);
	end(&w[0], FM_CLOSED);
	fm_model *m = open_model();
	begin(&w[0], m, o);
	begin(&w[1], m, o);
	start(&w[0]);
	start(&w[1]);
	wait_for(&w[0], 2);
	wait_for(&w[1], 2);
	OK(fm_model_free(m));
	end(&w[0], FM_CLOSED);
	end(&w[1], FM_CLOSED);
	OK(fm_session_free(w[0].s));
	OK(fm_session_free(w[1].s));

	// A generation is of no thread: each step is on another one than the last.
	o.max_tokens = 6;
	begin(&w[0], model, o);
	fm_generation *g;
	OK(fm_session_begin(w[0].s, prompt, &o, &g, &err));
	extern void *step(void *);
	for (int i = 0; i < 6; i++) {
		pthread_t thread;
		void *status;
		CHECK(pthread_create(&thread, NULL, step, g) == 0);
		pthread_join(thread, &status);
		CHECK(status == NULL);
	}
	const fm_token *token;
	IS(FM_END, fm_generation_next(g, &token, &err));
	OK(fm_generation_free(g));
	OK(fm_session_free(w[0].s));
}

void *step(void *generation) {
	const fm_token *token;
	return (void *)(intptr_t)fm_generation_next(generation, &token, NULL);
}
