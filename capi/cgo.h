// What the Go side sees of C: the public header, names for its const types, and calls of function pointers.
// cgo writes the prototypes of exported functions by these names, so that the compiler holds every one
// of them to the header's.
#ifndef FM_CGO_H
#define FM_CGO_H

#ifdef _WIN32
#define FM_API __declspec(dllexport)
#else
#define FM_API __attribute__((visibility("default")))
#endif
#include "falconmamba.h"

#include <stdlib.h>
#include <string.h>

typedef const char fm_utf8;
typedef const int32_t fm_ids;
typedef const void fm_bytes;
typedef const fm_open_options fm_const_open_options;
typedef const fm_generate_options fm_const_generate_options;
typedef const fm_chat_options fm_const_chat_options;
typedef const fm_message fm_const_message;
typedef const fm_token fm_const_token;

// What fm_version returns; Go fills it.
extern char fm_version_text[128];

// A caller's void pointer may be any number, which Go must not hold as a pointer: these hold it for Go. They live on
// the caller's stack for the time of its call.
typedef struct fm_each { fm_token_func f; void *user; } fm_each;
typedef struct fm_watch { fm_progress f; void *user; } fm_watch;

static inline int fm_call_each(const fm_each *c, const fm_token *t) { return c->f(c->user, t); }

static inline int fm_call_watch(const fm_watch *c, const char *stage, int64_t done, int64_t total) {
	return c->f(c->user, stage, done, total);
}

// The watch of a call that is told by its options.
static inline void fm_watch_of(fm_watch *c, const fm_open_options *o) {
	c->f = o->progress;
	c->user = o->user;
}

#endif
