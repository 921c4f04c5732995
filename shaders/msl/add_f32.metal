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
    uint a_off;
    uint a_stride;
    uint b_off;
    uint b_stride;
    uint live_off;
};

struct Live
{
    int live[1];
};

struct Dst
{
    float dst[1];
};

struct A
{
    float a[1];
};

struct B
{
    float b[1];
};

constant uint _133_tmp [[function_constant(0)]];
constant uint _133 = is_function_constant_defined(_133_tmp) ? _133_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_133, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _32)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_32.live[p.live_off], 0)));
}

kernel void add_f32(constant Params& p [[buffer(0)]], device Dst& _81 [[buffer(1)]], const device A& _96 [[buffer(2)]], const device B& _114 [[buffer(3)]], const device Live& _32 [[buffer(4)]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint rows = live_rows(p, _32);
    for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y)
    {
        for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            _81.dst[(p.dst_off + (r * p.dst_stride)) + c] = _96.a[(p.a_off + (r * p.a_stride)) + c] + _114.b[(p.b_off + (r * p.b_stride)) + c];
        }
    }
}

