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
    uint pitch;
    uint first;
    uint count;
    uint ids_off;
    uint ids_stride;
    uint last_off;
    uint last_stride;
    uint last_rows;
    uint live_off;
};

struct Live
{
    int live[1];
};

struct Ids
{
    int ids[1];
};

struct Last
{
    int last[1];
};

struct Table
{
    uint4 table[1];
};

struct Dst
{
    float dst[1];
};

constant uint _270_tmp [[function_constant(0)]];
constant uint _270 = is_function_constant_defined(_270_tmp) ? _270_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_270, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _72)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_72.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& w, thread const uint& q)
{
    uint2 _27;
    if (q == 0u)
    {
        _27 = w.xy;
    }
    else
    {
        _27 = w.zw;
    }
    uint2 h = _27;
    return float4(float2(as_type<half2>(h.x)), float2(as_type<half2>(h.y)));
}

kernel void embed_f16_f32(constant Params& p [[buffer(0)]], device Dst& _243 [[buffer(1)]], const device Table& _190 [[buffer(2)]], const device Ids& _105 [[buffer(3)]], const device Last& _146 [[buffer(4)]], const device Live& _72 [[buffer(5)]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint rows = live_rows(p, _72);
    for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y)
    {
        int id = _105.ids[p.ids_off + (r * p.ids_stride)];
        if (id < 0)
        {
            uint slot = uint(-(id + 1));
            bool _130 = p.last_off == 4294967295u;
            bool _139;
            if (!_130)
            {
                _139 = slot >= p.last_rows;
            }
            else
            {
                _139 = _130;
            }
            if (_139)
            {
                continue;
            }
            id = _146.last[p.last_off + (slot * p.last_stride)];
        }
        uint row = uint(id) - p.first;
        if (row >= p.count)
        {
            continue;
        }
        for (uint w = gl_GlobalInvocationID.x; w < p.pitch; w += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            uint4 word = _190.table[(row * p.pitch) + w];
            for (uint q = 0u; q < 2u; q++)
            {
                uint4 param = word;
                uint param_1 = q;
                float4 v = weight4(param, param_1);
                uint c = (w * 8u) + (q * 4u);
                for (uint i = 0u; i < 4u; i++)
                {
                    if ((c + i) < p.cols)
                    {
                        _243.dst[((p.dst_off + (r * p.dst_stride)) + c) + i] = v[i];
                    }
                }
            }
        }
    }
}

