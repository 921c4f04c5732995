//go:build cgo && unix

package cli

/*
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const char *lost_line;
static struct termios lost_terminal;
static int lost_has_terminal;

static void lost_file(int sig, siginfo_t *info, void *context) {
	if (lost_has_terminal) {
		tcsetattr(0, TCSANOW, &lost_terminal);
	}
	ssize_t n = write(2, lost_line, strlen(lost_line));
	(void)n;
	_exit(1);
}

static int lost_watch(const char *line) {
	struct sigaction act;
	lost_line = line;
	lost_has_terminal = tcgetattr(0, &lost_terminal) == 0;
	memset(&act, 0, sizeof act);
	act.sa_sigaction = lost_file;
	act.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigfillset(&act.sa_mask);
	return sigaction(SIGBUS, &act, NULL);
}
*/
import "C"

// SayLostFiles makes program end with a line that says so where a file that it maps is
// truncated meanwhile, or cannot be read, and what to do instead. The system tells by a
// signal, in kernels and drivers too, where Go cannot take it.
func SayLostFiles(program, instead string) {
	C.lost_watch(C.CString(program + ": " + lostFile + instead + "\n"))
}

const lostFile = "a file of the model was truncated, or could not be read, while it was in use (SIGBUS): "
