#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Params
{
    uint rows;
    uint cols;
    uint dst_off;
    uint dst_stride;
    uint src_off;
    uint src_stride;
    uint weight_off;
    uint live_off;
    float eps;
};

struct Live
{
    int live[1];
};

constant uint _65_tmp [[function_constant(0)]];
constant uint _65 = is_function_constant_defined(_65_tmp) ? _65_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_65, 1u, 1u);
constant uint _70 = gl_WorkGroupSize.x;
constant uint _71 = (_70 / 2u);

struct Src
{
    float src[1];
};

struct Weight
{
    float weight[1];
};

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _38)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_38.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
float workgroup_sum(thread const float& x, thread uint& gl_LocalInvocationIndex, threadgroup float (&partial)[256])
{
    uint i = gl_LocalInvocationIndex;
    partial[i] = x;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint n = _71; n > 0u; n /= 2u)
    {
        if (i < n)
        {
            partial[i] += partial[i + n];
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    float sum = partial[0];
    threadgroup_barrier(mem_flags::mem_threadgroup);
    return sum;
}

kernel void rmsnorm_f32(constant Params& p [[buffer(0)]], device Dst& _222 [[buffer(1)]], const device Src& _154 [[buffer(2)]], const device Weight& _211 [[buffer(3)]], const device Live& _38 [[buffer(4)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float partial[256];
    uint rows = live_rows(p, _38);
    float _204;
    for (uint r = gl_WorkGroupID.x; r < rows; r += gl_NumWorkGroups.x)
    {
        uint s = p.src_off + (r * p.src_stride);
        uint d = p.dst_off + (r * p.dst_stride);
        float sum = 0.0;
        for (uint c = gl_LocalInvocationIndex; c < p.cols; c += gl_WorkGroupSize.x)
        {
            sum += (_154.src[s + c] * _154.src[s + c]);
        }
        float param = sum;
        float _176 = workgroup_sum(param, gl_LocalInvocationIndex, partial);
        float scale = 1.0 / sqrt((_176 / float(p.cols)) + p.eps);
        for (uint c_1 = gl_LocalInvocationIndex; c_1 < p.cols; c_1 += gl_WorkGroupSize.x)
        {
            if (p.weight_off == 4294967295u)
            {
                _204 = 1.0;
            }
            else
            {
                _204 = _211.weight[p.weight_off + c_1];
            }
            float w = _204;
            _222.dst[d + c_1] = (_154.src[s + c_1] * scale) * w;
        }
    }
}

