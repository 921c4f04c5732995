#version 460
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#pragma use_vulkan_memory_model
// metal: none, SPIRV-Cross has no cooperative matrices
// Which elements of a product's factors a lane of a subgroup holds: dst has a row
// for each lane, first of TM×TK, then of TK×TN. A row is the size of the subgroup,
// how many elements there are, and those of them that fit: row · TK + input of the
// first factor, column · TK + input of the second. The workgroup is one subgroup.

layout(local_size_x = 32, local_size_x_id = 0) in;
layout(constant_id = 1) const uint TM = 8;
layout(constant_id = 2) const uint TN = 8;
layout(constant_id = 3) const uint TK = 8; // a multiple of 2
layout(constant_id = 4) const uint WORDS = 32; // of 32 bits: half the larger factor's elements

layout(push_constant) uniform Params {
	uint cols;
	uint dst_off, dst_stride;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { uint dst[]; };

// An element's number as float16, which is exact up to 2048.
shared uint number[WORDS];

void main() {
	uint lane = gl_SubgroupInvocationID;
	for (uint i = gl_LocalInvocationIndex; i < WORDS; i += gl_WorkGroupSize.x) {
		number[i] = packHalf2x16(vec2(2 * i, 2 * i + 1));
	}
	barrier();
	coopmat<float16_t, gl_ScopeSubgroup, TM, TK, gl_MatrixUseA> a;
	coopmat<float16_t, gl_ScopeSubgroup, TK, TN, gl_MatrixUseB> b;
	coopMatLoad(a, number, 0, TK / 2, gl_CooperativeMatrixLayoutRowMajor);
	coopMatLoad(b, number, 0, TK / 2, gl_CooperativeMatrixLayoutColumnMajor);
	if (gl_SubgroupID > 0) return;
	uint to = p.dst_off + lane * p.dst_stride;
	dst[to] = gl_SubgroupSize;
	dst[to + 1] = a.length();
	for (uint e = 0; e < a.length() && e + 2 < p.cols; e++) dst[to + 2 + e] = uint(a[e]);
	to += gl_WorkGroupSize.x * p.dst_stride;
	dst[to] = gl_SubgroupSize;
	dst[to + 1] = b.length();
	for (uint e = 0; e < b.length() && e + 2 < p.cols; e++) dst[to + 2 + e] = uint(b[e]);
}
