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

constant uint _70_tmp [[function_constant(0)]];
constant uint _70 = is_function_constant_defined(_70_tmp) ? _70_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_70, 1u, 1u);
constant uint _75 = gl_WorkGroupSize.x;
constant uint _76 = (_75 / 2u);

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
uint live_rows(constant Params& p, const device Live& _44)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_44.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
float workgroup_sum(thread const float& x, thread uint& gl_LocalInvocationIndex, threadgroup float (&partial)[256])
{
    uint i = gl_LocalInvocationIndex;
    partial[i] = x;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint n = _76; n > 0u; n /= 2u)
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

static inline __attribute__((always_inline))
float squares(thread const uint& s, thread const float& unit, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup float (&partial)[256], const device Src& _125)
{
    float sum = 0.0;
    for (uint c = gl_LocalInvocationIndex; c < p.cols; c += gl_WorkGroupSize.x)
    {
        float x = _125.src[s + c] * unit;
        sum += (x * x);
    }
    float param = sum;
    float _144 = workgroup_sum(param, gl_LocalInvocationIndex, partial);
    return _144;
}

kernel void rmsnorm_f32(constant Params& p [[buffer(0)]], device Dst& _262 [[buffer(1)]], const device Src& _125 [[buffer(2)]], const device Weight& _251 [[buffer(3)]], const device Live& _44 [[buffer(4)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float partial[256];
    uint rows = live_rows(p, _44);
    float _244;
    for (uint r = gl_WorkGroupID.x; r < rows; r += gl_NumWorkGroups.x)
    {
        uint s = p.src_off + (r * p.src_stride);
        uint d = p.dst_off + (r * p.dst_stride);
        float unit = 1.0;
        uint param = s;
        float param_1 = unit;
        float _189 = squares(param, param_1, p, gl_LocalInvocationIndex, partial, _125);
        float sum = _189;
        if ((!(sum < 9.9999996802856924650656260769173e+37)) || (sum < 1.0000000031710768509710513471353e-30))
        {
            unit = (sum < 1.0) ? 1152921504606846976.0 : 8.2718061255302767487140869206996e-25;
            uint param_2 = s;
            float param_3 = unit;
            float _209 = squares(param_2, param_3, p, gl_LocalInvocationIndex, partial, _125);
            sum = _209;
        }
        float scale = unit / sqrt((sum / float(p.cols)) + ((p.eps * unit) * unit));
        for (uint c = gl_LocalInvocationIndex; c < p.cols; c += gl_WorkGroupSize.x)
        {
            if (p.weight_off == 4294967295u)
            {
                _244 = 1.0;
            }
            else
            {
                _244 = _251.weight[p.weight_off + c];
            }
            float w = _244;
            _262.dst[d + c] = (_125.src[s + c] * scale) * w;
        }
    }
}

