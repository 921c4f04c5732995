// Texts that last as long as the library.
#include "cgo.h"

char fm_version_text[128];

const char *fm_status_name(fm_status status) {
	switch (status) {
	case FM_OK: return "FM_OK";
	case FM_END: return "FM_END";
	case FM_INVALID: return "FM_INVALID";
	case FM_BAD_HANDLE: return "FM_BAD_HANDLE";
	case FM_BUSY: return "FM_BUSY";
	case FM_CLOSED: return "FM_CLOSED";
	case FM_CANCELLED: return "FM_CANCELLED";
	case FM_NOT_FOUND: return "FM_NOT_FOUND";
	case FM_UNSUPPORTED: return "FM_UNSUPPORTED";
	case FM_QUEUE_FULL: return "FM_QUEUE_FULL";
	case FM_OUT_OF_MEMORY: return "FM_OUT_OF_MEMORY";
	case FM_DEVICE_LOST: return "FM_DEVICE_LOST";
	case FM_FAILED: return "FM_FAILED";
	case FM_INTERNAL: return "FM_INTERNAL";
	}
	return "unknown status";
}
