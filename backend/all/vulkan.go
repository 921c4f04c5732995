//go:build cgo && !darwin && !novulkan

package all

import _ "falconmamba/backend/vulkan"
