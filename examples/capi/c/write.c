// Write goes on with a text, goes back to where it was, and writes another end.
//
//     cc write.c $(pkg-config --cflags --libs falconmamba) -o write
//     ./write [MODEL [PROMPT]]
#include <falconmamba.h>

#include <stdio.h>
#include <stdlib.h>

static fm_error err;

// Ends the program where a call failed.
static void must(fm_status status) {
	if (status < 0) {
		fprintf(stderr, "write: %s (%s)\n", err.message, fm_status_name(status));
		exit(1);
	}
}

// Is called with every token, on this thread.
static int print(void *user, const fm_token *token) {
	(void)user;
	fwrite(token->text, 1, token->text_size, stdout);
	fflush(stdout);
	return 0; // anything else ends the text here
}

static int loading(void *user, const char *stage, int64_t done, int64_t total) {
	(void)user;
	fprintf(stderr, "\r%s: %lld %%%s", stage, (long long)(total ? done * 100 / total : 0), done == total ? "\n" : "");
	return 0; // anything else gives up
}

int main(int argc, char **argv) {
	fm_model *model;
	fm_session *session;
	fm_snapshot *before;

	// The model that is part of the library, unless another is named, on the best device.
	fm_open_options open = {sizeof open};
	open.progress = loading;
	open.backend = getenv("FM_BACKEND");
	must(fm_model_open(argc > 1 ? argv[1] : NULL, &open, &model, &err));
	must(fm_session_new(model, &session, &err));
	must(fm_session_append_text(session, argc > 2 ? argv[2] : "ROMEO:\n", &err));
	must(fm_session_snapshot(session, &before, &err));

	// What the checkpoint asks for, changed a little.
	fm_generate_options options = {sizeof options};
	must(fm_model_defaults(model, &options, &err));
	options.max_tokens = 40;
	options.temperature = 0.7f;
	options.seed = 3;
	must(fm_session_generate(session, NULL, &options, print, NULL, &err));

	// The prompt is not read again.
	puts("\n---");
	options.seed = 4;
	must(fm_session_restore(session, before, &err));
	must(fm_session_generate(session, NULL, &options, print, NULL, &err));
	puts("");

	fm_snapshot_free(before);
	fm_session_free(session);
	fm_model_free(model);
	return 0;
}
