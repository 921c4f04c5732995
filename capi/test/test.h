// What the tests share: checks that say where they failed, and go on.
#ifndef TEST_H
#define TEST_H

#include <falconmamba.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern int failures;
extern fm_error err;

void failed(const char *file, int line, const char *what);
void check_status(const char *file, int line, const char *what, fm_status got, fm_status want);

#define CHECK(what) ((what) ? (void)0 : failed(__FILE__, __LINE__, #what))
#define IS(want, call) (memset(&err, 0, sizeof err), check_status(__FILE__, __LINE__, #call, (call), (want)))
#define OK(call) IS(FM_OK, call)

// A text that is put together of tokens.
typedef struct text {
	char s[8192];
	size_t size;
	int tokens;
	int leave; // after so many tokens, if not 0
	double logprob;
	int32_t ids[1024];
} text;

// What the script that runs the tests gives.
const char *given(const char *name);

int add(void *user, const fm_token *token); // an fm_token_func

// The model that most tests use, on the processor.
extern fm_model *model;
fm_model *open_model(void);

// Writes with a new session.
void write_new(text *t, const char *prompt, const fm_generate_options *o);

void test_library(void);
void test_open(void);
void test_adapters(void);
void test_text(void);
void test_generate(void);
void test_forms(void);
void test_steps(void);
void test_states(void);
void test_chat(void);
void test_bare(void);
void test_scores(void);
void test_misuse(void);
void test_null(void);
void test_threads(void);
void test_callbacks(void);

#endif
