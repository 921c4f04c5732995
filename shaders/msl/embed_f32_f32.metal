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

constant uint _313_tmp [[function_constant(0)]];
constant uint _313 = is_function_constant_defined(_313_tmp) ? _313_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_313, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _102)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_102.live[p.live_off], 0)));
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
uint4 load_chunk(thread const uint& m, thread const uint& w, const device Table& __restrict _67, constant Params& p)
{
    return _67.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    return as_type<float4>(chunk);
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 4u) + (v * 4u);
}

kernel void embed_f32_f32(constant Params& p [[buffer(0)]], device Dst& _286 [[buffer(1)]], const device Table& __restrict _67 [[buffer(2)]], const device Ids& _153 [[buffer(3)]], const device Last& _193 [[buffer(4)]], const device Live& _102 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint rows = live_rows(p, _102);
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint _all = chunks(param, param_1);
    uint param_2 = p.count;
    uint param_3 = gl_LocalInvocationIndex;
    load_codebook(param_2, param_3);
    for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y)
    {
        int id = _153.ids[p.ids_off + (r * p.ids_stride)];
        if (id < 0)
        {
            uint slot = uint(-(id + 1));
            bool _177 = p.last_off == 4294967295u;
            bool _186;
            if (!_177)
            {
                _186 = slot >= p.last_rows;
            }
            else
            {
                _186 = _177;
            }
            if (_186)
            {
                continue;
            }
            id = _193.last[p.last_off + (slot * p.last_stride)];
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
            uint4 y = load_chunk(param_4, param_5, _67, p);
            uint4 param_6 = y;
            uint param_7 = w;
            uint scales = scales_of(param_6, param_7);
            for (uint q = 0u; q < 1u; q++)
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
                        _286.dst[((p.dst_off + (r * p.dst_stride)) + c) + i] = v[i];
                    }
                }
            }
        }
    }
}

