// The first word of Philox4x32-10 of a counter and a key.
uint philox(uint counter, uvec2 key) {
	uvec4 c = uvec4(counter, 0, 0, 0);
	for (uint round = 0; round < 10; round++) {
		uint ahi, alo, bhi, blo;
		umulExtended(0xd2511f53u, c.x, ahi, alo);
		umulExtended(0xcd9e8d57u, c.z, bhi, blo);
		c = uvec4(bhi ^ c.y ^ key.x, blo, ahi ^ c.w ^ key.y, alo);
		key += uvec2(0x9e3779b9u, 0xbb67ae85u);
	}
	return c.x;
}
