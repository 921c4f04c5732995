//go:build cgo && metalfake && !darwin

package metal

// #cgo CFLAGS: -I${SRCDIR}/internal/fakemetal/include -I/usr/include/GNUstep
// #cgo CFLAGS: -D_NATIVE_OBJC_EXCEPTIONS -DGNUSTEP=1 -fexceptions -Wno-everything
import "C"

import _ "falconmamba/backend/metal/internal/fakemetal" // what Metal.framework is on a Mac
