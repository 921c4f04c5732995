// GNUstep's headers want the Objective-C headers that come with gcc (gobjc), in
// a folder that clang does not search. GCC_OBJC(x) is where they are.
#undef linux // a macro of old, which would change the path
#if __has_include("/usr/lib/gcc/x86_64-linux-gnu/12/include/objc/objc.h")
#define GCC_OBJC(x) </usr/lib/gcc/x86_64-linux-gnu/12/include/objc/x>
#elif __has_include("/usr/lib/gcc/x86_64-linux-gnu/13/include/objc/objc.h")
#define GCC_OBJC(x) </usr/lib/gcc/x86_64-linux-gnu/13/include/objc/x>
#elif __has_include("/usr/lib/gcc/x86_64-linux-gnu/14/include/objc/objc.h")
#define GCC_OBJC(x) </usr/lib/gcc/x86_64-linux-gnu/14/include/objc/x>
#elif __has_include("/usr/lib/gcc/aarch64-linux-gnu/12/include/objc/objc.h")
#define GCC_OBJC(x) </usr/lib/gcc/aarch64-linux-gnu/12/include/objc/x>
#else
#error gobjc is not installed: make deps installs it
#endif
