//go:build cgo && !darwin

package all

import _ "falconmamba/backend/vulkan"
