// interrupt PROGRAM ARGUMENTS: runs a program in a console, types Ctrl-C there once its own input has ended, and
// ends as the program does.

#include <stdio.h>
#include <windows.h>

static BOOL WINAPI stay(DWORD event) { return event == CTRL_C_EVENT; }

static int fail(const char *what) {
	fprintf(stderr, "interrupt: %s: error %lu\n", what, GetLastError());
	return 125;
}

int main(void) {
	wchar_t *command = GetCommandLineW();
	for (int quoted = 0; *command && (quoted || *command != L' '); command++)
		if (*command == L'"') quoted = !quoted;
	while (*command == L' ') command++;

	STARTUPINFOW start = {.cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES};
	HANDLE in = GetStdHandle(STD_INPUT_HANDLE);
	start.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
	start.hStdError = GetStdHandle(STD_ERROR_HANDLE);
	SECURITY_ATTRIBUTES inherit = {.nLength = sizeof inherit, .bInheritHandle = TRUE};
	start.hStdInput = CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherit, OPEN_EXISTING, 0, NULL);
	FreeConsole(); // which Wine says it has, but types nothing into
	if (!AllocConsole()) return fail("AllocConsole");
	// Unlike the wish to have no Ctrl-C, a handler is not inherited.
	if (!SetConsoleCtrlHandler(stay, TRUE)) return fail("SetConsoleCtrlHandler");
	PROCESS_INFORMATION child;
	if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &start, &child)) return fail("CreateProcess");

	char b;
	DWORD n;
	while (ReadFile(in, &b, 1, &n, NULL) && n) {}
	if (!GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0)) return fail("GenerateConsoleCtrlEvent");
	if (WaitForSingleObject(child.hProcess, 120000) != WAIT_OBJECT_0) {
		TerminateProcess(child.hProcess, 124);
		SetLastError(0);
		return fail("the program does not end");
	}
	DWORD status;
	if (!GetExitCodeProcess(child.hProcess, &status)) return fail("GetExitCodeProcess");
	return (int)status;
}
