package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// fingerprintEnds is how much of either end of a tensor a fingerprint covers.
const fingerprintEnds = 4096

// Fingerprint identifies a checkpoint without reading it whole: a hash of its
// shape, and of the name, type, shape and both ends of each tensor. Another
// checkpoint, another quantisation of the same one, or one with other adapters, has another.
func Fingerprint(ck Checkpoint) (string, error) {
	h := sha256.New()
	c := ck.Config()
	fmt.Fprintln(h, c.ModelType, c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.IntermediateSize, c.StateSize,
		c.ConvKernel, c.TimeStepRank, c.UseBias, c.UseConvBias, c.HiddenAct,
		c.LayerNormEpsilon, c.MixerRMSEps, c.Tied())
	buf := make([]byte, fingerprintEnds)
	for _, t := range ck.Tensors() {
		fmt.Fprintln(h, t.Name, t.Type, t.Shape)
		n := min(t.Bytes, fingerprintEnds)
		for _, off := range []int64{0, t.Bytes - n} {
			if err := ck.ReadAt(t.Name, buf[:n], off); err != nil {
				return "", err
			}
			h.Write(buf[:n])
		}
	}
	adapters, err := identities(ck)
	if err != nil {
		return "", err
	}
	h.Write([]byte(adapters))
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}
