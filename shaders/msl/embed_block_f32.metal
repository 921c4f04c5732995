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
constant bool _95 = (FORMAT == 0u);
constant bool _113 = (FORMAT == 0u);
constant bool _251 = (FORMAT == 0u);
constant bool _267 = (FORMAT == 1u);
constant bool _275 = (FORMAT == 2u);
constant bool _304 = (FORMAT == 3u);
constant bool _335 = (FORMAT == 0u);
constant bool _351 = (FORMAT == 3u);
constant bool _376 = (FORMAT == 1u);
constant bool _378 = (FORMAT == 3u);
constant float _380 = _378 ? 32.0 : 0.0;
constant float _381 = _376 ? 8.0 : _380;
constant bool _438 = (FORMAT == 0u);
constant bool _451 = (FORMAT == 2u);
constant bool _464 = (FORMAT != 4u);

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

constant bool _516 = (FORMAT == 0u);

struct Table
{
    uint4 weight[1];
};

constant bool _547 = (FORMAT == 3u);
constant bool _624 = (FORMAT == 2u);
constant bool _642 = (FORMAT == 4u);

struct Live
{
    int live[1];
};

constant bool _709 = (FORMAT == 0u);
constant int _711 = _709 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_711) + 0u);
constant uint _713 = (CHUNK_SIZE / 16u);

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

constant uint _909_tmp [[function_constant(0)]];
constant uint _909 = is_function_constant_defined(_909_tmp) ? _909_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_909, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _679)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_679.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    if (_95)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Table& __restrict _528)
{
    if (_642)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_528.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
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
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Table& __restrict _528)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_516)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _528.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_528.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_547)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _528.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_528.weight[high])[(w % 2u) * 2u], ((device uint*)&_528.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_528.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_528.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _528.weight[(block + 1u) + (w % 8u)];
            if (_624)
            {
                chunk.scales = _528.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_528.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
uint4 scale_codes(thread const Chunk& chunk, thread const uint& w)
{
    uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
    bool late = ((w % 8u) / 4u) == 1u;
    uint _170;
    if (late)
    {
        _170 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
    }
    else
    {
        _170 = b.x & 16191u;
    }
    uint scales = _170;
    uint _191;
    if (late)
    {
        _191 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
    }
    else
    {
        _191 = b.y & 16191u;
    }
    uint mins = _191;
    return uint4(scales & 255u, scales >> uint(8), mins & 255u, mins >> uint(8));
}

static inline __attribute__((always_inline))
int2 byte_scales(thread const Chunk& chunk, thread const uint& w)
{
    return int2(int(chunk.scales.x << (24u - ((w % 2u) * 8u))), int(chunk.scales.x << (8u - ((w % 2u) * 8u)))) >> int2(24);
}

static inline __attribute__((always_inline))
Scales scales_of(thread const Chunk& chunk, thread const uint& w)
{
    Scales s;
    s.mins = float2(0.0);
    if (_251)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_267)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_275)
            {
                Chunk param = chunk;
                uint param_1 = w;
                uint4 n = scale_codes(param, param_1);
                float2 d = float2(as_type<half2>(chunk.scales.x));
                s.scales = float2(n.xy) * d.x;
                s.mins = float2(n.zw) * d.y;
            }
            else
            {
                if (_304)
                {
                    float d_1 = float2(as_type<half2>(chunk.scales.y >> (((w / 8u) % 2u) * 16u))).x;
                    Chunk param_2 = chunk;
                    uint param_3 = w;
                    s.scales = float2(byte_scales(param_2, param_3)) * d_1;
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
    if (_335)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_351)
    {
        uint _356;
        if (run == 0u)
        {
            _356 = chunk.high.x;
        }
        else
        {
            _356 = chunk.high.y;
        }
        c |= (((_356 >> (q * 2u)) & 50529027u) << uint(4));
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
    return _381;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _417;
    if (run == 0u)
    {
        _417 = s.scales.x;
    }
    else
    {
        _417 = s.scales.y;
    }
    float scale = _417;
    float _429;
    if (run == 0u)
    {
        _429 = s.mins.x;
    }
    else
    {
        _429 = s.mins.y;
    }
    float min_ = _429;
    if (_438)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_451)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_464)
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
    if (_113)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
void store_chunk(thread const uint& r, thread const uint& row, thread const uint& w, threadgroup float (&codebook)[16], constant Params& p, const device Table& __restrict _528, device Dst& _762)
{
    uint param = row;
    uint param_1 = w;
    Chunk chunk = load_chunk(param, param_1, p, _528);
    Chunk param_2 = chunk;
    uint param_3 = w;
    Scales scales = scales_of(param_2, param_3);
    for (uint run = 0u; run < _713; run++)
    {
        for (uint q = 0u; q < 4u; q++)
        {
            Chunk param_4 = chunk;
            Scales param_5 = scales;
            uint param_6 = run;
            uint param_7 = q;
            float4 v = weight4(param_4, param_5, param_6, param_7, codebook);
            uint param_8 = w;
            uint param_9 = (run * 4u) + q;
            uint _742 = column(param_8, param_9);
            uint c = _742;
            for (uint i = 0u; i < 4u; i++)
            {
                if ((c + i) < p.cols)
                {
                    _762.dst[((p.dst_off + (r * p.dst_stride)) + c) + i] = v[i];
                }
            }
        }
    }
}

kernel void embed_block_f32(constant Params& p [[buffer(0)]], device Dst& _762 [[buffer(1)]], const device Table& __restrict _528 [[buffer(2)]], const device Ids& _823 [[buffer(3)]], const device Last& _862 [[buffer(4)]], const device Live& _679 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float codebook[16];
    uint rows = live_rows(p, _679);
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint _all = chunks(param, param_1);
    uint param_2 = p.count;
    uint param_3 = gl_LocalInvocationIndex;
    load_codebook(param_2, param_3, codebook, p, _528);
    for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y)
    {
        int id = _823.ids[p.ids_off + (r * p.ids_stride)];
        if (id < 0)
        {
            uint slot = uint(-(id + 1));
            bool _846 = p.last_off == 4294967295u;
            bool _855;
            if (!_846)
            {
                _855 = slot >= p.last_rows;
            }
            else
            {
                _855 = _846;
            }
            if (_855)
            {
                continue;
            }
            id = _862.last[p.last_off + (slot * p.last_stride)];
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
            store_chunk(param_4, param_5, param_6, codebook, p, _528, _762);
        }
    }
}

