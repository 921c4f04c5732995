#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Params
{
    uint rows;
    uint cols;
    uint parts;
    uint part;
    uint dst_off;
    uint dst_stride;
    uint src_off;
    uint src_stride;
    uint bias_off;
    uint residual_off;
    uint residual_stride;
    uint live_off;
};

struct Live
{
    int live[1];
};

struct Src
{
    float src[1];
};

struct Bias
{
    float bias0[1];
};

struct Residual
{
    float residual[1];
};

struct Dst
{
    float dst[1];
};

constant uint _182_tmp [[function_constant(0)]];
constant uint _182 = is_function_constant_defined(_182_tmp) ? _182_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_182, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _32)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_32.live[p.live_off], 0)));
}

kernel void gemm_sum_f32(constant Params& p [[buffer(0)]], device Dst& _165 [[buffer(1)]], const device Src& _95 [[buffer(2)]], const device Bias& _129 [[buffer(3)]], const device Residual& _147 [[buffer(4)]], const device Live& _32 [[buffer(5)]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint rows = live_rows(p, _32);
    for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y)
    {
        for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            float v = 0.0;
            for (uint i = 0u; i < p.parts; i++)
            {
                v += _95.src[((p.src_off + (i * p.part)) + (r * p.src_stride)) + c];
            }
            if (p.bias_off != 4294967295u)
            {
                v += _129.bias0[p.bias_off + c];
            }
            if (p.residual_off != 4294967295u)
            {
                v += _147.residual[(p.residual_off + (r * p.residual_stride)) + c];
            }
            _165.dst[(p.dst_off + (r * p.dst_stride)) + c] = v;
        }
    }
}

