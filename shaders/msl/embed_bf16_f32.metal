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

struct Dst
{
    float dst[1];
};

struct Ids
{
    int ids[1];
};

struct Last
{
    int last[1];
};

constant uint _356_tmp [[function_constant(0)]];
constant uint _356 = is_function_constant_defined(_356_tmp) ? _356_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_356, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _138)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_138.live[p.live_off], 0)));
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
uint4 load_chunk(thread const uint& m, thread const uint& w, const device Table& __restrict _105, constant Params& p)
{
    return _105.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    uint2 _73;
    if (q == 0u)
    {
        _73 = chunk.xy;
    }
    else
    {
        _73 = chunk.zw;
    }
    uint2 h = _73;
    return as_type<float4>(uint4(h.x << uint(16), h.x & 4294901760u, h.y << uint(16), h.y & 4294901760u));
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 8u) + (v * 4u);
}

static inline __attribute__((always_inline))
void store_chunk(thread const uint& r, thread const uint& row, thread const uint& w, const device Table& __restrict _105, constant Params& p, device Dst& _207)
{
    uint param = row;
    uint param_1 = w;
    uint4 chunk = load_chunk(param, param_1, _105, p);
    uint4 param_2 = chunk;
    uint param_3 = w;
    uint scales = scales_of(param_2, param_3);
    for (uint q = 0u; q < 2u; q++)
    {
        uint4 param_4 = chunk;
        uint param_5 = scales;
        uint param_6 = 0u;
        uint param_7 = q;
        float4 v = weight4(param_4, param_5, param_6, param_7);
        uint param_8 = w;
        uint param_9 = 0u + q;
        uint c = column(param_8, param_9);
        for (uint i = 0u; i < 4u; i++)
        {
            if ((c + i) < p.cols)
            {
                _207.dst[((p.dst_off + (r * p.dst_stride)) + c) + i] = v[i];
            }
        }
    }
}

kernel void embed_bf16_f32(constant Params& p [[buffer(0)]], device Dst& _207 [[buffer(1)]], const device Table& __restrict _105 [[buffer(2)]], const device Ids& _269 [[buffer(3)]], const device Last& _309 [[buffer(4)]], const device Live& _138 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint rows = live_rows(p, _138);
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint _all = chunks(param, param_1);
    uint param_2 = p.count;
    uint param_3 = gl_LocalInvocationIndex;
    load_codebook(param_2, param_3);
    for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y)
    {
        int id = _269.ids[p.ids_off + (r * p.ids_stride)];
        if (id < 0)
        {
            uint slot = uint(-(id + 1));
            bool _293 = p.last_off == 4294967295u;
            bool _302;
            if (!_293)
            {
                _302 = slot >= p.last_rows;
            }
            else
            {
                _302 = _293;
            }
            if (_302)
            {
                continue;
            }
            id = _309.last[p.last_off + (slot * p.last_stride)];
        }
        uint row = uint(id) - p.first;
        if (row >= p.count)
        {
            continue;
        }
        for (uint w = gl_GlobalInvocationID.x; w < _all; w += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            uint param_4 = r;
            uint param_5 = row;
            uint param_6 = w;
            store_chunk(param_4, param_5, param_6, _105, p, _207);
        }
    }
}

