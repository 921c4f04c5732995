#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Chunk
{
    uint4 code;
    uint2 high;
    uint4 scales;
};

struct Scales
{
    float2 scales;
    float2 mins;
};

constant uint FORMAT_tmp [[function_constant(16)]];
constant uint FORMAT = is_function_constant_defined(FORMAT_tmp) ? FORMAT_tmp : 0u;
constant bool _77 = (FORMAT == 0u);
constant bool _95 = (FORMAT == 0u);
constant bool _136 = (FORMAT == 0u);
constant bool _154 = (FORMAT == 1u);
constant bool _162 = (FORMAT == 2u);
constant bool _255 = (FORMAT == 3u);
constant bool _306 = (FORMAT == 0u);
constant bool _322 = (FORMAT == 3u);
constant bool _347 = (FORMAT == 1u);
constant bool _349 = (FORMAT == 3u);
constant float _351 = _349 ? 32.0 : 0.0;
constant float _352 = _347 ? 8.0 : _351;
constant bool _409 = (FORMAT == 0u);
constant bool _422 = (FORMAT == 2u);
constant bool _435 = (FORMAT != 4u);

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

constant bool _487 = (FORMAT == 0u);

struct Table
{
    uint4 weight[1];
};

constant bool _518 = (FORMAT == 3u);
constant bool _595 = (FORMAT == 2u);
constant bool _613 = (FORMAT == 4u);

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

constant bool _793 = (FORMAT == 0u);
constant int _795 = _793 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_795) + 0u);
constant uint _797 = (CHUNK_SIZE / 16u);

struct Dst
{
    float dst[1];
};

constant uint _873_tmp [[function_constant(0)]];
constant uint _873 = is_function_constant_defined(_873_tmp) ? _873_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_873, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _650)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_650.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    if (_77)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Table& __restrict _499)
{
    if (_613)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_499.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Table& __restrict _499)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_487)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _499.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_499.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_518)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _499.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_499.weight[high])[(w % 2u) * 2u], ((device uint*)&_499.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_499.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_499.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _499.weight[(block + 1u) + (w % 8u)];
            if (_595)
            {
                chunk.scales = _499.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_499.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
Scales scales_of(thread const Chunk& chunk, thread const uint& w)
{
    Scales s;
    s.mins = float2(0.0);
    if (_136)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_154)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_162)
            {
                uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
                bool late = ((w % 8u) / 4u) == 1u;
                uint _186;
                if (late)
                {
                    _186 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
                }
                else
                {
                    _186 = b.x & 16191u;
                }
                uint scales = _186;
                uint _207;
                if (late)
                {
                    _207 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
                }
                else
                {
                    _207 = b.y & 16191u;
                }
                uint mins = _207;
                float2 d = float2(as_type<half2>(chunk.scales.x));
                s.scales = float2(float(scales & 255u), float(scales >> uint(8))) * d.x;
                s.mins = float2(float(mins & 255u), float(mins >> uint(8))) * d.y;
            }
            else
            {
                if (_255)
                {
                    float d_1 = float2(as_type<half2>(chunk.scales.y >> (((w / 8u) % 2u) * 16u))).x;
                    int2 scales_1 = int2(int(chunk.scales.x << (24u - ((w % 2u) * 8u))), int(chunk.scales.x << (8u - ((w % 2u) * 8u)))) >> int2(24);
                    s.scales = float2(scales_1) * d_1;
                }
                else
                {
                    s.scales = float2(as_type<float>(chunk.scales.x));
                }
            }
        }
    }
    return s;
}

static inline __attribute__((always_inline))
uint codes4(thread const Chunk& chunk, thread const uint& run, thread const uint& q)
{
    if (_306)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_322)
    {
        uint _327;
        if (run == 0u)
        {
            _327 = chunk.high.x;
        }
        else
        {
            _327 = chunk.high.y;
        }
        c |= (((_327 >> (q * 2u)) & 50529027u) << uint(4));
    }
    return c;
}

static inline __attribute__((always_inline))
float4 bytes4(thread const uint& c, thread const float& less)
{
    return as_type<float4>((uint4(c, c >> uint(8), c >> uint(16), c >> uint(24)) & uint4(255u)) | uint4(1258291200u)) - float4(8388608.0 + less);
}

static inline __attribute__((always_inline))
float zero_point()
{
    return _352;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _388;
    if (run == 0u)
    {
        _388 = s.scales.x;
    }
    else
    {
        _388 = s.scales.y;
    }
    float scale = _388;
    float _400;
    if (run == 0u)
    {
        _400 = s.mins.x;
    }
    else
    {
        _400 = s.mins.y;
    }
    float min_ = _400;
    if (_409)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_422)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_435)
    {
        uint param_7 = c;
        float param_8 = zero_point();
        return bytes4(param_7, param_8) * scale;
    }
    return float4(codebook[c & 255u], codebook[(c >> uint(8)) & 255u], codebook[(c >> uint(16)) & 255u], codebook[c >> uint(24)]) * scale;
}

static inline __attribute__((always_inline))
uint column(thread uint& w, thread const uint& v)
{
    if (_95)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

kernel void embed_block_f32(constant Params& p [[buffer(0)]], device Dst& _846 [[buffer(1)]], const device Table& __restrict _499 [[buffer(2)]], const device Ids& _698 [[buffer(3)]], const device Last& _737 [[buffer(4)]], const device Live& _650 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float codebook[16];
    uint rows = live_rows(p, _650);
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint _all = chunks(param, param_1);
    uint param_2 = p.count;
    uint param_3 = gl_LocalInvocationIndex;
    load_codebook(param_2, param_3, codebook, p, _499);
    for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y)
    {
        int id = _698.ids[p.ids_off + (r * p.ids_stride)];
        if (id < 0)
        {
            uint slot = uint(-(id + 1));
            bool _721 = p.last_off == 4294967295u;
            bool _730;
            if (!_721)
            {
                _730 = slot >= p.last_rows;
            }
            else
            {
                _730 = _721;
            }
            if (_730)
            {
                continue;
            }
            id = _737.last[p.last_off + (slot * p.last_stride)];
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
            Chunk y = load_chunk(param_4, param_5, p, _499);
            Chunk param_6 = y;
            uint param_7 = w;
            Scales scales = scales_of(param_6, param_7);
            for (uint run = 0u; run < _797; run++)
            {
                for (uint q = 0u; q < 4u; q++)
                {
                    Chunk param_8 = y;
                    Scales param_9 = scales;
                    uint param_10 = run;
                    uint param_11 = q;
                    float4 v = weight4(param_8, param_9, param_10, param_11, codebook);
                    uint param_12 = w;
                    uint param_13 = (run * 4u) + q;
                    uint _826 = column(param_12, param_13);
                    uint c = _826;
                    for (uint i = 0u; i < 4u; i++)
                    {
                        if ((c + i) < p.cols)
                        {
                            _846.dst[((p.dst_off + (r * p.dst_stride)) + c) + i] = v[i];
                        }
                    }
                }
            }
        }
    }
}

