// Package all links every driver that this platform has into a program:
//
//	import _ "falconmamba/backend/all"
package all

import _ "falconmamba/backend/cpu"
