#include "../gcc.h"
#include GCC_OBJC(objc-decls.h)
