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

struct A
{
    float a[1];
};

struct B
{
    float b[1];
};

struct Dst
{
    float dst[1];
};

constant uint _138_tmp [[function_constant(0)]];
constant uint _138 = is_function_constant_defined(_138_tmp) ? _138_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_138, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _59)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_59.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint first_column(thread uint3& gl_GlobalInvocationID)
{
    return gl_GlobalInvocationID.x;
}

static inline __attribute__((always_inline))
float a_at(thread const uint& r, thread const uint& c, constant Params& p, const device A& _73)
{
    return _73.a[(p.a_off + (r * p.a_stride)) + c];
}

static inline __attribute__((always_inline))
float b_at(thread const uint& r, thread const uint& c, constant Params& p, const device B& _93)
{
    return _93.b[(p.b_off + (r * p.b_stride)) + c];
}

static inline __attribute__((always_inline))
float gate(thread const float& y, thread const float& z)
{
    return (y * z) / (1.0 + exp(-z));
}

static inline __attribute__((always_inline))
void store(thread const uint& r, thread const uint& c, thread const float& v, constant Params& p, device Dst& _112)
{
    _112.dst[(p.dst_off + (r * p.dst_stride)) + c] = v;
}

static inline __attribute__((always_inline))
uint column_step(thread uint3& gl_NumWorkGroups)
{
    return gl_NumWorkGroups.x * gl_WorkGroupSize.x;
}

kernel void gate_f32(constant Params& p [[buffer(0)]], device Dst& _112 [[buffer(1)]], const device A& _73 [[buffer(2)]], const device B& _93 [[buffer(3)]], const device Live& _59 [[buffer(4)]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    uint rows = live_rows(p, _59);
    for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y)
    {
        uint _171 = first_column(gl_GlobalInvocationID);
        for (uint c = _171; c < p.cols; c += column_step(gl_NumWorkGroups))
        {
            uint param = r;
            uint param_1 = c;
            uint param_2 = r;
            uint param_3 = c;
            float param_4 = a_at(param, param_1, p, _73);
            float param_5 = b_at(param_2, param_3, p, _93);
            uint param_6 = r;
            uint param_7 = c;
            float param_8 = gate(param_4, param_5);
            store(param_6, param_7, param_8, p, _112);
        }
    }
}

