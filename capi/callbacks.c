// The functions that take a caller's pointer for a callback: it stays in C, see cgo.h.
#include "_cgo_export.h"

fm_status fm_session_prefill(fm_session *session, fm_progress progress, void *user, fm_cancel *cancel, fm_error *err) {
	fm_watch watch = {progress, user};
	return fm_go_session_prefill(session, &watch, cancel, err);
}

fm_status fm_session_generate(fm_session *session, const char *prompt, const fm_generate_options *options,
	fm_token_func each, void *user, fm_error *err) {
	fm_each told = {each, user};
	return fm_go_session_generate(session, prompt, options, &told, err);
}

fm_status fm_chat_say(fm_chat *chat, const char *text, const fm_generate_options *options, fm_token_func each,
	void *user, fm_error *err) {
	fm_each told = {each, user};
	return fm_go_chat_say(chat, text, options, &told, err);
}
