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
    uint live_off;
};

struct Live
{
    int live[1];
};

struct Src
{
    uint4 src[1];
};

struct Dst
{
    uint4 dst[1];
};

constant uint _196_tmp [[function_constant(0)]];
constant uint _196 = is_function_constant_defined(_196_tmp) ? _196_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_196, 1u, 1u);
constant bool WIDE_tmp [[function_constant(1)]];
constant bool WIDE = is_function_constant_defined(WIDE_tmp) ? WIDE_tmp : false;

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _46)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_46.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
void copy_words(thread const uint& to, thread const uint& from, thread const uint& first, thread const uint& _all, constant Params& p, const device Src& _90, device Dst& _130)
{
    uint words = p.cols / 4u;
    uint4 x[4];
    for (uint w = first; w < words; w += (4u * _all))
    {
        for (uint u = 0u; u < 4u; u++)
        {
            x[u] = _90.src[(from / 4u) + min((w + (u * _all)), (words - 1u))];
        }
        for (uint u_1 = 0u; u_1 < 4u; u_1++)
        {
            if ((w + (u_1 * _all)) < words)
            {
                _130.dst[((to / 4u) + w) + (u_1 * _all)] = x[u_1];
            }
        }
    }
}

static inline __attribute__((always_inline))
void copy_elements(thread const uint& to, thread const uint& from, thread const uint& first, thread const uint& _all, constant Params& p, const device Src& _90, device Dst& _130)
{
    for (uint c = first; c < p.cols; c += _all)
    {
        ((device uint*)&_130.dst[(to + c) / 4u])[(to + c) % 4u] = ((device uint*)&_90.src[(from + c) / 4u])[(from + c) % 4u];
    }
}

kernel void copy_u32(constant Params& p [[buffer(0)]], device Dst& _130 [[buffer(1)]], const device Src& _90 [[buffer(2)]], const device Live& _46 [[buffer(3)]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    uint rows = live_rows(p, _46);
    uint first = gl_GlobalInvocationID.x;
    uint _all = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y)
    {
        uint to = p.dst_off + (r * p.dst_stride);
        uint from = p.src_off + (r * p.src_stride);
        if (WIDE)
        {
            uint param = to;
            uint param_1 = from;
            uint param_2 = first;
            uint param_3 = _all;
            copy_words(param, param_1, param_2, param_3, p, _90, _130);
        }
        else
        {
            uint param_4 = to;
            uint param_5 = from;
            uint param_6 = first;
            uint param_7 = _all;
            copy_elements(param_4, param_5, param_6, param_7, p, _90, _130);
        }
    }
}

