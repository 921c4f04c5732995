// What the library does to a process that loads it: docs/capi.md says these things of signals, and this holds it to
// them.
//
//     signals LIBRARY
#include <falconmamba.h>

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static int failures;

#define CHECK(what) ((what) ? (void)0 : (void)(printf("%s:%d: %s\n", __FILE__, __LINE__, #what), failures++))

static volatile sig_atomic_t ticks, faults;

static void tick(int number) { (void)number, ticks++; }

static void fault(int number, siginfo_t *info, void *context) {
	(void)number, (void)info, (void)context;
	faults++;
	_exit(faults == 1 ? 7 : 8);
}

static int add(void *user, const fm_token *token) {
	strncat(user, token->text, 4000 - strlen(user));
	return 0;
}

static void install(int number, void (*handler)(int), int flags) {
	struct sigaction act;
	memset(&act, 0, sizeof act);
	act.sa_handler = handler;
	act.sa_flags = flags;
	sigaction(number, &act, NULL);
}

int main(int argc, char **argv) {
	static char text[4096], other[4096];
	struct sigaction before[NSIG], after;
	sigset_t mask, now;
	if (argc != 2)
		return 2;
	install(SIGUSR1, tick, 0);
	install(SIGPROF, tick, SA_ONSTACK | SA_RESTART);
	struct sigaction act;
	memset(&act, 0, sizeof act);
	act.sa_sigaction = fault;
	act.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigaction(SIGSEGV, &act, NULL);
	for (int i = 1; i < NSIG; i++)
		sigaction(i, NULL, &before[i]);
	pthread_sigmask(SIG_SETMASK, NULL, &mask);

	void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		return printf("%s\n", dlerror()), 1;
	__typeof__(fm_model_open) *open = dlsym(library, "fm_model_open");
	__typeof__(fm_session_new) *begin = dlsym(library, "fm_session_new");
	__typeof__(fm_session_generate) *generate = dlsym(library, "fm_session_generate");
	__typeof__(fm_abi_version) *abi = dlsym(library, "fm_abi_version");
	CHECK(abi() == FM_ABI); // the runtime is up

	// Handlers: faults and SIGPIPE and SIGURG are Go's, all others stay, but run on the alternate stack.
	for (int i = 1; i < NSIG; i++) {
		if (sigaction(i, NULL, &after) != 0)
			continue;
		int go = i == SIGSEGV || i == SIGBUS || i == SIGFPE || i == SIGPIPE || i == SIGURG;
		if ((after.sa_handler != before[i].sa_handler) != go && !(i >= 32 && i < 34)) {
			printf("signal %d (%s) has %s handler\n", i, strsignal(i), go ? "the same" : "another");
			failures++;
		}
	}
	sigaction(SIGUSR1, NULL, &after);
	CHECK(after.sa_flags & SA_ONSTACK);
	pthread_sigmask(SIG_SETMASK, NULL, &now);
	CHECK(memcmp(&mask, &now, sizeof mask) == 0);

	// A profiler's timer does not disturb it.
	fm_error err;
	fm_model *model;
	fm_session *session;
	fm_open_options o = {sizeof o};
	fm_generate_options how = {sizeof how};
	o.backend = "cpu", how.max_tokens = 64, how.temperature = 0.8f, how.seed = 1;
	CHECK(open("", &o, &model, &err) == FM_OK);
	CHECK(begin(model, &session, &err) == FM_OK);
	CHECK(generate(session, "ROMEO:\n", &how, add, text, &err) == FM_OK);
	struct itimerval each = {{0, 1000}, {0, 1000}}, none = {{0, 0}, {0, 0}};
	setitimer(ITIMER_PROF, &each, NULL);
	do {
		other[0] = 0;
		CHECK(begin(model, &session, &err) == FM_OK);
		CHECK(generate(session, "ROMEO:\n", &how, add, other, &err) == FM_OK);
		CHECK(strcmp(text, other) == 0);
	} while (ticks < 20);
	setitimer(ITIMER_PROF, &none, NULL);

	// A child may exec.
	int status;
	pid_t child = fork();
	if (child == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(9);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);

	// A program's own fault is its own handler's, though that was there first.
	child = fork();
	if (child == 0) {
		*(volatile int *)(intptr_t)(argc - 2) = 1;
		_exit(9);
	}
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7);

	// A pipe that nobody reads ends a program as before.
	child = fork();
	if (child == 0) {
		int ends[2];
		if (pipe(ends) == 0 && close(ends[0]) == 0 && write(ends[1], "x", 1) < 0)
			_exit(9);
		_exit(10);
	}
	CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);

	// It stays: to close it is to do nothing.
	CHECK(dlclose(library) == 0);
	CHECK(dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD) != NULL);
	CHECK(abi() == FM_ABI);
	printf("%s signals\n", failures ? "FAIL" : "ok  ");
	return failures != 0;
}
