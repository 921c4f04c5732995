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
    uint dst_rows;
    uint src_off;
    uint src_stride;
    uint src_rows;
    uint from_off;
    uint from_stride;
    uint to_off;
    uint to_stride;
    uint live_off;
};

struct Live
{
    int live[1];
};

struct From
{
    uint from[1];
};

struct To
{
    uint to[1];
};

struct Dst
{
    uint dst[1];
};

struct Src
{
    uint src[1];
};

constant uint _172_tmp [[function_constant(0)]];
constant uint _172 = is_function_constant_defined(_172_tmp) ? _172_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_172, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _32)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_32.live[p.live_off], 0)));
}

kernel void gather_u32(constant Params& p [[buffer(0)]], device Dst& _139 [[buffer(1)]], const device Src& _154 [[buffer(2)]], const device From& _66 [[buffer(3)]], const device To& _92 [[buffer(4)]], const device Live& _32 [[buffer(5)]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint rows = live_rows(p, _32);
    uint _84;
    for (uint i = gl_WorkGroupID.y; i < rows; i += gl_NumWorkGroups.y)
    {
        uint s = _66.from[p.from_off + (i * p.from_stride)];
        if (p.to_off == 4294967295u)
        {
            _84 = i;
        }
        else
        {
            _84 = _92.to[p.to_off + (i * p.to_stride)];
        }
        uint d = _84;
        bool _108 = s >= p.src_rows;
        bool _117;
        if (!_108)
        {
            _117 = d >= p.dst_rows;
        }
        else
        {
            _117 = _108;
        }
        if (_117)
        {
            continue;
        }
        for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            _139.dst[(p.dst_off + (d * p.dst_stride)) + c] = _154.src[(p.src_off + (s * p.src_stride)) + c];
        }
    }
}

