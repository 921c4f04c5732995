// Float16 in 32-bit words, so that no device needs 16-bit storage.

// Four numbers. What is beyond float16's range goes to its end; NaN stays NaN.
uvec2 pack_half4(vec4 v) {
	v = mix(v, sign(v) * 65504.0, greaterThan(abs(v), vec4(65504.0)));
	return uvec2(packHalf2x16(v.xy), packHalf2x16(v.zw));
}
