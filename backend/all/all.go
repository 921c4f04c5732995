// Package all links every driver that this platform has into a program:
//
//	import _ "falconmamba/backend/all"
//
// The build tag novulkan leaves out that of Vulkan, whose loader no program can open that is
// linked statically.
package all

import _ "falconmamba/backend/cpu"
