// Tokens, scores, and what is between text and numbers.
#include "test.h"

void test_text(void) {
	int32_t *ids;
	size_t n, size;
	char *s;
	const char *words = "ROMEO:\nIs it even so? \xe2\x80\x94 then I defy you, stars!";
	OK(fm_model_encode(model, words, &ids, &n, &err));
	CHECK(n > 5 && n < strlen(words));
	OK(fm_model_decode(model, ids, n, &s, &size, &err));
	CHECK(size == strlen(words) && strcmp(s, words) == 0);
	fm_free(s);
	ids[0] = 1 << 30;
	IS(FM_INVALID, fm_model_decode(model, ids, n, &s, &size, &err));
	CHECK(s == NULL && size == 0);
	ids[0] = -1;
	IS(FM_INVALID, fm_model_decode(model, ids, n, &s, &size, &err));
	fm_free(ids);
	OK(fm_model_encode(model, "", &ids, &n, &err));
	CHECK(n == 0 && ids != NULL);
	OK(fm_model_decode(model, ids, 0, &s, &size, &err));
	CHECK(size == 0 && strcmp(s, "") == 0);
	fm_free(s);
	fm_free(ids);
	OK(fm_model_decode(model, NULL, 0, &s, &size, &err));
	fm_free(s);
	IS(FM_INVALID, fm_model_decode(model, NULL, 3, &s, &size, &err));
	IS(FM_INVALID, fm_model_encode(model, NULL, &ids, &n, &err));
	IS(FM_INVALID, fm_model_encode(model, "good until h\xc3re", &ids, &n, &err));
	CHECK(strstr(err.message, "byte 12") && ids == NULL && n == 0);
	IS(FM_INVALID, fm_model_encode(model, "\xed\xa0\x80", &ids, &n, &err)); // half of a surrogate pair
}

void test_scores(void) {
	int32_t *ids;
	size_t n, size, counted;
	float *v;
	double nats;
	OK(fm_model_encode(model, "ROMEO:\nWhat light through yonder window breaks?\n", &ids, &n, &err));

	OK(fm_model_embed(model, ids, n, NULL, &v, &size, &err));
	fm_model_info *info;
	OK(fm_model_describe(model, &info, &err));
	CHECK(size == (size_t)info->hidden_size);
	double square = 0;
	for (size_t i = 0; i < size; i++)
		square += (double)v[i] * v[i];
	CHECK(fabs(square - 1) < 1e-5);
	fm_free(v);
	IS(FM_INVALID, fm_model_embed(model, ids, 0, NULL, &v, &size, &err));
	CHECK(v == NULL && size == 0);

	// A loss is what the choice of all but the first is worth.
	OK(fm_model_loss(model, ids, n, NULL, &nats, &counted, &err));
	CHECK(counted == n - 1 && nats > 0);
	fm_choice choices[3] = {{ids + 1, n - 1, 0, 0, 0}, {NULL, 0, 0, 0, 0}, {ids + 1, 1, 0, 0, 0}};
	OK(fm_model_score(model, ids, 1, choices, 3, NULL, &err));
	CHECK(fabs(choices[0].logprob + nats) < 1e-3 * nats);
	CHECK(choices[1].logprob == 0 && choices[1].greedy == 1);
	CHECK(choices[2].logprob > choices[0].logprob && choices[2].logprob < 0);
	IS(FM_INVALID, fm_model_score(model, ids, 0, choices, 3, NULL, &err));
	IS(FM_INVALID, fm_model_score(model, ids, 1, NULL, 3, NULL, &err));
	OK(fm_model_score(model, ids, 1, NULL, 0, NULL, &err));
	IS(FM_INVALID, fm_model_loss(model, ids, 1, NULL, &nats, &counted, &err));
	CHECK(nats == 0 && counted == 0);

	// The largest logit is what greedy writes.
	fm_session *s;
	fm_generate_options o = {sizeof o};
	text greedy;
	o.max_tokens = 1;
	write_new(&greedy, "ROMEO:\nWhat light through yonder window breaks?\n", &o);
	OK(fm_session_new(model, &s, &err));
	IS(FM_INVALID, fm_session_logits(s, NULL, &v, &size, &err));
	OK(fm_session_append(s, ids, n, &err));
	OK(fm_session_logits(s, NULL, &v, &size, &err));
	CHECK(size == (size_t)info->vocab_size);
	size_t best = 0;
	for (size_t i = 0; i < size; i++)
		best = v[i] > v[best] ? i : best;
	CHECK((int32_t)best == greedy.ids[0]);
	fm_free(v);
	int32_t wrong = info->vocab_size;
	IS(FM_INVALID, fm_session_append(s, &wrong, 1, &err));
	int32_t *now;
	size_t count;
	OK(fm_session_tokens(s, &now, &count, &err));
	CHECK(count == n && memcmp(now, ids, n * sizeof *ids) == 0);
	fm_free(now);

	fm_cancel *c;
	OK(fm_cancel_new(&c, &err));
	OK(fm_cancel_trigger(c));
	IS(FM_CANCELLED, fm_model_embed(model, ids, n, c, &v, &size, &err));
	IS(FM_CANCELLED, fm_model_loss(model, ids, n, c, &nats, &counted, &err));
	IS(FM_CANCELLED, fm_model_score(model, ids, 2, choices, 1, c, &err));
	OK(fm_session_append_text(s, "more to read", &err));
	IS(FM_CANCELLED, fm_session_logits(s, c, &v, &size, &err));
	IS(FM_CANCELLED, fm_session_prefill(s, NULL, NULL, c, &err));
	OK(fm_cancel_free(c));
	OK(fm_session_free(s));
	fm_free(info);
	fm_free(ids);
}
