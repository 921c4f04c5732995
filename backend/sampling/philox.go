package sampling

// Philox is Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror
// and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC'11), section 5:
// four words that depend on counter and key only. Without state of its own, a
// slot's draws depend neither on its batch mates nor on who draws.
func Philox(counter [4]uint32, key [2]uint32) [4]uint32 {
	const (
		mul0, mul1   = 0xd2511f53, 0xcd9e8d57
		weyl0, weyl1 = 0x9e3779b9, 0xbb67ae85 // golden ratio, √3−1
		rounds       = 10
	)
	for range rounds {
		a := mul0 * uint64(counter[0])
		b := mul1 * uint64(counter[2])
		counter = [4]uint32{
			uint32(b>>32) ^ counter[1] ^ key[0], uint32(b),
			uint32(a>>32) ^ counter[3] ^ key[1], uint32(a),
		}
		key[0] += weyl0
		key[1] += weyl1
	}
	return counter
}
