// The library itself, devices, and how models are opened.
#include "test.h"

#include <pthread.h>

void test_library(void) {
	fm_device **devices;
	size_t n, cpu = 0;
	CHECK(fm_abi_version() == FM_ABI);
	CHECK(strlen(fm_version()) > 0);
	CHECK(strcmp(fm_status_name(FM_BUSY), "FM_BUSY") == 0);
	CHECK(strcmp(fm_status_name(FM_INTERNAL), "FM_INTERNAL") == 0);
	CHECK(strcmp(fm_status_name(12345), "unknown status") == 0);
	fm_free(NULL);
	OK(fm_devices(&devices, &n, &err));
	CHECK(n > 0 && devices[n] == NULL);
	for (size_t i = 0; i < n; i++) {
		CHECK(devices[i]->device && devices[i]->driver && devices[i]->kind && devices[i]->warning);
		if (strcmp(devices[i]->name, "cpu") == 0) {
			cpu++;
			CHECK(devices[i]->threads > 0 && !devices[i]->software && strlen(devices[i]->device) > 0);
		}
	}
	CHECK(cpu == 1);
	fm_free(devices);
	IS(FM_INVALID, fm_devices(NULL, &n, &err));
	IS(FM_INVALID, fm_devices(&devices, NULL, &err));
	CHECK(devices == NULL);
}

typedef struct watched {
	pthread_t thread;
	int calls, elsewhere, back, cancel_at;
	int64_t done, total;
} watched;

static int watch(void *user, const char *stage, int64_t done, int64_t total) {
	watched *w = user;
	w->calls++;
	w->elsewhere += !pthread_equal(w->thread, pthread_self());
	w->back += done < w->done || done > total || strcmp(stage, "load") != 0;
	w->done = done;
	w->total = total;
	return w->cancel_at && w->calls >= w->cancel_at;
}

static int late(void *user, const char *stage, int64_t done, int64_t total) {
	(void)user, (void)stage;
	return done == total; // it is all there: the model is closed again
}

// A later header's options: more fields at the end.
typedef struct more {
	fm_open_options o;
	int64_t later;
} more;

void test_open(void) {
	fm_model *m = (fm_model *)&m;
	fm_cancel *c;
	watched w = {pthread_self()};
	more later;
	fm_open_options o = {sizeof o};
	o.backend = "cpu";

	o.progress = watch, o.user = &w;
	OK(fm_model_open("", &o, &m, &err));
	CHECK(w.calls > 0 && !w.elsewhere && !w.back && w.done == w.total && w.total > 1000000);
	fm_model_info *info;
	OK(fm_model_describe(m, &info, &err));
	CHECK(strcmp(info->type, "falcon_mamba") == 0 && strcmp(info->backend, "cpu") == 0 && info->device[0]);
	CHECK(info->fingerprint[0] && info->vocab_size > 256 && info->hidden_size > 0 && info->layers > 0);
	CHECK(info->chunk > 0 && info->has_tokenizer && info->warnings && info->notes && info->warnings[0] == NULL);
	fm_free(info);
	OK(fm_model_free(m));

	watched at_once = {pthread_self()};
	at_once.cancel_at = 1;
	o.user = &at_once;
	IS(FM_CANCELLED, fm_model_open("", &o, &m, &err));
	CHECK(m == NULL && at_once.calls == 1);
	o.progress = late;
	IS(FM_CANCELLED, fm_model_open("", &o, &m, &err));
	o.progress = NULL, o.user = (void *)1; // a number, and no pointer

	OK(fm_cancel_new(&c, &err));
	o.cancel = c;
	OK(fm_model_open("", &o, &m, &err));
	OK(fm_model_free(m));
	OK(fm_cancel_trigger(c));
	IS(FM_CANCELLED, fm_model_open("", &o, &m, &err));
	OK(fm_cancel_free(c));
	IS(FM_BAD_HANDLE, fm_model_open("", &o, &m, &err));
	o.cancel = NULL;

	IS(FM_NOT_FOUND, fm_model_open("/nowhere/model.gguf", &o, &m, &err));
	CHECK(strstr(err.message, "/nowhere/model.gguf") && m == NULL);
	o.flags = FM_OPEN_OFFLINE;
	IS(FM_NOT_FOUND, fm_model_open("falconmamba-test/no-such-model", &o, &m, &err));
	o.flags = 0;
	IS(FM_INVALID, fm_model_open("\xff", &o, &m, &err));
	CHECK(strstr(err.message, "UTF-8"));
	IS(FM_INVALID, fm_model_open("", &o, NULL, &err));
	IS(FM_NOT_FOUND, fm_model_open("/nowhere/model.gguf", &o, &m, NULL));

	o.backend = "abacus";
	IS(FM_NOT_FOUND, fm_model_open("", &o, &m, &err));
	CHECK(strstr(err.message, "abacus") && strstr(err.message, "cpu"));
	o.backend = "cpu\xc3";
	IS(FM_INVALID, fm_model_open("", &o, &m, &err));
	o.backend = "cpu", o.quant = "q9";
	IS(FM_INVALID, fm_model_open("", &o, &m, &err));
	o.quant = NULL, o.precision = "double";
	IS(FM_INVALID, fm_model_open("", &o, &m, &err));
	o.precision = NULL, o.state_type = "i32";
	IS(FM_INVALID, fm_model_open("", &o, &m, &err));
	o.state_type = NULL, o.threads = -1;
	IS(FM_INVALID, fm_model_open("", &o, &m, &err));
	o.threads = 0, o.mixer_eps = NAN;
	IS(FM_INVALID, fm_model_open("", &o, &m, &err));
	o.mixer_eps = 0, o.flags = 1u << 31;
	IS(FM_UNSUPPORTED, fm_model_open("", &o, &m, &err));
	o.flags = FM_OPEN_NO_MMAP | FM_OPEN_BATCH_INVARIANT | FM_OPEN_TEXT;
	o.quant = "q4_K_M", o.precision = "f32", o.state_type = "f16", o.threads = 1, o.chunk = 32, o.running = 2;
	OK(fm_model_open("", &o, &m, &err));
	OK(fm_model_free(m));

	// The struct grows and shrinks.
	o.struct_size = 0;
	IS(FM_INVALID, fm_model_open("", &o, &m, &err));
	o.struct_size = UINT32_MAX;
	IS(FM_INVALID, fm_model_open("", &o, &m, &err));
	o.struct_size = offsetof(fm_open_options, precision);
	o.precision = "not read";
	OK(fm_model_open("", &o, &m, &err));
	OK(fm_model_free(m));
	memset(&later, 0, sizeof later);
	later.o.struct_size = sizeof later;
	later.o.backend = "cpu";
	OK(fm_model_open("", &later.o, &m, &err));
	OK(fm_model_free(m));
	later.later = 1;
	IS(FM_UNSUPPORTED, fm_model_open("", &later.o, &m, &err));

	// A message that does not fit is cut between characters.
	char *name = malloc(6001);
	for (int i = 0; i < 2000; i++)
		memcpy(name + 3 * i, "\xe2\x82\xac", 3);
	name[6000] = 0;
	fm_status s = fm_model_open(name, NULL, &m, &err);
	CHECK(s < 0 && strlen(err.message) >= 1000 && strlen(err.message) < sizeof err.message);
	CHECK(strcmp(err.message + strlen(err.message) - 3, "\xe2\x80\xa6") == 0);
	free(name);
}
