//go:build !cgo && (amd64 || arm64)

package cpu

// warning is what people should know of this build.
const warning = "this program was built without cgo, so the processor runs about 20 times slower: " +
	"build it where gcc is installed"
