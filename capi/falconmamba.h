/*
 * falconmamba.h: FalconMamba from C, and from whatever calls C.
 *
 *     fm_error err;
 *     fm_model *model;
 *     if (fm_model_open("falcon-mamba-7b", NULL, &model, &err))
 *         return fprintf(stderr, "%s\n", err.message), 1;
 *
 * Link with -lfalconmamba (pkg-config falconmamba, or find_package(falconmamba) of CMake). docs/capi.md of the
 * project says how to build it, what the Go runtime inside does to signals, threads and fork, and how the ABI grows.
 *
 * Rules that hold for every function, unless it says otherwise:
 *
 * Errors. A function returns FM_OK (0), FM_END (1) where it says so, or a negative status. Where it takes an fm_error
 * and fails, it fills it with the status and one line for people; err may be NULL. On success *err is as it was. Out
 * parameters are NULL or 0 after a failure, as far as they were given; they must not be NULL themselves. Nothing is
 * changed by a call that fails with FM_INVALID, FM_BAD_HANDLE or FM_BUSY.
 *
 * Handles. fm_model, fm_session, fm_generation, fm_snapshot, fm_chat and fm_cancel are opaque: the pointer is a
 * number with nothing behind it. A handle that is NULL, was freed, is of another kind or never was one is
 * FM_BAD_HANDLE, and no crash. Whoever gets a handle frees it with the function of its kind. Freeing NULL does
 * nothing. Handles may be freed in any order: what belongs to a freed model fails with FM_CLOSED, and is still to be
 * freed.
 *
 * Memory. What a function stores through an out parameter that is a pointer to a pointer, other than a handle, is
 * one block of the caller's, freed whole by fm_free and by nothing else. What a caller passes in is read during
 * the call and not kept.
 *
 * Text. All text is UTF-8 with a 0 at its end, file names too, on every system; other bytes are FM_INVALID.
 *
 * Structs. What a caller fills begins with struct_size, set to sizeof the struct, and all other fields that are 0 stand
 * for what is usual: `fm_open_options o = {sizeof o};`. A later header may have more fields at the end; a library
 * that does not know them refuses them with FM_UNSUPPORTED unless they are 0. What the library fills is handed out
 * by pointers, and may have more fields at its end in later versions.
 *
 * Threads. Any function may be called on any thread. A model and an fm_cancel may be used by any number of threads
 * at once, a session, a chat, a generation and a snapshot by one at a time: a session, chat or generation that is in
 * use on another thread is FM_BUSY. Freeing, and fm_cancel_trigger, may happen on any thread at any time.
 *
 * Callbacks run on the thread that made the call, before the call returns, and never otherwise. They may call this
 * library; functions of the same session or chat that would change its text are FM_BUSY there. They must return:
 * no longjmp, and no exception of C++ or another language may leave them.
 *
 * Signals, threads and fork: see docs/capi.md. In short: handlers need SA_ONSTACK, a forked child may only call exec,
 * and the library stays in the process until that ends.
 */
#ifndef FALCONMAMBA_H
#define FALCONMAMBA_H

#include <stddef.h>
#include <stdint.h>

#ifndef FM_API
#if defined(_WIN32) && !defined(FM_STATIC)
#define FM_API __declspec(dllimport)
#else
#define FM_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* FM_ABI is the version of this interface, and of the library's file (libfalconmamba.so.1). It changes when something
 * that was there changes its meaning or goes. What is added leaves it. */
#define FM_ABI 1

typedef int32_t fm_status;
enum {
	FM_OK = 0,
	FM_END = 1,           /* no more tokens: of fm_generation_next alone */
	FM_INVALID = -1,      /* an argument makes no sense */
	FM_BAD_HANDLE = -2,   /* NULL, freed, of another kind, or no handle */
	FM_BUSY = -3,         /* the session or chat is generating, or in use on another thread */
	FM_CLOSED = -4,       /* the model or the session was freed meanwhile */
	FM_CANCELLED = -5,    /* by an fm_cancel, or by a callback of progress */
	FM_NOT_FOUND = -6,    /* no such file, model or backend */
	FM_UNSUPPORTED = -7,  /* the model, the device or this build does not have it */
	FM_QUEUE_FULL = -8,   /* too many texts wait: try again later */
	FM_OUT_OF_MEMORY = -9, /* of the device; where the host has none left, the process ends */
	FM_DEVICE_LOST = -10, /* and it could not be opened anew */
	FM_FAILED = -11,      /* anything else that the message says */
	FM_INTERNAL = -12     /* a fault of the library; the message has what is to be reported */
};

/* An fm_error is a status and one line of UTF-8 that says what failed, on what, and what would do. It is cut where it
 * does not fit. It belongs to its caller, and nothing of it to a thread. */
typedef struct fm_error {
	fm_status status;
	char message[1020];
} fm_error;

typedef struct fm_model fm_model;           /* a checkpoint on a device */
typedef struct fm_session fm_session;       /* a text, and the state that a model is in after it */
typedef struct fm_generation fm_generation; /* a text that is being written, step by step */
typedef struct fm_snapshot fm_snapshot;     /* a session at one moment, in the host's memory */
typedef struct fm_chat fm_chat;             /* a conversation */
typedef struct fm_cancel fm_cancel;         /* what ends a call from another thread */

/* ---- The library ---------------------------------------------------------------------------------------------- */

/* Returns the FM_ABI that the library was built with. A program that loads it by hand compares it with its own. */
FM_API uint32_t fm_abi_version(void);

/* Returns the version and the commit of the library, such as "v0.2.0 0123456789ab". The text is the library's. */
FM_API const char *fm_version(void);

/* Returns the name of a status, such as "FM_BUSY", or "unknown status". The text is the library's. */
FM_API const char *fm_status_name(fm_status status);

/* Frees a block that a function of this library gave; NULL does nothing. */
FM_API void fm_free(void *block);

/* ---- Devices -------------------------------------------------------------------------------------------------- */

/* An fm_device is a device that models run on. Texts are never NULL. */
typedef struct fm_device {
	const char *name;      /* what fm_open_options.backend takes: "cpu", "vulkan:1" */
	const char *device;    /* the hardware's own name */
	const char *driver;    /* the driver's name and version, or "" */
	const char *kind;      /* "processor", "discrete GPU" … for people */
	const char *warning;   /* what makes it slow and can be helped, or "" */
	int64_t memory_total;  /* bytes of its memory, 0 if unknown */
	int64_t memory_free;   /* bytes that this process may still take, 0 if unknown */
	int32_t threads;       /* workers of a processor, else 0 */
	int32_t software;      /* 1: a GPU's driver that computes on the processor */
} fm_device;

/* Stores the devices that are present, the best first, as an array of *count pointers, with NULL behind the last.
 * A driver whose installation is broken is an error only where there is no other device. Free *devices. */
FM_API fm_status fm_devices(fm_device ***devices, size_t *count, fm_error *err);

/* ---- Ending what runs ----------------------------------------------------------------------------------------- */

/* Makes an fm_cancel, which ends the calls that it is given to with FM_CANCELLED once it is triggered. */
FM_API fm_status fm_cancel_new(fm_cancel **cancel, fm_error *err);

/* Ends the calls that run with cancel, and every later one. It does not wait for them. */
FM_API fm_status fm_cancel_trigger(fm_cancel *cancel);

/* Frees cancel. Calls that run with it go on. */
FM_API fm_status fm_cancel_free(fm_cancel *cancel);

/* ---- Models --------------------------------------------------------------------------------------------------- */

/* Is told how far a call is: done of total bytes ("download", "load") or tokens ("read"). When they come fast, some
 * are left out. Another result than 0 cancels the call. */
typedef int (*fm_progress)(void *user, const char *stage, int64_t done, int64_t total);

enum {
	FM_OPEN_OFFLINE = 1,          /* download nothing: models of the hub must be in its cache */
	FM_OPEN_NO_MMAP = 2,          /* read files instead of mapping them: they may change while the model is open */
	FM_OPEN_BATCH_INVARIANT = 4,  /* with precision "f32" no text depends on others beside it */
	FM_OPEN_TEXT = 8              /* a checkpoint without a tokenizer that can be read is an error */
};

typedef struct fm_open_options {
	uint32_t struct_size;
	uint32_t flags;          /* FM_OPEN_… */
	const char *backend;     /* a name of fm_devices; NULL: the best that opens */
	const char *precision;   /* what long passes may round to: "f32", "half", "int8"; NULL: what suits the weights */
	const char *quant;       /* pack the weights while they are loaded: "q4_K", "q8_0", "nf4" …; NULL: as stored */
	const char *state_type;  /* what states are stored as: "f32", "f16", "bf16"; NULL: f32 */
	const char *cache;       /* a folder for states, so that no beginning is read twice; NULL: in memory alone */
	int32_t threads;         /* workers of a processor; 0: all cores */
	int32_t chunk;           /* tokens that a pass reads at most; 0: what suits the device */
	int32_t running;         /* texts that are written at once; 0: 64 */
	int32_t reserved;        /* 0 */
	double mixer_eps;        /* of GGUF files, which do not say it; 0: what is usual */
	fm_progress progress;    /* NULL: nobody is told */
	void *user;              /* for progress */
	fm_cancel *cancel;       /* NULL: it runs to its end */
	const char *const *adapters; /* LoRA adapters that are added to the weights: "NAME" or "NAME=SCALE", where NAME is
	                              * a folder as PEFT saves it, or ORG/NAME[@REVISION] of the hub */
	size_t adapter_count;    /* of adapters */
} fm_open_options;

/* Opens a model: a folder with config.json and safetensors, a GGUF file, ORG/NAME[@REVISION][:FILE.gguf] of the Hugging
 * Face hub, which is downloaded if its cache does not have it (HF_TOKEN, HF_HOME and the like are read from the
 * environment), or random weights (random:130m, random:7b). NULL or "" is a small model that is part of the library.
 * options may be NULL. Files are mapped: they must not be truncated while the model is open, see FM_OPEN_NO_MMAP.
 * The fingerprint of a model with adapters is of these too, so states are of the model with just these.
 * FM_NOT_FOUND: no such file, model, adapter or backend. FM_INVALID: an option. FM_FAILED: among others, an adapter of
 * another model. FM_CANCELLED: by progress or cancel. */
FM_API fm_status fm_model_open(const char *name, const fm_open_options *options, fm_model **model, fm_error *err);

/* Frees model. Calls that run with it, and with its sessions and chats, end with FM_CLOSED; it waits for the device.
 * What is told of an error is a status alone. */
FM_API fm_status fm_model_free(fm_model *model);

/* An fm_model_info says what a model is. Texts are never NULL. */
typedef struct fm_model_info {
	const char *type;             /* "falcon_mamba" or "mamba" */
	const char *backend;          /* the device that it runs on, as fm_devices names it */
	const char *device;           /* the hardware's own name */
	const char *fingerprint;      /* of the config and the weights: states belong to it */
	const char *const *warnings;  /* what the user should be told; NULL behind the last */
	const char *const *notes;     /* what was decided between files and device; NULL behind the last */
	int32_t vocab_size;           /* elements of a row of logits */
	int32_t hidden_size;          /* elements of an embedding */
	int32_t layers;
	int32_t chunk;                /* tokens that a pass reads at most */
	int32_t has_tokenizer;        /* 0: it takes token ids alone */
	int32_t has_chat_template;    /* 0: fm_chat_new needs a template */
} fm_model_info;

/* Stores what model is. Free *info. */
FM_API fm_status fm_model_describe(fm_model *model, fm_model_info **info, fm_error *err);

/* Stores the token ids of text, special tokens recognised, and what the tokenizer puts before a text. Free *ids. */
FM_API fm_status fm_model_encode(fm_model *model, const char *text, int32_t **ids, size_t *count, fm_error *err);

/* Stores the text of count ids. Special tokens are left out. A part of a character at either end is U+FFFD. *size is
 * the bytes of the text, which may hold a 0 itself. Free *text. FM_INVALID: an id that the model does not have. */
FM_API fm_status fm_model_decode(fm_model *model, const int32_t *ids, size_t count, char **text, size_t *size,
	fm_error *err);

/* A message of a conversation. */
typedef struct fm_message {
	const char *role;     /* "system", "user", "assistant" */
	const char *content;
} fm_message;

/* Stores the text that the checkpoint's chat template makes of messages; with add_prompt it ends where an answer
 * begins. It is for reading: fm_chat_say encodes messages so that none can forge a turn. Free *text.
 * FM_UNSUPPORTED: the model has no template. */
FM_API fm_status fm_model_render(fm_model *model, const fm_message *messages, size_t count, int add_prompt, char **text,
	fm_error *err);

/* Stores the embedding of a text: the mean of the last hidden states over its tokens, of length 1, of hidden_size
 * elements. The model was not trained for that: one made for retrieval tells texts apart better. cancel may be NULL.
 * Free *vector. FM_INVALID: no ids, or one that the model does not have. */
FM_API fm_status fm_model_embed(fm_model *model, const int32_t *ids, size_t count, fm_cancel *cancel, float **vector,
	size_t *size, fm_error *err);

/* Stores the sum of the negative log-probabilities (nats) of every token of a text but the first, under the model that
 * reads it from an empty state, and how many tokens that are: exp(*nats / *tokens) is the perplexity. cancel may be
 * NULL. FM_INVALID: fewer than two ids, or one that the model does not have. */
FM_API fm_status fm_model_loss(fm_model *model, const int32_t *ids, size_t count, fm_cancel *cancel, double *nats,
	size_t *tokens, fm_error *err);

/* A text that fm_model_score is asked about. */
typedef struct fm_choice {
	const int32_t *ids;  /* in */
	size_t count;        /* in */
	double logprob;      /* out: the natural logarithm of its probability, the sum over its tokens */
	int32_t greedy;      /* out: 1 where each of its tokens has the largest logit */
	int32_t reserved;    /* 0 */
} fm_choice;

/* Fills in how likely each of choices is after prefix, which is read once. A choice of no tokens is certain. cancel may
 * be NULL. FM_INVALID: an empty prefix, or an id that the model does not have. */
FM_API fm_status fm_model_score(fm_model *model, const int32_t *prefix, size_t prefix_count, fm_choice *choices,
	size_t count, fm_cancel *cancel, fm_error *err);

/* ---- Generating ----------------------------------------------------------------------------------------------- */

/* What is added to a token's logit; -INFINITY bans it. */
typedef struct fm_bias {
	int32_t id;
	float bias;
} fm_bias;

enum {
	FM_GENERATE_IGNORE_EOS = 1,    /* go on where the model ends the text */
	FM_GENERATE_BARE = 2,          /* leave the checkpoint's own stop strings and banned tokens out */
	FM_GENERATE_LOGPROBS = 4,      /* fm_token.logprob, before penalties, temperature and filters */
	FM_GENERATE_BACKGROUND = 8     /* give way to other texts */
};

/* How a text is generated. With all fields 0 it is greedy and of 256 tokens at most; fm_model_defaults fills in what
 * the checkpoint asks for, which NULL in place of a struct stands for. */
typedef struct fm_generate_options {
	uint32_t struct_size;
	uint32_t flags;              /* FM_GENERATE_… */
	int64_t max_tokens;          /* 0: 256; below 0: no limit */
	uint64_t seed;               /* of the draws: the same seed on the same device draws the same text */
	float temperature;           /* divides the logits; 0 is greedy */
	float top_p;                 /* keep the most probable tokens of this mass; 0 or 1: off */
	float min_p;                 /* keep tokens of this fraction of the largest probability; 0: off */
	int32_t top_k;               /* keep so many; 0: off */
	float repetition_penalty;    /* of tokens that are in the text; 0 or 1: off */
	float presence_penalty;      /* 0: off */
	float frequency_penalty;     /* 0: off */
	int32_t repeat_last_n;       /* tokens that penalties look back on; 0: the whole text */
	const char *const *stop;     /* the text ends before any of these */
	size_t stop_count;
	const fm_bias *biases;
	size_t bias_count;           /* 4096 at most */
	const char *json_schema;     /* hold the text to JSON that this schema allows, … */
	const char *grammar;         /* … to a grammar in GBNF, … */
	const char *regex;           /* … or to a regular expression: one of the three at most; NULL: none */
	int32_t top_logprobs;        /* fm_token.top has so many, 20 at most; implies FM_GENERATE_LOGPROBS */
	int32_t reserved;            /* 0 */
	fm_cancel *cancel;           /* NULL: only the text's end, or the caller, ends it */
} fm_generate_options;

/* Fills in *options, whose struct_size is set, with what the checkpoint's generation_config.json asks for: greedy where
 * it asks for nothing. max_tokens is 0 where it names none. The rest is 0. */
FM_API fm_status fm_model_defaults(fm_model *model, fm_generate_options *options, fm_error *err);

/* A token and the natural logarithm of its probability. */
typedef struct fm_logprob {
	int32_t id;
	int32_t reserved;
	double logprob;
} fm_logprob;

/* An fm_token is one step of a generation. It and what it points to are the library's. */
typedef struct fm_token {
	int32_t id;              /* -1: no token, but the rest of a text that ended within a character */
	int32_t reserved;
	const char *text;        /* what it adds, whole characters of UTF-8; "" where more is to come, or it is special */
	size_t text_size;        /* bytes of text, which may hold a 0 itself */
	double logprob;          /* NaN where it was not asked for */
	const fm_logprob *top;   /* the most likely ones, the first first; NULL where not asked for */
	size_t top_count;
} fm_token;

/* Is told each token, which lasts until it returns. Another result than 0 ends the text there, which is no error. */
typedef int (*fm_token_func)(void *user, const fm_token *token);

typedef int32_t fm_stop_reason;
enum {
	FM_STOP_NONE = 0,    /* the caller left, or an error ended it, or nothing was generated */
	FM_STOP_EOS = 1,     /* the model ended the text */
	FM_STOP_LENGTH = 2,  /* max_tokens */
	FM_STOP_STRING = 3   /* one of the stop strings */
};

/* ---- Sessions ------------------------------------------------------------------------------------------------- */

/* Makes an empty session of model. Any number of sessions generate together, each on a thread of its own, at
 * little more than the cost of one. */
FM_API fm_status fm_session_new(fm_model *model, fm_session **session, fm_error *err);

/* Frees session. What runs on it, on another thread or around this call, ends with FM_CLOSED; tokens that were written
 * already may come before. */
FM_API fm_status fm_session_free(fm_session *session);

/* Adds text, special tokens recognised. It is read when something depends on it. FM_BUSY: it is generating. */
FM_API fm_status fm_session_append_text(fm_session *session, const char *text, fm_error *err);

/* Adds count token ids. FM_INVALID: an id that the model does not have. FM_BUSY: it is generating. */
FM_API fm_status fm_session_append(fm_session *session, const int32_t *ids, size_t count, fm_error *err);

/* Reads what was added, but for the last token, which the next step begins with: the cost of a prompt is paid, and
 * snapshots have the state at its end. progress ("read", tokens) and cancel may be NULL. FM_BUSY: it is generating.
 * After FM_CANCELLED what was read need not be read again. */
FM_API fm_status fm_session_prefill(fm_session *session, fm_progress progress, void *user, fm_cancel *cancel,
	fm_error *err);

/* Stores the ids of the session's text so far. Free *ids. */
FM_API fm_status fm_session_tokens(fm_session *session, int32_t **ids, size_t *count, fm_error *err);

/* Stores the scores of the token that follows: vocab_size elements. cancel may be NULL. Free *logits.
 * FM_INVALID: the text is empty. */
FM_API fm_status fm_session_logits(fm_session *session, fm_cancel *cancel, float **logits, size_t *count,
	fm_error *err);

/* Empties the session. FM_BUSY: it is generating. */
FM_API fm_status fm_session_reset(fm_session *session, fm_error *err);

/* Makes a second session that goes on from the same place. Nothing is read again. It may be called from a callback:
 * the fork has the text up to there. */
FM_API fm_status fm_session_fork(fm_session *session, fm_session **fork, fm_error *err);

/* Adds prompt, which may be NULL or "", writes on from there, and calls each with every token. options may be NULL.
 * However it ends, the session's text is what each was told, and the next call goes on from there, the draws of the
 * same seed included. FM_INVALID: an option, or nothing to go on from. FM_CANCELLED, FM_CLOSED, FM_QUEUE_FULL. */
FM_API fm_status fm_session_generate(fm_session *session, const char *prompt, const fm_generate_options *options,
	fm_token_func each, void *user, fm_error *err);

/* The same by steps: stores a generation, of which fm_generation_next gives the tokens. Nothing runs before that, so
 * what does not go is its error. From then on the session is generating, until that ends, fails or is freed. */
FM_API fm_status fm_session_begin(fm_session *session, const char *prompt, const fm_generate_options *options,
	fm_generation **generation, fm_error *err);

/* Stores why the last generation ended. */
FM_API fm_status fm_session_stop_reason(fm_session *session, fm_stop_reason *reason, fm_error *err);

/* Stores the next token, which lasts until the next call with this generation or its end, or returns FM_END, with
 * *token NULL. After FM_END or an error every call returns FM_END. */
FM_API fm_status fm_generation_next(fm_generation *generation, const fm_token **token, fm_error *err);

/* Frees generation, which leaves the text where it is. */
FM_API fm_status fm_generation_free(fm_generation *generation);

/* ---- Snapshots and files -------------------------------------------------------------------------------------- */

/* Copies the session, its text and its state, to the host's memory. It may be called from a callback. */
FM_API fm_status fm_session_snapshot(fm_session *session, fm_snapshot **snapshot, fm_error *err);

/* Puts the session where snapshot was taken, of this session or another of the model, any number of times.
 * FM_INVALID: of another model. FM_BUSY: it is generating. */
FM_API fm_status fm_session_restore(fm_session *session, fm_snapshot *snapshot, fm_error *err);

/* Saves the session to a file that appears when it is complete and that only its owner may read. Nothing but a saved
 * state is replaced. */
FM_API fm_status fm_session_save(fm_session *session, const char *path, fm_error *err);

/* Puts the session where a file was saved, on whatever device. FM_NOT_FOUND: no such file. FM_FAILED: it is damaged,
 * of another model, or no state. FM_BUSY: it is generating. */
FM_API fm_status fm_session_load(fm_session *session, const char *path, fm_error *err);

/* Stores what fm_session_save would write. Free *data. */
FM_API fm_status fm_snapshot_write(fm_snapshot *snapshot, void **data, size_t *size, fm_error *err);

/* Makes a snapshot of what fm_snapshot_write stored, or a file has. FM_FAILED: damaged, or of another model. */
FM_API fm_status fm_snapshot_read(fm_model *model, const void *data, size_t size, fm_snapshot **snapshot,
	fm_error *err);

/* Stores the ids of the snapshot's text. Free *ids. */
FM_API fm_status fm_snapshot_tokens(fm_snapshot *snapshot, int32_t **ids, size_t *count, fm_error *err);

/* Frees snapshot. */
FM_API fm_status fm_snapshot_free(fm_snapshot *snapshot);

/* ---- Conversations -------------------------------------------------------------------------------------------- */

typedef struct fm_chat_options {
	uint32_t struct_size;
	uint32_t reserved;      /* 0 */
	const char *system;     /* the system's message, before all others; NULL: none */
	const char *chat_template;  /* a chat template in Jinja; NULL: the checkpoint's */
} fm_chat_options;

/* Begins a conversation. options may be NULL. FM_UNSUPPORTED: the model has no template, and none is given. */
FM_API fm_status fm_chat_new(fm_model *model, const fm_chat_options *options, fm_chat **chat, fm_error *err);

/* Frees chat. What runs on it, on another thread, ends with FM_CLOSED. */
FM_API fm_status fm_chat_free(fm_chat *chat);

/* Gives the user's next message, and calls each with every token of the answer, as fm_session_generate does. What was
 * said is not read again. An answer that is cut short is part of the conversation as far as it came; if none of it
 * came, nothing was said. */
FM_API fm_status fm_chat_say(fm_chat *chat, const char *text, const fm_generate_options *options, fm_token_func each,
	void *user, fm_error *err);

/* The same by steps, as fm_session_begin. */
FM_API fm_status fm_chat_begin(fm_chat *chat, const char *text, const fm_generate_options *options,
	fm_generation **generation, fm_error *err);

/* Stores why the last answer ended. */
FM_API fm_status fm_chat_stop_reason(fm_chat *chat, fm_stop_reason *reason, fm_error *err);

/* Stores what was said so far, as an array of *count pointers, with NULL behind the last. Free *messages. */
FM_API fm_status fm_chat_messages(fm_chat *chat, fm_message ***messages, size_t *count, fm_error *err);

/* Takes the last message and its answer back. *undone is 0 where there was none. FM_BUSY: it is answering. */
FM_API fm_status fm_chat_undo(fm_chat *chat, int *undone, fm_error *err);

/* Begins the conversation anew. FM_BUSY: it is answering. */
FM_API fm_status fm_chat_reset(fm_chat *chat, fm_error *err);

/* Makes a second conversation that goes on from the same place. FM_BUSY: it is answering. */
FM_API fm_status fm_chat_fork(fm_chat *chat, fm_chat **fork, fm_error *err);

/* Saves the conversation and its state to a file, which fm_session_load reads too. FM_BUSY: it is answering. */
FM_API fm_status fm_chat_save(fm_chat *chat, const char *path, fm_error *err);

/* Goes on from a conversation that fm_chat_save wrote. Errors are those of fm_session_load. */
FM_API fm_status fm_chat_load(fm_chat *chat, const char *path, fm_error *err);

#ifdef __cplusplus
}
#endif

#endif
