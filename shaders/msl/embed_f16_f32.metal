#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Table
{
    uint4 weight[1];
};

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

struct Dst
{
    float dst[1];
};

constant uint _339_tmp [[function_constant(0)]];
constant uint _339 = is_function_constant_defined(_339_tmp) ? _339_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_339, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _128)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_128.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    return pitch;
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at)
{
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, const device Table& __restrict _94, constant Params& p)
{
    return _94.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    uint2 _67;
    if (q == 0u)
    {
        _67 = chunk.xy;
    }
    else
    {
        _67 = chunk.zw;
    }
    uint2 h = _67;
    return float4(float2(as_type<half2>(h.x)), float2(as_type<half2>(h.y)));
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 8u) + (v * 4u);
}

kernel void embed_f16_f32(constant Params& p [[buffer(0)]], device Dst& _312 [[buffer(1)]], const device Table& __restrict _94 [[buffer(2)]], const device Ids& _178 [[buffer(3)]], const device Last& _218 [[buffer(4)]], const device Live& _128 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint rows = live_rows(p, _128);
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint _all = chunks(param, param_1);
    uint param_2 = p.count;
    uint param_3 = gl_LocalInvocationIndex;
    load_codebook(param_2, param_3);
    for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y)
    {
        int id = _178.ids[p.ids_off + (r * p.ids_stride)];
        if (id < 0)
        {
            uint slot = uint(-(id + 1));
            bool _202 = p.last_off == 4294967295u;
            bool _211;
            if (!_202)
            {
                _211 = slot >= p.last_rows;
            }
            else
            {
                _211 = _202;
            }
            if (_211)
            {
                continue;
            }
            id = _218.last[p.last_off + (slot * p.last_stride)];
        }
        uint row = uint(id) - p.first;
        if (row >= p.count)
        {
            continue;
        }
        for (uint w = gl_GlobalInvocationID.x; w < _all; w += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            uint param_4 = row;
            uint param_5 = w;
            uint4 y = load_chunk(param_4, param_5, _94, p);
            uint4 param_6 = y;
            uint param_7 = w;
            uint scales = scales_of(param_6, param_7);
            for (uint q = 0u; q < 2u; q++)
            {
                uint4 param_8 = y;
                uint param_9 = scales;
                uint param_10 = 0u;
                uint param_11 = q;
                float4 v = weight4(param_8, param_9, param_10, param_11);
                uint param_12 = w;
                uint param_13 = 0u + q;
                uint c = column(param_12, param_13);
                for (uint i = 0u; i < 4u; i++)
                {
                    if ((c + i) < p.cols)
                    {
                        _312.dst[((p.dst_off + (r * p.dst_stride)) + c) + i] = v[i];
                    }
                }
            }
        }
    }
}

