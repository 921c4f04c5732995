// Runs a kernel: every thread is a fiber, one threadgroup at a time. It is
// linked into each compiled kernel, which calls it for every load and store
// (the compiler's thread sanitizer puts the calls in; the functions are these).
//
// The rules it holds a kernel to are those of the Metal Shading Language:
// memory outside the arguments is not there; threadgroup memory has no value
// until it is written; two threads that touch one word, one of them writing,
// need a barrier between them; all threads of a group take part in the same
// barrier, and all of a simdgroup in the same simdgroup operation. Words that
// are smaller than 32 bits are not checked for races within a dispatch.
#define _GNU_SOURCE
#include "launch.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if !defined(__x86_64__) || defined(FM_UCONTEXT)
#include <ucontext.h>
#define PORTABLE 1
#endif

enum state { RUNS, AT_BARRIER, AT_SIMD, DONE, FAILED };

typedef struct {
	void *sp;
#ifdef PORTABLE
	ucontext_t context;
#endif
	enum state state;
	long site;      // of the collective operation that it waits in
	unsigned flags; // of the barrier
	unsigned char value[64], given[64]; // to a simdgroup operation: in this one, in the last
} fiber;

static fm_launch *launch;
static const fm_kernel *kernel;
static fiber fibers[FM_MOST_THREADS];
static fiber scheduler;
static unsigned self;   // the fiber that runs
static unsigned total;  // of the group
static unsigned long own_stack; // of the fiber that runs
static unsigned group[3], group_index;
static unsigned group_serial; // counts groups for ever, so that marks of earlier ones are stale
static unsigned device_moment, shared_moment, any_moment; // barriers of device memory, of threadgroup memory, of any
static unsigned simd_moment[FM_MOST_THREADS / FM_SIMD];
static struct {
	int made;
	unsigned char value[64];
} results[FM_MOST_THREADS / FM_SIMD]; // of simdgroup operations
static fm_cell shared[FM_SHARED / 4];
static unsigned state_of_chance;

extern char __ehdr_start[], _end[];
extern char __start_fm_threadgroup[] __attribute__((weak, visibility("hidden")));
extern char __stop_fm_threadgroup[] __attribute__((weak, visibility("hidden")));

// Switching stacks.

#ifdef PORTABLE
static void switch_to(fiber *from, fiber *to) { swapcontext(&from->context, &to->context); }
#else
void fm_switch(void **save, void *load);
__asm__(".text\n.globl fm_switch\n.hidden fm_switch\n.type fm_switch,@function\nfm_switch:\n"
	"push %rbp\npush %rbx\npush %r12\npush %r13\npush %r14\npush %r15\n"
	"mov %rsp,(%rdi)\nmov %rsi,%rsp\n"
	"pop %r15\npop %r14\npop %r13\npop %r12\npop %rbx\npop %rbp\nret\n");
static void switch_to(fiber *from, fiber *to) { fm_switch(&from->sp, to->sp); }
#endif

static char *stack_of(unsigned i) { return launch->stacks + (unsigned long)i * (FM_STACK + FM_GUARD) + FM_GUARD; }

static void pause_as(enum state s) {
	fiber *f = &fibers[self];
	f->state = s;
	switch_to(f, &scheduler);
}

static void enter(void) {
	kernel->body();
	pause_as(DONE);
	abort();
}

static void prepare(unsigned i) {
	fiber *f = &fibers[i];
	f->state = RUNS;
#ifdef PORTABLE
	getcontext(&f->context);
	f->context.uc_stack.ss_sp = stack_of(i);
	f->context.uc_stack.ss_size = FM_STACK;
	makecontext(&f->context, enter, 0);
#else
	void **sp = (void **)(stack_of(i) + FM_STACK);
	*--sp = 0;
	*--sp = (void *)enter;
	for (int r = 0; r < 6; r++) *--sp = 0;
	f->sp = sp;
#endif
}

// Faults.

static void describe(const char *format, ...) {
	if (launch->fault[0]) return;
	int n = snprintf(launch->fault, sizeof launch->fault, "kernel %s: ", kernel->name);
	va_list args;
	va_start(args, format);
	vsnprintf(launch->fault + n, sizeof launch->fault - n, format, args);
	va_end(args);
}

// fail ends the fiber that runs.
#define fail(...) (describe(__VA_ARGS__), pause_as(FAILED))

// Memory.

static unsigned thread_in_grid(void) { return group_index * total + self; }

// The bindings that have memory, and by page of an address the one that held it
// last: almost every access finds its own there.
static unsigned char bound[FM_BUFFERS], recent[1024];
static unsigned bound_count;

static int within(const fm_memory *m, unsigned long a, unsigned n) {
	return a - (unsigned long)m->base < m->size && m->size - (a - (unsigned long)m->base) >= n;
}

static int search(unsigned long a, unsigned n) {
	for (unsigned i = 0; i < bound_count; i++)
		if (within(&launch->buffers[bound[i]], a, n)) return recent[a >> 12 & 1023] = bound[i];
	return -1;
}

// What is bound to the index whose memory holds the address.
static inline int binding_of(unsigned long a, unsigned n) {
	int i = recent[a >> 12 & 1023];
	return within(&launch->buffers[i], a, n) ? i : search(a, n);
}

// How far two threads of a grid lie apart.
enum { SAME, SAME_SIMDGROUP, SAME_GROUP, APART };

static unsigned distance(unsigned a, unsigned b) {
	if (a == b) return SAME;
	if (a / total != b / total) return APART;
	return a % total / FM_SIMD == b % total / FM_SIMD ? SAME_SIMDGROUP : SAME_GROUP;
}

// A moment counts barriers of the group, and below them those of the simdgroup.
static unsigned moment(unsigned barriers) { return barriers << 12 | (simd_moment[self / FM_SIMD] & 0xfff); }

// Whether no barrier lies between two threads' moments.
static int unordered(unsigned distance, unsigned then, unsigned now) {
	switch (distance) {
	case SAME: return 0;
	case SAME_SIMDGROUP: return then == now;
	case SAME_GROUP: return then >> 12 == now >> 12;
	}
	return 1;
}

enum access { READ, WRITE, ATOMIC };
static const char *const verb[] = {"reads", "writes", "atomically changes"};

// note marks an access in a cell and reports which earlier access it races. A
// moment for reads may be another: that of a barrier of any memory orders a read
// of device memory before a later write, as the value is there by then.
static enum { NO_RACE, RACES_WRITE, RACES_READ } note(fm_cell *c, unsigned serial, unsigned me, unsigned now,
	unsigned reading, unsigned n, enum access how) {
	int write = how != READ;
	if (n >= 4) {
		int both = how == ATOMIC && c->atomic;
		if (c->wrote == serial && !both && unordered(distance(c->writer, me), c->wrote_at, now)) return RACES_WRITE;
		if (write && c->read == serial) {
			unsigned d = distance(c->reader, me);
			if (unordered(d > c->spread ? d : c->spread, c->read_at, reading)) return RACES_READ;
		}
	}
	if (write) {
		c->wrote = serial, c->writer = me, c->wrote_at = now, c->atomic = how == ATOMIC;
		return NO_RACE;
	}
	unsigned spread = SAME;
	if (c->read == serial) {
		unsigned d = distance(c->reader, me);
		if (d < c->spread) d = c->spread;
		if (unordered(d, c->read_at, reading)) spread = d;
	}
	c->read = serial, c->reader = me, c->read_at = reading, c->spread = spread;
	return NO_RACE;
}

static void in_device(int index, unsigned long a, unsigned n, enum access how) {
	fm_memory *m = &launch->buffers[index];
	if (!m->cells) {
		if (how != READ) fail("writes to buffer(%d), which was set by value", index);
		return;
	}
	unsigned long at = a - (unsigned long)m->base;
	unsigned me = thread_in_grid(), now = moment(device_moment), serial = launch->serial;
	const char *does = verb[how];
	for (fm_cell *c = &m->cells[at / 4], *end = &m->cells[(at + n + 3) / 4]; c < end; c++) {
		if (c->wrote > launch->since && c->wrote != serial)
			fail("%s byte %lu of buffer(%d), which kernel %s wrote with no memoryBarrier between",
				does, at, index, launch->name(c->wrote));
		if (c->read != serial) c->before = c->read;
		if (how != READ && c->before > launch->since)
			fail("writes byte %lu of buffer(%d), which kernel %s read with no memoryBarrier between",
				at, index, launch->name(c->before));
		switch (note(c, serial, me, now, moment(any_moment), n, how)) {
		case NO_RACE: break;
		case RACES_WRITE:
			fail("thread %u %s byte %lu of buffer(%d), which thread %u wrote, with no barrier between",
				me, does, at, index, c->writer);
		case RACES_READ:
			fail("thread %u writes byte %lu of buffer(%d), which another thread read, with no barrier between",
				me, at, index);
		}
	}
}

static void in_threadgroup(unsigned long a, unsigned n, enum access how) {
	unsigned long at = a - (unsigned long)__start_fm_threadgroup;
	unsigned now = moment(shared_moment);
	const char *does = verb[how];
	for (fm_cell *c = &shared[at / 4], *end = &shared[(at + n + 3) / 4]; c < end; c++) {
		if (how != WRITE && c->wrote != group_serial)
			fail("thread %u reads byte %lu of threadgroup memory, which no thread has written", self, at);
		switch (note(c, group_serial, self, now, now, n, how)) {
		case NO_RACE: break;
		case RACES_WRITE:
			fail("thread %u %s byte %lu of threadgroup memory, which thread %u wrote, with no barrier between",
				self, does, at, c->writer);
		case RACES_READ:
			fail("thread %u writes byte %lu of threadgroup memory, which another thread read, with no barrier between",
				self, at);
		}
	}
}

static inline void touch(void *p, unsigned n, enum access how) {
	unsigned long a = (unsigned long)p;
	if (!launch) return; // a constant gets its value while the library is loaded
	if (a - own_stack < FM_STACK) return;
	if (a >= (unsigned long)__start_fm_threadgroup && a + n <= (unsigned long)__stop_fm_threadgroup) {
		in_threadgroup(a, n, how);
		return;
	}
	// A constant of the program, or what lanes give one another.
	if (how == READ && a >= (unsigned long)__ehdr_start && a < (unsigned long)_end) return;
	int index = binding_of(a, n);
	if (index >= 0) {
		in_device(index, a, n, how);
		return;
	}
	// Not there: say of which binding it is the nearest.
	unsigned long least = 64ul << 20;
	for (int i = 0; i < FM_BUFFERS; i++) {
		fm_memory *m = &launch->buffers[i];
		unsigned long from = (unsigned long)m->base;
		unsigned long off = a < from ? from - a : a - from < m->size ? 0 : a - from - m->size;
		if (m->base && off < least) least = off, index = i;
	}
	if (index >= 0) {
		fm_memory *m = &launch->buffers[index];
		fail("thread %u %s %u bytes at byte %ld of buffer(%d), which has %lu", thread_in_grid(), verb[how], n,
			(long)(a - (unsigned long)m->base), index, m->size);
		return;
	}
	fail("thread %u %s %u bytes that no argument reaches", thread_in_grid(), verb[how], n);
}

#define ACCESS(n) \
	void __tsan_read##n(void *p) { touch(p, n, READ); } \
	void __tsan_write##n(void *p) { touch(p, n, WRITE); } \
	void __tsan_unaligned_read##n(void *p) { touch(p, n, READ); } \
	void __tsan_unaligned_write##n(void *p) { touch(p, n, WRITE); }
ACCESS(1) ACCESS(2) ACCESS(4) ACCESS(8) ACCESS(16)

void __tsan_init(void) {}
void *__tsan_memcpy(void *to, const void *from, unsigned long n) {
	touch((void *)from, n, READ);
	touch(to, n, WRITE);
	return memcpy(to, from, n);
}
void *__tsan_memmove(void *to, const void *from, unsigned long n) {
	touch((void *)from, n, READ);
	touch(to, n, WRITE);
	return memmove(to, from, n);
}
void *__tsan_memset(void *to, int value, unsigned long n) {
	touch(to, n, WRITE);
	return memset(to, value, n);
}

// What a kernel asks for.

void fm_atomic(void *p) { touch(p, 4, ATOMIC); }

// fm_wants fails the thread where what it wants does not hold.
void fm_wants(int holds, const char *what) {
	if (!holds) fail("thread %u: %s", thread_in_grid(), what);
}

// fm_word checks a read of a word of threadgroup memory, where less than it is
// read and the rest by another lane.
void fm_word(const void *p) {
	unsigned long a = (unsigned long)p & ~3ul;
	if (a >= (unsigned long)__start_fm_threadgroup && a < (unsigned long)__stop_fm_threadgroup)
		in_threadgroup(a, 4, READ);
}

void fm_exchange(const void *value, unsigned n, long site);
const void *fm_lane(unsigned lane);

// fm_agree tells the simdgroup where a matrix lies, which is to be the same for
// all lanes.
void fm_agree(unsigned long at, unsigned long stride, unsigned long x, unsigned long y, unsigned long transposed,
	long site) {
	unsigned long place[] = {at, stride, x, y, transposed};
	fm_exchange(place, sizeof place, site);
	fm_wants(fm_lane(FM_SIMD - 1) != 0, "a simdgroup of fewer than 32 threads has matrices");
	fm_wants(!memcmp(fm_lane(0), place, sizeof place), "the lanes of a simdgroup name different places for one matrix");
}

// fm_multiply returns a lane's two elements of a · b + c, from those that lanes
// have of each: lane l the elements 2l and 2l + 1, by rows.
unsigned long fm_multiply(float a0, float a1, float b0, float b1, float c0, float c1, long site) {
	float own[] = {a0, a1, b0, b1}, sum[] = {c0, c1};
	fm_exchange(own, sizeof own, site);
	unsigned row = self % FM_SIMD / 4, cols = self % 4;
	for (unsigned k = 0; k < 8; k++) {
		const float *a = fm_lane(row * 4 + k / 2), *b = fm_lane(k * 4 + cols);
		fm_wants(a && b, "a simdgroup of fewer than 32 threads has matrices");
		sum[0] += a[k % 2] * b[2], sum[1] += a[k % 2] * b[3];
	}
	unsigned long both;
	memcpy(&both, sum, sizeof both);
	return both;
}

void *fm_buffer(unsigned index) { return launch->buffers[index].base; }
unsigned fm_thread(void) { return self; }
unsigned fm_group(int axis) { return group[axis]; }
unsigned fm_groups(int axis) { return launch->groups[axis]; }
unsigned fm_threads(int axis) { return launch->threads[axis]; }

void fm_barrier(unsigned flags, long site) {
	fibers[self].site = site, fibers[self].flags = flags;
	pause_as(AT_BARRIER);
}

// fm_exchange gives n bytes to the simdgroup, and waits for all.
void fm_exchange(const void *value, unsigned n, long site) {
	memcpy(fibers[self].value, value, n);
	fibers[self].site = site;
	pause_as(AT_SIMD);
}

// fm_lane is what a lane of the simdgroup gave, 0 if there is no such lane.
const void *fm_lane(unsigned lane) {
	unsigned t = self / FM_SIMD * FM_SIMD + lane;
	return lane < FM_SIMD && t < total ? fibers[t].given : 0;
}

// fm_made is what a lane of the simdgroup made of the values given, 0 if none
// has yet; fm_make_known keeps it for the others.
const void *fm_made(void) { return results[self / FM_SIMD].made ? results[self / FM_SIMD].value : 0; }
void fm_make_known(const void *value, unsigned n) {
	memcpy(results[self / FM_SIMD].value, value, n);
	results[self / FM_SIMD].made = 1;
}

// fm_simd_barrier is a barrier of the simdgroup. Its first thread to go on
// begins the new moment.
void fm_simd_barrier(long site) {
	unsigned *m = &simd_moment[self / FM_SIMD], before = *m;
	fm_exchange(&before, sizeof before, site);
	if (*m == before) *m = before + 1;
}

// Scheduling.

static unsigned chance(unsigned n) {
	state_of_chance = state_of_chance * 1664525u + 1013904223u;
	return (unsigned)((unsigned long)state_of_chance * n >> 32);
}

static void shuffle(unsigned *list, unsigned n) {
	for (unsigned i = n; i > 1; i--) {
		unsigned j = chance(i), t = list[i - 1];
		list[i - 1] = list[j], list[j] = t;
	}
}

static long line(long site) { return site >> 10; }

// release lets those go on whose collective operation is complete. It reports
// whether there are any.
static int release(void) {
	int any = 0;
	unsigned done = 0, waiting = 0;
	long site = 0;
	for (unsigned first = 0; first < total; first += FM_SIMD) {
		unsigned end = first + FM_SIMD < total ? first + FM_SIMD : total, at = 0;
		long here = 0;
		for (unsigned i = first; i < end; i++) {
			if (fibers[i].state == DONE) done++;
			if (fibers[i].state == AT_BARRIER) waiting++;
			if (fibers[i].state != AT_SIMD) continue;
			if (at++ && fibers[i].site != here) {
				describe("threads of a simdgroup are in different simdgroup operations, at lines %ld and %ld",
					line(here), line(fibers[i].site));
				return 0;
			}
			here = fibers[i].site;
		}
		if (at == 0) continue;
		if (at < end - first) {
			describe("a simdgroup operation at line %ld is reached by %u of %u threads of the simdgroup",
				line(here), at, end - first);
			return 0;
		}
		for (unsigned i = first; i < end; i++) {
			memcpy(fibers[i].given, fibers[i].value, sizeof fibers[i].given);
			fibers[i].state = RUNS;
		}
		results[first / FM_SIMD].made = 0;
		any = 1;
	}
	if (any || waiting == 0) return any;
	for (unsigned i = 0; i < total; i++) {
		if (fibers[i].state != AT_BARRIER) continue;
		if (site && fibers[i].site != site) {
			describe("threads wait at different barriers, at lines %ld and %ld", line(site), line(fibers[i].site));
			return 0;
		}
		site = fibers[i].site;
	}
	if (done) {
		describe("the barrier at line %ld is not reached by %u of %u threads", line(site), done, total);
		return 0;
	}
	any_moment++;
	device_moment += fibers[0].flags & 1;
	shared_moment += fibers[0].flags >> 1 & 1;
	for (unsigned i = 0; i < total; i++) fibers[i].state = RUNS;
	return 1;
}

static int run_group(void) {
	static unsigned turn[FM_MOST_THREADS];
	group_serial++;
	device_moment = shared_moment = any_moment = 0;
	memset(simd_moment, 0, sizeof simd_moment);
	for (unsigned i = 0; i < total; i++) {
		prepare(i);
		turn[i] = launch->order == FM_REVERSE ? total - 1 - i : i;
	}
	do {
		if (launch->order == FM_RANDOM) shuffle(turn, total);
		for (unsigned i = 0; i < total; i++) {
			self = turn[i];
			own_stack = (unsigned long)stack_of(self);
			if (fibers[self].state == RUNS) switch_to(&scheduler, &fibers[self]);
			if (fibers[self].state == FAILED) return 1;
		}
	} while (release());
	return launch->fault[0] != 0;
}

static int check_arguments(void) {
	for (unsigned i = 0; i < kernel->count; i++) {
		const fm_argument *a = &kernel->arguments[i];
		const fm_memory *m = &launch->buffers[a->index];
		if (!m->base)
			describe("nothing is set at buffer(%u)", a->index);
		else if (m->size < a->least)
			describe("buffer(%u) has %lu bytes, the argument's type %u", a->index, m->size, a->least);
		else if ((unsigned long)m->base % a->align)
			describe("buffer(%u) does not begin at a multiple of %u bytes", a->index, a->align);
	}
	return launch->fault[0] != 0;
}

// fm_run runs one dispatch. It returns 0, or leaves what is wrong in l->fault.
int fm_run(const fm_kernel *k, fm_launch *l) {
	launch = l, kernel = k;
	total = l->threads[0] * l->threads[1] * l->threads[2];
	state_of_chance = l->seed;
	if (__stop_fm_threadgroup - __start_fm_threadgroup > FM_SHARED) {
		describe("takes %ld bytes of threadgroup memory, there are %d",
			(long)(__stop_fm_threadgroup - __start_fm_threadgroup), FM_SHARED);
		return 1;
	}
	bound_count = 0;
	for (unsigned i = 0; i < FM_BUFFERS; i++)
		if (l->buffers[i].base) bound[bound_count++] = i;
	if (check_arguments()) return 1;

	unsigned groups = l->groups[0] * l->groups[1] * l->groups[2];
	unsigned *turn = malloc(groups * sizeof *turn);
	for (unsigned i = 0; i < groups; i++) turn[i] = l->order == FM_REVERSE ? groups - 1 - i : i;
	if (l->order == FM_RANDOM) shuffle(turn, groups);
	int failed = 0;
	for (unsigned i = 0; i < groups && !failed; i++) {
		group_index = turn[i];
		group[0] = group_index % l->groups[0];
		group[1] = group_index / l->groups[0] % l->groups[1];
		group[2] = group_index / l->groups[0] / l->groups[1];
		failed = run_group();
	}
	free(turn);
	return failed;
}

unsigned long fm_shared_size(void) { return __stop_fm_threadgroup - __start_fm_threadgroup; }
