// Adapters: they are in what the model is and writes, and what does not fit is refused.
#include "test.h"

// The fingerprint of the model with adapters, and whether a note has said.
static char *opened(const char *const *adapters, size_t n, const char *said) {
	static char fingerprint[8][128];
	static int at;
	fm_open_options o = {sizeof o};
	fm_model *m;
	fm_model_info *info;
	o.backend = "cpu", o.adapters = adapters, o.adapter_count = n;
	OK(fm_model_open(given("ADAPTED"), &o, &m, &err));
	OK(fm_model_describe(m, &info, &err));
	char *print = fingerprint[at++ % 8];
	snprintf(print, sizeof fingerprint[0], "%s", info->fingerprint);
	int found = said == NULL;
	for (const char *const *note = info->notes; *note; note++)
		found |= said && strstr(*note, said) != NULL;
	CHECK(found);
	fm_free(info);
	OK(fm_model_free(m));
	return print;
}

void test_adapters(void) {
	const char *dir = given("ADAPTERS");
	char list[600], half[600], other[600];
	snprintf(list, sizeof list, "%s/list", dir);
	snprintf(half, sizeof half, "%s/list=0.5", dir);
	snprintf(other, sizeof other, "%s/bf16", dir); // of a wider model
	const char *one[] = {list}, *scaled[] = {half}, *both[] = {half, half}, *wrong[] = {other};
	const char *none[] = {"/nowhere/adapter"}, *bad[] = {"x=y"}, *zero[] = {list, "x=0"}, *empty[] = {""};
	const char *null[] = {NULL}, *bytes[] = {"\xff"};

	char *plain = opened(NULL, 0, NULL);
	char *whole = opened(one, 1, "at scale 1");
	char *part = opened(scaled, 1, "at scale 0.5");
	char *twice = opened(both, 2, "at scale 0.5");
	CHECK(strcmp(plain, whole) && strcmp(whole, part) && strcmp(part, twice) && strcmp(twice, plain));
	CHECK(strcmp(plain, opened(one, 0, NULL)) == 0); // a count of 0 is none

	fm_open_options o = {sizeof o};
	fm_model *m = (fm_model *)&m;
	o.backend = "cpu", o.adapter_count = 1;
	const char *name = given("ADAPTED");
	o.adapters = none;
	IS(FM_NOT_FOUND, fm_model_open(name, &o, &m, &err));
	CHECK(strstr(err.message, "/nowhere/adapter") && m == NULL);
	o.adapters = wrong;
	IS(FM_FAILED, fm_model_open(name, &o, &m, &err));
	CHECK(strstr(err.message, "no part of the model") || strstr(err.message, "of another model"));
	const char *const *invalid[] = {bad, empty, null, bytes, NULL};
	for (int i = 0; i < 5; i++) {
		o.adapters = invalid[i];
		IS(FM_INVALID, fm_model_open(name, &o, &m, &err));
		CHECK(err.message[0]);
	}
	o.adapters = zero, o.adapter_count = 2;
	IS(FM_INVALID, fm_model_open(name, &o, &m, &err));
	CHECK(strstr(err.message, "not 0"));

	// A program that was built before adapters: its struct ends before them.
	o.struct_size = offsetof(fm_open_options, adapters);
	OK(fm_model_open(name, &o, &m, &err));
	OK(fm_model_free(m));
}
