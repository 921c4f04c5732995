//go:build metalfake

// Objects that are counted while they live and that report what is sent to
// them afterwards; and the list of faults.
#include "fake.h"
#include <objc/runtime.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

fm_settings fm_fake = {
	.apple = 1, .metal3 = 1, .residency = 1, .devices = 1, .threads = 1024, .buffer = 4ul << 30, .memory = 8ul << 30,
};

static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

void fm_lock(void) { pthread_mutex_lock(&mutex); }
void fm_unlock(void) { pthread_mutex_unlock(&mutex); }

static char *faults;
static struct {
	const char *kind;
	long live;
} census[16];

void fm_fault(const char *format, ...) {
	char line[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	fm_lock();
	size_t had = faults ? strlen(faults) : 0;
	if (had < 64 << 10) {
		faults = realloc(faults, had + strlen(line) + 2);
		sprintf(faults + had, "%s\n", line);
	}
	fm_unlock();
}

char *fm_take_faults(void) {
	fm_lock();
	char *f = faults;
	faults = NULL;
	fm_unlock();
	return f;
}

void fm_census(const char *kind, int by) {
	fm_lock();
	for (size_t i = 0; i < sizeof census / sizeof *census; i++) {
		if (census[i].kind && strcmp(census[i].kind, kind)) continue;
		census[i].kind = kind;
		census[i].live += by;
		break;
	}
	fm_unlock();
}

char *fm_left_over(void) {
	char line[1024] = "";
	fm_lock();
	for (size_t i = 0; i < sizeof census / sizeof *census; i++)
		if (census[i].live)
			sprintf(line + strlen(line), "%s%ld %s", *line ? ", " : "", census[i].live, census[i].kind);
	fm_unlock();
	return *line ? strdup(line) : NULL;
}

// A ghost has the memory of an object that was freed.
@interface FakeGhost : NSObject {
  @public
	const char *kind;
}
@end

@implementation FakeGhost
static void haunt(FakeGhost *g, SEL s) {
	fm_fault("-%s was sent to a %s after its last release", sel_getName(s), g->kind);
}
- (id)retain {
	haunt(self, _cmd);
	return self;
}
- (oneway void)release {
	haunt(self, _cmd);
}
- (id)autorelease {
	haunt(self, _cmd);
	return self;
}
- (NSMethodSignature *)methodSignatureForSelector:(SEL)selector {
	haunt(self, selector);
	return [NSMethodSignature signatureWithObjCTypes:"@@:"];
}
- (void)forwardInvocation:(NSInvocation *)invocation {
}
@end

BOOL fm_lives(id object, const char *where) {
	if (!object || object_getClass(object) != [FakeGhost class]) return YES;
	fm_fault("%s: the %s was released", where, ((FakeGhost *)object)->kind);
	return NO;
}

@implementation FakeObject
- (instancetype)initAs:(const char *)what {
	self = [super init];
	kind = what;
	fm_census(kind, 1);
	return self;
}
- (void)dealloc {
	fm_census(kind, -1);
	object_setClass(self, [FakeGhost class]);
	return;
	[super dealloc]; // the ghost keeps the memory
}
@end

NSError *fm_error(NSString *domain, NSInteger code, const char *text) {
	NSString *s = [NSString stringWithUTF8String:text];
	return [NSError errorWithDomain:domain
	                           code:code
	                       userInfo:[NSDictionary dictionaryWithObject:s forKey:NSLocalizedDescriptionKey]];
}
