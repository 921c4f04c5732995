//go:build cgo || !(amd64 || arm64)

package cpu

// warning is what people should know of this build.
const warning = ""
