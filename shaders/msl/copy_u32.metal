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

struct Dst
{
    uint dst[1];
};

struct Src
{
    uint src[1];
};

constant uint _114_tmp [[function_constant(0)]];
constant uint _114 = is_function_constant_defined(_114_tmp) ? _114_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_114, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _32)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_32.live[p.live_off], 0)));
}

kernel void copy_u32(constant Params& p [[buffer(0)]], device Dst& _80 [[buffer(1)]], const device Src& _95 [[buffer(2)]], const device Live& _32 [[buffer(3)]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint rows = live_rows(p, _32);
    for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y)
    {
        for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            _80.dst[(p.dst_off + (r * p.dst_stride)) + c] = _95.src[(p.src_off + (r * p.src_stride)) + c];
        }
    }
}

