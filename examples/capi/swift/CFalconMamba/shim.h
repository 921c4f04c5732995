#include <falconmamba.h>
