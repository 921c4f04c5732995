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
constant bool _83 = (FORMAT == 0u);
constant bool _101 = (FORMAT == 0u);
constant bool _142 = (FORMAT == 0u);
constant bool _160 = (FORMAT == 1u);
constant bool _168 = (FORMAT == 2u);
constant bool _261 = (FORMAT == 3u);
constant bool _312 = (FORMAT == 0u);
constant bool _328 = (FORMAT == 3u);
constant bool _353 = (FORMAT == 1u);
constant bool _355 = (FORMAT == 3u);
constant float _357 = _355 ? 32.0 : 0.0;
constant float _358 = _353 ? 8.0 : _357;
constant bool _415 = (FORMAT == 0u);
constant bool _428 = (FORMAT == 2u);
constant bool _441 = (FORMAT != 4u);

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

constant bool _493 = (FORMAT == 0u);

struct Table
{
    uint4 weight[1];
};

constant bool _524 = (FORMAT == 3u);
constant bool _601 = (FORMAT == 2u);
constant bool _619 = (FORMAT == 4u);

struct Live
{
    int live[1];
};

constant bool _686 = (FORMAT == 0u);
constant int _688 = _686 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_688) + 0u);
constant uint _690 = (CHUNK_SIZE / 16u);

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

constant uint _886_tmp [[function_constant(0)]];
constant uint _886 = is_function_constant_defined(_886_tmp) ? _886_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_886, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _656)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_656.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    if (_83)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Table& __restrict _505)
{
    if (_619)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_505.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
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
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Table& __restrict _505)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_493)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _505.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_505.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_524)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _505.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_505.weight[high])[(w % 2u) * 2u], ((device uint*)&_505.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_505.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_505.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _505.weight[(block + 1u) + (w % 8u)];
            if (_601)
            {
                chunk.scales = _505.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_505.weight[block])[(w / 2u) % 4u];
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
    if (_142)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_160)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_168)
            {
                uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
                bool late = ((w % 8u) / 4u) == 1u;
                uint _192;
                if (late)
                {
                    _192 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
                }
                else
                {
                    _192 = b.x & 16191u;
                }
                uint scales = _192;
                uint _213;
                if (late)
                {
                    _213 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
                }
                else
                {
                    _213 = b.y & 16191u;
                }
                uint mins = _213;
                float2 d = float2(as_type<half2>(chunk.scales.x));
                s.scales = float2(float(scales & 255u), float(scales >> uint(8))) * d.x;
                s.mins = float2(float(mins & 255u), float(mins >> uint(8))) * d.y;
            }
            else
            {
                if (_261)
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
    if (_312)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_328)
    {
        uint _333;
        if (run == 0u)
        {
            _333 = chunk.high.x;
        }
        else
        {
            _333 = chunk.high.y;
        }
        c |= (((_333 >> (q * 2u)) & 50529027u) << uint(4));
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
    return _358;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _394;
    if (run == 0u)
    {
        _394 = s.scales.x;
    }
    else
    {
        _394 = s.scales.y;
    }
    float scale = _394;
    float _406;
    if (run == 0u)
    {
        _406 = s.mins.x;
    }
    else
    {
        _406 = s.mins.y;
    }
    float min_ = _406;
    if (_415)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_428)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_441)
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
    if (_101)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
void store_chunk(thread const uint& r, thread const uint& row, thread const uint& w, threadgroup float (&codebook)[16], constant Params& p, const device Table& __restrict _505, device Dst& _739)
{
    uint param = row;
    uint param_1 = w;
    Chunk chunk = load_chunk(param, param_1, p, _505);
    Chunk param_2 = chunk;
    uint param_3 = w;
    Scales scales = scales_of(param_2, param_3);
    for (uint run = 0u; run < _690; run++)
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
            uint _719 = column(param_8, param_9);
            uint c = _719;
            for (uint i = 0u; i < 4u; i++)
            {
                if ((c + i) < p.cols)
                {
                    _739.dst[((p.dst_off + (r * p.dst_stride)) + c) + i] = v[i];
                }
            }
        }
    }
}

kernel void embed_block_f32(constant Params& p [[buffer(0)]], device Dst& _739 [[buffer(1)]], const device Table& __restrict _505 [[buffer(2)]], const device Ids& _800 [[buffer(3)]], const device Last& _839 [[buffer(4)]], const device Live& _656 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float codebook[16];
    uint rows = live_rows(p, _656);
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint _all = chunks(param, param_1);
    uint param_2 = p.count;
    uint param_3 = gl_LocalInvocationIndex;
    load_codebook(param_2, param_3, codebook, p, _505);
    for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y)
    {
        int id = _800.ids[p.ids_off + (r * p.ids_stride)];
        if (id < 0)
        {
            uint slot = uint(-(id + 1));
            bool _823 = p.last_off == 4294967295u;
            bool _832;
            if (!_823)
            {
                _832 = slot >= p.last_rows;
            }
            else
            {
                _832 = _823;
            }
            if (_832)
            {
                continue;
            }
            id = _839.last[p.last_off + (slot * p.last_stride)];
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
            store_chunk(param_4, param_5, param_6, codebook, p, _505, _739);
        }
    }
}

