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

constant uint _244_tmp [[function_constant(0)]];
constant uint _244 = is_function_constant_defined(_244_tmp) ? _244_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_244, 1u, 1u);

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
float4 weight4(thread const uint4& w, thread const uint& q)
{
    return as_type<float4>(w);
}

kernel void embed_f32_f32(constant Params& p [[buffer(0)]], device Dst& _217 [[buffer(1)]], const device Table& _166 [[buffer(2)]], const device Ids& _80 [[buffer(3)]], const device Last& _121 [[buffer(4)]], const device Live& _46 [[buffer(5)]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint rows = live_rows(p, _46);
    for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y)
    {
        int id = _80.ids[p.ids_off + (r * p.ids_stride)];
        if (id < 0)
        {
            uint slot = uint(-(id + 1));
            bool _105 = p.last_off == 4294967295u;
            bool _114;
            if (!_105)
            {
                _114 = slot >= p.last_rows;
            }
            else
            {
                _114 = _105;
            }
            if (_114)
            {
                continue;
            }
            id = _121.last[p.last_off + (slot * p.last_stride)];
        }
        uint row = uint(id) - p.first;
        if (row >= p.count)
        {
            continue;
        }
        for (uint w = gl_GlobalInvocationID.x; w < p.pitch; w += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            uint4 word = _166.table[(row * p.pitch) + w];
            for (uint q = 0u; q < 1u; q++)
            {
                uint4 param = word;
                uint param_1 = q;
                float4 v = weight4(param, param_1);
                uint c = (w * 4u) + (q * 4u);
                for (uint i = 0u; i < 4u; i++)
                {
                    if ((c + i) < p.cols)
                    {
                        _217.dst[((p.dst_off + (r * p.dst_stride)) + c) + i] = v[i];
                    }
                }
            }
        }
    }
}

