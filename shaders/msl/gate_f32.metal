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

constant uint _152_tmp [[function_constant(0)]];
constant uint _152 = is_function_constant_defined(_152_tmp) ? _152_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_152, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _50)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_50.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
float gate(thread const float& y, thread const float& z)
{
    return (y * z) / (1.0 + exp(-z));
}

kernel void gate_f32(constant Params& p [[buffer(0)]], device Dst& _98 [[buffer(1)]], const device A& _113 [[buffer(2)]], const device B& _128 [[buffer(3)]], const device Live& _50 [[buffer(4)]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint rows = live_rows(p, _50);
    for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y)
    {
        for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            float param = _113.a[(p.a_off + (r * p.a_stride)) + c];
            float param_1 = _128.b[(p.b_off + (r * p.b_stride)) + c];
            _98.dst[(p.dst_off + (r * p.dst_stride)) + c] = gate(param, param_1);
        }
    }
}

